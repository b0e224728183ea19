"""Comparison: every opportunity of every trust with its benchmarks. Arrays over trusts × cases."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags, Floats, Whole
from functions.opportunities.compare.comparators import PeerSets
from functions.opportunities.compare.gaps import gaps, robust
from functions.opportunities.compare.plausibility import JudgedValues
from functions.opportunities.measure.measures import TrustMeasures
from functions.opportunities.measure.metrics import MetricValues
from functions.opportunities.measure.plan import Case
from shared.method.opportunities import TARGET
from shared.statuses import MetricStatus, OpportunityStatus


class ComparedCases(NamedTuple):
    """t trusts × c cases. `lower` and `upper` are benchmarks; they, gaps and distances are NaN unless the status is
    `opportunity` or `at_or_better_than_benchmark`. A distance is a gap that is negative for a trust that is ahead.
    `fell_back`: compared with all trusts because its group is too small. `robust_low` and `robust_high`: the smallest
    lower and largest upper gap when any one comparator is left out; NaN against a target, or if no comparator would be
    left."""

    status: NDArray[np.str_]
    counts: Whole
    fell_back: Flags
    lower: Floats
    upper: Floats
    gap_lower: Floats
    gap_upper: Floats
    distance_lower: Floats
    distance_upper: Floats
    robust_low: Floats
    robust_high: Floats


class _CaseBenchmarks(NamedTuple):
    """Benchmarks of both ends (2 × t × c), in no order, and with one comparator left out (2 × 2 × t × c); how many
    comparators they have, and the state of a trust's target."""

    ends: Floats
    left_out: Floats
    counts: Whole
    has_set: Flags
    enough: Flags
    fell_back: Flags
    target: NDArray[np.str_]


def compare(
    cases: Sequence[Case], metrics: MetricValues, judged: JudgedValues, sets: PeerSets, measures: TrustMeasures
) -> ComparedCases:
    """Benchmarks, clipped gaps, and the first status that applies."""
    of = [case.of for case in cases]
    value, own = metrics.value[:, of], judged.status[:, of]
    lower_is_better = np.array([case.metric.lower_is_better for case in cases], dtype=bool)
    usable = np.where(judged.status == MetricStatus.OK, metrics.value, np.nan)
    benchmarks = _benchmarks(cases, metrics, usable, sets, measures, lower_is_better)
    side = np.where(lower_is_better, 1.0, -1.0)
    gap = gaps(value, benchmarks.ends, side)
    robust_gaps = robust(value, gap, benchmarks.left_out, side)
    incomparable = np.broadcast_to([not case.metric.comparable for case in cases], value.shape)
    reasons: dict[OpportunityStatus, Flags] = {
        OpportunityStatus.NOT_APPLICABLE: (own == MetricStatus.NOT_APPLICABLE)
        | (benchmarks.target == MetricStatus.NOT_APPLICABLE),
        OpportunityStatus.NO_DATA: (own == MetricStatus.NO_DATA) | (benchmarks.target == MetricStatus.NO_DATA),
        OpportunityStatus.IMPLAUSIBLE: own == MetricStatus.IMPLAUSIBLE,
        OpportunityStatus.BELOW_MINIMUM: own == MetricStatus.BELOW_MINIMUM,
        OpportunityStatus.NOT_COMPARABLE: incomparable,
        OpportunityStatus.NO_PEER_SET: ~benchmarks.has_set,
        OpportunityStatus.INSUFFICIENT_COMPARATORS: ~benchmarks.enough,
        OpportunityStatus.OPPORTUNITY: gap.upper > 0,
    }
    status = np.select([*reasons.values()], [*reasons], OpportunityStatus.AT_OR_BETTER)
    has_figures = (status == OpportunityStatus.OPPORTUNITY) | (status == OpportunityStatus.AT_OR_BETTER)
    figures = (np.where(has_figures, figure, np.nan) for figure in (*gap, *robust_gaps))
    return ComparedCases(status, benchmarks.counts, benchmarks.fell_back & has_figures, *figures)


def _benchmarks(
    cases: Sequence[Case],
    metrics: MetricValues,
    usable: Floats,
    sets: PeerSets,
    measures: TrustMeasures,
    lower_is_better: Flags,
) -> _CaseBenchmarks:
    """`usable`: the values that may be comparators; NaN for all others."""
    value = usable[:, [case.of for case in cases]]
    opportunities = [case.opportunity for case in cases]
    positive = np.array([one.positive_comparators for one in opportunities], dtype=bool)
    value = np.where(positive & (value <= 0), np.nan, value)
    itself = [one.including_itself for one in opportunities]
    periods = [case.window.period for case in cases]
    ends = [[one.rules[end] for one in opportunities] for end in (0, 1)]
    is_target = np.array([one.comparator == TARGET for one in opportunities], dtype=bool)
    fewest = np.array([one.minimum_comparators for one in opportunities], dtype=np.int64)
    groups = [None if one.comparator == TARGET else one.comparator for one in opportunities]
    fallbacks = [one.fallback for one in opportunities]
    near, far = (
        sets.benchmarks(value, names, periods, ends, lower_is_better, itself=itself, leaving_out=True)
        for names in (groups, fallbacks)
    )
    enough = is_target | (near.counts >= fewest)
    fell_back = near.has_set & ~enough & (far.counts >= fewest)
    both_ends = np.where(fell_back, far.benchmarks, near.benchmarks)
    left_out = np.where(fell_back, far.left_out, near.left_out)
    target = np.full(value.shape, MetricStatus.OK, dtype="<U14")
    for place in np.flatnonzero(is_target).tolist():
        for end, benchmark in enumerate(both_ends):
            benchmark[:, place], state = _target(cases[place], end, metrics, usable, measures)
            target[:, place] = np.where(state == MetricStatus.OK, target[:, place], state)
    counts = np.where(fell_back, far.counts, near.counts)
    return _CaseBenchmarks(both_ends, left_out, counts, near.has_set, enough | fell_back, fell_back, target)


def _target(
    case: Case, end: int, metrics: MetricValues, usable: Floats, measures: TrustMeasures
) -> tuple[Floats, NDArray[np.str_]]:
    """A constant, each trust's newest own target, or its own value of a period; and whether it has one."""
    rule, period, trusts = case.opportunity.rules[end], case.window.period, len(measures.trusts)
    if rule.value is not None:
        return np.full(trusts, rule.value), np.full(trusts, MetricStatus.OK)
    own, not_applicable = np.full(trusts, np.nan), np.zeros(trusts, dtype=bool)
    if rule.measure is not None and period is not None:
        own, not_applicable = measures.newest(rule.measure, period.end)[:2]
    column = case.baselines[end]
    baseline = None if column is None else metrics.periods[column]
    if baseline is not None and period is not None and baseline.end <= period.end:
        own = usable[:, column]
    missing_or_ok = np.where(np.isnan(own), MetricStatus.NO_DATA, MetricStatus.OK)
    state = np.where(not_applicable, MetricStatus.NOT_APPLICABLE, missing_or_ok)
    return rule.part(lower_is_better=case.metric.lower_is_better) * own, state
