"""Which organisation codes replaced which, and when: chains, mergers and splits, followed up to a date."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date


class Successors:
    """Dated successions (old code, new code, first day of the new code); repeats count once.

    A code with several successors was split between all of them. A code without a successor is its own present code.
    """

    def __init__(self, successions: Iterable[tuple[str, str, date]] = ()) -> None:
        self._after: dict[str, list[tuple[date, str]]] = defaultdict(list)
        self._before: dict[str, list[tuple[date, str]]] = defaultdict(list)
        for old, new, day in sorted({(old, new, day) for old, new, day in successions if old != new}):
            self._after[old].append((day, new))
            self._before[new].append((day, old))

    def present(self, code: str, at: date | None = None) -> tuple[str, ...]:
        """The codes that have replaced `code` by day `at` (None: after every known succession), sorted.

        Successions are followed forward in time only, so a code that was replaced and later came back is its own
        present code. If successions of one day form a loop that leaves no code, the result is `code` itself.
        """
        present: set[str] = set()
        visited: set[tuple[str, date]] = set()
        to_visit = [(code, date.min)]
        while to_visit:
            step = to_visit.pop()
            if step in visited:
                continue
            visited.add(step)
            here, since = step
            later = [(new, day) for day, new in self._after.get(here, ()) if since <= day and _by(day, at)]
            to_visit += later
            if not later:
                present.add(here)
        return tuple(sorted(present)) or (code,)

    def codes(self) -> tuple[str, ...]:
        """Every code that has a successor, sorted."""
        return tuple(sorted(self._after))

    def known(self) -> frozenset[str]:
        """Every code in any succession, old or new."""
        return frozenset(self._after) | frozenset(self._before)

    def closed(self, code: str, at: date) -> bool:
        """Whether other codes have replaced `code` by day `at`."""
        return code not in self.present(code, at)

    def takeovers(self, code: str) -> tuple[date, ...]:
        """The days on which other codes merged into `code` directly, sorted."""
        return tuple(sorted({day for day, _ in self._before.get(code, ())}))


def _by(day: date, at: date | None) -> bool:
    return at is None or day <= at
