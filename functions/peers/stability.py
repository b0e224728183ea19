"""How firmly a peer stands in a trust's list: noise on the inputs, and how often the peer is still there."""

import numpy as np

from functions.peers.nearest import (
    Block,
    Counts,
    Flags,
    Neighbours,
    Numbers,
    Standing,
    compared,
    list_lengths,
    ranking,
    scaled,
)
from shared.method.peer_groups import NearestGroup

_DRAWS_AT_ONCE = 50


def stability(
    matrix: Numbers,
    recipe: NearestGroup,
    found: Neighbours,
    standing: Standing | None = None,
    alike: Counts | None = None,
) -> Numbers:
    """For each entry of `found`: the share of seeded draws in which the peer is among the row's peers.

    In a draw every raw value is multiplied by 1 + noise·N(0, 1), and all is scaled anew.
    """
    standing = standing or Standing.itself(len(matrix))
    random = np.random.default_rng(recipe.stability.seed)
    stayed = np.zeros(len(found.row), dtype=np.intp)
    left = recipe.stability.draws
    while left:
        draws = min(left, _DRAWS_AT_ONCE)
        left -= draws
        noise = 1 + recipe.stability.noise * random.standard_normal((draws, *matrix.shape))
        for points in scaled(matrix * noise, recipe):
            for block in compared(points, recipe, alike):
                here = slice(*np.searchsorted(found.row, [block.rows.start, block.rows.stop]))
                chosen = _members(block, recipe, standing)
                stayed[here] += chosen[found.row[here] - block.rows.start, found.peer[here]]
    return stayed / recipe.stability.draws


def _members(block: Block, recipe: NearestGroup, standing: Standing) -> Flags:
    """Rows × targets: whether the target is among the row's peers.

    The k-th smallest distance is found much faster than a ranking; only rows where a tie at that distance would let
    in more than k are ranked.
    """
    barred = standing.barred[block.rows]
    distance = block.distance
    if recipe.successors.refill:
        distance = np.minimum.reduceat(distance[:, standing.source], standing.starts, axis=1)
        distance[barred] = np.inf
    k = min(recipe.k, distance.shape[1])
    last = np.partition(distance, k - 1, axis=1)[:, [k - 1]]
    chosen = (distance <= last) & np.isfinite(distance)
    tied = np.flatnonzero(chosen.sum(axis=1) > k)
    if not recipe.successors.refill:
        chosen = np.logical_or.reduceat(chosen[:, standing.source], standing.starts, axis=1) & ~barred
    if len(tied):
        _, places = ranking(block.distance[tied], standing, barred[tied])
        lengths = list_lengths(places, block.distance.shape[1], recipe)
        by_place = np.argsort(np.argsort(places, axis=1, kind="stable"), axis=1)
        chosen[tied] = by_place < lengths[:, None]
    return chosen
