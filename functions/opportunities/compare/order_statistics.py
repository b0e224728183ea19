"""Each trust's comparators in order of size. Arrays only.

Throughout, t trusts by m columns (a column is one metric as one opportunity sees it); NaN is no value.
"""

from collections.abc import Iterator
from functools import cache
from typing import Literal, Protocol

import numpy as np

from functions.opportunities.arrays import Floats, Whole

BLOCK = 2**18
"""Comparators' values (t × m × k) in one block of trusts: memory does not grow with the number of trusts, and a block
stays in the processor's cache."""

_SHORT = 32
"""Up to this number of comparators a sorting network is faster than sorting each row."""


class Ordered(Protocol):
    """The comparators with a value of t trusts in m columns."""

    @property
    def count(self) -> Whole:
        """How many there are (t × m)."""

    def at(self, place: Whole) -> Floats:
        """The values (t × m) at 0-based places from the smallest; undefined for a place that does not exist."""

    def total(self) -> Floats:
        """Their sums (t × m)."""


Omitted = Literal["smallest", "largest"]


class OneLess:
    """All but the smallest, or all but the largest, of some comparators."""

    def __init__(self, all_of_them: "Listed | EveryoneElse | Everyone", omitted: Omitted) -> None:
        self.count: Whole = all_of_them.count - 1
        self._all, self._omitted = all_of_them, omitted

    def at(self, place: Whole) -> Floats:
        """See `Ordered`."""
        return self._all.at(place + 1 if self._omitted == "smallest" else place)

    def total(self) -> Floats:
        """See `Ordered`."""
        return self._all.total(self._omitted)


class Listed:
    """Comparators named one by one. `planes` (k × at least t · m): their values in order of size, infinite for none."""

    def __init__(self, planes: Floats, count: Whole) -> None:
        self.count = count
        self._planes = planes
        self._flat = planes.reshape(-1)
        self._cell = np.arange(count.size).reshape(count.shape)

    def at(self, place: Whole) -> Floats:
        """See `Ordered`."""
        where = place * self._planes.shape[1]
        where += self._cell
        values: Floats = self._flat.take(where, mode="clip")
        return values

    def total(self, omitted: Omitted | None = None) -> Floats:
        """Their sums (t × m), or those of all but one of them."""
        cells = self._cell.size
        place = np.arange(len(self._planes))[:, None]
        kept = (place >= (omitted == "smallest")) & (place < self.count.reshape(-1) - (omitted == "largest"))
        return np.where(kept, self._planes[:, :cells], 0.0).sum(axis=0).reshape(self.count.shape)


def listed(values: Floats, members: Whole) -> Iterator[tuple[slice, Listed]]:
    """Blocks of trusts and their comparators: `members` (t × k), rows of `values` (n × m), -1 for none.

    Each block is overwritten by the next, so it must be used before the next is taken.
    """
    (trusts, k), columns = members.shape, values.shape[1]
    has = ~np.isnan(values)
    padded = np.vstack([np.where(has, values, np.inf), np.full((1, columns), np.inf)])
    known = np.vstack([has, np.zeros((1, columns), dtype=bool)]).astype(np.int16)
    step = min(max(1, BLOCK // max(1, (k + 1) * columns)), max(1, trusts))
    planes = np.empty((k + 1, step * columns))
    counted = np.empty((step, columns), dtype=np.int16)
    for start in range(0, trusts, step):
        rows = members[start : start + step]
        cells = rows.shape[0] * columns
        slots, exchanges = _network(k) if k <= _SHORT else (range(k), ())
        count = np.zeros((len(rows), columns), dtype=np.int16)
        for slot, places in zip(slots, rows.T, strict=True):
            padded.take(places, axis=0, out=planes[slot, :cells].reshape(len(rows), columns), mode="wrap")
            count += known.take(places, axis=0, out=counted[: len(rows)], mode="wrap")
        for one, other, spare in exchanges:
            np.minimum(planes[one, :cells], planes[other, :cells], out=planes[spare, :cells])
            np.maximum(planes[one, :cells], planes[other, :cells], out=planes[other, :cells])
        if k > _SHORT:
            planes[:k, :cells].sort(axis=0)
        yield slice(start, start + step), Listed(planes[:k], count.astype(np.int64))


@cache
def _network(k: int) -> tuple[list[int], list[tuple[int, int, int]]]:
    """A sorting network for planes of values: the k first slots, and then exchanges (one, other, spare): the smaller
    values of one and other go to the spare slot, the larger stay in other, and one is the new spare slot. At the end
    the value of place i is in slot i.
    """
    slot, spare = list(range(k)), k
    exchanges = []
    for lower, upper in _batcher(k):
        exchanges.append((slot[lower], slot[upper], spare))
        slot[lower], spare = spare, slot[lower]
    ends = {old: place for place, old in enumerate([*slot, spare])}
    return [ends[old] for old in range(k)], [(ends[one], ends[other], ends[free]) for one, other, free in exchanges]


def _batcher(k: int) -> Iterator[tuple[int, int]]:
    """Pairs of places to compare, in order: Batcher's merge exchange (Knuth, volume 3, 5.2.2, algorithm M)."""
    top = step = 1 << max(0, (k - 1).bit_length() - 1)
    while step:
        reach, left, apart = top, 0, step
        while apart:
            yield from ((i, i + apart) for i in range(k - apart) if i & step == left)
            reach, left, apart = reach // 2, step, reach - step
        step //= 2


class Everyone:
    """All trusts in `values` (t × m), the same for each of them."""

    def __init__(self, values: Floats) -> None:
        self._sorted = np.sort(values, axis=0)  # NaN last
        self._known = (~np.isnan(values)).sum(axis=0)
        self.count: Whole = np.broadcast_to(self._known, values.shape).astype(np.int64)

    def at(self, place: Whole) -> Floats:
        """See `Ordered`."""
        return np.take_along_axis(self._sorted, np.clip(place, 0, len(self._sorted) - 1), axis=0)

    def total(self, omitted: Omitted | None = None) -> Floats:
        """Their sums (t × m), or those of all but one of them."""
        place = np.arange(len(self._sorted))[:, None]
        kept = (place >= (omitted == "smallest")) & (place < self._known - (omitted == "largest"))
        sums = np.where(kept, self._sorted, 0.0).sum(axis=0)
        return np.broadcast_to(sums, self._sorted.shape)


class EveryoneElse:
    """All trusts in `values` (t × m) but the trust itself: sorted once, with the trust's own place skipped.

    Nothing is computed by subtracting the trust from a total, since a trust's own value must not change its benchmark,
    not even in the last digit.
    """

    def __init__(self, values: Floats) -> None:
        trusts = len(values)
        self._order = np.argsort(values, axis=0, kind="stable")
        place = np.empty_like(self._order)
        np.put_along_axis(place, self._order, np.arange(trusts)[:, None], axis=0)
        has = ~np.isnan(values)
        self._amounts = np.nan_to_num(values)
        self._sorted = np.take_along_axis(values, self._order, axis=0)
        self._own = np.where(has, place, trusts)
        self._known = has.sum(axis=0)
        self.count: Whole = self._known - has.astype(np.int64)

    def at(self, place: Whole) -> Floats:
        """See `Ordered`."""
        skipping = np.clip(place + (place >= self._own), 0, len(self._sorted) - 1)
        return np.take_along_axis(self._sorted, skipping, axis=0)

    def total(self, omitted: Omitted | None = None) -> Floats:
        """Their sums (t × m), or those of all but one of them."""
        amounts = self._amounts
        if omitted is None:
            return _sums_of_others(amounts)
        # The outermost of all values is the outermost comparator of every trust but its own, which has the next one.
        places = np.array([0, 1])[:, None] if omitted == "smallest" else self._known - np.array([1, 2])[:, None]
        places = np.clip(np.broadcast_to(places, (2, amounts.shape[1])), 0, len(amounts) - 1)
        outermost, following = np.take_along_axis(self._order, places, axis=0)[:, None]
        amounts = amounts.copy()
        np.put_along_axis(amounts, outermost, 0.0, axis=0)
        sums = _sums_of_others(amounts)
        np.put_along_axis(amounts, following, 0.0, axis=0)
        np.put_along_axis(sums, outermost, amounts.sum(axis=0, keepdims=True), axis=0)
        return sums


class Alike(EveryoneElse):
    """`EveryoneElse`, with the sums of values in order of size, as `Listed` has them."""

    def total(self, omitted: Omitted | None = None) -> Floats:
        """See `Ordered`."""
        amounts, columns = np.nan_to_num(self._sorted), np.arange(self._sorted.shape[1])
        if omitted is None:
            return self._of_each(amounts)
        # As in `EveryoneElse`: the outermost of all is everyone's but its own, which has the next one.
        first, step = (np.zeros_like(self._known), 1) if omitted == "smallest" else (self._known - 1, -1)
        first, following = (np.clip(place, 0, len(amounts) - 1) for place in (first, first + step))
        amounts[first, columns] = 0.0
        sums = self._of_each(amounts)
        amounts[following, columns] = 0.0
        sums[self._order[first, columns], columns] = np.cumsum(amounts, axis=0)[-1]
        return sums

    def _of_each(self, amounts: Floats) -> Floats:
        """For each trust the sum, from the first to the last, of all amounts (in order) but its own."""
        without, so_far = np.empty((len(amounts) + 1, amounts.shape[1])), np.zeros(amounts.shape[1])
        for place, amount in enumerate(amounts):
            without[:place] += amount
            without[place] = so_far
            so_far = so_far + amount
        without[-1] = so_far
        return np.take_along_axis(without, self._own, axis=0)


class AlikeAndItself(Everyone):
    """`Everyone`, with the sums of values in order of size, as `Listed` has them."""

    def total(self, omitted: Omitted | None = None) -> Floats:
        """See `Ordered`."""
        place = np.arange(len(self._sorted))[:, None]
        kept = (place >= (omitted == "smallest")) & (place < self._known - (omitted == "largest"))
        sums = np.cumsum(np.where(kept, self._sorted, 0.0), axis=0)[-1]
        return np.broadcast_to(sums, self._sorted.shape)


def _sums_of_others(amounts: Floats) -> Floats:
    """For each row, the sums of the other rows' amounts."""
    nothing = np.zeros((1, amounts.shape[1]))
    before = np.vstack([nothing, np.cumsum(amounts, axis=0)])[:-1]
    after = np.vstack([np.cumsum(amounts[::-1], axis=0)[::-1], nothing])[1:]
    summed: Floats = before + after
    return summed
