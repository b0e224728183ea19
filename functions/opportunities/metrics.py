"""Metrics: from landed measures to one value a trust, over the metric's newest window. Arrays over trusts × metrics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.opportunities.benchmarks import Flags, Floats, above
from functions.opportunities.landed import Columns, Landed
from shared.facts import Period
from shared.method import measures
from shared.method.measures import Metric, Term


@dataclass(frozen=True)
class Window:
    """The periods a metric is summed over, oldest first, all held; none while too few are. A trust needs `needed`."""

    periods: tuple[Period, ...]
    needed: int

    @property
    def period(self) -> Period | None:
        """First to last day."""
        return Period(self.periods[-1].end, self.periods[0].start) if self.periods else None


def window_of(landed: Landed, rule: measures.Window, names: Iterable[str]) -> Window:
    """The newest periods for which every measure has a figure of somebody's.

    A period that a newer file merely mentions, without figures, does not push out the one before it.
    """
    periods = sorted(set.intersection(*[landed.with_figures(name) for name in names]))
    if rule.months is None:
        periods = periods[-1:]
    elif periods:
        first = _month(periods[-1].end) - rule.months + 1
        periods = [period for period in periods if _month(period.start) >= first]
    if len(periods) < rule.at_least:
        periods = []
    return Window(tuple(periods), rule.minimum_periods or max(1, len(periods)))


def _month(day: date) -> int:
    return day.year * 12 + day.month


class Sums(NamedTuple):
    """Σ numerator and Σ denominator over a window (t each), NaN unless the trust has the periods it needs; the days
    of those it has; and, where it lacks some, whether a part does not apply to it."""

    numerator: Floats
    denominator: Floats
    days: Floats
    not_applicable: Flags


def sums(columns: Columns, numerator: Sequence[Term], denominator: Sequence[Term], window: Window) -> Sums:
    """Both sums of a ratio. A period counts where every part of both is a figure."""
    shape = (len(window.periods), len(columns.trusts))
    top, bottom = np.zeros(shape), np.zeros(shape)
    not_applicable = np.zeros(shape, dtype=bool)
    for place, period in enumerate(window.periods):
        for total, terms in ((top, numerator), (bottom, denominator)):
            for term in terms:
                parts = [columns.at(name, period) for name in term.measures]
                total[place] += term.times * np.prod([part.value for part in parts], axis=0)
                not_applicable[place] |= np.any([part.not_applicable for part in parts], axis=0)
    whole = ~(np.isnan(top) | np.isnan(bottom))
    enough = whole.sum(axis=0) >= window.needed
    days = np.array([period.days for period in window.periods], dtype=np.float64)
    return Sums(
        np.where(enough, np.where(whole, top, 0.0).sum(axis=0), np.nan),
        np.where(enough, np.where(whole, bottom, 0.0).sum(axis=0), np.nan),
        np.where(enough, days @ whole, np.nan),
        ~enough & not_applicable.any(axis=0),
    )


@dataclass(frozen=True)
class Measured:
    """t trusts × m metrics: value = scale × numerator / denominator, NaN where there is none."""

    metrics: Mapping[str, Metric]
    windows: Mapping[str, Window]
    numerator: Floats
    denominator: Floats
    value: Floats
    days: Floats
    not_applicable: Flags

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Metric id → its column."""
        return {name: column for column, name in enumerate(self.windows)}

    @cached_property
    def below_minimum(self) -> Flags:
        """Where a value rests on too small a denominator."""
        least = [self.metrics[name].minimum_denominator for name in self.windows]
        return above(np.array([-np.inf if minimum is None else minimum for minimum in least]), self.denominator)


def measure(metrics: Mapping[str, Metric], windows: Mapping[str, Window], columns: Columns) -> Measured:
    """Every metric of `windows` for every trust. No value where the denominator is not above zero, nor where the
    numerator is a zero that means missing."""
    rules = [(metrics[name], window) for name, window in windows.items()]
    found = [sums(columns, metric.numerator, metric.denominator, window) for metric, window in rules]

    def stacked(parts: Iterable[NDArray[Any]], kind: type) -> NDArray[Any]:
        return np.array([*parts], dtype=kind).reshape(len(found), len(columns.trusts)).T

    numerator = stacked((one.numerator for one in found), float)
    denominator = stacked((one.denominator for one in found), float)
    scale = np.array([metrics[name].scale for name in windows])
    means_missing = np.array([metrics[name].zero_numerator == "missing" for name in windows], dtype=bool)
    valid = (denominator > 0) & ~(means_missing & (numerator == 0))
    value = np.divide(scale * numerator, denominator, out=np.full(numerator.shape, np.nan), where=valid)
    return Measured(
        metrics,
        windows,
        numerator,
        denominator,
        value,
        days=stacked((one.days for one in found), float),
        not_applicable=stacked((one.not_applicable for one in found), bool),
    )
