"""Benchmarks: statistics over each trust's comparators, the trust itself left out. Arrays only.

Throughout, t trusts by m columns (a column is one metric as one opportunity sees it); NaN is no value.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shared.method.opportunities import Benchmark

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

BLOCK = 4_000_000
"""Values looked at together; trusts are taken in blocks, so that memory does not grow with t × m × k."""

ROUNDING = 1e-12


def above(one: Floats, other: Floats) -> Flags:
    """Where one is larger than the other by more than the rounding of binary fractions: 2.5 % is not above 0.025."""
    return one - other > ROUNDING * np.maximum(np.abs(one), np.abs(other))


class Comparators(Protocol):
    """The comparators with a value of t trusts in m columns, in order of size."""

    count: Whole

    def at(self, place: Whole) -> Floats:
        """The values (t × m) at 0-based places from the smallest, NaN outside 0 … count - 1."""

    def mean(self) -> Floats:
        """Their means (t × m), NaN for none."""


class Listed:
    """Comparators named one by one. `members` (t × k): rows of `values` (n × m), -1 for none."""

    def __init__(self, values: Floats, members: Whole) -> None:
        padded = np.hstack([values.T, np.full((values.shape[1], 1), np.nan)])
        self._sorted = np.sort(np.take(padded, members, axis=1), axis=-1)  # NaN comes last
        self.count: Whole = (~np.isnan(self._sorted)).sum(axis=-1).T

    def at(self, place: Whole) -> Floats:
        """See `Comparators`."""
        inside = (place >= 0) & (place < self.count)
        found = np.take_along_axis(self._sorted, np.where(inside, place, 0).T[:, :, None], axis=-1)[:, :, 0].T
        return np.where(inside, found, np.nan)

    def mean(self) -> Floats:
        """See `Comparators`."""
        return _divide(np.nansum(self._sorted, axis=-1).T, self.count)


class EveryoneElse:
    """Everyone in `values` (t × m) but the trust itself: sorted once, one's own place skipped.

    Nothing is computed by taking the trust out of a total, for what a trust reports must not move its benchmark,
    not even in the last digit.
    """

    def __init__(self, values: Floats) -> None:
        trusts = len(values)
        order = np.argsort(values, axis=0, kind="stable")
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.arange(trusts)[:, None], axis=0)
        has = ~np.isnan(values)
        self._amounts = np.nan_to_num(values)
        self._sorted = np.take_along_axis(values, order, axis=0)
        self._own = np.where(has, place, trusts)
        self.count: Whole = has.sum(axis=0) - has.astype(np.int64)

    def at(self, place: Whole) -> Floats:
        """See `Comparators`."""
        inside = (place >= 0) & (place < self.count)
        skipping = place + (place >= self._own)
        return np.where(inside, np.take_along_axis(self._sorted, np.where(inside, skipping, 0), axis=0), np.nan)

    def mean(self) -> Floats:
        """See `Comparators`."""
        nothing = np.zeros((1, self._amounts.shape[1]))
        before = np.vstack([nothing, np.cumsum(self._amounts, axis=0)])[:-1]
        after = np.vstack([np.cumsum(self._amounts[::-1], axis=0)[::-1], nothing])[1:]
        return _divide(before + after, self.count)


def benchmarks(
    values: Floats, members: Whole | None, ends: Sequence[Sequence[Benchmark]], lower_is_better: Flags
) -> tuple[Whole, list[Floats]]:
    """How many comparators have a value (t × m), and for each of `ends` (m rules) their benchmark (t × m).

    `members` as in `Listed`; None compares everyone with everyone else. NaN where nobody has a value.
    """
    if members is None:
        everyone = EveryoneElse(values)
        return everyone.count, [_marks(everyone, rules, lower_is_better) for rules in ends]
    step = max(1, BLOCK // max(1, members.shape[1] * values.shape[1]))
    counts, marks = [], []
    for start in range(0, max(1, len(members)), step):
        listed = Listed(values, members[start : start + step])
        counts.append(listed.count)
        marks.append([_marks(listed, rules, lower_is_better) for rules in ends])
    return np.vstack(counts), [np.vstack(parts) for parts in zip(*marks, strict=True)]


def _marks(comparators: Comparators, rules: Sequence[Benchmark], lower_is_better: Flags) -> Floats:
    kinds = np.array([rule.rule for rule in rules])
    mark = quantile(comparators, np.array([0.5 if rule.q is None else rule.q for rule in rules]))
    if (kinds == "mean").any():
        mark = np.where(kinds == "mean", comparators.mean(), mark)
    if (kinds == "mean_of_best").any():
        wanted = np.array([rule.n or 0 for rule in rules])
        mark = np.where(kinds == "mean_of_best", _mean_of_best(comparators, wanted, lower_is_better), mark)
    return mark


def quantile(comparators: Comparators, q: Floats) -> Floats:
    """Quantiles q (m) by linear interpolation between order statistics: Hyndman and Fan's type 7, PERCENTILE.INC."""
    position = (comparators.count - 1) * q
    below = np.floor(position).astype(np.int64)
    low = comparators.at(below)
    high = comparators.at(np.minimum(below + 1, comparators.count - 1))
    interpolated: Floats = low + (position - below) * (high - low)
    return interpolated


def _mean_of_best(comparators: Comparators, wanted: Whole, lower_is_better: Flags) -> Floats:
    """The mean of the best `wanted` (m) of the comparators, or of all where there are fewer."""
    n = np.minimum(wanted, comparators.count)
    total = np.zeros(n.shape)
    for j in range(int(n.max(initial=0))):
        place = np.where(lower_is_better, j, comparators.count - 1 - j)
        total += np.where(j < n, comparators.at(place), 0.0)
    return _divide(total, n)


def _divide(total: Floats, count: Whole) -> Floats:
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean
