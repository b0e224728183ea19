"""Nearest peers: characteristics in, ranked neighbours out. Arrays only; trusts must come in code order.

Everything is exact: distances come from differences, never from a product trick that would lose small ones, and
ties go to the smaller index, which is the smaller code.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.method.peer_groups import MissingRule, Variable

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_BLOCK_CELLS = 2_000_000
"""Distances worked on at once: 16 MB, so memory stays flat however many trusts there are."""


class Neighbours(NamedTuple):
    """n × depth: indices of the nearest (-1 where there are none left) and their distances (inf there)."""

    index: Whole
    distance: Floats


class Space(NamedTuple):
    """Scaled characteristics: n × m values with NaN for missing ones, and m weights."""

    values: Floats
    weights: Floats
    cityblock: bool


def space(raw: Floats, variables: Sequence[Variable], missing: MissingRule, distance: str) -> Space:
    """Fill, transform, cap and scale n × m raw values (NaN: missing). Means and spreads are over the trusts that have one.

    A variable without spread is 0 for everyone: it tells nobody apart.
    """
    columns = [_column(raw[:, j], variable, missing) for j, variable in enumerate(variables)]
    weights = np.array([variable.weight for variable in variables], dtype=float)
    return Space(np.column_stack(columns), weights, distance == "cityblock")


def _column(raw: Floats, variable: Variable, missing: MissingRule) -> Floats:
    x = raw.astype(float, copy=True)
    absent = np.isnan(x)
    if absent.all():
        return x if missing == "available" else np.zeros_like(x)
    if missing == "zero":
        x[absent] = 0.0
    elif missing == "mean":
        x[absent] = np.mean(x[~absent])
    elif missing == "median":
        x[absent] = np.median(x[~absent])
    if variable.transform == "log1p":
        x = np.log1p(x)
    elif variable.transform == "sqrt":
        x = np.sqrt(x)
    if variable.cap is not None:
        mean, spread = np.nanmean(x), np.nanstd(x)
        x = np.clip(x, mean - variable.cap * spread, mean + variable.cap * spread)
    if variable.scale == "none":
        return x
    low, high = np.nanmin(x), np.nanmax(x)
    if low == high:
        return x * 0.0
    if variable.scale == "range":
        return (x - low) / (high - low)
    scaled: Floats = (x - np.nanmean(x)) / np.nanstd(x)
    return scaled


def nearest(within: Space, depth: int, groups: Whole | None = None) -> Neighbours:
    """The `depth` nearest of every trust, itself excluded, by (distance, index).

    Only trusts of the same number in `groups` (n; negative: belongs to none) are candidates. A pair that shares
    less than half of the weight is not comparable.
    """
    n = len(within.values)
    depth = min(depth, max(n - 1, 0))
    index = np.full((n, depth), -1, dtype=np.int64)
    distance = np.full((n, depth), np.inf)
    for rows in _blocks(n):
        block = _distances(within, rows)
        block[np.arange(len(rows)), rows] = np.inf
        if groups is not None:
            block[(groups[rows, None] != groups[None, :]) | (groups[rows, None] < 0)] = np.inf
        if depth:
            _select(block, depth, index, distance, rows)
    return Neighbours(index, distance)


def _blocks(n: int) -> Iterator[Whole]:
    size = max(1, _BLOCK_CELLS // max(n, 1))
    for start in range(0, n, size):
        yield np.arange(start, min(start + size, n))


def _distances(within: Space, rows: Whole) -> Floats:
    values, weights = within.values, within.weights
    complete = not np.isnan(values).any()
    total = np.zeros((len(rows), len(values)))
    shared = np.zeros_like(total)
    for j, weight in enumerate(weights):
        delta = values[rows, j, None] - values[None, :, j]
        delta = np.abs(delta, out=delta) if within.cityblock else np.multiply(delta, delta, out=delta)
        if complete:
            total += weight * delta
            continue
        known = ~np.isnan(delta)
        total += np.where(known, weight * delta, 0.0)
        shared += weight * known
    if complete:
        total /= weights.sum()
    else:
        with np.errstate(invalid="ignore", divide="ignore"):
            total = np.where(shared >= weights.sum() / 2, total / shared, np.inf)
    return total if within.cityblock else np.sqrt(total)


def _select(block: Floats, depth: int, index: Whole, distance: Floats, rows: Whole) -> None:
    """The `depth` smallest of each row, ties by column: everything up to the depth-th value, then sorted."""
    limit = np.partition(block, depth - 1, axis=1)[:, depth - 1, None]
    at, column = np.nonzero((block <= limit) & np.isfinite(block))
    found = block[at, column]
    order = np.lexsort((column, found, at))
    at, column, found = at[order], column[order], found[order]
    place = np.arange(len(at)) - np.searchsorted(at, at)
    kept = place < depth
    index[rows[at[kept]], place[kept]] = column[kept]
    distance[rows[at[kept]], place[kept]] = found[kept]


def shares(within: Space, one: Whole, other: Whole) -> tuple[Floats, Whole]:
    """For pairs: each variable's share of the distance (pairs × m; all 0 at distance 0), and how many variables counted."""
    delta = within.values[one] - within.values[other]
    parts = within.weights * (np.abs(delta) if within.cityblock else delta**2)
    known = ~np.isnan(parts)
    parts = np.where(known, parts, 0.0)
    total = parts.sum(axis=1, keepdims=True)
    return np.divide(parts, total, out=np.zeros_like(parts), where=total > 0), known.sum(axis=1)
