"""What `sam build` made of each function and of the layer: whole, importable by itself, and nothing else in it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.layer import SERVICES
from infra.local.emulator import Emulator
from infra.template import ROOT, load, of_type

LIMIT_BYTES = 262_144_000  # Lambda's, of a function and its layers, unzipped
HANDLERS = {name: properties["Handler"] for name, properties in of_type(load(), "AWS::Serverless::Function").items()}
LIBRARIES = ("boto3", "botocore", "numpy", "pandas", "pyarrow")

# Nothing of this machine's Python but its standard library: the artefact, and the layer after it, as in Lambda.
ALONE = """
import sys
sys.path[:0] = sys.argv[1:3]
"""
IMPORT = """
import importlib, json
module, name = sys.argv[3].rsplit(".", 1)
assert callable(getattr(importlib.import_module(module), name))
print(json.dumps({name: getattr(module, "__file__", None) for name, module in sys.modules.items()}))
"""
ARROW = """
import io, json
import boto3, pandas, pyarrow, pyarrow.csv, pyarrow.parquet as pq
from shared.compute import FUNCTIONS, pc
from shared.tables import FINDINGS, from_bytes, to_bytes
table = pyarrow.table({"text": [" A1 ", "b2", None], "number": [1.5, None, -2.0]})
seen = {"libraries": [module.__file__ for module in (boto3, pandas, pyarrow)]}
seen["functions"] = sorted(set(FUNCTIONS) - set(pc.list_functions()))
seen["texts"] = pc.utf8_upper(pc.utf8_trim_whitespace(table["text"])).to_pylist()
seen["found"] = pc.match_substring_regex(table["text"], r"^\\s?\\p{Lu}").to_pylist()
for codec in ("none", "snappy", "gzip", "zstd", "lz4", "brotli"):
    sink = io.BytesIO()
    pq.write_table(table, sink, compression=codec)
    seen[codec] = pq.ParquetFile(io.BytesIO(sink.getvalue())).read().equals(table)
seen["tables"] = from_bytes(to_bytes(table)).equals(table)
seen["csv"] = pyarrow.csv.read_csv(io.BytesIO(b"a,b\\n1,x\\n")).to_pydict()
seen["frame"] = table.to_pandas().groupby("text", dropna=False)["number"].sum().to_dict().get("b2")
seen["dates"] = str(pandas.to_datetime(pandas.Series(["2024-09-30"])).dt.year[0])
for service in sys.argv[3:]:
    boto3.client(service, region_name="eu-west-2")
print(json.dumps(seen))
"""


@pytest.fixture
def layer(emulator: Emulator) -> Path:
    """The folder that Lambda unpacks as /opt."""
    return emulator.folder / "build" / "LibrariesLayer"


@pytest.fixture(params=HANDLERS, ids=str)
def artefact(request: pytest.FixtureRequest, emulator: Emulator) -> tuple[str, Path]:
    """A function's name and the folder it was built into."""
    return request.param, emulator.folder / "build" / request.param


def alone(code: str, artefact: Path, layer: Path, *arguments: str) -> Any:
    """What code prints as JSON, run with an artefact and the layer and nothing else."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE + code, str(artefact), str(layer / "python"), *arguments],
        env={"PATH": os.environ["PATH"], "AWS_REGION": "eu-west-2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_function_imports_from_its_artefact_and_the_layer_alone(artefact: tuple[str, Path], layer: Path) -> None:
    name, folder = artefact
    files = alone(IMPORT, folder, layer, HANDLERS[name])
    own = {module: file for module, file in files.items() if module.split(".")[0] in ("functions", "shared")}
    assert all(file is None or file.startswith(str(folder)) for file in own.values())
    libraries = {module: file for module, file in files.items() if module in LIBRARIES}
    assert all(file.startswith(str(layer)) for file in libraries.values()), libraries
    assert {"boto3", "pyarrow"} <= libraries.keys()
    if name == "ApiFunction":
        assert "pandas" not in files


def test_artefact_holds_its_function_and_what_that_needs_and_nothing_else(artefact: tuple[str, Path]) -> None:
    name, folder = artefact
    (function,) = {path.name for path in (folder / "functions").iterdir() if path.is_dir()} - {"__pycache__"}
    assert HANDLERS[name].startswith(f"functions.{function}.")
    assert not list(folder.glob("functions/*/requirements.*"))
    for stranger in ("tests", "samples", "infra", "method", "bin", *LIBRARIES):
        assert not (folder / stranger).exists(), stranger


def test_only_the_api_has_pages_and_has_them_built(artefact: tuple[str, Path]) -> None:
    name, folder = artefact
    built = {path.relative_to(folder / ".web").parts[0] for path in (folder / ".web").rglob("*")}
    assert built == ({"app.css", "app.js", "icon.svg", "hashes", "templates"} if name == "ApiFunction" else set())
    assert not [path for kind in ("scss", "ts", "jinja") for path in folder.glob(f"functions/**/*.{kind}")]


def test_pages_are_rendered_from_the_artefact_alone(emulator: Emulator, layer: Path) -> None:
    code = """
import json
from functions.api.pages import built, render
template = render._environment().get_template("layout.jinja")
print(json.dumps([type(template.environment.loader).__name__, sorted(built.assets().files)]))
"""
    loaded = alone(code, emulator.folder / "build" / "ApiFunction", layer)
    assert loaded == ["ModuleLoader", ["app.css", "app.js", "icon.svg"]]


def test_workbooks_are_written_from_the_artefact_alone(emulator: Emulator, layer: Path) -> None:
    code = """
import json, pyarrow
from functions.api.table_files import KINDS
table = pyarrow.table({"a": ["b"]})
print(json.dumps(KINDS["xlsx"].write([table], table.schema, 1).startswith(b"PK")))
"""
    assert alone(code, emulator.folder / "build" / "ApiFunction", layer) is True


def test_what_is_used_of_the_libraries_works_from_the_layer(emulator: Emulator, layer: Path) -> None:
    seen = alone(ARROW, emulator.folder / "build" / "IngestFunction", layer, *SERVICES)
    assert all(file.startswith(str(layer)) for file in seen.pop("libraries"))
    assert seen == {
        "functions": [],
        "texts": ["A1", "B2", None],
        "found": [True, False, None],
        # A wheel of Arrow has them all, so that what ingest accepts is decided by its own rule.
        **dict.fromkeys(("none", "snappy", "gzip", "zstd", "lz4", "brotli"), True),
        "tables": True,
        "csv": {"a": [1], "b": ["x"]},
        "frame": 0.0,
        "dates": "2024",
    }


def test_layer_has_the_locked_versions_and_nothing_for_development(layer: Path) -> None:
    locked = [line.split(" ")[0] for line in (ROOT / "requirements" / "layer.txt").read_text("utf-8").splitlines()]
    expected = {
        line.replace("==", "-").replace("python-dateutil", "python_dateutil") for line in locked if "==" in line
    }
    assert {path.name.removesuffix(".dist-info") for path in (layer / "python").glob("*.dist-info")} == expected
    for unused in ("**/tests", "pyarrow/include", "**/*.pyx", "pyarrow/libarrow_flight*", "bin"):
        assert not list((layer / "python").glob(unused)), unused


def test_artefact_and_layer_stay_under_lambdas_limit(artefact: tuple[str, Path], layer: Path) -> None:
    _, folder = artefact
    together = size(folder) + size(layer)
    print(f"{together / 2**20:.0f} MiB of {LIMIT_BYTES / 2**20:.0f}")
    assert together < LIMIT_BYTES


def test_uploaded_layer_stays_under_lambdas_limit(emulator: Emulator) -> None:
    """A zip file that comes from S3 may be as large as what it unpacks to; one of 50 MB may be sent without S3."""
    client = emulator.client("lambda")
    functions = client.list_functions()["Functions"]
    versions = {layer["Arn"] for function in functions for layer in function["Layers"]}
    assert versions
    for version in versions:
        assert 0 < client.get_layer_version_by_arn(Arn=version)["Content"]["CodeSize"] < LIMIT_BYTES


@pytest.mark.parametrize("folder", ["IngestFunction", "LibrariesLayer"])
def test_compiled_code_is_valid_whenever_the_files_are_dated(emulator: Emulator, folder: str) -> None:
    compiled = list((emulator.folder / "build" / folder).rglob("*.pyc"))
    assert compiled
    for path in compiled[:50]:
        flags = int.from_bytes(path.read_bytes()[4:8], "little")
        assert flags == 0b01, path  # PEP 552: hash-based, unchecked
