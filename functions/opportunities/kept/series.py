"""Computed shards in the data bucket: one object for each metric, named by the keys of its shards."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import pyarrow as pa

from functions.opportunities.figures.figures import COMPACT_METRICS, COMPACT_TREND, ShardTables
from shared import keys
from shared.aws import bundle
from shared.aws.store import Missing, Store
from shared.content import digest, to_json
from shared.ids import ReleaseId
from shared.releases.write import SHARDS
from shared.tables import DISTRIBUTION, TOTALS, UNITS, columns

_SCHEMAS = {"metrics": COMPACT_METRICS, "cases": COMPACT_TREND, "distribution": DISTRIBUTION, "totals": TOTALS}

_INDEX = columns(**dict.fromkeys(_SCHEMAS, pa.int64()), key=pa.string(), units=pa.list_(pa.int64()))


class KeptSeries:
    """What is computed is kept, and what was kept is not computed again. `earlier`: releases some of whose shards may
    still be right; looking in all of them would cost more than it saves. `keep`: whether new ones are kept."""

    def __init__(self, data: Store, earlier: Iterable[ReleaseId], *, keep: bool = True) -> None:
        self._data, self._earlier, self._keep = data, [*dict.fromkeys(earlier)], keep
        self.series: dict[str, str] = {}
        self.computed = self.shards = 0

    def find(self, metric: str, wanted: Sequence[str]) -> dict[str, ShardTables]:
        """The shards of a metric with these keys, as far as there are any, by key."""
        whole = self._read(digest(*wanted))
        if whole is not None:
            self.shards += len(wanted)
            self.series[metric] = digest(*wanted)
            return whole
        found: dict[str, ShardTables] = {}
        for series in dict.fromkeys(series for one in self._listed if (series := one.get(metric))):
            if found.keys() >= {*wanted}:
                break
            found |= {key: tables for key, tables in (self._read(series) or {}).items() if key in wanted}
        if found.keys() >= {*wanted}:  # a series of fewer windows than before: none of them is computed
            self.keep(metric, {key: found[key] for key in wanted}, 0)
        return found

    def keep(self, metric: str, shards: Mapping[str, ShardTables], computed: int) -> None:
        """Keep all shards of a metric, by key in order, `computed` of which are new."""
        self.series[metric] = digest(*shards)
        self.computed += computed
        self.shards += len(shards)
        if self._keep:
            self._data.put(keys.series(self.series[metric]), to_bytes(shards))

    def listing(self) -> bytes:
        """The series of each metric, as JSON."""
        return to_json(dict(sorted(self.series.items())))

    @cached_property
    def _listed(self) -> list[Mapping[str, str]]:
        listed = []
        for release_id in self._earlier:
            try:
                listed.append(read_listing(self._data, release_id))
            except Missing:  # a release of before shards were kept
                continue
        return listed

    def _read(self, series: str) -> dict[str, ShardTables] | None:
        stored = self._data.find(keys.series(series))
        return None if stored is None else from_bytes(stored.body)


def read_listing(data: Store, release_id: ReleaseId) -> Mapping[str, str]:
    """Metric → its series, of a release; Missing if it has none."""
    listing: Mapping[str, str] = json.loads(data.get(keys.release(release_id, SHARDS)).body)
    return listing


def to_bytes(shards: Mapping[str, ShardTables]) -> bytes:
    """Shards by key as one object."""
    tables = {
        name: _concatenated(schema, [getattr(one, name) for one in shards.values()])
        for name, schema in _SCHEMAS.items()
    }
    tables["units"] = _concatenated(UNITS, [table for one in shards.values() for table in one.units])
    rows: dict[str, Any] = {name: [getattr(one, name).num_rows for one in shards.values()] for name in _SCHEMAS}
    rows["key"], rows["units"] = [*shards], [[table.num_rows for table in one.units] for one in shards.values()]
    index = pa.table(rows, _INDEX)
    return bundle.to_bytes({"index": index, **tables})


def from_bytes(body: bytes) -> dict[str, ShardTables]:
    """The shards that `to_bytes` wrote, in the same order."""
    tables = bundle.from_bytes(body)
    index = tables.pop("index").to_pydict()
    units = iter(_cut(tables.pop("units"), [rows for of_levels in index["units"] for rows in of_levels]))
    parts = {name: _cut(table, index[name]) for name, table in tables.items()}
    return {
        key: ShardTables(
            **{name: parts[name][nth] for name in _SCHEMAS}, units=[next(units) for _ in index["units"][nth]]
        )
        for nth, key in enumerate(index["key"])
    }


def _concatenated(schema: pa.Schema, tables: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *tables])


def _cut(table: pa.Table, rows: Sequence[int]) -> list[pa.Table]:
    return [table.slice(start, end - start) for start, end in pairwise(accumulate(rows, initial=0))]
