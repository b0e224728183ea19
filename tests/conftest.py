"""What all tests share: openpyxl without lxml, Hypothesis profiles (the same examples every time in `make test`, new
ones in `make nightly`), a sleep that works under libfaketime, and how tests are divided between processes."""

import gc
import os
import select
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, override

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler.loadfile import LoadFileScheduling

import shared.excel  # noqa: F401 - before any test module imports openpyxl, which decides once whether it uses lxml

if "FAKETIME" in os.environ:
    # libfaketime 0.9.10 hands the kernel a negative time where Python sleeps and the monotonic clock is left alone (its
    # issue 426). Waiting for a process with a timeout sleeps too.
    time.sleep = partial(select.select, [], [], [])

settings.register_profile("default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("default"), derandomize=False, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_EMULATOR = "tests/system/"
_FIRST = (_EMULATOR, "tests/pipeline/")
"""What takes longest begins first, so that the processes end at about the same time."""
_LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in _FIRST])


class _ByFile(LoadFileScheduling):
    """Each file whole in one process, since its tests share fixtures; all tests on the emulator in one process, since
    they share a deployed stack."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return _EMULATOR if file.startswith(_EMULATOR) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile | None:
    """With `--dist loadfile`; other ways to divide the tests stay as they are."""
    return _ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what is imported, and run less often."""
    gc.freeze()
    gc.set_threshold(50_000)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("nightly"):
            item.config.stash[_LEFT_OUT] = item.config.stash.get(_LEFT_OUT, 0) + 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left out"] = session.config.stash.get(_LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every process collects the same tests, so that any one's count is that of all."""
    node.config.stash[_LEFT_OUT] = getattr(node, "workeroutput", {}).get("left out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if left_out := config.stash.get(_LEFT_OUT, 0):
        terminalreporter.write_line(f"{left_out} tests are left out; `make nightly` runs them.")
