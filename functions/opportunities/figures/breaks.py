"""Breaks in a series: trusts into which others merged or that became another type, and metrics that were redefined."""

from collections.abc import Sequence
from datetime import date
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags, Whole
from functions.opportunities.measure.plan import Case
from functions.opportunities.measure.windows import HeldWindow
from functions.opportunities.tables.trust_table import TEXT_COLUMNS
from shared.facts.facts import Facts
from shared.facts.successors import Successors
from shared.method.method import Method
from shared.method.peer_groups import SameAttributeGroup
from shared.method.terms import Ref

MERGED, TYPE_CHANGED, DEFINITION_CHANGED = "merged", "type_changed", "definition_changed"

_NEVER = date.max.toordinal() + 1
"""Later than every day: nothing is after a window that does not exist."""


class Takeovers:
    """On which days other trusts merged into each of `trusts` (t)."""

    def __init__(self, trusts: Sequence[str], successors: Successors) -> None:
        days = [(place, day.toordinal()) for place, code in enumerate(trusts) for day in successors.takeovers(code)]
        self._trusts = len(trusts)
        self._place, self._day = np.array(days, dtype=np.int64).reshape(-1, 2).T

    def after(self, cases: Sequence[Case]) -> Flags:
        """Whether (t × c) others merged into a trust after a case's window: its figure is that of the trust before."""
        return self._between(_last_days([case.window for case in cases]), np.full(len(cases), _NEVER))

    def since_the_window_before(self, cases: Sequence[Case]) -> Flags:
        """Whether (t × c) others merged into a trust after the end of the window before and by the end of this one."""
        return self._between(_last_days([case.before for case in cases]), _last_days([case.window for case in cases]))

    def _between(self, after: Whole, until: Whole) -> Flags:
        merged = np.zeros((self._trusts, len(after)), dtype=bool)
        within = (self._day[:, None] > after) & (self._day[:, None] <= until)
        np.logical_or.at(merged, self._place, within)
        return merged


def _last_days(windows: Sequence[HeldWindow | None]) -> Whole:
    periods = [window and window.period for window in windows]
    return np.array([period.end.toordinal() if period else _NEVER for period in periods], dtype=np.int64)


def redefined(cases: Sequence[Case]) -> NDArray[np.bool_]:
    """Whether (c) a case's metric means something else than in the window before."""
    return np.array([_redefined(case) for case in cases], dtype=bool)


def _redefined(case: Case) -> bool:
    before, now = case.before and case.before.period, case.window.period
    if not before or not now:
        return False
    return any(before.end < each.since <= now.end for each in case.metric.redefined)


class TrustTypes:
    """The type of each of `trusts` (t)."""

    def __init__(self, trusts: pd.Index, facts: Facts, method: Method) -> None:
        self._trusts, self._facts, self._method = trusts, facts, method
        self._read: dict[tuple[Ref, ...], list[tuple[date, Whole, Whole]]] = {}
        self._on_day: dict[tuple[date, tuple[Ref, ...]], Whole] = {}

    def changed(self, cases: Sequence[Case]) -> Flags:
        """Whether (t × c) a trust is of another type than in the window before.

        The type is the attribute of the group in which the opportunity is compared or, if it has none, the programme's
        attribute. A window without a type for a trust is not a change.
        """
        changed = np.zeros((len(self._trusts), len(cases)), dtype=bool)
        for place, case in enumerate(cases):
            if case.before and case.before.period and case.window.period:
                refs = self._refs(case.opportunity.comparator)
                was, now = self._on(case.before.period.end, refs), self._on(case.window.period.end, refs)
                changed[:, place] = (was >= 0) & (now >= 0) & (was != now)
        return changed

    def _refs(self, comparator: str) -> tuple[Ref, ...]:
        group = self._method.peer_groups.get(comparator)
        of_programme = self._method.programme.population.trust_type
        names = group.attributes if isinstance(group, SameAttributeGroup) else of_programme
        return tuple(Ref.parse(name) for name in names)

    def _on(self, day: date, refs: tuple[Ref, ...]) -> Whole:
        """Numbers of the types (t) in the newest period that had begun by a day, -1 for none."""
        if refs not in self._read:
            self._read[refs] = self._by_period(refs)
        if (day, refs) not in self._on_day:
            newest = np.full(len(self._trusts), -1, dtype=np.int64)
            for start, places, types in self._read[refs]:
                if start <= day:
                    newest[places] = types
            self._on_day[day, refs] = newest
        return self._on_day[day, refs]

    def _by_period(self, refs: tuple[Ref, ...]) -> list[tuple[date, Whole, Whole]]:
        """The first day, places and types of each period, oldest first; of several measures, the first counts."""
        rows = pd.concat(
            [pd.DataFrame(columns=TEXT_COLUMNS), *(self._facts.rows(ref)[TEXT_COLUMNS] for ref in reversed(refs))]
        )
        rows = rows[rows["text"].notna() & rows["period_end"].notna()]
        rows = rows.drop_duplicates(["code", "period_end", "period_start"], keep="last")
        place = self._trusts.get_indexer(pd.Index(rows["code"]))
        # Types that differ in spaces or capitals alone are the same.
        text, texts = pd.factorize(rows["text"].astype(str))
        same, _ = pd.factorize(pd.Series(texts).str.split().str.join(" ").str.casefold())
        number = same[text]
        by_period = []
        for period, at in rows.groupby(["period_end", "period_start"], sort=True).indices.items():
            _, start = cast("tuple[date, date]", period)
            known = at[place[at] >= 0]
            by_period.append((start, place[known], number[known]))
        return by_period
