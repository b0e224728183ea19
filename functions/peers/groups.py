"""Every peer group of a method as rows of one table: who is compared with whom."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.peers.characteristics import (
    Characteristics,
    StandsFor,
    attribute_by_period,
    known,
    shared_texts,
    stands_for,
)
from functions.peers.distances import Counts, Numbers
from functions.peers.nearest import Neighbours, Representatives, nearest
from functions.peers.stability import stability
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.peer_groups import LandedListGroup, NearestGroup, SameAttributeGroup
from shared.method.terms import Ref
from shared.statuses import PeerRole
from shared.tables import PEERS, of_columns

if TYPE_CHECKING:
    from shared.method.method import Method

_ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    (name, "ascending") for name in ("group_id", "period_end", "trust_code", "role", "rank", "peer_code")
]


def peer_groups(facts: Facts, method: "Method") -> pa.Table:
    """The members of every group but the national one: schema `PEERS`, sorted by its keys."""
    programme = method.programme
    population = Population(facts, programme)
    tables = [PEERS.empty_table()]
    for group_id, group in method.peer_groups.items():
        if isinstance(group, NearestGroup):
            tables.append(_nearest(group_id, group, facts, population))
        elif isinstance(group, SameAttributeGroup):
            tables.append(_members(group_id, _same_attribute(group, facts, population)))
        elif isinstance(group, LandedListGroup):
            tables.append(_members(group_id, _landed_list(group, facts)))
    return pa.concat_tables(tables).sort_by(_ORDER).combine_chunks()


def _nearest(group_id: str, group: NearestGroup, facts: Facts, population: Population) -> pa.Table:
    found = known(group, facts, population)
    if found is None:
        return PEERS.empty_table()
    who = stands_for(group.successors, facts, population)
    listed, standing = _standing(found.codes, who)
    if not listed:
        return PEERS.empty_table()
    texts = shared_texts(group, found.codes, who, facts)
    attribute_ids = None if texts is None else _alike(texts)
    neighbours = nearest(found.matrix, group, standing, attribute_ids)
    stability_shares = stability(found.matrix, group, neighbours, standing, attribute_ids)
    return _ranked(group_id, group, found, listed, neighbours, stability_shares)


def _standing(codes: list[str], who: StandsFor) -> tuple[list[str], Representatives]:
    """The codes that lists may name, sorted, and how trusts stand for them."""
    named = [sorted(set(who(code))) for code in codes]
    listed = sorted({each for group in named for each in group})
    place = {code: t for t, code in enumerate(listed)}
    width = max(map(len, named), default=0) or 1
    stands = np.full((len(codes), width), -1, dtype=np.intp)
    for p, group in enumerate(named):
        stands[p, : len(group)] = [place[each] for each in group]
    itself = np.array([[place.get(code, -1)] for code in codes], dtype=np.intp)
    return listed, Representatives(stands, np.hstack([itself, stands]))


def _alike(texts: list[str | None]) -> Counts:
    """Equal numbers for equal texts, -1 for none."""
    return pd.factorize(pd.Series(texts, dtype="str"))[0]


def _ranked(
    group_id: str,
    group: NearestGroup,
    found: Characteristics,
    listed: list[str],
    neighbours: Neighbours,
    stability_shares: Numbers,
) -> pa.Table:
    n = len(neighbours.row)
    names = np.array([Ref.parse(variable.measure).measure for variable in group.variables])
    held = ~np.isnan(neighbours.contributions)
    shares = pa.MapArray.from_arrays(
        np.r_[0, held.sum(axis=1).cumsum()].astype(np.int32),
        pa.array(np.broadcast_to(names, held.shape)[held], pa.string()),
        pa.array(neighbours.contributions[held]),
    )
    return of_columns(
        PEERS,
        n,
        group_id=[group_id] * n,
        trust_code=np.array(found.codes)[neighbours.row],
        rank=neighbours.rank,
        peer_code=np.array(listed)[neighbours.peer],
        distance=neighbours.distance,
        variables_used=neighbours.variables_used,
        stability=pa.array(stability_shares, from_pandas=True),
        contributions=shares,
        role=np.where(neighbours.runner_up, PeerRole.RUNNER_UP, PeerRole.PEER),
        period=[found.period] * n,
        period_end=[found.period_end] * n,
    )


class Members(NamedTuple):
    """Trusts and their peers, unranked, of one period; `period_end` is None for a list, which has no days."""

    period: str
    period_end: date | None
    trust_codes: Sequence[str]
    peer_codes: Sequence[str]


def _same_attribute(group: SameAttributeGroup, facts: Facts, population: Population) -> Iterator[Members]:
    for stated in attribute_by_period(group, facts, population):
        attribute_ids = pd.DataFrame({"code": stated.texts.index, "text": stated.texts.to_numpy()})
        pairs = attribute_ids.merge(attribute_ids, on="text", suffixes=("", "_peer"))
        pairs = pairs[pairs["code"] != pairs["code_peer"]]
        yield Members(stated.period, stated.period_end, pairs["code"].tolist(), pairs["code_peer"].tolist())


def _landed_list(group: LandedListGroup, facts: Facts) -> Iterator[Members]:
    rows = facts.rows(Ref.parse(group.measure))
    pairs = rows.loc[(rows["period"] == group.list) & (rows["state"] == "value"), ["code", "text"]].drop_duplicates()
    pairs = pairs[pairs["code"] != pairs["text"]]
    yield Members(group.list, None, pairs["code"].tolist(), pairs["text"].tolist())


def _members(group_id: str, parts: Iterator[Members]) -> pa.Table:
    tables = [PEERS.empty_table()]
    for part in parts:
        n = len(part.trust_codes)
        tables.append(
            of_columns(
                PEERS,
                n,
                group_id=[group_id] * n,
                trust_code=part.trust_codes,
                peer_code=part.peer_codes,
                role=[PeerRole.PEER] * n,
                period=[part.period] * n,
                period_end=[part.period_end] * n,
            )
        )
    return pa.concat_tables(tables)
