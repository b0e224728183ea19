"""Units below organisations, such as sites: which of them count for a ratio, and what they add up to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import IntEnum
from typing import NamedTuple, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags, Floats, Whole
from shared.facts.facts import Facts
from shared.facts.roll_up import of_latest_files
from shared.method.measures import Source, Term
from shared.method.terms import Period, Ref
from shared.statuses import UnitStatus

_KEY = ["measure", "period_end", "period_start"]


class _Status(IntEnum):
    COUNTED, NOT_COLLECTED, NO_DENOMINATOR, MISSING = range(4)


STATUSES = (UnitStatus.COUNTED, UnitStatus.NOT_COLLECTED, UnitStatus.NO_DENOMINATOR, UnitStatus.MISSING)


class UnitSums(NamedTuple):
    """u units in one period: places among the dataset's units, both sums (NaN for none), whether they count (places
    among `STATUSES`), and whether the figure applies to them."""

    unit: Whole
    numerator: Floats
    denominator: Floats
    status: NDArray[np.int8]
    applies: Flags


class Parts(Protocol):
    """What the figures of organisations are sums of: `codes` and `units`, each part's organisation and own code."""

    @property
    def codes(self) -> Sequence[str | None]:
        """The organisation of each part."""

    @property
    def units(self) -> Sequence[str]:
        """The code of each part."""

    def sums(self, source: Source, period: Period, *, zero_is_missing: bool) -> UnitSums:
        """Both sums of a source's ratio over every part that has a row in a period."""


class _Rows(NamedTuple):
    """A measure in one period: places of the units, figures (NaN for none), and whether each is not applicable."""

    unit: Whole
    value: Floats
    not_applicable: Flags


class UnitMeasures:
    """The measures of one dataset with units. `codes` and `units`: each unit's organisation and code."""

    def __init__(self, table: pd.DataFrame, names: Iterable[str]) -> None:
        rows = of_latest_files(table[table["measure"].isin([*names]) & table["period_end"].notna()])
        rows = rows.drop_duplicates([*_KEY, "code", "unit"], keep="last")
        pairs = pd.MultiIndex.from_frame(rows[["code", "unit"]])
        place, distinct = pd.factorize(pairs, sort=True)
        self.codes = [str(code) for code, _ in distinct]
        self.units = [str(unit) for _, unit in distinct]
        value = np.where(rows["state"] == "value", rows["value"].to_numpy(dtype=np.float64), np.nan)
        not_applicable = (rows["state"] == "not_applicable").to_numpy(dtype=bool)
        self._by_measure: dict[tuple[str, Period], _Rows] = {}
        for one, at in rows.groupby(_KEY, sort=True).indices.items():
            measure, end, start = cast("tuple[str, date, date]", one)
            self._by_measure[measure, Period(end, start)] = _Rows(place[at], value[at], not_applicable[at])

    def with_figures(self, measure: str) -> set[Period]:
        """The periods in which any unit has a figure."""
        rows = ((period, one) for (name, period), one in self._by_measure.items() if name == measure)
        return {period for period, one in rows if not np.isnan(one.value).all()}

    def sums(self, source: Source, period: Period, *, zero_is_missing: bool) -> UnitSums:
        """Both sums of a source's ratio over every unit that has a row in a period.

        Parts that do not apply are left out. A unit of which no part of the numerator applies, or whose denominator
        does not apply or is zero, does not count; neither does one whose numerator is a zero that means missing. A unit
        with a missing part is missing.
        """
        parts = [self._by_measure.get((Ref.parse(term.measure).measure, period)) for term in source.terms]
        known = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(part.unit for part in parts if part)]))
        numerator, collected = self._added(source.numerator, period, known)
        denominator, has_denominator = self._added(source.denominator, period, known)
        status = status_of(numerator, denominator, collected, has_denominator, zero_is_missing=zero_is_missing)
        return UnitSums(known, numerator, denominator, status, collected & has_denominator)

    def _added(self, terms: Iterable[Term], period: Period, known: Whole) -> tuple[Floats, Flags]:
        """The sum of the parts that apply (NaN if one of them is missing), and whether any applies."""
        total, applies = np.zeros(len(known)), np.zeros(len(known), dtype=bool)
        for term in terms:
            product, part_applies = np.full(len(known), term.times), np.ones(len(known), dtype=bool)
            for name in term.measures:
                value, not_applicable = self._at(Ref.parse(name).measure, period, known)
                product, part_applies = product * value, part_applies & ~not_applicable
            total += np.where(part_applies, product, 0.0)
            applies |= part_applies
        return np.where(applies, total, np.nan), applies

    def _at(self, measure: str, period: Period, known: Whole) -> tuple[Floats, Flags]:
        value, not_applicable = np.full(len(self.units), np.nan), np.zeros(len(self.units), dtype=bool)
        if (rows := self._by_measure.get((measure, period))) is not None:
            value[rows.unit], not_applicable[rows.unit] = rows.value, rows.not_applicable
        return value[known], not_applicable[known]


def status_of(
    numerator: Floats, denominator: Floats, collected: Flags, has_denominator: Flags, *, zero_is_missing: bool
) -> NDArray[np.int8]:
    """Whether each of u units counts, by its sums (NaN for none) and whether any part of them applies to it."""
    status = np.full(len(numerator), _Status.COUNTED, dtype=np.int8)
    status[np.isnan(numerator) | np.isnan(denominator)] = _Status.MISSING
    status[~has_denominator | (denominator == 0)] = _Status.NO_DENOMINATOR
    status[~collected | (zero_is_missing & (numerator == 0))] = _Status.NOT_COLLECTED
    return status


class OrganisationSums(NamedTuple):
    """Organisation → both sums, NaN where a unit is missing or none counts; and those without a unit it applies to."""

    numerator: Mapping[str, float]
    denominator: Mapping[str, float]
    not_applicable: frozenset[str]


def by_organisation(parts: Parts, sums: UnitSums, minimum_coverage: float | None) -> OrganisationSums:
    """The sums of each organisation's units that count.

    A missing unit makes them missing, unless the units that count have at least the share `minimum_coverage` of the
    denominators of both.
    """
    place, codes = pd.factorize(np.array(parts.codes, dtype=object)[sums.unit])
    names = np.array(codes, dtype=object)
    n = len(names)

    def added(figures: Floats, where: Flags) -> Floats:
        return np.bincount(place[where], weights=figures[where], minlength=n)

    counted, missing = sums.status == _Status.COUNTED, sums.status == _Status.MISSING
    numerator, denominator = added(sums.numerator, counted), added(sums.denominator, counted)
    with np.errstate(invalid="ignore"):
        lacking = added(sums.denominator, missing)  # NaN if a missing unit has no denominator
        covered = denominator >= (minimum_coverage or 1.0) * (denominator + lacking)
    some_missing = np.bincount(place[missing], minlength=n) > 0
    some_counted = np.bincount(place[counted], minlength=n) > 0
    some_apply = np.bincount(place[sums.applies], minlength=n) > 0
    usable = some_counted & (~some_missing | (covered & (minimum_coverage is not None)))
    return OrganisationSums(
        dict(zip(names.tolist(), np.where(usable, numerator, np.nan).tolist(), strict=True)),
        dict(zip(names.tolist(), np.where(usable, denominator, np.nan).tolist(), strict=True)),
        frozenset(names[~some_apply].tolist()),
    )


def landed_units(facts: Facts, names: Iterable[str]) -> dict[str, UnitMeasures]:
    """Dataset → the measures, of those named in full, whose rows are about units."""
    by_dataset: dict[str, set[str]] = {}
    for name in names:
        ref = Ref.parse(name)
        if ref.dataset in facts.datasets:
            by_dataset.setdefault(ref.dataset, set()).add(ref.measure)
    return {dataset: UnitMeasures(facts.tables[dataset], of) for dataset, of in sorted(by_dataset.items())}
