"""Nearest peers: characteristics in, ranked neighbours out. Pure numpy; the recipe is a method's `NearestGroup`.

Trusts are rows in the order of their codes: that is what breaks ties between equal distances by trust code.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.method.peer_groups import NearestGroup, Variable

type Numbers = NDArray[np.float64]
type Counts = NDArray[np.intp]
type Flags = NDArray[np.bool_]

_BLOCK = 256
"""Rows whose distances to everyone are held at once; at this size they stay in the processor's cache."""


class Standing(NamedTuple):
    """Which trust a list names for each trust that is near: itself, its successors, or nobody.

    `source` and `target`: pairs of row (p) and listed trust (t), sorted by target, every target at least once.
    `barred`: n × targets; true where a trust may not have the target in its list (itself, its own successor).
    """

    source: Counts
    target: Counts
    barred: Flags

    @classmethod
    def itself(cls, n: int) -> "Standing":
        """Every trust stands for itself and is barred from its own list."""
        return cls(np.arange(n), np.arange(n), np.eye(n, dtype=bool))

    @property
    def starts(self) -> Counts:
        """Where each target's run of pairs begins."""
        return np.flatnonzero(np.r_[True, self.target[1:] != self.target[:-1]])


class Neighbours(NamedTuple):
    """One entry per listed neighbour, by row and rank.

    `peer` counts targets, `near` the row whose characteristics were compared; `contributions` is entries × m:
    each variable's share of the distance (of its square, when euclidean), NaN where one of the two lacks it.
    """

    row: Counts
    peer: Counts
    near: Counts
    rank: Counts
    runner_up: Flags
    distance: Numbers
    variables_used: Counts
    contributions: Numbers


def scaled(matrix: Numbers, recipe: NearestGroup) -> Numbers:
    """Characteristics (… × n × m, NaN = missing) as the recipe compares them, each draw scaled by itself.

    Values a transform has no number for count as missing. Blanks are filled before all else, as if the cell had
    held the fill; capping comes before scaling; standard deviations have ddof 0.
    """
    columns = [_column(matrix[..., j], variable, recipe.missing) for j, variable in enumerate(recipe.variables)]
    return np.stack(columns, axis=-1)


def _column(raw: Numbers, variable: Variable, missing: str) -> Numbers:
    least = {"none": -np.inf, "log1p": np.nextafter(-1, 0), "sqrt": 0}[variable.transform]
    values = np.where(np.isfinite(raw) & (raw >= least), raw, np.nan)
    values = np.where(np.isnan(values), _fill(values, missing), values)
    if variable.transform == "log1p":
        values = np.log1p(values)
    elif variable.transform == "sqrt":
        values = np.sqrt(values)
    low, high, mean, deviation = _spread(values)
    if variable.cap is not None:
        values = np.clip(values, mean - variable.cap * deviation, mean + variable.cap * deviation)
        low, high, mean, deviation = _spread(values)
    if variable.scale == "none":
        return values
    middle, width = (mean, deviation) if variable.scale == "zscore" else (low, high - low)
    return (values - middle) / np.where(width == 0, 1.0, width)


def _fill(values: Numbers, missing: str) -> Numbers:
    low, high, mean, _ = _spread(values)
    if missing == "zero":
        return np.zeros_like(mean)
    if missing == "mean":
        return np.clip(mean, low, high)  # the rounded mean of equal values may lie beside them
    if missing == "median":
        return _median(values)
    return np.full_like(mean, np.nan)


def _spread(values: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Least, greatest, mean and standard deviation over the last axis, kept; NaN where all are missing."""
    held = ~np.isnan(values)
    count = held.sum(axis=-1, keepdims=True)
    some = np.where(count, count, np.nan)
    mean = np.sum(values, axis=-1, keepdims=True, where=held) / some
    deviation = np.sqrt(np.sum((values - mean) ** 2, axis=-1, keepdims=True, where=held) / some)
    low = np.min(values, axis=-1, keepdims=True, where=held, initial=np.inf)
    high = np.max(values, axis=-1, keepdims=True, where=held, initial=-np.inf)
    return np.where(count, low, np.nan), np.where(count, high, np.nan), mean, deviation


def _median(values: Numbers) -> Numbers:
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    ordered = np.sort(values, axis=-1)  # NaN last
    lower, upper = (np.take_along_axis(ordered, np.maximum(count - odd, 0) // 2, axis=-1) for odd in (1, 0))
    return np.where(count, lower / 2 + upper / 2, np.nan)


def distances(points: Numbers, recipe: NearestGroup, rows: slice) -> tuple[Numbers, Counts]:
    """Distances of some rows of `scaled` points (n × m) to all, and the number of variables both have.

    √(Σ w·Δ² / Σ w) or Σ w·|Δ| / Σ w over the variables both have; infinite below half of the recipe's weight.
    """
    n = len(points)
    total = np.zeros((len(points[rows]), n))
    weight = np.zeros((1, 1))
    used = np.zeros((1, 1), dtype=np.intp)
    for variable, column in zip(recipe.variables, points.T, strict=True):
        apart = _apart(column[rows, None], column, recipe)
        if np.isnan(column).any():
            both = ~np.isnan(apart)
            apart[~both] = 0.0
            weight = weight + variable.weight * both
            used = used + both
        else:
            weight = weight + variable.weight
            used = used + 1
        if variable.weight != 1:
            apart *= variable.weight
        total += apart
    enough = weight >= sum(variable.weight for variable in recipe.variables) / 2
    total /= np.where(enough, weight, 1.0)
    total[np.broadcast_to(~enough, total.shape)] = np.inf
    return (np.sqrt(total) if recipe.distance == "euclidean" else total), np.broadcast_to(used, total.shape)


def _apart(one: Numbers, other: Numbers, recipe: NearestGroup) -> Numbers:
    apart = one - other
    return np.square(apart, out=apart) if recipe.distance == "euclidean" else np.abs(apart, out=apart)


def nearest(
    matrix: Numbers, recipe: NearestGroup, standing: Standing | None = None, alike: Counts | None = None
) -> Neighbours:
    """The recipe's neighbours of every row of the matrix (n × m raw values, NaN = missing).

    `standing`: whom each trust stands for (default: itself). `alike` (n): only trusts with the same number here are
    compared, and none with -1. With `refill` the ranking is gone down until k trusts stand in the list; without, the
    k nearest become the trusts they stand for, which may be fewer or more. Runners-up follow in the ranking.
    """
    standing = standing or Standing.itself(len(matrix))
    points = scaled(matrix, recipe)
    blocks = [_listed(block, points, recipe, standing) for block in compared(points, recipe, alike)]
    return Neighbours(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


class Block(NamedTuple):
    """Distances (rows × n; infinite where there is no comparison) of a run of rows, and the variables used."""

    rows: slice
    distance: Numbers
    used: Counts


def compared(points: Numbers, recipe: NearestGroup, alike: Counts | None) -> Iterator[Block]:
    """Distances of everyone to everyone else they may be compared with, a block of rows at a time."""
    n = len(points)
    for start in range(0, max(n, 1), _BLOCK):
        rows = slice(start, min(start + _BLOCK, n))
        distance, used = distances(points, recipe, rows)
        distance[np.arange(len(distance)), np.arange(start, rows.stop)] = np.inf
        if alike is not None:
            distance[(alike[rows, None] != alike) | (alike < 0)] = np.inf
        yield Block(rows, distance, used)


def ranking(distance: Numbers, standing: Standing, barred: Flags) -> tuple[Counts, Counts]:
    """`order` (rows × n): rows by distance, then code; `places` (rows × targets): how far down each target first comes.

    A place of n means never: not comparable, or barred.
    """
    n = distance.shape[1]
    order = np.argsort(distance, axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.broadcast_to(np.arange(n), order.shape), axis=1)
    places[np.isinf(distance)] = n
    folded = np.minimum.reduceat(places[:, standing.source], standing.starts, axis=1)
    return order, np.where(barred, n, folded)


def list_lengths(places: Counts, n: int, recipe: NearestGroup) -> Counts:
    """How many peers each row has, given its targets' places among n."""
    if recipe.successors.refill:
        return np.minimum((places < n).sum(axis=1), recipe.k)
    return (places < min(recipe.k, n)).sum(axis=1)


def _listed(block: Block, points: Numbers, recipe: NearestGroup, standing: Standing) -> tuple[NDArray[np.generic], ...]:
    n = len(points)
    order, places = ranking(block.distance, standing, standing.barred[block.rows])
    length = list_lengths(places, n, recipe)
    reached = np.minimum((places < n).sum(axis=1), length + recipe.runners_up)
    by_place = np.argsort(places, axis=1, kind="stable")
    row, position = np.nonzero(np.arange(places.shape[1]) < reached[:, None])
    peer = by_place[row, position]
    near = order[row, places[row, peer]]
    whole = row + block.rows.start
    shares = _apart(points[whole], points[near], recipe) * [variable.weight for variable in recipe.variables]
    sums = np.nansum(shares, axis=1, keepdims=True)
    shares /= np.where(sums > 0, sums, 1.0)
    distance, used = block.distance[row, near], block.used[row, near]
    return whole, peer, near, position + 1, position >= length[row], distance, used, shares
