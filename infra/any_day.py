"""`make any-day [DAY=name]`: every test but those on the emulator, run as if it were another day or elsewhere.

libfaketime moves the wall clock of the tests and of every process that they start; monotonic clocks stay as they are.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

INSTALL = "it needs libfaketime (Debian, Ubuntu: apt-get install faketime)"


class NoFaketime(Exception):
    """libfaketime is not on this machine, or its clock cannot be moved here."""


class Moment(NamedTuple):
    """When and where tests run: how far ahead of now, or at which local time, and what else the environment says."""

    when: timedelta | datetime
    environment: Mapping[str, str] = {}


_ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
"""A locale that every machine has and that reads no file as UTF-8 unless told to."""

MOMENTS: Mapping[str, Moment] = {
    "tomorrow": Moment(timedelta(days=1)),
    "in-30-days": Moment(timedelta(days=30)),
    "in-400-days": Moment(timedelta(days=400)),
    "leap-day": Moment(datetime(2028, 2, 29, 12, tzinfo=UTC)),
    "new-year": Moment(datetime(2027, 12, 31, 23, 59, 30, tzinfo=UTC)),  # becomes 2028 while the first tests run
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
    failed = []
    for name in [day] if day else MOMENTS:
        try:
            environment = environment_at(MOMENTS[name], datetime.now(UTC))
        except NoFaketime as error:
            print(f"make any-day: {error}.", file=sys.stderr)
            return 1
        started = time.monotonic()
        done = subprocess.run(command or [sys.executable, "-m", *TESTS], env=environment, check=False)
        told = f"{name}: {'failed' if done.returncode else 'passed'} in {time.monotonic() - started:.0f} s"
        print(told, flush=True)
        failed += [name] if done.returncode else []
    return 1 if failed else 0


def environment_at(moment: Moment, now: datetime) -> dict[str, str]:
    """This process's environment, in which programs see the time move on from a moment. NoFaketime."""
    ahead = moment.when if isinstance(moment.when, timedelta) else moment.when - now
    wanted = {
        "FAKETIME": f"{ahead.total_seconds():+.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # It reads FAKETIME again after so many seconds, which a test may have taken out of the environment meanwhile.
        "FAKETIME_CACHE_DURATION": "1000000000",
        "LD_PRELOAD": _library(),
    }
    environment = {**os.environ, **moment.environment, **wanted}
    told = subprocess.run(["date", "+%s"], env=environment, capture_output=True, text=True, check=False)
    if told.returncode or abs(int(told.stdout) - (now + ahead).timestamp()) > 60:
        raise NoFaketime(f"the clock does not move: {told.stderr or told.stdout}")
    return environment


def _library() -> str:
    """What the `faketime` command would have loaded into every process."""
    if not shutil.which("faketime"):
        raise NoFaketime(INSTALL)
    return subprocess.run(
        ["faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD"], capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
