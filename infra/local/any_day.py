"""`make any-day [DAY=name]`: every test but those on the emulator, run as if it were another day or elsewhere.

libfaketime moves the wall clock of the tests and of every process that they start; monotonic clocks stay as they are,
since timeouts are measured by them. Its version 0.9.10 then breaks `time.sleep`: tests/conftest.py has another.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_HOUR = 3600


class NoFaketime(Exception):
    """libfaketime is not on this machine, or its clock cannot be moved here."""


class Moment(NamedTuple):
    """When tests start: how far ahead of now, or at which time; and what else the environment says."""

    when: timedelta | datetime
    environment: Mapping[str, str] = {}


_ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
"""A locale that every machine has and that reads no file as UTF-8 unless told to."""

MOMENTS: Mapping[str, Moment] = {
    "tomorrow": Moment(timedelta(days=1)),
    "in-30-days": Moment(timedelta(days=30)),
    "in-400-days": Moment(timedelta(days=400)),
    "leap-day": Moment(datetime(2028, 2, 29, 12, tzinfo=UTC)),
    "new-year": Moment(datetime(2027, 12, 31, 23, 59, 30, tzinfo=UTC), {"TZ": "UTC"}),  # 2028 begins as the tests start
    "far-away": Moment(timedelta(0), {"TZ": "Pacific/Chatham", **_ASCII}),  # 12¾ or 13¾ hours ahead of UTC
}
TESTS = ("pytest", "-n", "2", "--ignore", "tests/system")


def main(arguments: Sequence[str]) -> int:
    """Run the tests at each moment, or `DAY [COMMAND …]`: at one alone, and another command than the tests. 1 if any
    fails."""
    day, *command = arguments or [""]
    if day and day not in MOMENTS:
        print(f"make any-day: there is no day '{day}'; there are {', '.join(MOMENTS)}.", file=sys.stderr)
        return 1
    failed = False
    for name in [day] if day else MOMENTS:
        try:
            environment = environment_at(MOMENTS[name])
        except NoFaketime as error:
            print(f"make any-day: {error}.", file=sys.stderr)
            return 1
        started = time.monotonic()
        done = subprocess.run(command or [sys.executable, "-m", *TESTS], env=environment, check=False)
        failed |= done.returncode != 0
        outcome = "failed" if done.returncode else "passed"
        print(f"{name}: {outcome} in {time.monotonic() - started:.0f} s", flush=True)
    return int(failed)


def environment_at(moment: Moment) -> dict[str, str]:
    """This process's environment, but in it the clock starts at a moment. NoFaketime."""
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
        raise NoFaketime("libfaketime does not move the clock on this machine")
    return environment


def _library() -> str:
    """What the `faketime` command has loaded into a process."""
    if not shutil.which("faketime"):
        raise NoFaketime("it needs libfaketime (Debian, Ubuntu: apt-get install faketime)")
    return _output(["faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD"], os.environ).strip()


def _seconds(environment: Mapping[str, str]) -> int:
    """Seconds since 1970 as a process in an environment sees them."""
    return int(_output(["date", "+%s"], environment))


def _output(command: Sequence[str], environment: Mapping[str, str]) -> str:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
