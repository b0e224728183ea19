"""Every peer group of a method as rows of one table: the peers of each trust."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, Self

import numpy as np
import pyarrow as pa

from functions.peers.characteristics import (
    Characteristics,
    NearestFacts,
    StandsFor,
    nearest_facts,
)
from functions.peers.distances import Numbers
from functions.peers.draws import Draws
from functions.peers.nearest import Neighbours, Representatives, Texts, nearest
from functions.peers.stability import Entries
from shared.compute import pc
from shared.content import canonical, digest
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.peer_groups import LandedListGroup, NearestGroup
from shared.method.terms import Ref
from shared.statuses import PeerRole
from shared.tables import PEERS, of_columns, taken

if TYPE_CHECKING:
    from shared.method.method import Method

ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    (name, "ascending") for name in ("group_id", "period_end", "trust_code", "role", "rank", "peer_code")
]


GROUP_BUILD = 1
"""Raise it when the same characteristics could give other peers than before: then every group is computed again. A test
compares the code with the digest recorded for this number."""


class KeptGroups(Protocol):
    """Tables of groups that were computed before, by the content of what they were computed from."""

    def find(self, key: str) -> pa.Table | None:
        """The table with a key (schema PEERS), if there is one."""

    def counted(self, inputs: "NearestInputs") -> pa.Table | None:
        """The table of a group whose draws others counted; None if they did not count all of them."""

    def keep(self, key: str, table: pa.Table) -> None:
        """Keep a table."""


def peer_groups(
    facts: Facts,
    method: "Method",
    population: Population,
    kept: KeptGroups | None = None,
    nearest: Sequence[NearestFacts] | None = None,
) -> pa.Table:
    """The peers of every group that names them pair by pair: schema `PEERS`, sorted by its keys.

    Peers by attribute are all that share a text, so that `CHARACTERISTICS` says who they are: there are t memberships
    and up to t² pairs. The national group has no list either. Groups that are `kept` are not computed again.
    `nearest`: what `nearest_facts` gives, if it is known.
    """
    tables = {
        group_id: _landed_list(group_id, group, facts, population)
        for group_id, group in method.peer_groups.items()
        if isinstance(group, LandedListGroup)
    }
    for inputs in nearest_inputs(nearest_facts(facts, method, population) if nearest is None else nearest):
        tables[inputs.group_id] = _nearest(inputs, kept)
    ordered = [_ordered(tables.pop(group_id)) for group_id in sorted(tables)]
    return pa.concat_tables([PEERS.empty_table(), *ordered])


def _ordered(table: pa.Table) -> pa.Table:
    """A table in `ORDER`: itself if it is already, since a copy of a large group takes hundreds of MB."""
    places = pc.sort_indices(table, sort_keys=ORDER)
    return table if places.equals(pa.array(np.arange(len(places), dtype=np.uint64))) else table.take(places)


class NearestInputs(NamedTuple):
    """All that the peers of a nearest group are computed from. `listed`: the codes that lists may name."""

    group_id: str
    group: NearestGroup
    newest: Characteristics
    listed: list[str]
    representatives: Representatives
    texts: Texts

    @property
    def key(self) -> str:
        """The content of it."""
        texts, representatives = self.texts, self.representatives
        within = [] if texts.within is None else [texts.within]
        arrays = [self.newest.matrix, representatives.named, representatives.barred, *within, *texts.preferred]
        about = [
            GROUP_BUILD,
            self.group_id,
            self.group.model_dump_json(),
            self.newest.codes,
            self.newest.periods,
            self.listed,
            texts.within is None,
            [each.shape for each in arrays],
        ]
        return digest(canonical(about), *(np.ascontiguousarray(each).tobytes() for each in arrays))

    @property
    def cells(self) -> int:
        """Organisations × draws."""
        return len(self.newest.codes) * self.group.stability.draws


def nearest_inputs(groups: Iterable[NearestFacts]) -> Iterator[NearestInputs]:
    """Those of the groups that have codes to list."""
    for group_id, group, newest, candidates, texts in groups:
        listed, representatives = _representatives(newest.codes, candidates)
        if listed:
            yield NearestInputs(group_id, group, newest, listed, representatives, texts.numbered)


class Begun(NamedTuple):
    """A nearest group whose stability is null, and what its stability is counted from."""

    table: pa.Table
    draws: Draws

    @classmethod
    def of(cls, inputs: NearestInputs) -> Self:
        """The lists of a group, without draws."""
        _, group, newest, _, representatives, texts = inputs
        neighbours = nearest(newest.matrix, group, representatives, texts)
        entries = Entries(neighbours.row, neighbours.peer)
        return cls(_ranked(inputs, neighbours), Draws(group, newest.matrix, representatives, texts, entries))

    def finished(self) -> pa.Table:
        """The group with its stability."""
        return with_stability(self.table, self.draws.shares())


def with_stability(table: pa.Table, shares: Numbers) -> pa.Table:
    """A group with the stability of each entry; NaN is none."""
    field = PEERS.field("stability")
    return table.set_column(PEERS.get_field_index(field.name), field, pa.array(shares, field.type, from_pandas=True))


def _nearest(inputs: NearestInputs, kept: KeptGroups | None) -> pa.Table:
    table = kept.find(inputs.key) if kept else None
    if table is not None:
        return table
    counted = kept.counted(inputs) if kept else None
    table = Begun.of(inputs).finished() if counted is None else counted
    if kept:
        kept.keep(inputs.key, table)
    return table


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


def _ranked(inputs: NearestInputs, neighbours: Neighbours) -> pa.Table:
    group_id, group, newest, listed, _, _ = inputs
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
