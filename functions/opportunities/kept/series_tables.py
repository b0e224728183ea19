"""The series of a metric: all its shards, in the forms in which releases and later series use them.

The table `metrics` of a series lies window by window, `trend` trust by trust; a release has both as they are. What a
release puts together of all metrics is small: the newest figures, and the rows about everyone.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from functions.opportunities.arrays import Whole
from functions.opportunities.figures.figures import COMPACT_METRICS, COMPACT_TREND, ShardTables
from shared.releases.manifest import Part
from shared.tables import METRICS, STRING, TOTALS, TREND, UNITS, Reordered, columns, from_bytes

_INDEX = columns(
    key=STRING, metrics=pa.int64(), cases=pa.int64(), distribution=pa.int64(), totals=pa.int64(),
    units=pa.list_(pa.int64()),
)  # fmt: skip
_PARTS = columns(name=STRING, sha256=STRING, rows=pa.int64())
_LEVELS = columns(trusts=pa.int64())
_EMPTY = {schema: schema.empty_table() for schema in (COMPACT_TREND, TOTALS, UNITS)}
"""One table for all metrics without rows: the columns of thousands of empty ones take half a gigabyte."""


class Series(NamedTuple):
    """What a release needs of a metric. `metrics` and `cases`: those of the newest window; `distribution` and `totals`:
    of all, one window after the other; `units`: a table for each level. `parts`: of the tables `metrics` and `trend`,
    if they were written."""

    metrics: pa.Table
    cases: pa.Table
    distribution: pa.Table
    totals: pa.Table
    units: Sequence[pa.Table]
    parts: Mapping[str, Part]

    @classmethod
    def of(cls, shards: Sequence[ShardTables], parts: Mapping[str, Part] | None = None) -> "Series":
        """The series of some shards, oldest first."""
        units = [pa.concat_tables(tables) for tables in zip(*(one.units for one in shards), strict=True)]
        return cls(
            shards[-1].metrics,
            shards[-1].cases,
            pa.concat_tables([one.distribution for one in shards]),
            pa.concat_tables([one.totals for one in shards]),
            units,
            parts or {},
        )


def metrics_of(shards: Sequence[ShardTables]) -> Reordered:
    """The table METRICS of all shards: by window, level and trust."""
    return Reordered.of(_joined(COMPACT_METRICS, [one.metrics for one in shards]))._replace(schema=METRICS)


def trend_of(shards: Sequence[ShardTables], trusts: Sequence[int]) -> Reordered:
    """The table TREND of all shards: by level, trust, opportunity and window. `trusts`: how many each level has."""
    held = [one.cases for one in shards if one.metrics.num_rows]
    table = _joined(COMPACT_TREND, held)
    return Reordered(table, _by_trust(len(held), table.num_rows, trusts), TREND)


def _by_trust(windows: int, rows: int, trusts: Sequence[int]) -> Whole:
    """Of rows that lie by window, level, opportunity and trust: their places by level, trust, opportunity and
    window."""
    opportunities = rows // max(windows * sum(trusts), 1)
    places = np.arange(rows).reshape(windows, -1) if rows else np.empty((windows, 0), dtype=np.int64)
    ends = [*accumulate((opportunities * number for number in trusts), initial=0)]
    parts = [
        places[:, start:end].reshape(windows, opportunities, number).transpose(2, 1, 0).ravel()
        for (start, end), number in zip(pairwise(ends), trusts, strict=True)
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def to_tables(
    shards: Mapping[str, ShardTables], trusts: Sequence[int], parts: Mapping[str, Part]
) -> dict[str, pa.Table]:
    """A series as tables by name, without the tables of which it is a part. `shards`: by key, oldest first."""
    series = Series.of([*shards.values()], parts)
    index = [
        {
            "key": key,
            "metrics": one.metrics.num_rows,
            "cases": one.cases.num_rows,
            "distribution": one.distribution.num_rows,
            "totals": one.totals.num_rows,
            "units": [table.num_rows for table in one.units],
        }
        for key, one in shards.items()
    ]
    return {
        "index": pa.Table.from_pylist(index, _INDEX),
        "levels": pa.table({"trusts": [*trusts]}, _LEVELS),
        "parts": pa.Table.from_pylist(
            [{"name": name, "sha256": one.sha256, "rows": one.rows} for name, one in parts.items()], _PARTS
        ),
        "metrics": _with_its_own_texts(series.metrics, METRICS),
        "cases": _with_its_own_texts(series.cases, TREND),
        "distribution": series.distribution,
        "totals": series.totals,
        "units": pa.concat_tables([UNITS.empty_table(), *series.units]),
    }


def series_from(tables: Mapping[str, pa.Table]) -> Series:
    """The series that `to_tables` made."""
    rows = zip(*tables["index"]["units"].to_pylist(), strict=True)  # level by level, of each shard
    return Series(
        tables["metrics"],
        _kept(tables["cases"], COMPACT_TREND),
        tables["distribution"],
        _kept(tables["totals"], TOTALS),
        [_kept(table, UNITS) for table in _cut(tables["units"], [sum(of_level) for of_level in rows])],
        {one["name"]: Part(sha256=one["sha256"], rows=one["rows"]) for one in tables["parts"].to_pylist()},
    )


def keys_of(tables: Mapping[str, pa.Table]) -> list[str]:
    """The keys of the shards of a series."""
    found: list[Any] = tables["index"]["key"].to_pylist()
    return found


def shards_from(tables: Mapping[str, pa.Table], metrics: bytes, trend: bytes) -> dict[str, ShardTables]:
    """The shards of a series by key, of its tables and its parts, which are parquet."""
    series, index = series_from(tables), tables["index"].to_pydict()
    held = [rows > 0 for rows in index["metrics"]]
    moved = _numbered(trend, COMPACT_TREND)
    trusts: list[Any] = tables["levels"]["trusts"].to_pylist()
    places: Any = pa.array(np.argsort(_by_trust(sum(held), moved.num_rows, trusts)))
    by_window = moved.take(places) if sum(held) else series.cases
    units = zip(*index["units"], strict=True)  # level by level, of each shard
    of_levels = (_cut(table, rows) for table, rows in zip(series.units, units, strict=True))
    parts = (
        _cut(_numbered(metrics, COMPACT_METRICS), index["metrics"]),
        _cut(by_window, index["cases"]),
        _cut(tables["distribution"], index["distribution"]),
        _cut(tables["totals"], index["totals"]),
        zip(*of_levels, strict=True),
    )
    return {key: ShardTables(*one) for key, *one in zip(index["key"], *parts, strict=True)}


def _numbered(body: bytes, schema: pa.Schema) -> pa.Table:
    """A parquet table with its texts stored once, as `schema` has them."""
    texts = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    return from_bytes(body, numbered=texts).cast(schema).unify_dictionaries().combine_chunks()


def _joined(schema: pa.Schema, tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *tables]).unify_dictionaries().combine_chunks()


def _with_its_own_texts(table: pa.Table, plain: pa.Schema) -> pa.Table:
    """A table without the texts of other metrics that were computed with it. `plain`: its schema without numbers."""
    return table.cast(plain).cast(table.schema)


def _kept(table: pa.Table, schema: pa.Schema) -> pa.Table:
    return table if table.num_rows else _EMPTY[schema]


def _cut(table: pa.Table, rows: Sequence[int]) -> Iterator[pa.Table]:
    return (table.slice(start, end - start) for start, end in pairwise(accumulate(rows, initial=0)))
