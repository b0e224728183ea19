"""How firmly a peer stands in a trust's list: noise on the inputs, and how often the peer is still there."""

import numpy as np

from functions.peers.distances import Counts, Numbers
from functions.peers.nearest import Neighbours, Representatives, listed, scaled
from shared.method.peer_groups import NearestGroup

_DRAWS_AT_ONCE = 50


def stability(
    matrix: Numbers,
    recipe: NearestGroup,
    found: Neighbours,
    standing: Representatives | None = None,
    attribute_ids: Counts | None = None,
) -> Numbers:
    """For each entry of `found`: the share of seeded draws in which the peer is among the row's peers.

    In a draw every raw value is multiplied by 1 + noise·N(0, 1), and all is scaled anew. NaN where no draws are asked
    for.
    """
    draws = recipe.stability.draws
    if draws == 0:
        return np.full(len(found.row), np.nan)
    standing = standing or Representatives.itself(len(matrix))
    peers_only = recipe.model_copy(update={"runners_up": 0})
    codes = int(standing.named.max(initial=0)) + 1
    entry = found.row * codes + found.peer
    random = np.random.default_rng(recipe.stability.seed)
    stayed = np.zeros(len(entry), dtype=np.intp)
    for start in range(0, draws, _DRAWS_AT_ONCE):
        noise = random.standard_normal((min(_DRAWS_AT_ONCE, draws - start), *matrix.shape))
        for points in scaled(matrix * (1 + recipe.stability.noise * noise), recipe):
            drawn = listed(points, peers_only, standing, attribute_ids)
            stayed += np.isin(entry, drawn.row * codes + drawn.peer, kind="table")
    return stayed / draws
