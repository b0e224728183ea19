"""How the Lambda layer is put together; tests/system looks at the real one."""

import ast
from pathlib import Path

import pytest

from infra import layer
from tests.support.paths import CHECKOUT

KEPT = {
    "six.py",
    "botocore/data/endpoints.json",
    "botocore/data/s3/2006-03-01/service-2.json.gz",
    "numpy/testing/__init__.py",
    "pandas/_testing/__init__.py",
    "pyarrow/_compute.cpython-313-x86_64-linux-gnu.so",
    "pyarrow/lib.cpython-313-aarch64-linux-gnu.so",
    "pyarrow/libarrow.so.2400",
    "pyarrow/libarrow_substrait.so.2400",  # pyarrow.lib is linked with it
    "pyarrow/substrait.py",
}
REMOVED = {
    "bin/f2py",
    "botocore/data/s3control/2018-08-20/service-2.json.gz",
    "botocore/data/ec2/2016-11-15/service-2.json.gz",
    "numpy/_core/tests/test_ufunc.py",
    "numpy/random/lib/libnpyrandom.a",
    "pandas/tests/io/data/a.csv",
    "pyarrow/_flight.cpython-313-x86_64-linux-gnu.so",
    "pyarrow/_orc.cpython-313-aarch64-linux-gnu.so",
    "pyarrow/_substrait.cpython-313-x86_64-linux-gnu.so",
    "pyarrow/include/arrow/api.h",
    "pyarrow/lib.pyx",
    "pyarrow/libarrow_flight.so.2400",
    "pyarrow/libarrow_python.so",
    "pyarrow/libarrow_python.so.2400.0.0",
}


class Wheels:
    """Stands for pip: writes files, and counts how often."""

    def __init__(self) -> None:
        self.unpacked = 0

    def __call__(self, folder: Path, architecture: str) -> None:
        self.unpacked += 1
        for name in KEPT | REMOVED:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("", "utf-8")


@pytest.fixture
def wheels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Wheels:
    monkeypatch.setattr(layer, "CACHE", tmp_path / "cache")
    stand_in = Wheels()
    monkeypatch.setattr(layer, "_install", stand_in)
    return stand_in


def files(folder: Path) -> set[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in found if not name.endswith(".pyc")}


def test_what_no_function_uses_is_left_out(wheels: Wheels) -> None:
    folder = layer.cached("x86_64")
    assert files(folder) == KEPT
    assert not (folder / "bin").exists()
    assert list(folder.glob("__pycache__/six.*.pyc"))


def test_wheels_are_unpacked_once_for_each_processor_and_lock(
    wheels: Wheels, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = layer.cached("x86_64")
    assert layer.cached("x86_64") == first
    assert wheels.unpacked == 1
    assert layer.cached("arm64") != first
    other = tmp_path / "layer.txt"
    other.write_text("another lock", "utf-8")
    monkeypatch.setattr(layer, "REQUIREMENTS", other)
    assert layer.cached("x86_64") != first
    assert wheels.unpacked == 3


def test_a_build_that_fails_leaves_nothing_to_be_taken_for_a_layer(
    wheels: Wheels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: Path) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(layer, "_compile", fails)
        with pytest.raises(OSError, match="full"):
            layer.cached("x86_64")
    assert list(layer.CACHE.iterdir()) == []
    assert files(layer.cached("x86_64")) == KEPT


def test_of_two_builds_at_once_the_first_to_finish_is_used(wheels: Wheels, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_all = layer._compile

    def while_another_finishes(folder: Path) -> None:
        monkeypatch.setattr(layer, "_compile", compile_all)
        layer.cached("x86_64")
        compile_all(folder)

    monkeypatch.setattr(layer, "_compile", while_another_finishes)
    folder = layer.cached("x86_64")
    assert wheels.unpacked == 2
    assert files(folder) == KEPT
    assert [path for path in layer.CACHE.iterdir() if path != folder] == []


def test_layer_can_call_every_service_that_functions_call() -> None:
    trees = [
        ast.parse(path.read_text("utf-8"))
        for folder in ("functions", "shared")
        for path in (CHECKOUT / folder).rglob("*.py")
    ]
    services = {
        node.args[0].value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "client"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert services == set(layer.SERVICES)
