"""`headroom any-day`: the clock that its tests see."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local import any_day
from infra.local.any_day import MOMENTS, Moment, environment_at
from infra.ops.cli import main
from tests.support.paths import CHECKOUT

needs_faketime = pytest.mark.skipif(shutil.which("faketime") is None, reason="libfaketime is not on this machine")
CLOCKS = (
    "import subprocess, time; print(time.time(), subprocess.check_output(['date', '+%s']).decode(), time.monotonic())"
)


def clocks(moment: Moment) -> tuple[float, float, float]:
    """The wall clock of a process, that of its child, and its monotonic clock."""
    command = [sys.executable, "-c", CLOCKS]
    told = subprocess.run(command, env=environment_at(moment), capture_output=True, text=True, check=True).stdout
    own, childs, monotonic = map(float, told.split())
    return own, childs, monotonic


@needs_faketime
def test_clock_starts_at_the_moment_for_a_process_and_its_children() -> None:
    leap_day = datetime(2028, 2, 29, 12, tzinfo=UTC)
    own, childs, _ = clocks(Moment(leap_day))
    for told in (own, childs):
        assert datetime.fromtimestamp(told, UTC).date() == leap_day.date()


@needs_faketime
def test_clock_runs_ahead_and_the_monotonic_one_does_not() -> None:
    now, ahead = clocks(Moment(timedelta(0))), clocks(Moment(timedelta(days=400)))
    assert round((ahead[0] - now[0]) / 86400) == 400
    assert round((ahead[2] - now[2]) / 86400) == 0


@needs_faketime
def test_tests_may_wait() -> None:
    command = [sys.executable, "-c", "import tests.conftest, time; time.sleep(0.01)"]
    subprocess.run(command, cwd=CHECKOUT, env=environment_at(Moment(timedelta(days=1))), check=True)


@needs_faketime
def test_fails_where_the_command_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert any_day.run_on("tomorrow", ["true"]) == 0
    assert any_day.run_on("tomorrow", ["false"]) == 1
    assert [line.split(" in ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "tomorrow: passed", "tomorrow: failed",
    ]  # fmt: skip


def test_machine_without_libfaketime_is_told_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "date").symlink_to(shutil.which("date") or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["any-day", "tomorrow"]) == 1
    assert "apt-get install faketime" in capsys.readouterr().err


def test_unknown_day_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["any-day", "yesterday"]) == 1
    assert ", ".join(MOMENTS) in capsys.readouterr().err
