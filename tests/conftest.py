"""What all tests share: openpyxl without lxml, Hypothesis profiles (the same examples every time in `make test`, new
ones in `make nightly`), a sleep that works under libfaketime, and how tests are divided between processes."""

import os
import select
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import shared.excel  # noqa: F401 - before any test module imports openpyxl, which decides once whether it uses lxml

if "FAKETIME" in os.environ:
    # libfaketime 0.9.10 hands the kernel a negative time where Python sleeps and the monotonic clock is left alone (its
    # issue 426). Waiting for a process with a timeout sleeps too.
    time.sleep = partial(select.select, [], [], [])

settings.register_profile("default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("default"), derandomize=False, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_EMULATOR = "tests/system/"
_LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `-n <processes> --dist loadgroup`: the tests on the emulator in one process, since they share a deployed
    stack, and first, since they take longest; every other file whole in one process, since its tests share fixtures."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(_EMULATOR if file.startswith(_EMULATOR) else file))
    items.sort(key=lambda item: not item.nodeid.startswith(_EMULATOR))


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
