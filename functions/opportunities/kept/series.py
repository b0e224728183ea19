"""Computed shards in the data bucket: those of a metric together, named by the keys of its shards."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import batched

import pyarrow as pa

from functions.opportunities.figures.figures import ShardTables
from functions.opportunities.kept.series_tables import (
    Series,
    keys_of,
    metrics_of,
    series_from,
    shards_from,
    to_tables,
    trend_of,
)
from shared import keys
from shared.aws import bundle
from shared.aws.store import PARQUET, Missing, Store
from shared.content import digest, sha256, to_json
from shared.ids import ReleaseId
from shared.releases.manifest import Part
from shared.releases.write import SHARDS, StoredPart
from shared.tables import to_bytes

_AT_ONCE = 64
"""How many series are in memory as bytes."""


class KeptSeries:
    """What is computed is kept, and what was kept is not computed again. `earlier`: releases some of whose shards may
    still be right; looking in all of them would cost more than it saves. `keep`: whether new ones are kept."""

    def __init__(self, data: Store, earlier: Iterable[ReleaseId], *, keep: bool = True) -> None:
        self._data, self._earlier, self._keep = data, [*dict.fromkeys(earlier)], keep
        self.series: dict[str, str] = {}
        self.computed = self.shards = 0

    def find(self, wanted: Mapping[str, Sequence[str]]) -> Mapping[str, Series]:
        """The series that have all shards of a metric, by metric. `wanted`: metric → the keys of its shards."""
        found = {}
        for some in batched(wanted, _AT_ONCE, strict=False):
            names = [digest(*wanted[metric]) for metric in some]
            bodies = self._data.find_all([keys.series(name) for name in names])
            for metric, name, stored in zip(some, names, bodies, strict=True):
                if stored is not None:
                    found[metric] = series_from(bundle.from_bytes(stored.body))
                    self.series[metric] = name
                    self.shards += len(wanted[metric])
        return found

    def known(self, metric: str, wanted: Collection[str]) -> set[str]:
        """Those of a metric's shards with these keys that earlier releases have."""
        return {key for _, tables in self._of_earlier(metric) for key in keys_of(tables)} & {*wanted}

    def shards_of(self, metric: str, wanted: Collection[str]) -> dict[str, ShardTables]:
        """The shards of a metric that are `known`, by key."""
        found: dict[str, ShardTables] = {}
        for name, tables in self._of_earlier(metric):
            if {*keys_of(tables)} & {*wanted} - found.keys():
                parts = self._data.get_all([keys.series_table(name, table) for table in ("metrics", "trend")])
                shards = shards_from(tables, *(part.body for part in parts))
                found |= {key: one for key, one in shards.items() if key in wanted}
        return found

    def keep(self, metric: str, shards: Mapping[str, ShardTables], trusts: Sequence[int], computed: int) -> Series:
        """Keep all shards of a metric, by key and oldest first, `computed` of which are new. `trusts`: how many each
        level has."""
        name = digest(*shards)
        self.series[metric] = name
        self.computed += computed
        self.shards += len(shards)
        if not self._keep:
            return Series.of([*shards.values()])
        parts = {}
        windows = [one.metrics.num_rows for one in shards.values()]  # readers read one at a time
        for table, rows, runs in (
            ("metrics", metrics_of([*shards.values()]), windows),
            ("trend", trend_of([*shards.values()], trusts), None),
        ):
            body = to_bytes(rows, runs=runs)
            self._data.put(keys.series_table(name, table), body, PARQUET)
            parts[table] = Part(sha256=sha256(body), rows=rows.num_rows)
        self._data.put(keys.series(name), bundle.to_bytes(to_tables(shards, trusts, parts)))
        return Series.of([*shards.values()], parts)

    def parts(self, found: Mapping[str, Series]) -> dict[str, dict[str, StoredPart]]:
        """Table → metric → its file, of series that were found or kept."""
        of_table: dict[str, dict[str, StoredPart]] = {}
        for metric, one in found.items():
            for table, part in one.parts.items():
                stored = StoredPart(keys.series_table(self.series[metric], table), part)
                of_table.setdefault(table, {})[metric] = stored
        return of_table

    def listing(self) -> bytes:
        """The series of each metric, as JSON."""
        return to_json(dict(sorted(self.series.items())))

    def _of_earlier(self, metric: str) -> Iterator[tuple[str, Mapping[str, pa.Table]]]:
        for name in dict.fromkeys(series for one in self._listed if (series := one.get(metric))):
            stored = self._data.find(keys.series(name))
            if stored is not None:
                yield name, bundle.from_bytes(stored.body)

    @cached_property
    def _listed(self) -> list[Mapping[str, str]]:
        listed = []
        for release_id in self._earlier:
            try:
                listed.append(read_listing(self._data, release_id))
            except Missing:  # a release of before shards were kept
                continue
        return listed


def read_listing(data: Store, release_id: ReleaseId) -> Mapping[str, str]:
    """Metric → its series, of a release; Missing if it has none."""
    listing: Mapping[str, str] = json.loads(data.get(keys.release(release_id, SHARDS)).body)
    return listing
