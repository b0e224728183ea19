"""The stability of a trust's peers: how often each is still in the list when noise is added to the inputs."""

import numpy as np

from functions.peers.distances import Numbers
from functions.peers.nearest import Neighbours, Representatives, Texts, listed, scaled
from shared.method.peer_groups import NearestGroup

_DRAWS_AT_ONCE = 50


def stability(
    matrix: Numbers,
    recipe: NearestGroup,
    neighbours: Neighbours,
    representatives: Representatives | None = None,
    texts: Texts | None = None,
) -> Numbers:
    """For each entry of `neighbours`: the share of seeded draws in which the peer is among the row's peers.

    In a draw every raw value is multiplied by 1 + noise·N(0, 1), and all values are scaled again. NaN if the recipe has
    no draws.
    """
    draws = recipe.stability.draws
    if draws == 0:
        return np.full(len(neighbours.row), np.nan)
    texts = texts or Texts()
    representatives = representatives or Representatives.itself(len(matrix))
    peers_only = recipe.model_copy(update={"runners_up": 0})
    codes = int(representatives.named.max(initial=0)) + 1
    entry = neighbours.row * codes + neighbours.peer
    random = np.random.default_rng(recipe.stability.seed)
    stayed = np.zeros(len(entry), dtype=np.intp)
    for start in range(0, draws, _DRAWS_AT_ONCE):
        noise = random.standard_normal((min(_DRAWS_AT_ONCE, draws - start), *matrix.shape))
        for points in scaled(matrix * (1 + recipe.stability.noise * noise), recipe, texts.within):
            drawn = listed(points, peers_only, representatives, texts)
            peers = (drawn.row * codes + drawn.peer)[~drawn.one_sided]
            stayed += np.isin(entry, peers, kind="table")
    return stayed / draws
