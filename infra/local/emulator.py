"""The stack, deployed by SAM to a local AWS emulator in its own processes."""

import os
import socket
import ssl
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import boto3

from infra.errors import CommandError
from infra.local.processes import Child, run
from infra.stacks import api_by_path, api_id
from infra.template import REGION, ROOT, load, of_type

_STACK = "headroom"
_ARTIFACTS = "headroom-artifacts"
_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_START_SECONDS = 30


class CannotStart(CommandError):
    """The emulator did not start; the message says why."""


class Emulator:
    """MiniStack while the `with` block lasts: loopback only, with its files in a temporary folder that is deleted.

    `log` is the file that it, SAM and the functions write to. With `enforces` it enforces the policies of roles and
    buckets, as AWS does, and speaks TLS, since the buckets' policies refuse all else. Deployments and landings are made
    as root there.
    """

    def __init__(self, port: int | None = None, enforces: bool = False) -> None:
        self.port = _usable(port)
        self.enforces = enforces
        self.endpoint = f"{'https' if enforces else 'http'}://127.0.0.1:{self.port}"
        self.outputs: dict[str, str] = {}
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self.folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="headroom-")))
            self.log = self.folder / "emulator.log"
            environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | {
                **_KEYS,
                "AWS_DEFAULT_REGION": REGION,
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(self.port),
                "IOT_MTLS_ENABLED": "0",
                "LOG_LEVEL": "WARNING",
                "MINISTACK_REGION": REGION,
                "PYTHONUNBUFFERED": "1",
                "SFTP_ENABLED": "0",
                "TMPDIR": str(self.folder),
            }
            if self.enforces:
                environment |= {"AUTH": "true", "USE_SSL": "1"}
            python = ROOT / ".venv-emulator" / "bin" / "python"
            output = undo.enter_context(self.log.open("ab"))
            child = Child([str(python), "-m", "ministack"], environment, self.folder, output)
            undo.callback(child.end)
            self._wait_for(child)
            self._cleanup = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator."""
        session: Any = boto3.Session(_KEYS["AWS_ACCESS_KEY_ID"], _KEYS["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint, verify=self.certificate)

    @property
    def certificate(self) -> str | None:
        """The file of its TLS certificate; None without TLS."""
        return str(self.folder / "ministack-tls" / "server.crt") if self.enforces else None

    def build(self) -> None:
        """`sam build` of the checkout, into the temporary folder. CommandFailed if it fails."""
        self._sam("build", "--build-dir", str(self.folder / "build"))

    def deploy(self, build: int, **more: str) -> None:
        """`sam deploy` of the build, with more of its parameters; sets `outputs`. CommandFailed if it fails."""
        location = {"LocationConstraint": REGION}
        self.client("s3").create_bucket(Bucket=_ARTIFACTS, CreateBucketConfiguration=location)
        template = self.folder / "build" / "template.yaml"
        where = ["--template-file", str(template), "--s3-bucket", _ARTIFACTS]
        # MiniStack has the pages of its user pools at its own address.
        parameters = ["Stage=local", "OpenRead=true", f"Build={build}", f"SignInDomain={self.endpoint}"]
        parameters += [f"{name}={value}" for name, value in more.items()]
        self._sam("deploy", *where, "--parameter-overrides", *parameters)
        described = self.client("cloudformation").describe_stacks(StackName=_STACK)["Stacks"][0]["Outputs"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in described}
        self._permit_origins()

    def _permit_origins(self) -> None:
        """Set the API's CORS configuration again, by API Gateway's own call. MiniStack stores that of a template under
        CloudFormation's names, which its gateway does not read: it would refuse every preflight."""
        template = load()
        (api,) = of_type(template, "AWS::ApiGatewayV2::Api").values()
        origins = template["Parameters"]["CorsOrigins"]["Default"].split(",")
        configuration = api["CorsConfiguration"] | {"AllowOrigins": origins}
        self.client("apigatewayv2").update_api(ApiId=api_id(self.outputs["ApiUrl"]), CorsConfiguration=configuration)

    def deploy_stage(self, stage: str, template: Path) -> None:
        """`sam deploy` of a built template with a stage's configuration alone. CommandFailed if it fails."""
        self._sam("deploy", "--template-file", str(template), stage=stage)

    @property
    def page(self) -> str:
        """The address of the API's page for a browser or curl, which resolve *.localhost to this machine."""
        return f"{self.outputs['ApiUrl']}/"

    @property
    def api(self) -> str:
        """The API's address by path, for clients that cannot resolve *.localhost; without a slash at its end."""
        return api_by_path(self.endpoint, self.outputs["ApiUrl"])

    @property
    def as_ops(self) -> str:
        """The environment variables with which `headroom` finds this stack as the stage `local`."""
        return " ".join(f"{name}={value}" for name, value in {"AWS_ENDPOINT_URL": self.endpoint, **_KEYS}.items())

    def last_words(self, lines: int = 12) -> str:
        """The end of the log."""
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-lines:])

    def _sam(self, verb: str, *options: str, stage: str = "local") -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            **_KEYS,
            # No profile and no keys of the user: this must never deploy to a real account.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "SAM_CLI_POLL_DELAY": "0.3",
            "SAM_CLI_TELEMETRY": "0",
        }
        if self.certificate:
            environment["AWS_CA_BUNDLE"] = self.certificate
        sam = ROOT / ".venv-sam" / "bin" / "sam"
        config = ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", stage]
        run([str(sam), verb, *config, *options], environment, ROOT, self.log)

    def _wait_for(self, child: Child) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if child.ended():
                break
            try:
                trusted = ssl.create_default_context(cafile=self.certificate)
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=1, context=trusted):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise CannotStart(f"The emulator did not start on port {self.port}: {self.last_words(1)}")


def _usable(port: int | None) -> int:
    """A port if it is free, or any free port. CannotStart if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port or 0))
        except OSError:
            raise CannotStart(f"port {port} is taken: use --port with another one.") from None
        taken: int = probe.getsockname()[1]
        return taken
