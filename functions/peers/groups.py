"""Every peer group of a method as rows of one table: the peers of each trust."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa

from functions.peers.characteristics import (
    Characteristics,
    StandsFor,
    candidates_for,
    group_texts,
    newest_values,
    stands_for,
)
from functions.peers.distances import Numbers
from functions.peers.nearest import Neighbours, Representatives, nearest
from functions.peers.stability import stability
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.peer_groups import LandedListGroup, NearestGroup, PeerGroup
from shared.method.terms import Ref
from shared.statuses import PeerRole
from shared.tables import PEERS, of_columns, taken

if TYPE_CHECKING:
    from shared.method.method import Method

ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    (name, "ascending") for name in ("group_id", "period_end", "trust_code", "role", "rank", "peer_code")
]


def peer_groups(facts: Facts, method: "Method", population: Population) -> pa.Table:
    """The peers of every group that names them pair by pair: schema `PEERS`, sorted by its keys.

    Peers by attribute are all that share a text, so that `CHARACTERISTICS` says who they are: there are t memberships
    and up to t² pairs. The national group has no list either.
    """
    tables = [group_table(group_id, group, facts, population) for group_id, group in method.peer_groups.items()]
    return pa.concat_tables([PEERS.empty_table(), *tables]).sort_by(ORDER).combine_chunks()


def group_table(group_id: str, group: PeerGroup, facts: Facts, population: Population) -> pa.Table:
    """One group's members (schema `PEERS`). They depend on its recipe, on the newest values and texts that it compares,
    and on successors; no other group has a say."""
    if isinstance(group, NearestGroup):
        return _nearest(group_id, group, facts, population)
    if isinstance(group, LandedListGroup):
        return _landed_list(group_id, group, facts, population)
    return PEERS.empty_table()


def _nearest(group_id: str, group: NearestGroup, facts: Facts, population: Population) -> pa.Table:
    newest = newest_values(group, facts, population)
    if newest is None:
        return PEERS.empty_table()
    stands_for_code = stands_for(group.successors, facts, population)
    listed, representatives = _representatives(newest.codes, candidates_for(group, stands_for_code, facts, population))
    if not listed:
        return PEERS.empty_table()
    texts = group_texts(group, newest.codes, stands_for_code, facts, population).numbered
    neighbours = nearest(newest.matrix, group, representatives, texts)
    stability_shares = stability(newest.matrix, group, neighbours, representatives, texts)
    return _ranked(group_id, group, newest, listed, neighbours, stability_shares)


def _representatives(codes: list[str], stands_for_code: StandsFor) -> tuple[list[str], Representatives]:
    """The codes that lists may name, sorted, and which of them each of `codes` is listed as."""
    named = [sorted(set(stands_for_code(code))) for code in codes]
    listed = sorted({each for group in named for each in group})
    place = {code: t for t, code in enumerate(listed)}
    width = max(map(len, named), default=0) or 1
    places = np.full((len(codes), width), -1, dtype=np.intp)
    for p, group in enumerate(named):
        places[p, : len(group)] = [place[each] for each in group]
    itself = np.array([[place.get(code, -1)] for code in codes], dtype=np.intp)
    return listed, Representatives(places, np.hstack([itself, places]))


def _ranked(
    group_id: str,
    group: NearestGroup,
    newest: Characteristics,
    listed: list[str],
    neighbours: Neighbours,
    stability_shares: Numbers,
) -> pa.Table:
    n = len(neighbours.row)
    names = [Ref.parse(variable.measure).measure for variable in group.variables]
    has_share = ~np.isnan(neighbours.contributions)
    roles = np.select([neighbours.runner_up, neighbours.one_sided], [1, 2], 0)
    shares = pa.MapArray.from_arrays(
        np.r_[0, has_share.sum(axis=1).cumsum()].astype(np.int32),
        taken(names, np.nonzero(has_share)[1]),
        pa.array(neighbours.contributions[has_share]),
    )
    return of_columns(
        PEERS,
        n,
        group_id=[group_id] * n,
        trust_code=taken(newest.codes, neighbours.row),
        rank=neighbours.rank,
        peer_code=taken(listed, neighbours.peer),
        distance=neighbours.distance,
        variables_used=neighbours.variables_used,
        stability=pa.array(stability_shares, from_pandas=True),
        contributions=shares,
        role=taken([PeerRole.PEER, PeerRole.RUNNER_UP, PeerRole.ONE_SIDED], roles),
        period=[newest.period] * n,
        period_end=[newest.period_end] * n,
    )


def _landed_list(group_id: str, group: LandedListGroup, facts: Facts, population: Population) -> pa.Table:
    rows = facts.rows(Ref.parse(group.measure))
    pairs = rows.loc[(rows["period"] == group.list) & (rows["state"] == "value"), ["code", "text"]].drop_duplicates()
    pairs = pairs[(pairs["code"] != pairs["text"]) & pairs["text"].map(population.is_known).astype(bool)]
    n = len(pairs)
    return of_columns(
        PEERS,
        n,
        group_id=[group_id] * n,
        trust_code=pairs["code"].tolist(),
        peer_code=pairs["text"].tolist(),
        role=[PeerRole.PEER] * n,
        period=[group.list] * n,  # a list has no days
    )
