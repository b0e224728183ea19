"""The tables that peers computes for a snapshot. Pure."""

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from functions.peers.characteristics import characteristics, nearest_facts
from functions.peers.checks.across import findings
from functions.peers.datasets.known import KnownFacts
from functions.peers.groups import ORDER, KeptGroups, peer_groups
from shared.facts.facts import Facts
from shared.facts.levels import facts_of_level
from shared.facts.population import Population

if TYPE_CHECKING:
    from shared.landing.snapshot import Snapshot
    from shared.method.method import Method


class PeerTables(NamedTuple):
    """Tables of the schemas FINDINGS, CHARACTERISTICS and PEERS."""

    findings: pa.Table
    characteristics: pa.Table
    peers: pa.Table


def compute(facts: KnownFacts, snapshot: "Snapshot", method: "Method", kept: KeptGroups | None = None) -> PeerTables:
    """Check a snapshot's files, then make the peer groups from the values that the findings do not exclude. Groups that
    are `kept` are not computed again.

    Only what a dataset shows by itself excludes values: `KnownFacts` have none of them. The peers of a further
    level are those of its own organisations.
    """
    levels = [(of, who, nearest_facts(of, method, who)) for of, who in levels_of(facts, method)]
    return PeerTables(
        findings(facts, snapshot, method, levels[0][1]),
        pa.concat_tables([characteristics(of, method, who, nearest) for of, who, nearest in levels]).combine_chunks(),
        _together([peer_groups(of, method, who, kept, nearest) for of, who, nearest in levels]),
    )


def levels_of(facts: Facts, method: "Method") -> list[tuple[Facts, Population]]:
    """The facts and the organisations of each level."""
    population = Population(facts, method.programme)
    return [(facts, population)] + [
        (facts_of_level(facts, level, population, method), population.of_level(level))
        for level in method.programme.population.levels[1:]
    ]


def _together(levels: list[pa.Table]) -> pa.Table:
    """The peers of all levels, sorted as each level's are."""
    return levels[0] if len(levels) == 1 else pa.concat_tables(levels).sort_by(ORDER).combine_chunks()
