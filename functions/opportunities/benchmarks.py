"""Benchmarks over comparators, for all trusts at once. Arrays only."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shared.method.opportunities import Benchmark

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Comparators(Protocol):
    """For each of t trusts: how many comparators have a value, their j-th smallest value, and their mean."""

    count: Whole

    def at(self, place: Whole) -> Floats:
        """The values at 0-based places (t), NaN outside 0 … count - 1."""

    def mean(self) -> Floats:
        """Their means (t), NaN for none."""


class Listed:
    """Comparators named one by one: pairs of trust number and value."""

    def __init__(self, trusts: int, trust: Whole, value: Floats) -> None:
        order = np.lexsort((value, trust))
        self.count = np.bincount(trust, minlength=trusts).astype(np.int64)
        self._first = np.concatenate([[0], np.cumsum(self.count)[:-1]])
        self._value = value[order]
        self._sum = np.bincount(trust, weights=value, minlength=trusts)

    def at(self, place: Whole) -> Floats:
        """See `Comparators`."""
        inside = (place >= 0) & (place < self.count)
        found = np.full(len(place), np.nan)
        found[inside] = self._value[(self._first + place)[inside]]
        return found

    def mean(self) -> Floats:
        """See `Comparators`."""
        return _divide(self._sum, self.count)


class EveryoneElse:
    """All who have a value, but for the trust itself. `own` (t): a trust's place among `values` (m), -1 for none."""

    def __init__(self, values: Floats, own: Whole) -> None:
        order = np.argsort(values, kind="stable")
        self._sorted = values[order]
        place = np.empty(len(values), dtype=np.int64)
        place[order] = np.arange(len(values))
        has = own >= 0
        self._skip = np.full(len(own), len(values), dtype=np.int64)
        self._skip[has] = place[own[has]]
        self.count = len(values) - has.astype(np.int64)
        self._sum = np.full(len(own), values.sum())
        self._sum[has] -= values[own[has]]

    def at(self, place: Whole) -> Floats:
        """See `Comparators`."""
        inside = (place >= 0) & (place < self.count)
        found = np.full(len(place), np.nan)
        shifted = place + (place >= self._skip)
        found[inside] = self._sorted[shifted[inside]]
        return found

    def mean(self) -> Floats:
        """See `Comparators`."""
        return _divide(self._sum, self.count)


def benchmark(rule: Benchmark, comparators: Comparators, lower_is_better: bool) -> Floats:
    """The benchmark of every trust (t), NaN where nobody has a value."""
    if rule.rule == "mean":
        return comparators.mean()
    if rule.rule == "mean_of_best":
        n = np.minimum(rule.n or 1, comparators.count)
        total = np.zeros(len(n))
        for j in range(int(n.max(initial=0))):
            place = np.full(len(n), j) if lower_is_better else comparators.count - 1 - j
            total += np.where(j < n, comparators.at(place), 0.0)
        return _divide(total, n)
    return quantile(comparators, 0.5 if rule.rule == "median" else float(rule.q or 0.5))


def quantile(comparators: Comparators, q: float) -> Floats:
    """Linear interpolation between order statistics: Hyndman and Fan's type 7, Excel's PERCENTILE.INC."""
    position = (comparators.count - 1) * q
    below = np.floor(position).astype(np.int64)
    low = comparators.at(below)
    high = comparators.at(np.minimum(below + 1, comparators.count - 1))
    interpolated: Floats = low + (position - below) * (high - low)
    return interpolated


def _divide(total: Floats, count: Whole) -> Floats:
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
