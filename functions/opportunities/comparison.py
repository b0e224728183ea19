"""Comparison: every opportunity of every trust held against its benchmarks. Arrays over trusts × opportunities."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.opportunities.benchmarks import Flags, Floats, Whole, above
from functions.opportunities.comparators import Sets
from functions.opportunities.landed import Columns
from functions.opportunities.metrics import Measured
from functions.opportunities.plausibility import BELOW_MINIMUM, IMPLAUSIBLE, NO_DATA, NOT_APPLICABLE, OK, Judged
from shared.facts import Period
from shared.method.opportunities import TARGET, Benchmark, Opportunity

OPPORTUNITY, AT_OR_BETTER = "opportunity", "at_or_better_than_benchmark"


class Compared(NamedTuple):
    """t trusts × o opportunities. `lower` and `upper` are benchmarks; they and the gaps are NaN unless the status is
    `opportunity` or `at_or_better_than_benchmark`. `fell_back`: compared with everyone, its group being too small."""

    status: NDArray[np.str_]
    counts: Whole
    fell_back: Flags
    lower: Floats
    upper: Floats
    gap_lower: Floats
    gap_upper: Floats


class _Marks(NamedTuple):
    """Benchmarks as they fall out (t × o), by end; what stands behind them, and what is wrong with a trust's target."""

    ends: list[Floats]
    counts: Whole
    has_set: Flags
    enough: Flags
    fell_back: Flags
    target: NDArray[np.str_]


def compare(
    opportunities: Sequence[Opportunity], found: Measured, judged: Judged, sets: Sets, columns: Columns
) -> Compared:
    """Benchmarks, clipped gaps, and the first status that applies."""
    of = [found.place[one.metric] for one in opportunities]
    metrics = [found.metrics[one.metric] for one in opportunities]
    value, own = found.value[:, of], judged.status[:, of]
    lower_is_better = np.array([metric.lower_is_better for metric in metrics], dtype=bool)
    marks = _marks(opportunities, np.where(own == OK, value, np.nan), found, sets, columns, lower_is_better)
    side = np.where(lower_is_better, 1.0, -1.0)
    # Where the two cross, as a mean and a quantile may, the more modest of them is the lower one.
    modest = side * np.maximum(side * marks.ends[0], side * marks.ends[1])
    ambitious = side * np.minimum(side * marks.ends[0], side * marks.ends[1])
    gap_lower, gap_upper = (
        np.where(above(side * value, side * mark), side * (value - mark), 0.0) for mark in (modest, ambitious)
    )
    incomparable = np.broadcast_to([not metric.comparable for metric in metrics], value.shape)
    reasons: dict[str, Flags] = {
        NOT_APPLICABLE: (own == NOT_APPLICABLE) | (marks.target == NOT_APPLICABLE),
        NO_DATA: (own == NO_DATA) | (marks.target == NO_DATA),
        IMPLAUSIBLE: own == IMPLAUSIBLE,
        BELOW_MINIMUM: own == BELOW_MINIMUM,
        "not_comparable": incomparable,
        "no_peer_set": ~marks.has_set,
        "insufficient_comparators": ~marks.enough,
        OPPORTUNITY: gap_upper > 0,
    }
    status = np.select([*reasons.values()], [*reasons], AT_OR_BETTER)
    shown = (status == OPPORTUNITY) | (status == AT_OR_BETTER)
    figures = (np.where(shown, figure, np.nan) for figure in (modest, ambitious, gap_lower, gap_upper))
    return Compared(status, marks.counts, marks.fell_back & shown, *figures)


def _marks(
    opportunities: Sequence[Opportunity],
    value: Floats,
    found: Measured,
    sets: Sets,
    columns: Columns,
    lower_is_better: Flags,
) -> _Marks:
    """`value`: of those who are comparators too; NaN for everyone else."""
    periods = [found.windows[one.metric].period for one in opportunities]
    ends = [[one.rules[end] for one in opportunities] for end in (0, 1)]
    is_target = np.array([one.comparator == TARGET for one in opportunities], dtype=bool)
    fewest = np.array([one.minimum_comparators for one in opportunities], dtype=np.int64)
    groups = [None if one.comparator == TARGET else one.comparator for one in opportunities]
    near = sets.against(value, groups, periods, ends, lower_is_better)
    far = sets.against(value, [one.fallback for one in opportunities], periods, ends, lower_is_better)
    enough = is_target | (near.counts >= fewest)
    fell_back = near.has_set & ~enough & (far.counts >= fewest)
    marks = [np.where(fell_back, wide, mark) for mark, wide in zip(near.marks, far.marks, strict=True)]
    target = np.full(value.shape, OK, dtype="<U14")
    for place in np.flatnonzero(is_target).tolist():
        for mark, rule in zip(marks, opportunities[place].rules, strict=True):
            mark[:, place], state = _target(rule, columns, periods[place])
            target[:, place] = np.where(state == OK, target[:, place], state)
    counts = np.where(fell_back, far.counts, near.counts)
    return _Marks(marks, counts, near.has_set, enough | fell_back, fell_back, target)


def _target(rule: Benchmark, columns: Columns, period: Period | None) -> tuple[Floats, NDArray[np.str_]]:
    """A constant, or what each trust last stated as its own; and whether it states one."""
    trusts = len(columns.trusts)
    if rule.measure is None:
        return np.full(trusts, rule.value, dtype=np.float64), np.full(trusts, OK)
    if period is None:
        return np.full(trusts, np.nan), np.full(trusts, NO_DATA)
    stated = columns.newest(rule.measure, period.end)
    state = np.where(stated.not_applicable, NOT_APPLICABLE, np.where(np.isnan(stated.value), NO_DATA, OK))
    return rule.times * stated.value, state
