"""`headroom any-day`: every test but those on the emulator and in a browser, run on another day or in another place.

libfaketime moves the wall clock of the tests and of every process that they start. Monotonic clocks stay, since they
measure timeouts. libfaketime 0.9.10 then breaks `time.sleep`, which tests/conftest.py replaces.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from infra.errors import CommandError

_HOUR = 3600


class NoFaketime(CommandError):
    """libfaketime is not on this machine, or does not work here."""


class NoSuchDay(CommandError):
    """There is no moment of this name."""


class Moment(NamedTuple):
    """When tests start, as a time or as the distance from now, and further environment variables."""

    when: timedelta | datetime
    environment: Mapping[str, str] = {}


_ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
"""A locale that every machine has, and in which Python reads no file as UTF-8 by default."""

MOMENTS: Mapping[str, Moment] = {
    "tomorrow": Moment(timedelta(days=1)),
    "in-30-days": Moment(timedelta(days=30)),
    "in-400-days": Moment(timedelta(days=400)),
    "leap-day": Moment(datetime(2028, 2, 29, 12, tzinfo=UTC)),
    "new-year": Moment(datetime(2027, 12, 31, 23, 59, 30, tzinfo=UTC), {"TZ": "UTC"}),  # 2028 begins as the tests start
    "far-away": Moment(timedelta(0), {"TZ": "Pacific/Chatham", **_ASCII}),  # 12¾ or 13¾ hours ahead of UTC
}
# The emulator and the browser have clocks of their own.
TESTS = ("pytest", "-n", "2", "--ignore", "tests/system", "--ignore", "tests/web")


def run_on(day: str | None, command: Sequence[str] = ()) -> int:
    """Run the tests, or another command, on one day or, without a name, on all; 1 if a run fails. NoSuchDay,
    NoFaketime."""
    if day and day not in MOMENTS:
        raise NoSuchDay(f"there is no day {day!r}; there are {', '.join(MOMENTS)}.")
    failed = False
    for name in [day] if day else MOMENTS:
        environment = environment_at(MOMENTS[name])
        started = time.monotonic()
        ended = subprocess.run(command or [sys.executable, "-m", *TESTS], env=environment, check=False)
        failed |= ended.returncode != 0
        outcome = "failed" if ended.returncode else "passed"
        print(f"{name}: {outcome} in {time.monotonic() - started:.0f} s", flush=True)
    return int(failed)


def environment_at(moment: Moment) -> dict[str, str]:
    """This process's environment, with a clock that starts at the moment. NoFaketime."""
    real = _seconds({**os.environ, "LD_PRELOAD": ""})
    ahead = moment.when.total_seconds() if isinstance(moment.when, timedelta) else moment.when.timestamp() - real
    environment = {
        **os.environ,
        **moment.environment,
        "FAKETIME": f"{ahead:+.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "LD_PRELOAD": _library(),
    }
    if abs(_seconds(environment) - real - ahead) > _HOUR:
        raise NoFaketime("libfaketime does not move the clock on this machine.")
    return environment


def _library() -> str:
    """The libraries that the `faketime` command loads into a process."""
    if not shutil.which("faketime"):
        raise NoFaketime("this needs libfaketime (Debian, Ubuntu: apt-get install faketime).")
    return _output(["faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD"], os.environ).strip()


def _seconds(environment: Mapping[str, str]) -> int:
    """Seconds since 1970 by the clock of a process in an environment."""
    return int(_output(["date", "+%s"], environment))


def _output(command: Sequence[str], environment: Mapping[str, str]) -> str:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
