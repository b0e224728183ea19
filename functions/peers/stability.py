"""The stability of a trust's peers: how often each is still in the list when noise is added to the inputs.

A draw moves every trust a little, so that only trusts that were near can become peers: see `candidates`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from functions.peers.candidates import candidates, most_of, moves, ranked_among
from functions.peers.distances import Counts, Numbers, Ranking, ranked
from functions.peers.nearest import Neighbours, Representatives, Texts, depth_of, listed, scaled
from shared.method.peer_groups import NearestGroup


class Entries(NamedTuple):
    """The entries of lists: each one's row, and the place of its peer (see `Lists`)."""

    row: Counts
    peer: Counts


_VALUES_AT_ONCE = 2**20
"""8 MB a copy of the characteristics of the draws that are made at once."""


def stability(
    matrix: Numbers,
    recipe: NearestGroup,
    entries: Entries | Neighbours,
    representatives: Representatives | None = None,
    texts: Texts | None = None,
) -> Numbers:
    """For each entry of lists: the share of seeded draws in which the peer is among the row's peers.

    In a draw every raw value is multiplied by 1 + noise·N(0, 1), and all values are scaled again. NaN if the recipe has
    no draws.
    """
    draws = recipe.stability.draws
    if draws == 0:
        return np.full(len(entries.row), np.nan)
    return stayed(matrix, recipe, entries, representatives, texts, range(draws)) / draws


def stayed(
    matrix: Numbers,
    recipe: NearestGroup,
    entries: Entries | Neighbours,
    representatives: Representatives | None,
    texts: Texts | None,
    draws: range,
) -> Counts:
    """For each entry of lists: in how many of some draws the peer is among the row's peers. The counts of parts
    of a range add up to those of the whole."""
    texts = texts or Texts()
    representatives = representatives or Representatives.itself(len(matrix))
    peers_only = recipe.model_copy(update={"runners_up": 0})
    depth = depth_of(peers_only, representatives)
    at_rest = scaled(matrix, recipe, texts.within)
    moved = [moves(at_rest, points, recipe) for points in _drawn(matrix, recipe, texts, draws)]
    near = candidates(at_rest, most_of(moved), recipe, depth, texts.within)
    codes = int(representatives.named.max(initial=0)) + 1
    entry = entries.row * codes + entries.peer
    order = np.argsort(entry, kind="stable")
    counts = np.zeros(len(entry), dtype=np.intp)
    for nth, points in enumerate(_drawn(matrix, recipe, texts, draws)):

        def rank(wanted: int, rows: Counts, nth: int = nth, points: Numbers = points) -> Ranking:
            if near is not None and wanted == depth and moved[nth].has_limits:
                return ranked_among(near, points, moved[nth], recipe)
            return ranked(points, recipe, wanted, texts.within, rows)

        drawn = listed(points, peers_only, representatives, texts, rank)
        peers = np.sort((drawn.row * codes + drawn.peer)[~drawn.one_sided])
        place = np.searchsorted(peers, entry[order])
        counts[order] += np.append(peers, -1)[place] == entry[order]
    return counts


def _drawn(matrix: Numbers, recipe: NearestGroup, texts: Texts, draws: range) -> Iterator[Numbers]:
    """The scaled points of some draws. One stream of random numbers serves all, from the first draw on."""
    random = np.random.default_rng(recipe.stability.seed)
    at_once = max(1, _VALUES_AT_ONCE // max(1, matrix.size))
    for start in range(0, draws.stop, at_once):
        noise = random.standard_normal((min(at_once, draws.stop - start), *matrix.shape))
        wanted = noise[max(0, draws.start - start) :]
        if len(wanted):
            yield from scaled(matrix * (1 + recipe.stability.noise * wanted), recipe, texts.within)
