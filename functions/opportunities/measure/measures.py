"""The measures that a method uses, read once from the facts into arrays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, cast

import numpy as np
import pandas as pd

from functions.opportunities.arrays import Flags, Floats, Whole
from functions.opportunities.measure.survey import Survey
from functions.opportunities.measure.units import Parts, landed_units
from shared.facts.facts import Facts
from shared.method.measures import Source
from shared.method.terms import Period, Ref

_ONE = ["dataset", "measure", "period_end", "period_start"]


class Rows(NamedTuple):
    """A measure in one period: places of its codes, figures (NaN for none), and whether each is not applicable and
    whether a check warned of it."""

    code: Whole
    value: Floats
    not_applicable: Flags
    warned: Flags


class LandedMeasures:
    """The measures `names` by period. Of two rows of one code, period and measure, the later counts (see `Facts`)."""

    def __init__(self, facts: Facts, names: Iterable[str]) -> None:
        names = {*names}
        self.units = landed_units(facts, names)
        rows = _rows(facts, {Ref.parse(name) for name in names})
        places, codes = pd.factorize(rows["code"])
        value = np.where(rows["state"] == "value", rows["value"].to_numpy(dtype=np.float64), np.nan)
        not_applicable = (rows["state"] == "not_applicable").to_numpy(dtype=bool)
        warned = rows["warned"].to_numpy(dtype=bool)
        self.codes = pd.Index(codes)
        self._by_measure: dict[str, dict[Period, Rows]] = {}
        for one, at in rows.groupby(_ONE, sort=True).indices.items():
            dataset, measure, end, start = cast("tuple[str, str, date, date]", one)
            periods = self._by_measure.setdefault(f"{dataset}.{measure}", {})
            periods[Period(end, start)] = Rows(places[at], value[at], not_applicable[at], warned[at])

    def periods(self, name: str) -> Mapping[Period, Rows]:
        """All rows of a measure by period, oldest first."""
        return self._by_measure.get(name, {})


def _rows(facts: Facts, refs: set[Ref]) -> pd.DataFrame:
    parts = []
    for dataset in sorted({ref.dataset for ref in refs} & facts.tables.keys()):
        table = facts.by_organisation[dataset]
        wanted = [ref.measure for ref in refs if ref.dataset == dataset]
        table = table if "warned" in table else table.assign(warned=False)  # facts to which no findings were applied
        parts.append(table[table["measure"].isin(wanted) & table["period_end"].notna()].assign(dataset=dataset))
    empty = pd.DataFrame(columns=[*_ONE, "code", "value", "state", "warned"])
    rows = pd.concat(parts, ignore_index=True) if parts else empty
    return rows.drop_duplicates([*_ONE, "code"], keep="last")


class TrustMeasure(NamedTuple):
    """A measure's figures (t, NaN for none); whether each is not applicable, whether a check warned of it, and whether
    a trust has a row at all."""

    value: Floats
    not_applicable: Flags
    warned: Flags
    has_row: Flags


class TrustMeasures:
    """Landed measures as arrays over `trusts` (t). `held`: which are held for which periods."""

    def __init__(self, landed: LandedMeasures, trusts: Sequence[str], held: Survey) -> None:
        self.trusts = pd.Index([*trusts], dtype="str")
        self.held = held
        self._landed = landed
        self._place = self.trusts.get_indexer(landed.codes)
        self._read: dict[tuple[str, Period], TrustMeasure] = {}

    def units(self, source: Source, minimum_coverage: float | None = None) -> Parts | None:
        """The units whose rows a source's sums are made of; None if its rows are about organisations, or only some.

        `minimum_coverage` is that of the ratio, if the units have units of their own."""
        return self._landed.units.get(source.datasets[0]) if len(source.datasets) == 1 else None

    def at(self, name: str, period: Period) -> TrustMeasure:
        """A measure in one period; windows share their periods, so each is read once."""
        if (name, period) not in self._read:
            rows = self._landed.periods(name).get(period)
            absent = 0.0 if period in self.held.zero_where_absent(name) else np.nan
            self._read[name, period] = self._column([rows] if rows else [], absent)
        return self._read[name, period]

    def newest(self, name: str, day: date) -> TrustMeasure:
        """A measure of each trust in the newest of the trust's periods that had begun by a day."""
        return self._column([rows for period, rows in self._landed.periods(name).items() if period.start <= day])

    def _column(self, oldest_first: Iterable[Rows], absent: float = np.nan) -> TrustMeasure:
        trusts = len(self.trusts)
        measure = TrustMeasure(np.full(trusts, absent), *(np.zeros(trusts, dtype=bool) for _ in range(3)))
        for rows in oldest_first:
            place = self._place[rows.code]
            known = place >= 0
            measure.value[place[known]] = rows.value[known]
            measure.not_applicable[place[known]] = rows.not_applicable[known]
            measure.warned[place[known]] = rows.warned[known]
            measure.has_row[place[known]] = True
        return measure
