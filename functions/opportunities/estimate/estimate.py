"""Estimate: facts, peers and a method in; metrics, opportunities, their trend and trusts out. Pure.

Each level of organisations is computed on its own: nothing is compared or added up across levels.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Protocol

import pyarrow as pa

from functions.opportunities.estimate.assemble import Assembled, Estimate, assemble
from functions.opportunities.estimate.compute import compute
from functions.opportunities.estimate.shard_keys import NamedFacts, ShardKeys
from functions.opportunities.figures.figures import ShardTables
from functions.opportunities.figures.scope import Scope, WholeFacts
from functions.opportunities.measure.plan import Shard
from shared.facts.facts import Facts
from shared.method.method import Method


class Kept(Protocol):
    """Shards that were computed before."""

    def find(self, metric: str, wanted: Sequence[str]) -> Mapping[str, ShardTables]:
        """The shards of a metric with these keys, as far as there are any, by key."""

    def keep(self, metric: str, shards: Mapping[str, ShardTables], computed: int) -> None:
        """Keep all shards of a metric, by key in order, `computed` of which are new."""


def estimate(facts: Facts, peers: pa.Table, method: Method) -> Estimate:
    """All metrics and opportunities of a method, over every window held. `peers` has the schema PEERS."""
    source = WholeFacts(facts, method)
    scope = Scope.of(source, peers, method)
    return assemble(scope, dict(compute(source, scope, scope.plan.shards))).whole()


def estimate_kept(source: NamedFacts, peers: pa.Table, method: Method, kept: Kept) -> Assembled:
    """The same of facts that are read a part at a time. Shards that were kept are not computed; the others are kept."""
    scope = Scope.of(source, peers, method)
    shard_keys = dict(zip(scope.plan.shards, ShardKeys(source, scope, peers).of(scope.plan.shards), strict=True))
    by_metric = {name: [*own] for name, own in groupby(scope.plan.shards, key=lambda shard: shard.metric)}
    tables: dict[Shard, ShardTables] = {}
    missing: list[Shard] = []
    for name, own in by_metric.items():
        found = kept.find(name, [shard_keys[shard] for shard in own])
        tables |= {shard: found[shard_keys[shard]] for shard in own if shard_keys[shard] in found}
        missing += [shard for shard in own if shard not in tables]
    for name, computed in groupby(compute(source, scope, missing), key=lambda one: one[0].metric):
        new = dict(computed)
        tables |= new
        kept.keep(name, {shard_keys[shard]: tables[shard] for shard in by_metric[name]}, len(new))
    return assemble(scope, tables)
