"""The tables that peers computes for a snapshot. Pure."""

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from functions.peers.characteristics import characteristics
from functions.peers.checks import findings
from functions.peers.groups import ORDER, KeptGroups, peer_groups
from shared.facts.apply_findings import apply_findings
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


def compute(facts: Facts, snapshot: "Snapshot", method: "Method", kept: KeptGroups | None = None) -> PeerTables:
    """Check a snapshot's facts, then make the peer groups from the values that the findings do not exclude. Groups that
    are `kept` are not computed again.

    Findings exclude numbers and the population is made of texts, so one population serves both. The peers of a further
    level are those of its own organisations.
    """
    population = Population(facts, method.programme)
    across_files = findings(facts, snapshot, method, population)
    usable = apply_findings(facts, across_files)
    levels = [(usable, population)] + [
        (facts_of_level(usable, level, population, method), population.of_level(level))
        for level in method.programme.population.levels[1:]
    ]
    return PeerTables(
        across_files,
        pa.concat_tables([characteristics(of, method, who) for of, who in levels]).combine_chunks(),
        pa.concat_tables([peer_groups(of, method, who, kept) for of, who in levels]).sort_by(ORDER).combine_chunks(),
    )
