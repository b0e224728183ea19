"""The schemas of the parquet tables that Headroom reads and writes.

Money is in the programme's currency, unrounded; a share or a rate is a fraction; periods include their first and last
day.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STRING, NUMBER, WHOLE, DAY, FLAG = pa.string(), pa.float64(), pa.int32(), pa.date32(), pa.bool_()


def require_codecs(*names: str) -> None:
    """ImportError if this build of Arrow lacks one of the codecs, so that a function fails when it starts."""
    codec: Any = pa.Codec
    if missing := [name for name in names if not codec.is_available(name)]:
        raise ImportError(f"this build of Arrow lacks {', '.join(missing)}")


require_codecs("snappy")  # of the tables below


def columns(**kinds: pa.DataType) -> pa.Schema:
    """A schema of columns that may be null."""
    return pa.schema([pa.field(name, kind) for name, kind in kinds.items()])


CURATED = columns(
    code=STRING, unit=STRING, period_start=DAY, period_end=DAY, measure=STRING, value=NUMBER, text=STRING, state=STRING,
    row=WHOLE, warnings=pa.list_(STRING),
)  # fmt: skip
"""One row per code × unit × period × measure of an accepted file; `unit` is null in a dataset without units. `row` is
its 1-based line in that file, `warnings` the checks of its contract that warn of it (null: none does)."""

# What the tables of a release and their columns mean: see table_columns.
PEERS = columns(
    group_id=STRING, trust_code=STRING, rank=WHOLE, peer_code=STRING, distance=NUMBER, variables_used=WHOLE,
    stability=NUMBER, contributions=pa.map_(STRING, NUMBER), role=STRING, period=STRING, period_end=DAY,
)  # fmt: skip

CHARACTERISTICS = columns(
    group_id=STRING, trust_code=STRING, measure=STRING, value=NUMBER, scaled=NUMBER, weight=NUMBER, attribute=STRING,
    stands_for=pa.list_(STRING), period=STRING, period_end=DAY,
)  # fmt: skip

METRICS = columns(
    trust_code=STRING, metric_id=STRING, period_start=DAY, period_end=DAY, value=NUMBER, numerator=NUMBER,
    denominator=NUMBER, status=STRING, sources=pa.list_(STRING), national_rank=WHOLE, national_of=WHOLE,
    percentile=NUMBER, quartile=WHOLE, band=WHOLE, level=STRING,
)  # fmt: skip

OPPORTUNITIES = columns(
    trust_code=STRING, trust_name=STRING, opportunity_id=STRING, category=STRING, period_start=DAY, period_end=DAY,
    status=STRING, comparator=STRING, comparator_count=WHOLE, flags=pa.list_(STRING), value=NUMBER, numerator=NUMBER,
    denominator=NUMBER, benchmark_lower=NUMBER, benchmark_upper=NUMBER, gap_lower=NUMBER, gap_upper=NUMBER,
    unit=STRING, units_lower=NUMBER, units_upper=NUMBER, cash_lower=NUMBER, cash_upper=NUMBER, activity_lower=NUMBER,
    activity_upper=NUMBER, activity_unit=STRING, staff_lower=NUMBER, staff_upper=NUMBER, cash_per_unit=NUMBER,
    activity_per_unit=NUMBER, staff_per_unit=NUMBER, robust_low=NUMBER, robust_high=NUMBER, within_chance=FLAG,
    rank=WHOLE, overlap_group=STRING, national_rank=WHOLE, national_of=WHOLE, percentile=NUMBER, quartile=WHOLE,
    band=WHOLE, peer_rank=WHOLE, peer_of=WHOLE, compared=STRING, distance_lower=NUMBER, distance_upper=NUMBER,
    distance_cash_lower=NUMBER, distance_cash_upper=NUMBER, cash_per_year_lower=NUMBER, cash_per_year_upper=NUMBER,
    peer_median=NUMBER, peer_quartile=NUMBER, national_median=NUMBER, national_quartile=NUMBER, level=STRING,
    peer_percentile=NUMBER,
)  # fmt: skip


def without(schema: pa.Schema, name: str) -> pa.Schema:
    """A schema without one of its columns."""
    return pa.schema([field for field in schema if field.name != name])


TREND = pa.schema([*without(OPPORTUNITIES, "rank"), pa.field("breaks", pa.list_(STRING))])

DISTRIBUTION = columns(
    metric_id=STRING, period_start=DAY, period_end=DAY, count=WHOLE, smallest=NUMBER, decile_1=NUMBER, decile_2=NUMBER,
    decile_3=NUMBER, decile_4=NUMBER, decile_5=NUMBER, decile_6=NUMBER, decile_7=NUMBER, decile_8=NUMBER,
    decile_9=NUMBER, largest=NUMBER, lower_quartile=NUMBER, upper_quartile=NUMBER, mean=NUMBER, level=STRING,
)  # fmt: skip

TOTALS = columns(
    opportunity_id=STRING, period_start=DAY, period_end=DAY, trusts=WHOLE, unit=STRING, units_lower=NUMBER,
    units_upper=NUMBER, cash_lower=NUMBER, cash_upper=NUMBER, activity_lower=NUMBER, activity_upper=NUMBER,
    staff_lower=NUMBER, staff_upper=NUMBER, cash_per_year_lower=NUMBER, cash_per_year_upper=NUMBER, level=STRING,
    cash_trusts=WHOLE, activity_trusts=WHOLE, staff_trusts=WHOLE,
)  # fmt: skip

UNITS = columns(
    trust_code=STRING, unit_code=STRING, unit_name=STRING, unit_type=STRING, opportunity_id=STRING, metric_id=STRING,
    period_start=DAY, period_end=DAY, status=STRING, numerator=NUMBER, denominator=NUMBER, value=NUMBER,
    units_lower=NUMBER, units_upper=NUMBER, cash_lower=NUMBER, cash_upper=NUMBER,
)  # fmt: skip

TRUSTS = columns(
    trust_code=STRING, trust_name=STRING, attributes=pa.map_(STRING, STRING), trust_type=STRING, opened=DAY, closed=DAY,
    successors=pa.list_(STRING), in_register=FLAG, level=STRING, belongs_to=pa.map_(STRING, STRING),
)  # fmt: skip

FINDINGS = columns(
    severity=STRING, rule=STRING, dataset=STRING, period=STRING, file_id=STRING, trust_code=STRING, measure=STRING,
    row=WHOLE, message=STRING,
)  # fmt: skip

RELEASE_TABLES: Mapping[str, pa.Schema] = {
    "opportunities": OPPORTUNITIES,
    "peers": PEERS,
    "characteristics": CHARACTERISTICS,
    "metrics": METRICS,
    "trend": TREND,
    "distribution": DISTRIBUTION,
    "totals": TOTALS,
    "units": UNITS,
    "trusts": TRUSTS,
    "findings": FINDINGS,
}


def of_columns(schema: pa.Schema, rows: int, **columns: Any) -> pa.Table:
    """A table of a schema; columns that are not passed are null in all `rows` rows."""
    return pa.table(
        {
            field.name: pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.nulls(rows, field.type)
            for field in schema
        },
        schema=schema,
    )


def taken(texts: Sequence[str], places: Any) -> "pa.Array[Any]":
    """The texts at some places, in one piece: of a NumPy array of more than 16 MiB of text, Arrow makes several."""
    return pa.array(texts, STRING).take(pa.array(places))


def compact(schema: pa.Schema) -> pa.Schema:
    """A schema whose texts are stored once and numbered: a fifth of the memory where they repeat."""
    numbered = pa.dictionary(pa.int32(), STRING)
    return pa.schema([field.with_type(numbered) if field.type == STRING else field for field in schema])


class Reordered(NamedTuple):
    """The rows of a table at some places, in their order, as a table of a schema that is made a part at a time."""

    table: pa.Table
    places: "NDArray[np.int64]"
    schema: pa.Schema

    @classmethod
    def of(cls, table: "pa.Table | Reordered") -> "Reordered":
        """A table in its own order."""
        if isinstance(table, Reordered):
            return table
        import numpy as np  # not with every import of this module

        return cls(table, np.arange(table.num_rows), table.schema)

    def select(self, names: Sequence[str]) -> pa.Table:
        """Some columns of all rows."""
        schema = pa.schema([self.schema.field(name) for name in names])
        return self._replace(table=self.table.select([*names]), schema=schema).whole()

    def part(self, start: int, stop: int) -> pa.Table:
        """Some of the rows."""
        places: Any = pa.array(self.places[start:stop])
        return self.table.take(places).cast(self.schema).combine_chunks()

    def whole(self) -> pa.Table:
        """All rows."""
        return self.part(0, len(self.places))

    @property
    def num_rows(self) -> int:
        """How many rows it has."""
        return len(self.places)


_GROUP_ROWS, _GROUPS = 4_096, 200
"""The fewest rows of a row group, and about the most row groups of a table: a reader of one organisation reads some
thousand rows, and the footer, which it reads first, stays below 2 MB."""

MOST_ROWS = 1 << 16
"""A row group of a larger run is cut here: readers keep no more rows in memory at a time."""

_AT_ONCE = 16
"""Row groups that are made at a time."""


def to_bytes(
    table: "pa.Table | Reordered", metadata: Mapping[str, str] | None = None, runs: Sequence[int] | None = None
) -> bytes:
    """A table as snappy parquet; the same table and metadata give the same bytes.

    Row groups are small, with the first and the last text and day of each, so that readers find those they need.
    `runs`: how many rows at a time are mostly read together, in the table's order; no row group has a part of a run,
    unless it would have more than MOST_ROWS. Metadata from pandas is dropped: it names library versions and would
    differ between machines.
    """
    group = max(_GROUP_ROWS, -(-table.num_rows // _GROUPS))
    if runs is None:
        starts = [*range(0, max(table.num_rows, 1), group * _AT_ONCE), table.num_rows]
    else:
        starts = [0, *_ends(runs, group), table.num_rows]
        group = MOST_ROWS
    parts = (_part(table, start, stop) for start, stop in pairwise(starts) if stop > start or not table.num_rows)
    return _written(table.schema, parts, group, metadata)


def _ends(runs: Sequence[int], group: int) -> Iterator[int]:
    """Where row groups of whole runs end, with `group` rows at least; the last rows may be fewer."""
    start = 0
    for end in accumulate(runs):
        if end - start >= group:
            yield end
            start = end


def joined(parts: Iterable[pa.Table], schema: pa.Schema, rows: int) -> bytes:
    """Several tables one after the other as one parquet table; `rows`: of all of them."""
    return _written(schema, parts, max(_GROUP_ROWS, -(-rows // _GROUPS)), None)


def _written(schema: pa.Schema, parts: Iterable[pa.Table], group: int, metadata: Mapping[str, str] | None) -> bytes:
    plain = {key.encode(): value.encode() for key, value in sorted((metadata or {}).items())}
    schema = schema.with_metadata(plain)
    repeating: Any = [path for field in schema for path in _repeating(field.name, field.type)]
    sink = io.BytesIO()
    with pq.ParquetWriter(
        sink,
        schema,
        compression="snappy",
        use_dictionary=repeating,  # figures hardly repeat
        write_statistics=[name for name in repeating if name in schema.names],
    ) as writer:
        for part in parts:
            writer.write_table(part.replace_schema_metadata(plain), row_group_size=group)
    return sink.getvalue()


def rows_of(body: bytes) -> int:
    """How many rows a parquet table has."""
    rows: int = pq.read_metadata(pa.BufferReader(body)).num_rows
    return rows


def _part(table: "pa.Table | Reordered", start: int, stop: int) -> pa.Table:
    return (
        table.part(start, stop) if isinstance(table, Reordered) else table.slice(start, stop - start).combine_chunks()
    )


def _repeating(path: str, kind: pa.DataType) -> list[str]:
    """The parquet columns of an Arrow column in which the same texts or days stand in many rows."""
    if pa.types.is_list(kind):
        return _repeating(f"{path}.list.element", kind.value_type)
    if pa.types.is_map(kind):
        parts = (("key", kind.key_type), ("value", kind.item_type))
        return [leaf for name, part in parts for leaf in _repeating(f"{path}.key_value.{name}", part)]
    return [path] if kind in (STRING, DAY) or pa.types.is_dictionary(kind) else []


def from_bytes(body: bytes, columns: Sequence[str] | None = None, numbered: Sequence[str] = ()) -> pa.Table:
    """Read a parquet table that `to_bytes` wrote, or some of its columns; the texts of `numbered` ones are stored once.

    `pq.read_table` would import pandas, which slows a cold start. Threads are off because Arrow sometimes aborts when a
    short process ends while they run.
    """
    file = pq.ParquetFile(pa.BufferReader(body), read_dictionary=[*numbered])
    return file.read(None if columns is None else [*columns], use_threads=False)
