"""Wall clocks for a stack in one process: a function that returns an aware datetime in UTC.

Tests and generated examples use a clock that does not move, so that nothing depends on the day or the machine's speed.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]

MOMENT = datetime(2026, 6, 30, 9, tzinfo=UTC)
"""The default time: after every period of the samples, since a file of a later period is rejected."""


class Clock:
    """A clock that moves only when it is advanced."""

    def __init__(self, now: datetime = MOMENT) -> None:
        self._now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._now += timedelta(seconds=seconds)


def system() -> datetime:
    """The machine's own clock."""
    return datetime.now(UTC)
