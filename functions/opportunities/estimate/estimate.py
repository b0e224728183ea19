"""Estimate: facts, peers and a method in; metrics, opportunities, their trend and trusts out. Pure.

Each level of organisations is computed on its own: nothing is compared or added up across levels.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Protocol

import pyarrow as pa

from functions.opportunities.estimate.compute import compute
from functions.opportunities.estimate.shard_keys import NamedFacts, ShardKeys
from functions.opportunities.figures.figures import ShardTables
from functions.opportunities.figures.scope import Scope
from functions.opportunities.kept.series_tables import Series
from functions.opportunities.measure.plan import Shard
from shared.errors import HeadroomError
from shared.method.method import Method


class Kept(Protocol):
    """Shards that were computed before."""

    def find(self, wanted: Mapping[str, Sequence[str]]) -> Mapping[str, Series]:
        """The series that have all shards of a metric, by metric. `wanted`: metric → the keys of its shards."""

    def known(self, metric: str, wanted: Collection[str]) -> Collection[str]:
        """Those of a metric's shards with these keys that were kept."""

    def shards_of(self, metric: str, wanted: Collection[str]) -> Mapping[str, ShardTables]:
        """The shards of a metric that are `known`, by key."""

    def keep(self, metric: str, shards: Mapping[str, ShardTables], trusts: Sequence[int], computed: int) -> Series:
        """Keep all shards of a metric, by key and oldest first, `computed` of which are new. `trusts`: how many each
        level has."""


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
        self._trusts = [len(level.codes) for level in self.scope.levels]
        shards = [one for one in self.scope.plan.shards if metrics is None or one.metric in metrics]
        named = zip(shards, ShardKeys(source, self.scope, peers).of(shards), strict=True)
        self._keys = {name: dict(own) for name, own in groupby(named, key=lambda one: one[0].metric)}
        self._series = {**kept.find({name: [*own.values()] for name, own in self._keys.items()})}
        self._missing: list[Shard] = []
        self.values: dict[str, int] = {}
        for name, own in self._keys.items():
            if name not in self._series:
                known = kept.known(name, own.values())
                missing = [shard for shard, key in own.items() if key not in known]
                self._missing += missing
                self.values |= {name: len(missing) * sum(self._trusts)} if missing else {}

    def compute(self, most: int | None = None) -> Mapping[str, Series]:
        """Compute and keep what is missing: the series of all metrics.

        TooMuch, before anything is computed, if more than `most` values are missing; None computes any number.
        """
        if most is not None and sum(self.values.values()) > most:
            raise TooMuch(self.values, self.scope.method)
        for name, computed in groupby(compute(self._source, self.scope, self._missing), key=lambda one: one[0].metric):
            self._keep(name, dict(computed))
        for name in [name for name in self._keys if name not in self._series]:  # of fewer windows than before
            self._keep(name, {})
        return self._series

    def _keep(self, name: str, new: Mapping[Shard, ShardTables]) -> None:
        own = self._keys[name]
        before = [key for shard, key in own.items() if shard not in new]
        found = self._kept.shards_of(name, before) if before else {}
        shards = {key: new[shard] if shard in new else found[key] for shard, key in own.items()}
        self._series[name] = self._kept.keep(name, shards, self._trusts, len(new))
