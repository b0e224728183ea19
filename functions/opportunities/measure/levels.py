"""Measures of a further level: the organisations of the level below are the units of its sums."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from functions.opportunities.arrays import Flags
from functions.opportunities.measure.measures import LandedMeasures, TrustMeasure, TrustMeasures
from functions.opportunities.measure.metrics import Ratio, in_period
from functions.opportunities.measure.units import Parts, UnitSums, status_of
from shared.method.measures import Source
from shared.method.terms import Period


class LevelMeasures(TrustMeasures):
    """Measures of `trusts` (t), the organisations of a further level, whose sums are those of their members: `members`
    has the organisation of each code of `below`.

    Own targets are those that files have for the organisations themselves.
    """

    def __init__(
        self, landed: LandedMeasures, trusts: Sequence[str], below: TrustMeasures, members: Mapping[str, str]
    ) -> None:
        super().__init__(landed, trusts, below.held)
        self._below = below
        self._units = [str(code) for code in below.trusts]
        self._codes = [members.get(code) for code in self._units]
        self._at = self.trusts.get_indexer(pd.Index([code or "" for code in self._codes]))

    def units(self, source: Source, minimum_coverage: float | None = None) -> Parts | None:
        """The members, whose own sums are made as if they were compared themselves."""
        return _Members(self._codes, self._units, self._below, minimum_coverage)

    def at(self, name: str, period: Period) -> TrustMeasure:
        """Whether any member has a row, and a warning. There is no figure: sums are made of both sides of a ratio."""
        below = self._below.at(name, period)
        trusts = len(self.trusts)
        return TrustMeasure(
            np.full(trusts, np.nan), np.zeros(trusts, dtype=bool), self._any(below.warned), self._any(below.has_row)
        )

    def _any(self, flags: Flags) -> Flags:
        found = np.zeros(len(self.trusts), dtype=bool)
        found[self._at[flags & (self._at >= 0)]] = True
        return found


class _Members(NamedTuple):
    """The organisations below as units: see `Parts`."""

    codes: Sequence[str | None]
    units: Sequence[str]
    below: TrustMeasures
    minimum_coverage: float | None

    def sums(self, source: Source, period: Period, *, zero_is_missing: bool) -> UnitSums:
        """The members' sums. One to which a part does not apply, or whose denominator is zero, does not count; one that
        has a row but lacks a figure is missing."""
        own = in_period(self.below, Ratio((source,), zero_is_missing, self.minimum_coverage), period)
        placed = np.array([code is not None for code in self.codes], dtype=bool)
        unit = np.flatnonzero(own.has_row & placed)
        numerator, denominator, applies = own.numerator[unit], own.denominator[unit], ~own.not_applicable[unit]
        status = status_of(numerator, denominator, applies, applies, zero_is_missing=zero_is_missing)
        return UnitSums(unit, numerator, denominator, status, applies)
