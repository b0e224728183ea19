"""Where a series breaks: trusts that took in others, and trusts that became another type."""

from collections.abc import Sequence
from datetime import date
from typing import cast

import numpy as np
import pandas as pd

from functions.opportunities.arrays import Flags, Whole
from functions.opportunities.measure.plan import Case
from functions.opportunities.measure.windows import Window
from shared.facts.facts import Facts
from shared.facts.successors import Successors
from shared.method.method import Method
from shared.method.peer_groups import SameAttributeGroup
from shared.method.terms import Ref

MERGED, TYPE_CHANGED = "merged", "type_changed"

_NEVER = date.max.toordinal() + 1
"""Later than every day: nothing comes after a window that is not there."""


class Takeovers:
    """On which days others were merged into each of `trusts` (t)."""

    def __init__(self, trusts: Sequence[str], successors: Successors) -> None:
        days = [(place, day.toordinal()) for place, code in enumerate(trusts) for day in successors.takeovers(code)]
        self._trusts = len(trusts)
        self._place, self._day = np.array(days, dtype=np.int64).reshape(-1, 2).T

    def after(self, cases: Sequence[Case]) -> Flags:
        """Where (t × c) a trust took in others after a case's window: its figure is of what it was before."""
        return self._between(_last_days([case.window for case in cases]), np.full(len(cases), _NEVER))

    def since_the_window_before(self, cases: Sequence[Case]) -> Flags:
        """Where (t × c) a trust took in others after the window before had ended and by the end of this one."""
        return self._between(_last_days([case.before for case in cases]), _last_days([case.window for case in cases]))

    def _between(self, after: Whole, until: Whole) -> Flags:
        found = np.zeros((self._trusts, len(after)), dtype=bool)
        within = (self._day[:, None] > after) & (self._day[:, None] <= until)
        np.logical_or.at(found, self._place, within)
        return found


def _last_days(windows: Sequence[Window | None]) -> Whole:
    periods = [window and window.period for window in windows]
    return np.array([period.end.toordinal() if period else _NEVER for period in periods], dtype=np.int64)


class Types:
    """Which type each of `trusts` (t) is."""

    def __init__(self, trusts: pd.Index, facts: Facts, method: Method) -> None:
        self._trusts, self._facts, self._method = trusts, facts, method
        self._read: dict[tuple[Ref, ...], list[tuple[date, Whole, Whole]]] = {}

    def changed(self, cases: Sequence[Case]) -> Flags:
        """Where (t × c) a trust is of another type than in the window before.

        The type is the attribute of the group that the opportunity is compared in or, where it has none, the
        programme's. A window for which no type was stated changes nobody's.
        """
        found = np.zeros((len(self._trusts), len(cases)), dtype=bool)
        for place, case in enumerate(cases):
            if case.before and case.before.period and case.window.period:
                refs = self._refs(case.opportunity.comparator)
                was, now = self._on(case.before.period.end, refs), self._on(case.window.period.end, refs)
                found[:, place] = (was >= 0) & (now >= 0) & (was != now)
        return found

    def _refs(self, comparator: str) -> tuple[Ref, ...]:
        group = self._method.peer_groups.get(comparator)
        stated = self._method.programme.population.trust_type
        names = (group.attribute,) if isinstance(group, SameAttributeGroup) else stated
        return tuple(Ref.parse(name) for name in names)

    def _on(self, day: date, refs: tuple[Ref, ...]) -> Whole:
        """Numbers of the types (t) as last stated for a period begun by a day, -1 for none."""
        if refs not in self._read:
            self._read[refs] = self._stated(refs)
        found = np.full(len(self._trusts), -1, dtype=np.int64)
        for start, places, types in self._read[refs]:
            if start <= day:
                found[places] = types
        return found

    def _stated(self, refs: tuple[Ref, ...]) -> list[tuple[date, Whole, Whole]]:
        """What each period states, oldest first; of several measures of one period the first prevails."""
        rows = pd.concat([pd.DataFrame(columns=_STATED), *(self._facts.rows(ref)[_STATED] for ref in reversed(refs))])
        rows = rows[rows["text"].notna() & rows["period_end"].notna()]
        rows = rows.drop_duplicates(["code", "period_end", "period_start"], keep="last")
        place = self._trusts.get_indexer(pd.Index(rows["code"]))
        # Another spelling is no other type.
        number, _ = pd.factorize(rows["text"].astype(str).str.split().str.join(" ").str.casefold())
        found = []
        for period, at in rows.groupby(["period_end", "period_start"], sort=True).indices.items():
            _, start = cast("tuple[date, date]", period)
            known = at[place[at] >= 0]
            found.append((start, place[known], number[known]))
        return found


_STATED = ["code", "text", "period_start", "period_end"]
