"""Deployed stacks, found in CloudFormation by name or by stage. AWS_ENDPOINT_URL leads to an emulator."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.errors import CommandError
from infra.template import ROOT

DEAD_LETTERS = "DeadLetterQueueUrl"
"""The end of the names of outputs that hold the URL of a dead-letter queue."""

_NOT_STAGES = ("version", "default")

type Clients = Callable[[str], Any]


class NoStack(CommandError):
    """There is no such stack, or it cannot be described; the message says why."""


class Deployed(NamedTuple):
    """A stack: its name, its outputs, clients of its account, and the parameters it was deployed with."""

    name: str
    outputs: Mapping[str, str]
    client: Clients
    parameters: Mapping[str, str] = {}


def work_queues(outputs: Mapping[str, str]) -> list[str]:
    """URLs of the queues that feed functions, from a stack's outputs."""
    return [url for name, url in outputs.items() if name.endswith("QueueUrl") and not name.endswith(DEAD_LETTERS)]


class Stage(NamedTuple):
    """A stage of samconfig.toml: its stack, its region and its parameters (not those of parameter files)."""

    stack_name: str
    region: str
    parameters: Mapping[str, str]


def stages() -> dict[str, Stage]:
    """The stages of samconfig.toml by name."""
    by_name = {}
    for name, settings in _config().items():
        if name not in _NOT_STAGES:
            deploy = settings["deploy"]["parameters"]
            overrides = [item.split("=", 1) for item in deploy.get("parameter_overrides", ()) if "=" in item]
            by_name[name] = Stage(deploy["stack_name"], deploy["region"], dict(overrides))
    return by_name


def stage_of(name: str | None) -> Stage:
    """One stage by its name; NoStack if there is none."""
    known = stages()
    if name not in known:
        raise NoStack(f"there is no stage {name or ''!r}; use --stage with one of {', '.join(known)}.")
    return known[name]


def find(stage: str | None = None, stack: str | None = None) -> Deployed:
    """The stack of this name, else the stack of a stage of samconfig.toml. NoStack."""
    if not stage and not stack:
        raise NoStack(f"no stack is named: use --stage with one of {', '.join(stages())}, or --stack <name>.")
    if stage:
        name, region, _ = stage_of(stage)
    else:
        name, region = "", boto3.Session().region_name or _config()["default"]["global"]["parameters"]["region"]
    session: Any = boto3.Session(region_name=region)
    return describe(stack or name, session.client)


def _config() -> dict[str, Any]:
    return tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))


def describe(name: str, client: Clients) -> Deployed:
    """The stack of this name. NoStack."""
    try:
        (described,) = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except (ClientError, BotoCoreError) as error:
        raise NoStack(f"the stack {name} cannot be described: {error}") from None
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", ())}
    parameters = {one["ParameterKey"]: one.get("ParameterValue", "") for one in described.get("Parameters", ())}
    return Deployed(name, outputs, client, parameters)


def emulator_endpoint(client: Any) -> str | None:
    """The endpoint of a boto3 client of an emulator; None for a client of AWS."""
    endpoint: str = client.meta.endpoint_url
    host = urlsplit(endpoint).hostname or ""
    return None if host.endswith(("amazonaws.com", "amazonaws.com.cn")) else endpoint


def api_url(stack: Deployed) -> str:
    """The address of the stack's API, without a slash at its end. On an emulator it is an address by path, since not
    every resolver knows that *.localhost is this machine."""
    url = stack.outputs["ApiUrl"].rstrip("/")
    emulator = emulator_endpoint(stack.client("cloudformation"))
    return api_by_path(emulator, url) if emulator else url


def api_by_path(emulator: str, url: str) -> str:
    """An API's address by path on an emulator, from the address in the stack's outputs."""
    return f"{emulator}/_aws/execute-api/{api_id(url)}"


def api_id(url: str) -> str:
    """An API's id, the first part of its host name."""
    return (urlsplit(url).hostname or "").partition(".")[0]
