"""What `sam build` made of each function: whole, importable by itself, and nothing else in it."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from infra.emulator import Emulator
from infra.template import ROOT, load

# What python3.13 in Lambda and the layer AWS SDK for pandas bring, by what it is called on disk.
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3")
LAYER_BYTES = 204 * 2**20
"""What the layer takes unzipped. It cannot be measured here: 204 MiB is the largest known for Python 3.13, measured of
3.16.1 with `du` in github.com/aws/aws-sdk-pandas/issues/3331 (3.16.0: 167 MiB); of 3.17.0 none is published."""
LAYER_VERSION = "3.17.0"
LIMIT_BYTES = 262_144_000  # Lambda's, of a function and its layers, unzipped
LAYER = ("pandas", "numpy", "numpy.libs", "pyarrow", "pyarrow.libs", "tzdata", "pytz")
HANDLERS = {
    name: resource["Properties"]["Handler"]
    for name, resource in load()["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}
IMPORT = """
import json, sys
sys.path[:0] = sys.argv[2:]
import importlib
module, name = sys.argv[1].rsplit(".", 1)
assert callable(getattr(importlib.import_module(module), name))
print(json.dumps({name: getattr(module, "__file__", None) for name, module in sys.modules.items()}))
"""


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with only what Lambda's runtime and the layer bring."""
    folder = tmp_path_factory.mktemp("runtime")
    site = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    for name in (*RUNTIME, *LAYER):
        if (site / name).exists():
            (folder / name).symlink_to(site / name)
    return folder


@pytest.fixture(params=HANDLERS, ids=str)
def artefact(request: pytest.FixtureRequest, emulator: Emulator) -> tuple[str, Path]:
    """A function's name and the folder it was built into."""
    return request.param, emulator.folder / "build" / request.param


def test_function_imports_from_its_artefact_alone(artefact: tuple[str, Path], runtime: Path) -> None:
    name, folder = artefact
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORT, HANDLERS[name], str(folder), str(runtime)],
        env={"PATH": os.environ["PATH"], "AWS_REGION": "eu-west-2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    files = json.loads(ran.stdout.splitlines()[-1])
    own = {module: file for module, file in files.items() if module.split(".")[0] in ("functions", "shared")}
    assert all(file is None or file.startswith(str(folder)) for file in own.values())
    if name == "ApiFunction":
        assert "pandas" not in files


def test_artefact_holds_its_function_and_what_that_needs_and_nothing_else(artefact: tuple[str, Path]) -> None:
    name, folder = artefact
    (function,) = {path.name for path in (folder / "functions").iterdir() if path.is_dir()} - {"__pycache__"}
    assert HANDLERS[name].startswith(f"functions.{function}.")
    assert not list(folder.glob("functions/*/requirements.*"))
    for stranger in ("tests", "samples", "infra", "method", "boto3", "botocore", "pandas", "pyarrow", "numpy", "bin"):
        assert not (folder / stranger).exists(), stranger


def test_artefact_and_layer_stay_under_lambdas_limit(artefact: tuple[str, Path]) -> None:
    _, folder = artefact
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert size + LAYER_BYTES < LIMIT_BYTES, f"{size / 2**20:.0f} MiB beside the layer"


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_layer_is_the_one_whose_size_was_looked_up(stage: str) -> None:
    deploy = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))[stage]["deploy"]["parameters"]
    assert f"PandasLayerVersion={LAYER_VERSION}" in deploy["parameter_overrides"]


def test_compiled_code_is_valid_whenever_the_files_are_dated(artefact: tuple[str, Path]) -> None:
    _, folder = artefact
    compiled = list(folder.rglob("*.pyc"))
    assert compiled
    for path in compiled[:50]:
        flags = int.from_bytes(path.read_bytes()[4:8], "little")
        assert flags == 0b01, path  # PEP 552: hash-based, unchecked
