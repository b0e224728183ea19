"""Draws as one object: they are the same after they were stored, and may be counted in parts."""

import numpy as np
import pytest

from functions.peers.draws import Draws
from functions.peers.nearest import Representatives, Texts, nearest
from functions.peers.stability import Entries, stability
from tests.support.groups_of import recipe

KIND = np.array([0, 1, -1] * 10)


@pytest.mark.parametrize(
    "texts", [Texts(), Texts(within=KIND), Texts(preferred=(KIND, KIND[::-1].copy()))], ids=["none", "within", "prefer"]
)
def test_stored_draws_give_the_same_counts_in_any_parts(texts: Texts) -> None:
    random = np.random.default_rng(3)
    matrix = np.exp(random.normal(0, 1, (30, 3)))
    matrix[random.random((30, 3)) < 0.1] = np.nan
    given = {"within": "d.kind"} if texts.within is not None else {}
    given |= {"prefer": {"measure": "d.kind", "then": [{"measure": "d.other"}], "among": 9}} if texts.preferred else {}
    group = recipe([{}, {}, {"weight": 2}], k=4, stability={"draws": 20, "noise": 0.05}, **given)
    named = Representatives(np.r_[np.arange(29), 0][:, None], np.c_[np.arange(30), np.r_[np.arange(29), 0]])
    neighbours = nearest(matrix, group, named, texts)
    draws = Draws(group, matrix, named, texts, Entries(neighbours.row, neighbours.peer))
    stored = Draws.from_bytes(draws.to_bytes())
    assert stored.to_bytes() == draws.to_bytes()
    shares = stability(matrix, group, neighbours, named, texts)
    assert 0.1 < shares.mean() < 0.9
    assert stored.shares().tolist() == shares.tolist()
    parts = [stored.stayed(part) for part in (range(11, 20), range(4), range(4, 11))]
    assert (sum(parts) / 20).tolist() == shares.tolist()
