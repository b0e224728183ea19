"""Rankings among candidates are those of everyone, in the order of codes where distances became equal."""

import numpy as np

from functions.peers.candidates import candidates, moves, ranked_among
from functions.peers.distances import ranked
from tests.support.groups_of import recipe


def test_distances_that_a_move_makes_equal_stand_in_order_of_code() -> None:
    group = recipe([{}])
    before, after = np.array([[0.0], [1.0], [0.5]]), np.array([[0.0], [1.0], [1.0]])
    draw = moves(before, after, group)
    known = candidates(before, draw, group, 2, None)
    assert known is not None
    found = ranked_among(known, after, draw, group)
    assert found.near[0].tolist() == [1, 2]
    assert found.distance[0].tolist() == [1.0, 1.0]
    assert found.near.tolist() == ranked(after, group, 2, None, np.arange(3)).near.tolist()
