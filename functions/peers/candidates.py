"""Which trusts can be near each other when all points move a little: lists that hold for every move.

Distances are metrics, or squares of one. If points i and j move by at most a and b, their distance changes by at most
a + b. So a row that is among the `depth` nearest of a row after the moves is among its candidates before them, and only
candidates need to be measured again.
"""

from collections.abc import Iterator, Sequence
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


class Moves(NamedTuple):
    """A draw, as a change of every variable's scale that all rows share, and each row's own move after it.

    A distance d between rows i and j becomes at least `shrunk`·d - own(i) - own(j), and at most `grown`·d + own(i) +
    own(j); of `sqeuclidean`, the roots. `own` (n) is infinite if a value appears or disappears.
    """

    own: Numbers
    shrunk: float
    grown: float

    @property
    def has_limits(self) -> bool:
        """Whether no value appears or disappears."""
        return bool(np.isfinite(self.own).all())


def most_of(draws: Sequence[Moves]) -> Moves | None:
    """The limits of all draws that have limits; None if none has."""
    limited = [draw for draw in draws if draw.has_limits]
    if not limited:
        return None
    own, shrunk, grown = zip(*limited, strict=True)
    return Moves(np.max(own, axis=0), min(shrunk), max(grown))


def moves(points: Numbers, moved: Numbers, recipe: NearestGroup) -> Moves:
    """How far a draw moves points (both n × m). Any scale gives true limits, and that of least squares near ones."""
    known = ~np.isnan(points)
    if not np.array_equal(known, ~np.isnan(moved)):
        return Moves(np.full(len(points), np.inf), 1.0, 1.0)
    count = np.maximum(known.sum(axis=0), 1)
    before, after = (np.where(known, each, 0.0) for each in (points, moved))
    before, after = (np.where(known, each - each.sum(axis=0) / count, 0.0) for each in (before, after))
    squares = (before * before).sum(axis=0)
    scale = np.clip((before * after).sum(axis=0) / np.where(squares > 0, squares, np.inf), 0.5, 2.0)
    apart = after - scale * before
    weights = weights_of(recipe)
    amounts = weights * (np.abs(apart) if recipe.distance == "cityblock" else apart * apart)
    own = np.zeros(len(points))
    for part in map(list, recipe.parts):
        whole = float(weights[part].sum())
        lacking = whole - known[:, part] @ weights[part]
        shared = np.maximum(least_shared(weights[part]), whole - lacking - lacking.max(initial=0.0))
        mean = amounts[:, part].sum(axis=1) / shared * (whole if recipe.combine == "sum" else 1.0)
        own += np.sqrt(mean) if recipe.distance == "euclidean" else mean
    if recipe.distance == "sqeuclidean":
        own = np.sqrt(own)
    return Moves(own, float(scale.min()), float(scale.max()))


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
    points: Numbers, most: Moves | None, recipe: NearestGroup, depth: int, attribute_ids: Counts | None
) -> Candidates | None:
    """Who can be among each row's `depth` nearest in draws that move no row by more than `most`; None without limits,
    or without others."""
    n = len(points)
    if most is None or n < 2:
        return None
    depth = min(depth, n - 1)
    blocks = [*_blocks(points, most, recipe, depth, attribute_ids)]
    row, column = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    apart = _metric(np.concatenate([np.empty(0), *_measured(points, recipe, row, column)]), recipe)
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
    points: Numbers, most: Moves, recipe: NearestGroup, depth: int, attribute_ids: Counts | None
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
        reach = limits(most.grown * rough + most.own, depth) + 2 * most.own[block] + 4 * error
        rough *= most.shrunk
        rough -= most.own
        reach += _MARGIN * (np.abs(reach) + 2 * most.own.max())
        near = np.flatnonzero(rough <= np.minimum(reach, np.finfo(float).max)[:, None])
        at, column = np.divmod(near, n)
        yield block[at], column


def ranked_among(known: Candidates, points: Numbers, draw: Moves, recipe: NearestGroup) -> Ranking:
    """The `depth` nearest of every row as `distances.ranked` has them, for points that a draw moved by no more than the
    candidates were made for."""
    n, depth = len(points), known.depth
    row, column, farthest = known.row, known.column, np.full(n, np.inf)
    if known.nearest is not None:  # those that were nearest are no farther now than the nearest `depth` can be
        at = known.nearest.ravel()
        near = np.concatenate([*_measured(points, recipe, row[at], column[at])])
        farthest = near.reshape(known.nearest.shape).max(axis=1)
        reach = (_metric(farthest, recipe) + draw.own) * (1 + _MARGIN)
        closest = known.apart * (draw.shrunk * (1 - _MARGIN)) - draw.own[column]
        chosen = np.flatnonzero(closest <= np.repeat(reach, np.diff(known.first)))
        row, column = row[chosen], column[chosen]
    distance = np.concatenate([np.empty(0), *_measured(points, recipe, row, column)])
    possible = distance <= farthest[row]
    row, column, distance = row[possible], column[possible], distance[possible]
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
