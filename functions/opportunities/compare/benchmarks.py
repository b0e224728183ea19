"""Benchmarks: statistics over each trust's comparators, without the trust itself. Arrays only.

Throughout, t trusts by m columns (a column is one metric as one opportunity sees it); NaN is no value.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from functions.opportunities.arrays import Flags, Floats, Whole
from functions.opportunities.compare.order_statistics import (
    Alike,
    AlikeAndItself,
    Everyone,
    EveryoneElse,
    Listed,
    OneLess,
    Ordered,
    listed,
)
from shared.method.opportunities import Benchmark

End = Sequence[Benchmark]
"""One rule for each column (m)."""


class Benchmarks(NamedTuple):
    """How many comparators have a value (t × m), and for each of e ends their benchmark (e × t × m), NaN for none.

    `left_out` (2 × e × t × m): the benchmarks without the smallest comparator, and without the largest; empty unless
    requested. NaN if that leaves no comparator.
    """

    counts: Whole
    benchmarks: Floats
    left_out: Floats


def benchmarks(
    values: Floats,
    members: Whole | None,
    ends: Sequence[End],
    lower_is_better: Flags,
    *,
    alike: Sequence[Whole] = (),
    itself: bool = False,
    leaving_out: bool = False,
) -> Benchmarks:
    """Benchmarks of `values` (n × m) by the rules of `ends`.

    `members` (t × k): each trust's comparators as rows of `values`, -1 for none; None compares every trust with all
    others, or with all if it is one of its own comparators (`itself`). `alike`: groups of trusts, each compared with
    the others of its group; they have no `members`.
    """
    shape = (len(values) if members is None else len(members), values.shape[1])
    out = (2 if leaving_out else 0, len(ends), *shape)
    result = Benchmarks(np.zeros(shape, np.int64), np.empty(out[1:]), np.empty(out))
    if not result.counts.size:  # the first files of a new stack may name organisations and no trust
        return result
    rules = [_RuleArrays(end, lower_is_better) for end in ends]
    blocks: Iterable[tuple[slice | Whole, Listed | EveryoneElse | Everyone]]
    all_trusts, of_group = (Everyone, AlikeAndItself) if itself else (EveryoneElse, Alike)
    blocks = [(slice(None), all_trusts(values))] if members is None else listed(values, members)
    for rows, comparators in chain(blocks, ((group, of_group(values[group])) for group in alike)):
        result.counts[rows] = comparators.count
        fewer = [OneLess(comparators, "smallest"), OneLess(comparators, "largest")] if leaving_out else []
        for end, rule in enumerate(rules):
            result.benchmarks[end, rows] = rule.of(comparators)
            for nth, without in enumerate(fewer):
                result.left_out[nth, end, rows] = rule.of(without)
    return result


class _RuleArrays:
    """One end's rules as arrays."""

    def __init__(self, end: End, lower_is_better: Flags) -> None:
        kinds = np.array([rule.rule for rule in end])
        self._q = np.array([0.5 if rule.quantile is None else rule.quantile for rule in end])
        self._best = np.array([rule.n or 0 for rule in end])
        self._is_mean, self._is_best = kinds == "mean", kinds == "mean_of_best"
        self._lower_is_better = lower_is_better

    def of(self, comparators: Ordered) -> Floats:
        """The benchmarks (t × m), NaN without a comparator."""
        benchmark = quantile(comparators, self._q)
        if self._is_mean.any():
            benchmark = np.where(self._is_mean, _divide(comparators.total(), comparators.count), benchmark)
        if self._is_best.any():
            best = _mean_of_best(comparators, self._best, self._lower_is_better)
            benchmark = np.where(self._is_best, best, benchmark)
        return benchmark


def quantile(comparators: Ordered, q: Floats) -> Floats:
    """Quantiles q (m) by linear interpolation between order statistics: type 7 of Hyndman and Fan, PERCENTILE.INC.

    `shared.facts.quantiles` has the same statistics for plain numbers, without NumPy; a test compares the two.
    """
    last = comparators.count - 1
    position = last * q
    below = position.astype(np.int64)
    position -= below
    low = comparators.at(below)
    below += 1
    result = comparators.at(np.minimum(below, last, out=below))
    with np.errstate(invalid="ignore"):  # infinite without a comparator
        result -= low
        result *= position
        result += low
    result[last < 0] = np.nan
    return result


def _mean_of_best(comparators: Ordered, wanted: Whole, lower_is_better: Flags) -> Floats:
    """The mean of the best `wanted` (m) of the comparators, or of all if there are fewer."""
    n = np.minimum(wanted, comparators.count)
    total = np.zeros(n.shape)
    for j in range(int(n.max(initial=0))):
        place = np.where(lower_is_better, j, comparators.count - 1 - j)
        total += np.where(j < n, comparators.at(place), 0.0)
    return _divide(total, n)


def _divide(total: Floats, count: Whole) -> Floats:
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean
