"""Who can be near each other when all points move a little: lists that hold for every move (triangle inequality).

Distances are metrics, or squares of one. If points i and j move by at most a and b, their distance changes by at most
a + b. So a point that is among the `depth` nearest of a row after the moves is among its candidates before them, and
only candidates need to be measured again.
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

_MEASURED_AT_ONCE = 2**13
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
    """Pairs of n rows, by row: `first` (n + 1) says where each row's begin. `column`: the other row; `apart`: how far
    apart they were before any move. A row's pairs are in order of how near the moves `most` can bring them. `nearest`
    (n × depth): who was nearest before; None if some row has fewer."""

    depth: int
    most: Moves
    first: Counts
    column: Counts
    apart: Numbers
    nearest: Counts | None

    def least(self, places: Counts, draw: Moves) -> Numbers:
        """How near a draw can bring some of the pairs, without the row's own move."""
        return _least(self.apart[places], self.column[places], draw)

    def within(self, reach: Numbers) -> Counts:
        """For each row, the place after its last pair that `most` can bring as near as the row's reach."""
        low, high = self.first[:-1], self.first[1:]
        while (open_ := low < high).any():
            middle = np.where(open_, (low + high) // 2, 0)
            near = self.least(middle, self.most) <= reach
            low, high = np.where(open_ & near, middle + 1, low), np.where(open_ & ~near, middle, high)
        return low


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
    counts, column, apart = (np.concatenate(parts) for parts in list(zip(*blocks, strict=True))[:3])
    nearest = [block.nearest for block in blocks if block.nearest is not None]
    return Candidates(
        depth,
        most,
        np.r_[0, np.cumsum(counts)],
        column,
        apart,
        np.concatenate(nearest) if len(nearest) == len(blocks) else None,
    )


class _Block(NamedTuple):
    """The candidates of some rows: how many each has, and their part of `Candidates`."""

    counts: Counts
    column: Counts
    apart: Numbers
    nearest: Counts | None


def _blocks(
    points: Numbers, most: Moves, recipe: NearestGroup, depth: int, attribute_ids: Counts | None
) -> Iterator[_Block]:
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
        row, column = np.divmod(near, n)
        apart = _metric(_measured(points, recipe, block[row], column), recipe)
        kept = np.isfinite(apart)
        yield _ordered(row[kept], column[kept], apart[kept], len(block), most, depth)


def _ordered(row: Counts, column: Counts, apart: Numbers, rows: int, most: Moves, depth: int) -> _Block:
    counts = np.bincount(row, minlength=rows)
    nearest = None
    if counts.min() >= depth:
        first = np.cumsum(counts) - counts
        nearest = column[np.lexsort((apart, row))[first[:, None] + np.arange(depth)]]
    order = np.lexsort((_least(apart, column, most), row))
    return _Block(counts, column[order].astype(np.int32), apart[order], nearest)


def ranked_among(known: Candidates, points: Numbers, draw: Moves, recipe: NearestGroup) -> Ranking:
    """The `depth` nearest of every row as `distances.ranked` has them, for points that a draw moved by no more than the
    candidates were made for."""
    n, depth = len(points), known.depth
    rows, stop, farthest, reach = np.arange(n), known.first[1:], np.full(n, np.inf), np.full(n, np.inf)
    if known.nearest is not None:  # those that were nearest are no farther now than the nearest `depth` can be
        near = _measured(points, recipe, np.repeat(rows, depth), known.nearest.ravel())
        farthest = near.reshape(known.nearest.shape).max(axis=1)
        reach = (_metric(farthest, recipe) + draw.own) * (1 + _MARGIN)
        stop = known.within(reach)
    counts = stop - known.first[:-1]
    row = np.repeat(rows, counts)
    place = np.arange(len(row)) + np.repeat(stop - np.cumsum(counts), counts)
    chosen = np.flatnonzero(known.least(place, draw) <= reach[row])
    row, column = row[chosen], known.column[place[chosen]]
    distance = _measured(points, recipe, row, column)
    near_enough = np.flatnonzero(distance <= farthest[row])
    row, column, distance = row[near_enough], column[near_enough], distance[near_enough]
    order = np.lexsort((column, distance, row))
    row, column, distance = row[order], column[order], distance[order]
    place = first_places(row, n)
    kept = (place < depth) & np.isfinite(distance)
    ranking = Ranking(np.full((n, depth), -1, dtype=np.intp), np.full((n, depth), np.inf))
    ranking.near[row[kept], place[kept]] = column[kept]
    ranking.distance[row[kept], place[kept]] = distance[kept]
    return ranking


def _least(apart: Numbers, column: Counts, draw: Moves) -> Numbers:
    """How near a draw can bring pairs, without the row's own move. It never falls when a draw moves less."""
    return np.asarray(apart * (draw.shrunk * (1 - _MARGIN)) - draw.own[column])


def _measured(points: Numbers, recipe: NearestGroup, row: Counts, column: Counts) -> Numbers:
    """The distances of pairs."""
    distance = np.empty(len(row))
    for start in range(0, len(row), _MEASURED_AT_ONCE):
        pairs = slice(start, start + _MEASURED_AT_ONCE)
        distance[pairs] = between(points, recipe, row[pairs], column[pairs])[1]
    return distance


def _metric(distance: Numbers, recipe: NearestGroup) -> Numbers:
    return np.sqrt(distance) if recipe.distance == "sqeuclidean" else distance
