"""Benchmarks: statistics over each trust's comparators, the trust itself left out. Arrays only.

Throughout, t trusts by m columns (a column is one metric as one opportunity sees it); NaN is no value.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shared.method.opportunities import Benchmark

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

BLOCK = 2**14
"""Figures (t × m) looked at together: trusts are taken in blocks, so that memory does not grow with t × m × k and the
comparators of a block stay near the processor."""

_SHORT = 32
"""Up to so many comparators a network sorts faster than sorting each row."""

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

    def without(self, smallest: bool) -> "Comparators":
        """The same without the smallest, or without the largest, of them."""


class Listed:
    """Comparators named one by one. `planes` (k × t × m): their values in order of size, infinite for none."""

    def __init__(self, planes: Floats) -> None:
        self._sorted = planes
        self.count: Whole = np.isfinite(planes).sum(axis=0, dtype=np.int16).astype(np.int64)
        self._cell = np.arange(self.count.size).reshape(self.count.shape)

    def at(self, place: Whole) -> Floats:
        """See `Comparators`."""
        found: Floats = self._sorted.reshape(-1).take(np.maximum(place, 0) * self._cell.size + self._cell)
        found[(place < 0) | (place >= self.count)] = np.nan
        return found

    def mean(self) -> Floats:
        """See `Comparators`."""
        return _divide(np.where(np.isfinite(self._sorted), self._sorted, 0.0).sum(axis=0), self.count)

    def without(self, smallest: bool) -> Comparators:
        """See `Comparators`."""
        if smallest:
            return Listed(np.vstack([self._sorted[1:], np.full_like(self._sorted[:1], np.inf)]))
        kept = self._sorted.copy()
        np.put_along_axis(kept, np.maximum(self.count - 1, 0)[None], np.inf, axis=0)
        return Listed(kept)


class EveryoneElse:
    """Everyone in `values` (t × m) but the trust itself: sorted once, one's own place skipped.

    Nothing is computed by taking the trust out of a total, for what a trust reports must not move its benchmark,
    not even in the last digit.
    """

    def __init__(self, values: Floats) -> None:
        self._values = values
        trusts = len(values)
        order = np.argsort(values, axis=0, kind="stable")
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.arange(trusts)[:, None], axis=0)
        has = ~np.isnan(values)
        self._amounts = np.nan_to_num(values)
        self._sorted = np.take_along_axis(values, order, axis=0)
        self._order = order
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

    def without(self, smallest: bool) -> Comparators:
        """See `Comparators`."""
        last = (~np.isnan(self._values)).sum(axis=0) - 1
        first, second = (np.zeros_like(last), np.minimum(1, last)) if smallest else (last, last - 1)
        blanked = []
        for place in (first, second):
            holder = np.take_along_axis(self._order, np.maximum(place, 0)[None], axis=0)
            values = self._values.copy()
            np.put_along_axis(values, holder, np.nan, axis=0)
            blanked.append(EveryoneElse(values))
        return _Either(self._own == np.maximum(first, 0), blanked[1], blanked[0])


class _Either:
    """One's comparators where `chosen` (t × m), the other's elsewhere."""

    def __init__(self, chosen: Flags, one: Comparators, other: Comparators) -> None:
        self._chosen, self._one, self._other = chosen, one, other
        self.count: Whole = np.where(chosen, one.count, other.count)

    def at(self, place: Whole) -> Floats:
        """See `Comparators`."""
        return np.where(self._chosen, self._one.at(place), self._other.at(place))

    def mean(self) -> Floats:
        """See `Comparators`."""
        return np.where(self._chosen, self._one.mean(), self._other.mean())

    def without(self, smallest: bool) -> Comparators:
        """See `Comparators`."""
        return _Either(self._chosen, self._one.without(smallest), self._other.without(smallest))


def benchmarks(
    values: Floats, members: Whole | None, ends: Sequence[Sequence[Benchmark]], lower_is_better: Flags
) -> tuple[Whole, list[Floats]]:
    """How many comparators have a value (t × m), and for each of `ends` (m rules) their benchmark (t × m).

    `members` (t × k): rows of `values`, -1 for none; None compares everyone with everyone else. NaN where nobody has a
    value.
    """
    blocks = [(one.count, [_marks(one, rules, lower_is_better) for rules in ends]) for one in _blocks(values, members)]
    counts, marks = zip(*blocks, strict=True)
    return np.vstack(counts), [np.vstack(parts) for parts in zip(*marks, strict=True)]


def without_one(
    values: Floats, members: Whole | None, ends: Sequence[Sequence[Benchmark]], lower_is_better: Flags
) -> list[tuple[Floats, Floats]]:
    """For each of `ends` the lowest and the highest benchmark (t × m) that any one comparator's absence gives.

    Every rule grows with every value, so the lowest is without the largest comparator and the highest without the
    smallest. NaN where fewer than two have a value. Arguments as in `benchmarks`.
    """
    blocks = [
        [
            [_marks(thinned, rules, lower_is_better) for thinned in (one.without(False), one.without(True))]
            for rules in ends
        ]
        for one in _blocks(values, members)
    ]
    return [
        (np.vstack([lowest for lowest, _ in parts]), np.vstack([highest for _, highest in parts]))
        for parts in zip(*blocks, strict=True)
    ]


def _blocks(values: Floats, members: Whole | None) -> Iterator[Comparators]:
    """The comparators of all trusts, some trusts at a time."""
    if members is None:
        yield EveryoneElse(values)
        return
    padded = np.vstack([np.where(np.isnan(values), np.inf, values), np.full((1, values.shape[1]), np.inf)])
    step = max(1, BLOCK // max(1, values.shape[1]))
    for start in range(0, max(1, len(members)), step):
        yield Listed(_sorted(padded[members[start : start + step].T]))


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
    last = comparators.count - 1
    position = last * q
    below = np.floor(position).astype(np.int64)
    low, found = comparators.at(below), comparators.at(np.minimum(below + 1, last))
    position -= below
    found -= low
    found *= position
    found += low
    return found


def _mean_of_best(comparators: Comparators, wanted: Whole, lower_is_better: Flags) -> Floats:
    """The mean of the best `wanted` (m) of the comparators, or of all where there are fewer."""
    n = np.minimum(wanted, comparators.count)
    total = np.zeros(n.shape)
    for j in range(int(n.max(initial=0))):
        place = np.where(lower_is_better, j, comparators.count - 1 - j)
        total += np.where(j < n, comparators.at(place), 0.0)
    return _divide(total, n)


def _sorted(planes: Floats) -> Floats:
    """Values (k × …) sorted along the first axis, in place where they are few: by Batcher's network of exchanges, each
    of which orders two whole planes at once."""
    if len(planes) > _SHORT:
        return np.sort(planes, axis=0)
    lower = np.empty(planes.shape[1:])
    for one, other in _network(len(planes)):
        np.minimum(planes[one], planes[other], out=lower)
        np.maximum(planes[one], planes[other], out=planes[other])
        planes[one] = lower
    return planes


@cache
def _network(k: int) -> list[tuple[int, int]]:
    """The exchanges of Batcher's odd-even merge sort of k values (Knuth, volume 3, 5.2.2, algorithm M)."""
    found = []
    p = 1 << max(0, (k - 1).bit_length() - 1)
    step = p
    while step:
        q, r, d = p, 0, step
        while True:
            found += [(i, i + d) for i in range(k - d) if i & step == r]
            if q == step:
                break
            d, q, r = q - step, q // 2, step
        step //= 2
    return found


def _divide(total: Floats, count: Whole) -> Floats:
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean
