"""Which values are plausible, and which of those should be checked first."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags, Floats, above
from functions.opportunities.compare.comparators import PeerSets
from functions.opportunities.measure.metrics import MetricValues
from shared.method.measures import FEWEST, Plausibility
from shared.method.opportunities import NATIONAL, Benchmark
from shared.statuses import MetricStatus


class JudgedValues(NamedTuple):
    """`status` and `check` (t × c): the status of each value, and whether to advise "check this figure first"."""

    status: NDArray[np.str_]
    check: Flags


def judge(metrics: MetricValues, sets: PeerSets) -> JudgedValues:
    """The status of every figure: the first that applies."""
    rules = [span.metric.plausibility for span in metrics.spans]
    typical = _typical(metrics, [rule.group for rule in rules], sets)
    bounds = [(1 / rule.implausible, rule.implausible, rule.check_below, rule.check_above) for rule in rules]
    low, high, check_low, check_high = np.array(bounds, dtype=np.float64).reshape(-1, 4).T
    implausible = _out_of_range(metrics, rules) | _outside(metrics.value, typical * low, typical * high)
    check = _outside(metrics.value, typical * check_low, typical * check_high)
    status = np.select(
        [metrics.not_applicable, np.isnan(metrics.value), implausible, metrics.below_minimum],
        [MetricStatus.NOT_APPLICABLE, MetricStatus.NO_DATA, MetricStatus.IMPLAUSIBLE, MetricStatus.BELOW_MINIMUM],
        MetricStatus.OK,
    )
    return JudgedValues(status, check & ~implausible)


def _out_of_range(metrics: MetricValues, rules: Sequence[Plausibility]) -> Flags:
    least = np.array([-np.inf if rule.minimum is None else rule.minimum for rule in rules])
    most = np.array([np.inf if rule.maximum is None else rule.maximum for rule in rules])
    return _outside(metrics.value, least, most)


def _outside(value: Floats, low: Floats, high: Floats) -> Flags:
    return above(low, value) | above(value, high)


def _typical(metrics: MetricValues, groups: Sequence[str | None], sets: PeerSets) -> Floats:
    """The median (t × c) of the other values in the metric's own group, or in all trusts if the group has fewer than
    FEWEST; NaN if all trusts have fewer too, or if the median is not above zero."""
    medians = [[Benchmark(rule="median")] * len(groups)]
    national = [group and NATIONAL for group in groups]
    lower = np.ones(len(groups), dtype=bool)
    near = sets.benchmarks(metrics.value, groups, metrics.periods, medians, lower)
    far = sets.benchmarks(metrics.value, national, metrics.periods, medians, lower)
    median = np.where(
        near.counts >= FEWEST, near.benchmarks[0], np.where(far.counts >= FEWEST, far.benchmarks[0], np.nan)
    )
    return np.where(median > 0, median, np.nan)
