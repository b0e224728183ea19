"""Who took over from whom, and when: chains, mergers and splits of codes, followed to a date."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date


class Successors:
    """Dated successions (old code, new code, first day of the new code's rule); repeats count once.

    A code with several successions is split between all of its successors. Whatever is asked, codes without a
    succession stand for themselves, and successions that run in a circle end where they began.
    """

    def __init__(self, successions: Iterable[tuple[str, str, date]] = ()) -> None:
        self._after: dict[str, list[tuple[date, str]]] = defaultdict(list)
        self._before: dict[str, list[tuple[date, str]]] = defaultdict(list)
        for old, new, day in sorted({(old, new, day) for old, new, day in successions if old != new}):
            self._after[old].append((day, new))
            self._before[new].append((day, old))

    def present(self, code: str, at: date | None = None) -> tuple[str, ...]:
        """The codes that stand for `code` on day `at` (None: after every succession known), sorted.

        Successions are followed forward in time only, so a code that was handed over and later came back stands
        for itself. Where a circle of one day leaves no code standing, `code` itself is the answer.
        """
        standing: set[str] = set()
        seen: set[tuple[str, date]] = set()
        ways = [(code, date.min)]
        while ways:
            way = ways.pop()
            if way in seen:
                continue
            seen.add(way)
            here, since = way
            onward = [(new, day) for day, new in self._after.get(here, ()) if since <= day and _by(day, at)]
            ways += onward
            if not onward:
                standing.add(here)
        return tuple(sorted(standing)) or (code,)

    def codes(self) -> tuple[str, ...]:
        """Every code that others took over, sorted."""
        return tuple(sorted(self._after))

    def known(self) -> frozenset[str]:
        """Every code of any succession, old or new."""
        return frozenset(self._after) | frozenset(self._before)

    def closed(self, code: str, at: date) -> bool:
        """Whether others stand for `code` on day `at`."""
        return code not in self.present(code, at)

    def takeovers(self, code: str) -> tuple[date, ...]:
        """The days on which others merged into `code` itself, sorted."""
        return tuple(sorted({day for day, _ in self._before.get(code, ())}))

    def took_over_after(self, code: str, day: date) -> tuple[str, ...]:
        """The codes that merged into `code` after `day`, directly or through others, sorted.

        Followed back in time only: what a code took over after it had itself been taken over did not come along.
        """
        seen: set[tuple[str, date]] = set()
        ways = [(code, date.max)]
        while ways:
            here, until = ways.pop()
            new = {(old, since) for since, old in self._before.get(here, ()) if day < since <= until} - seen
            seen |= new
            ways += new
        return tuple(sorted({old for old, _ in seen} - {code}))


def _by(day: date, at: date | None) -> bool:
    return at is None or day <= at
