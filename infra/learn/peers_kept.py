"""How the peers of every organisation differ between learnt weights and equal ones."""

import pandas as pd

from functions.peers.groups import peer_groups
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.method import Method
from shared.method.peer_groups import NearestGroup, Stability
from shared.statuses import PeerRole

_LEARNT, _EQUAL = "learnt", "equal"


def with_equal_weights(group: NearestGroup) -> NearestGroup:
    """A group with the weight 1 for all of its variables."""
    variables = tuple(variable.model_copy(update={"weight": 1.0}) for variable in group.variables)
    return group.model_copy(update={"variables": variables})


def peers_kept(
    learnt: NearestGroup, equal: NearestGroup, facts: Facts, method: Method, population: Population
) -> "pd.Series[float]":
    """By code, in order: the share of the peers by equal weights that are peers by the learnt weights too."""
    groups = {
        name: group.model_copy(update={"stability": Stability(draws=0)})
        for name, group in ((_LEARNT, learnt), (_EQUAL, equal))
    }
    rows = peer_groups(facts, method.model_copy(update={"peer_groups": groups}), population).to_pandas()
    rows = rows[rows["role"] == PeerRole.PEER]
    peers = {
        name: rows[rows["group_id"] == name].groupby("trust_code")["peer_code"].agg(frozenset)
        for name in (_LEARNT, _EQUAL)
    }
    shares = {
        str(code): len(before & peers[_LEARNT].get(code, frozenset())) / len(before)
        for code, before in peers[_EQUAL].items()
    }
    return pd.Series(shares, dtype=float).sort_index()
