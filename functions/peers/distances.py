"""Rankings by distance, exact and in blocks. Pure numpy; points are `scaled` characteristics (n × m, NaN = missing).

A distance is always computed from the differences between two trusts. Matrix products are many times faster but lose
small differences, so they only screen: they exclude pairs that are too far apart by more than the products' own
rounding.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.method.peer_groups import NearestGroup

type Numbers = NDArray[np.float64]
type Counts = NDArray[np.intp]

PAIRS_AT_ONCE = 2**19
"""4 MB a copy: memory does not grow with the number of trusts, and a block stays in the processor's cache."""

_CHUNKS = 256
"""The number of parts of a long row, by which a limit for its nearest is computed without sorting it."""

_ONE_THREAD = 2**18
"""Multiplications up to which BLAS uses one thread. Beyond, its threads wait for each other, on a small or busy machine
far longer than they work, so that products are faster in pieces."""

_ROWS_OF_A_PIECE = 64

_CITY_BLOCKS_AT_ONCE = 2**16
"""Pairs whose differences stay in the processor's cache while all variables are added up."""

_ROUNDING = 1e-9
"""A sum of weights may be below half of the total by this fraction: that is rounding, not missing data."""


class Ranking(NamedTuple):
    """Rows × depth: the nearest (-1 after the last) and their distances (infinite after the last)."""

    near: Counts
    distance: Numbers


def weights_of(recipe: NearestGroup) -> Numbers:
    """The m weights of a recipe's variables."""
    return np.array([variable.weight for variable in recipe.variables])


def between(points: Numbers, recipe: NearestGroup, one: Counts, other: Counts) -> tuple[Numbers, Numbers]:
    """For p pairs of rows: m × p shares of the distance before they are divided by their sum (NaN if one of the two has
    no value), and p distances.

    The distance of one part is √(Σ w·Δ² / Σ w), its square (`sqeuclidean`) or Σ w·|Δ| / Σ w, over the variables that
    both have. `combine: sum` multiplies the mean by the part's whole weight, so that a missing value shortens nothing.
    The distance is the sum of the parts' distances, and infinite if both have less than half of the weight of a part.
    """
    delta = np.ascontiguousarray((points[one] - points[other]).T)
    weights = weights_of(recipe)[:, None]
    shares = weights * (np.abs(delta) if recipe.distance == "cityblock" else delta * delta)
    both_have = ~np.isnan(shares)
    known, weight_known = np.where(both_have, shares, 0.0), weights * both_have
    parts = [list(part) for part in recipe.parts]
    totals = [reduce(np.add, known[part]) for part in parts]
    distances = [
        part_distance(total, reduce(np.add, weight_known[part]), recipe, part)
        for part, total in zip(parts, totals, strict=True)
    ]
    if len(parts) > 1:
        for part, total, distance in zip(parts, totals, distances, strict=True):
            shares[part] *= np.where(np.isfinite(distance), distance, 0.0) / np.where(total > 0, total, 1.0)
    return shares, np.asarray(reduce(np.add, distances))


def part_distance(total: Numbers, weight_known: Numbers, recipe: NearestGroup, part: list[int]) -> Numbers:
    """One part's distances, from the weighted differences' sums and the weights of the variables that both have."""
    weights = weights_of(recipe)[part]
    enough = weight_known >= float(weights.sum()) / 2 * (1 - _ROUNDING)
    if recipe.combine == "sum":
        whole = reduce(np.add, weights)  # in the order in which known weights are added: equal if all are known
        factor = np.divide(whole, weight_known, out=np.full_like(total, np.inf), where=enough)
        combined = np.where(enough, total, 1.0) * factor
    else:
        combined = np.divide(total, weight_known, out=np.full_like(total, np.inf), where=enough)
    return np.asarray(np.sqrt(combined) if recipe.distance == "euclidean" else combined)


def least_shared(weights: Numbers) -> float:
    """The weight of the variables that two trusts must both have to be comparable, of variables of some weights."""
    return float(weights.sum()) / 2 * (1 - _ROUNDING)


def ranked(points: Numbers, recipe: NearestGroup, depth: int, attribute_ids: Counts | None, rows: Counts) -> Ranking:
    """The `depth` nearest of some rows among all rows but the row itself, by (distance, row).

    `attribute_ids` (n): only trusts with the same number are compared, and none with -1.
    """
    depth = min(depth, max(len(points) - 1, 0))
    ranking = Ranking(np.full((len(rows), depth), -1, dtype=np.intp), np.full((len(rows), depth), np.inf))
    if depth == 0:
        return ranking
    screen = Screen(points, recipe)
    size = max(1, PAIRS_AT_ONCE // len(points))
    for start in range(0, len(rows), size):
        block = rows[start : start + size]
        rough, slack = screen(block)
        rough[np.arange(len(block)), block] = np.inf
        if attribute_ids is not None:
            rough[(attribute_ids[block, None] != attribute_ids) | (attribute_ids < 0)] = np.inf
        at, near = _candidates(rough, depth, slack)
        _, distance = between(points, recipe, block[at], near)
        order = np.lexsort((distance, at))  # stable, and candidates come in order of row
        at, near, distance = at[order], near[order], distance[order]
        place = first_places(at, len(block))
        kept = (place < depth) & np.isfinite(distance)
        ranking.near[start + at[kept], place[kept]] = near[kept]
        ranking.distance[start + at[kept], place[kept]] = distance[kept]
    return ranking


def _candidates(rough: Numbers, depth: int, slack: Numbers) -> tuple[Counts, Counts]:
    """(row, column), in order, of the values that may be among a row's `depth` smallest, if exact to `slack`."""
    limit = limits(rough, depth) + slack
    near = np.flatnonzero(rough <= np.minimum(limit, np.finfo(float).max)[:, None])
    at, column = np.divmod(near, rough.shape[1])
    return at, column


def limits(values: Numbers, depth: int) -> Numbers:
    """For each row of values an upper limit for its depth-th smallest.

    A row is cut into chunks. The depth-th smallest of the chunks' minima is such a limit, also if the chunks leave out
    some values. Minima are much faster than sorting.
    """
    n = values.shape[1]
    chunks = max(_CHUNKS, 8 * depth)
    minima = values
    if n >= 2 * chunks:
        minima = values[:, : n - n % chunks].reshape(len(values), -1, chunks).min(axis=1)
    smallest: Numbers = np.partition(minima, depth - 1, axis=1)[:, depth - 1]
    return smallest


def first_places(row: Counts, rows: int) -> Counts:
    """The place of each entry among those of its row. Entries are in order of row."""
    count = np.bincount(row, minlength=rows)
    places: Counts = np.arange(len(row)) - (np.cumsum(count) - count)[row]
    return places


class Screen:
    """Values in the order of the distances of blocks of rows to all rows, and each row's error: approximate squared
    distances of one part; distances if there are several; city block distances as means."""

    def __init__(self, points: Numbers, recipe: NearestGroup) -> None:
        self._points, self._weights, self._least = points, weights_of(recipe), least_shared(weights_of(recipe))
        self._recipe, self._in_parts = recipe, len(recipe.parts) > 1
        self._cityblock = recipe.distance == "cityblock"
        known = ~np.isnan(points)
        self._complete = bool(known.all())
        self._known = known.astype(float)
        self._known_by_variable = np.ascontiguousarray(self._known.T)
        self._by_variable = np.ascontiguousarray(points.T)
        if not self._cityblock and not self._in_parts:
            self._prepare_products()

    def _prepare_products(self) -> None:
        """Σ w·(x - y)² = Σ w·x² + Σ w·y² - 2·Σ w·x·y, as one product of two matrices. Where values are missing, each
        sum runs over the variables that both have, so the matrices contain for every variable which rows have it.
        """
        known, m = self._known > 0, len(self._weights)
        centre = np.where(known, self._points, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        x = np.where(known, self._points - centre, 0.0)
        square = self._weights * x * x
        norm = square.sum(axis=1)
        if self._complete:
            left, right = (norm[:, None], np.ones((len(x), 1))), (np.ones((len(x), 1)), norm[:, None])
        else:
            left, right = (square, self._known), (self._known, square)
        self._left = np.hstack([-2 * self._weights * x, *left])
        self._right = np.ascontiguousarray(np.hstack([x, *right]).T)
        # A sum of 3m products is wrong by at most 3m roundings of both norms together. A limit is made of two sums, and
        # the shared weight may be half of the whole. The factor 32 includes a margin of 4.
        self._slack = 32 * (3 * m + 4) * np.finfo(float).eps * (norm + norm.max()) / self._weights.sum()

    def __call__(self, block: Counts) -> tuple[Numbers, Numbers]:
        """Rows × n, infinite for two rows that are not comparable, and the error of each row."""
        if self._in_parts:
            return self._of_parts(block), np.zeros(len(block))
        if self._cityblock:
            total, slack = self._city_block(block), np.zeros(len(block))
        else:
            total, slack = _product(self._left[block], self._right), self._slack[block]
        if self._complete:
            total /= self._weights.sum()
            return total, slack
        shared = _product(self._known[block] * self._weights, self._known_by_variable)
        with np.errstate(divide="ignore", invalid="ignore"):
            total /= shared
        np.copyto(total, np.inf, where=shared < self._least)
        return total, slack

    def distances(self, block: Counts) -> tuple[Numbers, Numbers]:
        """Rows × n: the distances of a block to all rows, infinite for two that are not comparable; of `sqeuclidean`
        their roots. And the error of each row."""
        rough, slack = self(block)
        whole = float(self._weights.sum()) if self._recipe.combine == "sum" and not self._in_parts else 1.0
        rooted = self._recipe.distance == "sqeuclidean" if self._in_parts else not self._cityblock
        if not rooted:
            return rough * whole, slack
        np.maximum(rough, 0.0, out=rough)
        np.sqrt(rough, out=rough)
        # The root of a sum is at most the sum of the roots.
        return rough * whole**0.5, np.sqrt(slack) * whole**0.5

    def _of_parts(self, block: Counts) -> Numbers:
        """Exact distances: the error of products would be far greater after roots of small sums are added."""
        others = np.arange(len(self._points))
        return np.stack([between(self._points, self._recipe, np.full(len(others), row), others)[1] for row in block])

    def _city_block(self, block: Counts) -> Numbers:
        total = np.zeros((len(block), len(self._points)))
        step = max(1, _CITY_BLOCKS_AT_ONCE // len(block))
        for start in range(0, total.shape[1], step):
            some = slice(start, start + step)
            apart = np.empty(total[:, some].shape)
            for column, weight in zip(self._by_variable, self._weights, strict=True):
                np.subtract(column[block, None], column[some], out=apart)
                np.abs(apart, out=apart)
                apart *= weight
                if not self._complete:
                    np.copyto(apart, 0.0, where=np.isnan(apart))
                total[:, some] += apart
        return total


def _product(left: Numbers, right: Numbers) -> Numbers:
    """The product of two matrices, in pieces for one thread."""
    product = np.empty((len(left), right.shape[1]))
    wide = max(1, _ONE_THREAD // (_ROWS_OF_A_PIECE * len(right)))
    for top in range(0, len(left), _ROWS_OF_A_PIECE):
        rows = slice(top, top + _ROWS_OF_A_PIECE)
        for start in range(0, right.shape[1], wide):
            columns = slice(start, start + wide)
            np.matmul(left[rows], right[:, columns], out=product[rows, columns])
    return product
