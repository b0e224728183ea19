"""Estimate: facts, peers and a method in; metrics, opportunities, their trend and trusts out. Pure.

Each level of organisations is computed on its own: nothing is compared or added up across levels.
"""

from itertools import groupby

import pyarrow as pa

from functions.opportunities.estimate.figures import ShardTables
from functions.opportunities.estimate.scope import Scope, WholeFacts
from functions.opportunities.measure.plan import Shard
from functions.opportunities.shards.assemble import Estimate, assemble
from functions.opportunities.shards.compute import compute
from functions.opportunities.shards.kept_series import KeptSeries
from functions.opportunities.shards.shard_keys import NamedFacts, ShardKeys
from shared.facts.facts import Facts
from shared.method.method import Method


def estimate(facts: Facts, peers: pa.Table, method: Method) -> Estimate:
    """All metrics and opportunities of a method, over every window held. `peers` has the schema PEERS."""
    return estimate_from(WholeFacts(facts, method), peers, method)


def estimate_from(source: NamedFacts, peers: pa.Table, method: Method, kept: KeptSeries) -> Estimate:
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
