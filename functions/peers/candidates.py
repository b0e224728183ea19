"""Who can be near each other when all points move a little: lists that hold for every move (triangle inequality).

Distances are metrics, or squares of one. If points i and j move by at most a and b, their distance changes by at most
a + b. So a point that is among the `depth` nearest of a row after the moves is among its candidates before them, and
only candidates need to be measured again.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from functions.peers.distances import (
    PAIRS_AT_ONCE,
    Counts,
    Numbers,
    Ranking,
    Screen,
    between,
    first_places,
    least_shared,
    limits,
    weights_of,
)
from shared.method.peer_groups import NearestGroup

_MARGIN = 1e-9
"""Relative: far more than the rounding of a distance, far less than a move."""

_MEASURED_AT_ONCE = 2**15
"""Pairs whose differences stay in the processor's cache."""


def moves(points: Numbers, moved: Numbers, recipe: NearestGroup) -> Numbers:
    """The most by which each row's distance to a point at rest can change (n), if points (both n × m) move; infinite
    if a value appears or disappears. Of `sqeuclidean`, that of the root."""
    known = ~np.isnan(points)
    if not np.array_equal(known, ~np.isnan(moved)):
        return np.full(len(points), np.inf)
    weights = weights_of(recipe)
    apart = np.where(known, moved - points, 0.0)
    amounts = weights * (np.abs(apart) if recipe.distance == "cityblock" else apart * apart)
    parts = []
    for part in map(list, recipe.parts):
        whole = float(weights[part].sum())
        shared = whole if known[:, part].all() else least_shared(weights[part])
        parts.append(amounts[:, part].sum(axis=1) / shared * (whole if recipe.combine == "sum" else 1.0))
    if recipe.distance == "euclidean":
        return np.sqrt(parts).sum(axis=0)
    together: Numbers = np.sum(parts, axis=0)
    return np.sqrt(together) if recipe.distance == "sqeuclidean" else together


class Candidates(NamedTuple):
    """Pairs in order of row and column, and how far apart they were before any move. `first` (n + 1): where each row's
    pairs begin. `nearest` (n × depth): the pairs that were a row's nearest; None if some row has fewer."""

    depth: int
    row: Counts
    column: Counts
    apart: Numbers
    first: Counts
    nearest: Counts | None


def candidates(
    points: Numbers, most: Numbers, recipe: NearestGroup, depth: int, attribute_ids: Counts | None
) -> Candidates:
    """Who can be among each row's `depth` nearest while no row moves by more than `most` (n)."""
    n = len(points)
    depth = min(depth, n - 1)
    blocks = [*_blocks(points, most, recipe, depth, attribute_ids)]
    row, column = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    apart = _metric(np.concatenate([*_measured(points, recipe, row, column)]), recipe)
    kept = np.isfinite(apart)
    row, column, apart = row[kept], column[kept], apart[kept]
    counts = np.bincount(row, minlength=n)
    first = np.concatenate([[0], np.cumsum(counts)])
    nearest = None
    if counts.min() >= depth:
        order = np.lexsort((apart, row))
        nearest = order[first[:-1, None] + np.arange(depth)]
    return Candidates(depth, row, column, apart, first, nearest)


def _blocks(
    points: Numbers, most: Numbers, recipe: NearestGroup, depth: int, attribute_ids: Counts | None
) -> Iterator[tuple[Counts, Counts]]:
    """(row, column) of the candidates, block by block of rows."""
    n = len(points)
    screen = Screen(points, recipe)
    step = max(1, PAIRS_AT_ONCE // n)
    for start in range(0, n, step):
        block = np.arange(start, min(n, start + step))
        rough, error = screen.distances(block)
        rough[np.arange(len(block)), block] = np.inf
        if attribute_ids is not None:
            rough[(attribute_ids[block, None] != attribute_ids) | (attribute_ids < 0)] = np.inf
        reach = limits(rough + most, depth) + 2 * (most[block] + error)
        rough -= most
        reach += _MARGIN * (np.abs(reach) + 2 * most.max())
        near = np.flatnonzero(rough <= np.minimum(reach, np.finfo(float).max)[:, None])
        at, column = np.divmod(near, n)
        yield block[at], column


def ranked_among(known: Candidates, points: Numbers, moved_by: Numbers, recipe: NearestGroup) -> Ranking:
    """The `depth` nearest of every row as `distances.ranked` has them, for points that moved by at most `moved_by`
    (n), each by no more than the candidates were made for."""
    n, depth = len(points), known.depth
    row, column = known.row, known.column
    if known.nearest is not None:
        farthest = (known.apart[known.nearest] + moved_by[column[known.nearest]]).max(axis=1)
        reach = (farthest + 2 * moved_by) * (1 + 4 * _MARGIN)
        chosen = np.flatnonzero(known.apart - moved_by[column] <= reach[row])
        row, column = row[chosen], column[chosen]
    distance = np.concatenate([np.empty(0), *_measured(points, recipe, row, column)])
    order = np.lexsort((distance, row))
    row, column, distance = row[order], column[order], distance[order]
    place = first_places(row, n)
    kept = (place < depth) & np.isfinite(distance)
    ranking = Ranking(np.full((n, depth), -1, dtype=np.intp), np.full((n, depth), np.inf))
    ranking.near[row[kept], place[kept]] = column[kept]
    ranking.distance[row[kept], place[kept]] = distance[kept]
    return ranking


def _measured(points: Numbers, recipe: NearestGroup, row: Counts, column: Counts) -> Iterator[Numbers]:
    for start in range(0, len(row), _MEASURED_AT_ONCE):
        pairs = slice(start, start + _MEASURED_AT_ONCE)
        yield between(points, recipe, row[pairs], column[pairs])[1]


def _metric(distance: Numbers, recipe: NearestGroup) -> Numbers:
    return np.sqrt(distance) if recipe.distance == "sqeuclidean" else distance
