"""Which values may be believed, and which of those should be checked first."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags, Floats, above
from functions.opportunities.compare.comparators import Sets
from functions.opportunities.measure.metrics import Measured
from shared.method.measures import FEWEST, Plausibility
from shared.method.opportunities import NATIONAL, Benchmark
from shared.statuses import MetricStatus


class Judged(NamedTuple):
    """`status` and `check` (t × c): what became of each value, and whether to say "check this figure first"."""

    status: NDArray[np.str_]
    check: Flags


def judge(found: Measured, sets: Sets) -> Judged:
    """The status of every figure: the first that applies."""
    rules = [span.metric.plausibility for span in found.spans]
    typical = _typical(found, [rule.group for rule in rules], sets)
    bounds = [(1 / rule.implausible, rule.implausible, rule.check_below, rule.check_above) for rule in rules]
    low, high, check_low, check_high = np.array(bounds, dtype=np.float64).reshape(-1, 4).T
    implausible = _against_range(found, rules) | _outside(found.value, typical * low, typical * high)
    check = _outside(found.value, typical * check_low, typical * check_high)
    status = np.select(
        [found.not_applicable, np.isnan(found.value), implausible, found.below_minimum],
        [MetricStatus.NOT_APPLICABLE, MetricStatus.NO_DATA, MetricStatus.IMPLAUSIBLE, MetricStatus.BELOW_MINIMUM],
        MetricStatus.OK,
    )
    return Judged(status, check & ~implausible)


def _against_range(found: Measured, rules: Sequence[Plausibility]) -> Flags:
    least = np.array([-np.inf if rule.minimum is None else rule.minimum for rule in rules])
    most = np.array([np.inf if rule.maximum is None else rule.maximum for rule in rules])
    return _outside(found.value, least, most)


def _outside(value: Floats, low: Floats, high: Floats) -> Flags:
    return above(low, value) | above(value, high)


def _typical(found: Measured, groups: Sequence[str | None], sets: Sets) -> Floats:
    """The median (t × c) of all values of the metric's own group but the trust's own, or of everyone's where the group
    has fewer than FEWEST; NaN where nothing can be said."""
    medians = [[Benchmark(rule="median")] * len(groups)]
    everyone = [group and NATIONAL for group in groups]
    lower = np.ones(len(groups), dtype=bool)
    near = sets.against(found.value, groups, found.periods, medians, lower)
    far = sets.against(found.value, everyone, found.periods, medians, lower)
    median = np.where(near.counts >= FEWEST, near.marks[0], np.where(far.counts >= FEWEST, far.marks[0], np.nan))
    return np.where(median > 0, median, np.nan)
