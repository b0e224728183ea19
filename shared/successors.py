"""Who took over from whom, and when: codes outlive neither mergers nor splits, but figures must find their trust."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Succession(NamedTuple):
    """On `day`, `new` took over (a part of) `old`."""

    old: str
    new: str
    day: date


class Successors:
    """Dated successions, followed as chains. A code may have several successors (a split) or be kept (`new` lives on)."""

    def __init__(self, successions: Iterable[Succession]) -> None:
        self._next: dict[str, list[Succession]] = {}
        for step in sorted(set(successions), key=lambda step: (step.day, step.old, step.new)):
            if step.old != step.new:
                self._next.setdefault(step.old, []).append(step)

    def codes(self) -> tuple[str, ...]:
        """Every code that somebody took over, in code order."""
        return tuple(sorted(self._next))

    def closed(self, code: str, at: date | None = None) -> bool:
        """Whether a trust had been taken over by `at` (ever, if not given)."""
        return bool(self._steps(code, at))

    def present(self, code: str, at: date | None = None) -> tuple[str, ...]:
        """The codes that stand for a trust at a date, itself if it lives on; several after a split, in code order."""
        found: set[str] = set()
        seen: set[str] = set()
        ahead = [code]
        while ahead:
            here = ahead.pop()
            if here in seen:  # a loop in the data, or two ways to one trust
                continue
            seen.add(here)
            steps = self._steps(here, at)
            if steps:
                ahead += [step.new for step in steps]
            else:
                found.add(here)
        return tuple(sorted(found or {code}))

    def took_over_after(self, code: str, day: date) -> tuple[str, ...]:
        """The trusts that went into `code` after a day, directly or through others, in code order."""
        into: dict[str, set[str]] = {}
        for steps in self._next.values():
            for step in steps:
                if step.day > day:
                    into.setdefault(step.new, set()).add(step.old)
        found: set[str] = set()
        ahead = [code]
        while ahead:
            for old in into.get(ahead.pop(), ()):
                if old not in found and old != code:
                    found.add(old)
                    ahead.append(old)
        return tuple(sorted(found))

    def _steps(self, code: str, at: date | None) -> list[Succession]:
        return [step for step in self._next.get(code, ()) if at is None or step.day <= at]
