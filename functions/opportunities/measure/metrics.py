"""Metrics: from landed measures to one value for each trust and window. Arrays over trusts × columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags, Floats, above
from functions.opportunities.measure.measures import TrustMeasures
from functions.opportunities.measure.units import by_organisation
from functions.opportunities.measure.windows import HeldWindow, MetricWindow
from shared.method.measures import Metric, Source
from shared.method.terms import Period


class Sums(NamedTuple):
    """Σ numerator and Σ denominator over windows (t × w each), NaN unless the trust has the periods it needs; the days
    of those it has; and, if it lacks some, whether that is because a part does not apply to it."""

    numerator: Floats
    denominator: Floats
    days: Floats
    not_applicable: Flags


class Ratio(NamedTuple):
    """What is added up: the sources, the first of which that has figures counts in each period, and what applies to
    units (see `Metric`)."""

    sources: Sequence[Source]
    zero_is_missing: bool = False
    minimum_coverage: float | None = None

    @classmethod
    def of(cls, metric: Metric) -> Self:
        """The ratio of a metric."""
        return cls(metric.sources, metric.zero_numerator == "missing", metric.minimum_coverage)


class PeriodSums(NamedTuple):
    """Both sums of a ratio in one period (t each, NaN if a part has no figure); whether a part does not apply, and
    whether the trust has any row for it."""

    numerator: Floats
    denominator: Floats
    not_applicable: Flags
    has_row: Flags


def in_period(measures: TrustMeasures, ratio: Ratio, period: Period) -> PeriodSums:
    """The sums of a ratio in one period."""
    source = measures.held.source(ratio.sources, period) or ratio.sources[0]
    shape = len(measures.trusts)
    result = PeriodSums(np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool))
    if (units := measures.units(source, ratio.minimum_coverage)) is not None:
        of_units = by_organisation(
            units, units.sums(source, period, zero_is_missing=ratio.zero_is_missing), ratio.minimum_coverage
        )
        for total, figures in zip(result[:2], of_units[:2], strict=True):
            total[:] = [figures.get(code, np.nan) for code in measures.trusts]
        result.not_applicable[:] = [code in of_units.not_applicable for code in measures.trusts]
        result.has_row[:] = [code in of_units.numerator for code in measures.trusts]
        return result
    for total, terms in ((result.numerator, source.numerator), (result.denominator, source.denominator)):
        for term in terms:
            parts = [measures.at(name, period) for name in term.measures]
            total += term.times * np.prod([part.value for part in parts], axis=0)
            result.not_applicable[:] |= np.any([part.not_applicable for part in parts], axis=0)
            result.has_row[:] |= np.any([part.has_row for part in parts], axis=0)
    return result


def sums(measures: TrustMeasures, ratio: Ratio, windows: Sequence[HeldWindow]) -> Sums:
    """Both sums of a ratio over each of one or more windows. A period counts if every part of both is a figure."""
    periods = sorted({period for window in windows for period in window.periods})
    shape = (len(periods), len(measures.trusts))
    top, bottom = np.zeros(shape), np.zeros(shape)
    not_applicable = np.zeros(shape, dtype=bool)
    for place, period in enumerate(periods):
        top[place], bottom[place], not_applicable[place], _ = in_period(measures, ratio, period)
    whole = ~(np.isnan(top) | np.isnan(bottom))
    top, bottom = np.where(whole, top, 0.0), np.where(whole, bottom, 0.0)
    days = whole * np.array([period.days for period in periods], dtype=np.float64)[:, None]
    place_of = {period: place for place, period in enumerate(periods)}

    def added(window: HeldWindow) -> Sums:
        places = [place_of[period] for period in window.periods]
        enough = whole[places].sum(axis=0) >= window.needed
        top_sum, bottom_sum, day_sum = (
            np.where(enough, part[places].sum(axis=0), np.nan) for part in (top, bottom, days)
        )
        return Sums(top_sum, bottom_sum, day_sum, ~enough & not_applicable[places].any(axis=0))

    return Sums(*(np.stack(parts, axis=1) for parts in zip(*map(added, windows), strict=True)))


@dataclass(frozen=True)
class MetricValues:
    """t trusts × c columns, each a metric over a window: value = scale × numerator / denominator, NaN for no value."""

    spans: Sequence[MetricWindow]
    numerator: Floats
    denominator: Floats
    value: Floats
    days: Floats
    not_applicable: Flags

    @cached_property
    def periods(self) -> list[Period | None]:
        """First to last day of each column's window; None for a window without periods."""
        return [span.window.period for span in self.spans]

    @cached_property
    def below_minimum(self) -> Flags:
        """Whether a value has too small a denominator."""
        least = [span.metric.minimum_denominator for span in self.spans]
        return above(np.array([-np.inf if minimum is None else minimum for minimum in least]), self.denominator)


def measure(spans: Sequence[MetricWindow], measures: TrustMeasures) -> MetricValues:
    """The values of every trust over `spans`, in which those of one metric follow each other. No value if the
    denominator is not above zero, or if the numerator is a zero that means missing."""
    parts = []
    for _, group in groupby(spans, key=lambda span: span.name):
        same = [*group]
        metric = same[0].metric
        parts.append(sums(measures, Ratio.of(metric), [span.window for span in same]))

    def joined(part: Callable[[Sums], NDArray[Any]]) -> NDArray[Any]:
        return np.hstack([np.zeros((len(measures.trusts), 0)), *map(part, parts)])

    numerator, denominator = joined(lambda one: one.numerator), joined(lambda one: one.denominator)
    scale = np.array([span.metric.scale for span in spans])
    means_missing = np.array([span.metric.zero_numerator == "missing" for span in spans], dtype=bool)
    valid = (denominator > 0) & ~(means_missing & (numerator == 0))
    value = np.divide(scale * numerator, denominator, out=np.full(numerator.shape, np.nan), where=valid)
    return MetricValues(
        spans,
        numerator,
        denominator,
        value,
        days=joined(lambda one: one.days),
        not_applicable=joined(lambda one: one.not_applicable).astype(bool),
    )
