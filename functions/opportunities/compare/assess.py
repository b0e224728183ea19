"""Comparison: every opportunity of every trust held against its benchmarks. Arrays over trusts × cases."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags, Floats, Whole
from functions.opportunities.compare.comparators import Sets
from functions.opportunities.compare.gaps import gaps, robust
from functions.opportunities.compare.plausibility import Judged
from functions.opportunities.measure.measures import Columns
from functions.opportunities.measure.metrics import Measured
from functions.opportunities.measure.plan import Case
from shared.method.opportunities import TARGET
from shared.statuses import MetricStatus, OpportunityStatus


class Compared(NamedTuple):
    """t trusts × c cases. `lower` and `upper` are benchmarks; they and the gaps are NaN unless the status is
    `opportunity` or `at_or_better_than_benchmark`. `fell_back`: compared with everyone, its group being too small.
    `robust_low` and `robust_high`: the smallest lower and largest upper gap when any one comparator is left out, NaN
    against a target or where nobody else would be left."""

    status: NDArray[np.str_]
    counts: Whole
    fell_back: Flags
    lower: Floats
    upper: Floats
    gap_lower: Floats
    gap_upper: Floats
    robust_low: Floats
    robust_high: Floats


class _Marks(NamedTuple):
    """Benchmarks as they fall out (2 × t × c), by end, and with one comparator left out (2 × 2 × t × c); what stands
    behind them, and what is wrong with a trust's target."""

    ends: Floats
    left_out: Floats
    counts: Whole
    has_set: Flags
    enough: Flags
    fell_back: Flags
    target: NDArray[np.str_]


def compare(cases: Sequence[Case], found: Measured, judged: Judged, sets: Sets, columns: Columns) -> Compared:
    """Benchmarks, clipped gaps, and the first status that applies."""
    of = [case.of for case in cases]
    value, own = found.value[:, of], judged.status[:, of]
    lower_is_better = np.array([case.metric.lower_is_better for case in cases], dtype=bool)
    believed = np.where(judged.status == MetricStatus.OK, found.value, np.nan)
    marks = _marks(cases, found, believed, sets, columns, lower_is_better)
    side = np.where(lower_is_better, 1.0, -1.0)
    held = gaps(value, marks.ends, side)
    robust_gaps = robust(value, held, marks.left_out, side)
    incomparable = np.broadcast_to([not case.metric.comparable for case in cases], value.shape)
    reasons: dict[OpportunityStatus, Flags] = {
        OpportunityStatus.NOT_APPLICABLE: (own == MetricStatus.NOT_APPLICABLE)
        | (marks.target == MetricStatus.NOT_APPLICABLE),
        OpportunityStatus.NO_DATA: (own == MetricStatus.NO_DATA) | (marks.target == MetricStatus.NO_DATA),
        OpportunityStatus.IMPLAUSIBLE: own == MetricStatus.IMPLAUSIBLE,
        OpportunityStatus.BELOW_MINIMUM: own == MetricStatus.BELOW_MINIMUM,
        OpportunityStatus.NOT_COMPARABLE: incomparable,
        OpportunityStatus.NO_PEER_SET: ~marks.has_set,
        OpportunityStatus.INSUFFICIENT_COMPARATORS: ~marks.enough,
        OpportunityStatus.OPPORTUNITY: held.upper > 0,
    }
    status = np.select([*reasons.values()], [*reasons], OpportunityStatus.AT_OR_BETTER)
    shown = (status == OpportunityStatus.OPPORTUNITY) | (status == OpportunityStatus.AT_OR_BETTER)
    figures = (np.where(shown, figure, np.nan) for figure in (*held, *robust_gaps))
    return Compared(status, marks.counts, marks.fell_back & shown, *figures)


def _marks(
    cases: Sequence[Case], found: Measured, believed: Floats, sets: Sets, columns: Columns, lower_is_better: Flags
) -> _Marks:
    """`believed`: the figures measured that are comparators' too; NaN for all others."""
    value = believed[:, [case.of for case in cases]]
    opportunities = [case.opportunity for case in cases]
    periods = [case.window.period for case in cases]
    ends = [[one.rules[end] for one in opportunities] for end in (0, 1)]
    is_target = np.array([one.comparator == TARGET for one in opportunities], dtype=bool)
    fewest = np.array([one.minimum_comparators for one in opportunities], dtype=np.int64)
    groups = [None if one.comparator == TARGET else one.comparator for one in opportunities]
    fallbacks = [one.fallback for one in opportunities]
    near, far = (
        sets.against(value, names, periods, ends, lower_is_better, leaving_out=True) for names in (groups, fallbacks)
    )
    enough = is_target | (near.counts >= fewest)
    fell_back = near.has_set & ~enough & (far.counts >= fewest)
    marks, left_out = np.where(fell_back, far.marks, near.marks), np.where(fell_back, far.left_out, near.left_out)
    target = np.full(value.shape, MetricStatus.OK, dtype="<U14")
    for place in np.flatnonzero(is_target).tolist():
        for end, mark in enumerate(marks):
            mark[:, place], state = _target(cases[place], end, found, believed, columns)
            target[:, place] = np.where(state == MetricStatus.OK, target[:, place], state)
    counts = np.where(fell_back, far.counts, near.counts)
    return _Marks(marks, left_out, counts, near.has_set, enough | fell_back, fell_back, target)


def _target(
    case: Case, end: int, found: Measured, believed: Floats, columns: Columns
) -> tuple[Floats, NDArray[np.str_]]:
    """A constant, what each trust last stated as its own, or its own value of a period; and whether it has one."""
    rule, period, trusts = case.opportunity.rules[end], case.window.period, len(columns.trusts)
    if rule.value is not None:
        return np.full(trusts, rule.value), np.full(trusts, MetricStatus.OK)
    stated, not_applicable = np.full(trusts, np.nan), np.zeros(trusts, dtype=bool)
    if rule.measure is not None and period is not None:
        stated, not_applicable, _ = columns.newest(rule.measure, period.end)
    column = case.baselines[end]
    baseline = None if column is None else found.periods[column]
    if baseline is not None and period is not None and baseline.end <= period.end:
        stated = believed[:, column]
    missing_or_ok = np.where(np.isnan(stated), MetricStatus.NO_DATA, MetricStatus.OK)
    state = np.where(not_applicable, MetricStatus.NOT_APPLICABLE, missing_or_ok)
    return rule.part(lower_is_better=case.metric.lower_is_better) * stated, state
