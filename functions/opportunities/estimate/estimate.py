"""Estimate: facts, peers and a method in; metrics, opportunities, their trend and trusts out. Pure.

Each level of organisations is computed on its own: nothing is compared or added up across levels.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Protocol

import pyarrow as pa

from functions.opportunities.estimate.assemble import Assembled, Estimate, assemble
from functions.opportunities.estimate.compute import compute
from functions.opportunities.estimate.shard_keys import NamedFacts, ShardKeys
from functions.opportunities.figures.figures import ShardTables
from functions.opportunities.figures.scope import Scope, WholeFacts
from functions.opportunities.measure.plan import Shard
from shared.errors import HeadroomError
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


def estimate_kept(
    source: NamedFacts, peers: pa.Table, method: Method, kept: Kept, most: int | None = None
) -> Assembled:
    """The same of facts that are read a part at a time. Shards that were kept are not computed; the others are kept.

    TooMuch, before anything is computed, if more than `most` values are missing; None computes any number.
    """
    missing = MissingShards(source, peers, method, kept)
    if most is not None and sum(missing.values.values()) > most:
        raise TooMuch(missing.values, method)
    return assemble(missing.scope, missing.compute())


class TooMuch(HeadroomError):
    """More values are missing than one call may compute: `values` says of each metric of the method how many."""

    def __init__(self, values: Mapping[str, int], method: Method) -> None:
        self.values, self.method = values, method
        super().__init__(f"{sum(values.values()):,} values of {len(values)} metrics are missing")


class MissingShards:
    """The shards that have to be computed: all of a method's, or those of some metrics, but for those that were kept.

    `values`: metric → how many values are missing, one for each organisation and window.
    """

    def __init__(
        self,
        source: NamedFacts,
        peers: pa.Table,
        method: Method,
        kept: Kept,
        metrics: Collection[str] | None = None,
    ) -> None:
        self.scope = Scope.of(source, peers, method)
        self._source, self._kept = source, kept
        shards = [one for one in self.scope.plan.shards if metrics is None or one.metric in metrics]
        self._keys = dict(zip(shards, ShardKeys(source, self.scope, peers).of(shards), strict=True))
        self._by_metric = {name: [*own] for name, own in groupby(shards, key=lambda shard: shard.metric)}
        self._tables: dict[Shard, ShardTables] = {}
        self._missing: list[Shard] = []
        for name, own in self._by_metric.items():
            found = kept.find(name, [self._keys[shard] for shard in own])
            self._tables |= {shard: found[self._keys[shard]] for shard in own if self._keys[shard] in found}
            self._missing += [shard for shard in own if shard not in self._tables]
        organisations = sum(len(level.codes) for level in self.scope.levels)
        self.values = {
            name: count * organisations for name, count in Counter(shard.metric for shard in self._missing).items()
        }

    def compute(self) -> Mapping[Shard, ShardTables]:
        """Compute and keep what is missing: the tables of all shards."""
        for name, computed in groupby(compute(self._source, self.scope, self._missing), key=lambda one: one[0].metric):
            new = dict(computed)
            self._tables |= new
            self._kept.keep(name, {self._keys[one]: self._tables[one] for one in self._by_metric[name]}, len(new))
        return self._tables
