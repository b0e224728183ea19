"""The measures that a method computes with, read once from the facts into arrays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, cast

import numpy as np
import pandas as pd

from functions.opportunities.arrays import Flags, Floats, Whole
from shared.facts.facts import Facts
from shared.method.terms import Period, Ref

_ONE = ["dataset", "measure", "period_end", "period_start"]


class _Rows(NamedTuple):
    """A measure in one period: places of its codes, figures (NaN for none), where it does not apply, and which figures
    a check warned of."""

    code: Whole
    value: Floats
    not_applicable: Flags
    warned: Flags


class Landed:
    """The measures `names` by period. Of two rows about one code, period and measure the later counts (see `Facts`)."""

    def __init__(self, facts: Facts, names: Iterable[str]) -> None:
        rows = _rows(facts, {Ref.parse(name) for name in names})
        places, codes = pd.factorize(rows["code"])
        value = np.where(rows["state"] == "value", rows["value"].to_numpy(dtype=np.float64), np.nan)
        not_applicable = (rows["state"] == "not_applicable").to_numpy(dtype=bool)
        warned = rows["warned"].to_numpy(dtype=bool)
        self.codes = pd.Index(codes)
        self._held: dict[str, dict[Period, _Rows]] = {}
        for one, at in rows.groupby(_ONE, sort=True).indices.items():
            dataset, measure, end, start = cast("tuple[str, str, date, date]", one)
            held = self._held.setdefault(f"{dataset}.{measure}", {})
            held[Period(end, start)] = _Rows(places[at], value[at], not_applicable[at], warned[at])

    def periods(self, name: str) -> Mapping[Period, _Rows]:
        """Everything held of a measure, oldest first."""
        return self._held.get(name, {})

    def with_figures(self, name: str) -> set[Period]:
        """The periods in which somebody has a figure."""
        return {period for period, rows in self._held.get(name, {}).items() if not np.isnan(rows.value).all()}

    def mentioned(self, stated: Iterable[tuple[str, Period]]) -> list[str]:
        """Whose measure the file of a period mentions, for any of several, whatever it says."""
        on = np.zeros(len(self.codes), dtype=bool)
        for name, period in stated:
            on[self._held[name][period].code] = True
        return [str(code) for code in self.codes[on]]


def _rows(facts: Facts, refs: set[Ref]) -> pd.DataFrame:
    parts = []
    for dataset in sorted({ref.dataset for ref in refs} & facts.tables.keys()):
        table = facts.tables[dataset]
        wanted = [ref.measure for ref in refs if ref.dataset == dataset]
        table = table if "warned" in table else table.assign(warned=False)  # nobody held them against findings
        parts.append(table[table["measure"].isin(wanted) & table["period_end"].notna()].assign(dataset=dataset))
    empty = pd.DataFrame(columns=[*_ONE, "code", "value", "state", "warned"])
    rows = pd.concat(parts, ignore_index=True) if parts else empty
    return rows.drop_duplicates([*_ONE, "code"], keep="last")


class Column(NamedTuple):
    """A measure's figures (t, NaN for none), where it does not apply, and which figures a check warned of."""

    value: Floats
    not_applicable: Flags
    warned: Flags


class Columns:
    """Landed measures as arrays over `trusts` (t)."""

    def __init__(self, landed: Landed, trusts: Sequence[str]) -> None:
        self.trusts = pd.Index([*trusts], dtype="str")
        self._landed = landed
        self._place = self.trusts.get_indexer(landed.codes)
        self._read: dict[tuple[str, Period], Column] = {}

    def at(self, name: str, period: Period) -> Column:
        """A measure in one period; windows share their periods, so each is read once."""
        if (name, period) not in self._read:
            rows = self._landed.periods(name).get(period)
            self._read[name, period] = self._column([rows] if rows else [])
        return self._read[name, period]

    def newest(self, name: str, day: date) -> Column:
        """What each trust states of a measure for the newest of its periods that have begun by a day."""
        return self._column([rows for period, rows in self._landed.periods(name).items() if period.start <= day])

    def _column(self, oldest_first: Iterable[_Rows]) -> Column:
        trusts = len(self.trusts)
        found = Column(np.full(trusts, np.nan), np.zeros(trusts, dtype=bool), np.zeros(trusts, dtype=bool))
        for rows in oldest_first:
            place = self._place[rows.code]
            known = place >= 0
            found.value[place[known]] = rows.value[known]
            found.not_applicable[place[known]] = rows.not_applicable[known]
            found.warned[place[known]] = rows.warned[known]
        return found
