"""A function that starts on libraries without what it needs fails at once, and says what is missing."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pyarrow.compute
import pytest

from shared.compute import FUNCTIONS
from tests.support.paths import CHECKOUT


def parsed(folder: str) -> dict[str, ast.Module]:
    """Path → syntax tree of a folder's modules."""
    paths = sorted((CHECKOUT / folder).rglob("*.py"))
    return {path.relative_to(CHECKOUT).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}


SOURCES = parsed("functions") | parsed("shared")
HELPERS = {"and_": {"and"}, "or_": {"or"}, "field": set(), "fill_null": {"coalesce"}}
"""What `pyarrow.compute` has written in Python, and the compute functions that it calls."""

AS_METHODS = {"cast", "filter", "is_in", "take"}
"""What is called as a method of arrays, tables and expressions (`isin`)."""

ALL_HANDLERS = ("ingest", "peers", "opportunities", "api")


def started(function: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """A function's handler imported in a Python of its own, after something has been done to the libraries."""
    code = f"import sys\nsys.path.insert(0, {str(CHECKOUT)!r})\n{before}\nimport functions.{function}.handler"
    environment = {name: value for name, value in os.environ.items() if name != "OPENPYXL_LXML"}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


def imported(*others: str) -> Iterator[tuple[str, str]]:
    """(file, module) of every import of functions and `shared`, and of other folders."""
    for file, tree in SOURCES.items() | {one for folder in others for one in parsed(folder).items()}:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((file, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield file, str(node.module)
                yield from ((file, f"{node.module}.{alias.name}") for alias in node.names)


def test_the_libraries_that_are_checked_are_imported_from_where_they_are_checked() -> None:
    assert {file for file, module in imported() if module.startswith("pyarrow.compute")} == {"shared/compute.py"}
    assert {file for file, module in imported("infra") if module.partition(".")[0] == "openpyxl"} == {"shared/excel.py"}


def test_every_compute_function_in_use_is_checked() -> None:
    used = {
        node.attr
        for file, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "pc"
        and file != "shared/compute.py"
    }
    assert {"utf8_trim_whitespace", "match_substring_regex", "field"} <= used
    needed = {name for one in used for name in HELPERS.get(one, {one})}
    assert needed | AS_METHODS == FUNCTIONS
    assert set(pyarrow.compute.list_functions()) >= FUNCTIONS


@pytest.mark.parametrize("function", ALL_HANDLERS)
def test_functions_start(function: str) -> None:
    ran = started(function)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("function", ["ingest", "peers", "opportunities"])
def test_function_does_not_start_without_a_compute_function(function: str) -> None:
    ran = started(
        function,
        "import pyarrow.compute as pc\nhad = pc.list_functions()\n"
        "pc.list_functions = lambda: [name for name in had if name != 'utf8_trim_whitespace']",
    )
    assert ran.returncode != 0
    assert ran.stderr.splitlines()[-1] == "ImportError: this build of Arrow lacks utf8_trim_whitespace"


@pytest.mark.parametrize(("function", "codec"), [*((name, "snappy") for name in ALL_HANDLERS), ("ingest", "gzip")])
def test_function_does_not_start_without_a_codec(function: str, codec: str) -> None:
    ran = started(
        function,
        f"import pyarrow\nclass Codec:\n  is_available = staticmethod(lambda name: name != {codec!r})\n"
        "pyarrow.Codec = Codec",
    )
    assert ran.returncode != 0
    assert ran.stderr.splitlines()[-1] == f"ImportError: this build of Arrow lacks {codec}"


def test_ingest_does_not_start_with_an_openpyxl_that_uses_lxml() -> None:
    ran = started("ingest", "import openpyxl\nassert openpyxl.LXML, 'lxml is not installed'")
    assert ran.returncode != 0
    assert "openpyxl was imported before shared.excel" in ran.stderr.splitlines()[-1]


def test_the_api_starts_without_what_only_other_functions_check() -> None:
    """Its cold start is what readers wait for."""
    ran = started("api")
    assert ran.returncode == 0, ran.stderr
    loaded = started("api", "import atexit; atexit.register(lambda: print(*sys.modules))").stdout.split()
    assert {"functions.api.handler", "shared.tables"} <= set(loaded)
    assert not {"pandas", "openpyxl", "pyarrow.compute"} & set(loaded)
