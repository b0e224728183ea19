"""The layout of the code: small folders, unit tests that mirror the source, and imports in one direction only."""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.paths import CHECKOUT

FOLDERS = ("functions", "shared", "infra", "samples", "benchmarks", "tests")
MOST_MODULES = 15
UNIT = Path("tests/unit")
FUNCTIONS = ("api", "ingest", "opportunities", "peers")
TEST_MODULE = re.compile(r"\btests(\.\w+)*\.test_\w+")


def modules() -> list[Path]:
    """Every Python file of the checkout but `__init__.py`, relative to it."""
    files = (path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*.py"))
    return sorted(path.relative_to(CHECKOUT) for path in files if path.name != "__init__.py")


def crowded(paths: Iterable[Path]) -> dict[str, int]:
    """Folders with more than `MOST_MODULES` modules, and how many they have."""
    counts = Counter(str(path.parent) for path in paths)
    return {folder: count for folder, count in counts.items() if count > MOST_MODULES}


def without_source(tests: Iterable[Path], source: Iterable[Path]) -> list[str]:
    """Unit tests whose path names no module of the source.

    `tests/unit/<folder>/test_<module>[_<subject>].py` tests `<folder>/<module>.py` or the package `<folder>/<module>`;
    a function's folder is under `functions`. In a package's own folder, `test_<package>.py` tests the whole of it.
    """
    existing = {path.with_suffix("") for path in source} | {path.parent for path in source}
    missing = []
    for path in tests:
        folder = path.relative_to(UNIT).parent
        if folder.parts and folder.parts[0] in FUNCTIONS:
            folder = Path("functions") / folder
        words = path.stem.removeprefix("test_").split("_")
        names = ["_".join(words[:end]) for end in range(1, len(words) + 1)]
        if not existing & {folder / name for name in names} and not (folder.name in names and folder in existing):
            missing.append(str(path))
    return missing


def imported_tests(source: str) -> list[int]:
    """Lines that import a test file. Program text in a string counts, since a test may run it."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "import" in node.value:
            names = [node.value]
        else:
            continue
        lines += [node.lineno] * any(TEST_MODULE.search(name) for name in names)
    return lines


def test_folders_are_small() -> None:
    assert len(modules()) > 300
    assert crowded(modules()) == {}


def test_sixteen_modules_are_too_many() -> None:
    paths = [Path(f"shared/m{number}.py") for number in range(16)]
    assert crowded(paths[:15]) == {}
    assert crowded(paths) == {"shared": 16}


def test_unit_tests_mirror_the_source() -> None:
    tests = [path for path in modules() if path.is_relative_to(UNIT) and path.name.startswith("test_")]
    assert len(tests) > 60
    assert without_source(tests, modules()) == []


@pytest.mark.parametrize(
    ("test", "source"),
    [
        ("tests/unit/api/http/test_paging.py", "functions/api/http/paging.py"),
        ("tests/unit/shared/test_keys_of_receipts.py", "shared/keys.py"),
        ("tests/unit/api/changes/test_changes_laws.py", "functions/api/changes/split.py"),
    ],
)
def test_a_unit_test_needs_its_source(test: str, source: str) -> None:
    assert without_source([Path(test)], [Path(source)]) == []
    assert without_source([Path(test)], [Path("functions/api/routes.py"), Path("shared/tables.py")]) == [test]


def test_no_test_file_imports_another() -> None:
    tests = [path for path in modules() if path.parts[0] == "tests"]
    lines = {
        str(path): imported_tests((CHECKOUT / path).read_text("utf-8"))
        for path in tests
        if path != Path("tests/house/test_layout.py")  # has examples of such imports
    }
    assert {name: numbers for name, numbers in lines.items() if numbers} == {}


@pytest.mark.parametrize(
    "source",
    [
        "from tests.pipeline.test_flow import walk",
        "from tests.pipeline import test_flow",
        "import tests.pipeline.test_flow as flow",
        "program = 'from tests.pipeline.test_flow import walk'",
    ],
)
def test_each_way_to_import_a_test_is_noticed(source: str) -> None:
    assert imported_tests(source) == [1]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources and their import contracts, which a test may change."""
    folder = tmp_path_factory.mktemp("copy")
    for path in modules():
        (folder / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / path, folder / path)
    for package in {parent for path in modules() for parent in path.parents if parent != Path()}:
        (folder / package / "__init__.py").touch()
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    return folder


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("shared/keys.py", "from functions.api import routes", "shared never imports functions"),
        ("shared/keys.py", "from shared.receipts import index", "no circles"),
        ("functions/peers/groups.py", "from functions.api import routes", "functions know nothing of each other"),
    ],
)
def test_import_contracts_hold_for_types_too(copy: Path, module: str, line: str, contract: str) -> None:
    source = (copy / module).read_text("utf-8")
    (copy / module).write_text(f"{source}\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {line}\n", "utf-8")
    try:
        ran = linted(copy)
    finally:
        (copy / module).write_text(source, "utf-8")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert any(contract in each and each.endswith("BROKEN") for each in ran.stdout.splitlines()), ran.stdout


def test_import_contracts_hold(copy: Path) -> None:
    assert linted(copy).returncode == 0
