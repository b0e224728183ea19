"""The schemas of the parquet tables that Headroom reads and writes.

Money is in the programme's currency, unrounded; a share or a rate is a fraction; periods include their first and last
day.
"""

import io
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

STRING, NUMBER, WHOLE, DAY, FLAG = pa.string(), pa.float64(), pa.int32(), pa.date32(), pa.bool_()


def require_codecs(*names: str) -> None:
    """ImportError if this build of Arrow lacks one of the codecs, so that a function fails when it starts."""
    codec: Any = pa.Codec
    if missing := [name for name in names if not codec.is_available(name)]:
        raise ImportError(f"this build of Arrow lacks {', '.join(missing)}")


require_codecs("snappy")  # of the tables below


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


CURATED = _schema(
    code=STRING, unit=STRING, period_start=DAY, period_end=DAY, measure=STRING, value=NUMBER, text=STRING, state=STRING,
    row=WHOLE, warnings=pa.list_(STRING),
)  # fmt: skip
"""One row per code × unit × period × measure of an accepted file; `unit` is null in a dataset without units. `row` is
its 1-based line in that file, `warnings` the checks of its contract that warn of it (null: none does)."""

# What the tables of a release and their columns mean: see table_columns.
PEERS = _schema(
    group_id=STRING, trust_code=STRING, rank=WHOLE, peer_code=STRING, distance=NUMBER, variables_used=WHOLE,
    stability=NUMBER, contributions=pa.map_(STRING, NUMBER), role=STRING, period=STRING, period_end=DAY,
)  # fmt: skip

CHARACTERISTICS = _schema(
    group_id=STRING, trust_code=STRING, measure=STRING, value=NUMBER, scaled=NUMBER, weight=NUMBER, attribute=STRING,
    stands_for=pa.list_(STRING), period=STRING, period_end=DAY,
)  # fmt: skip

METRICS = _schema(
    trust_code=STRING, metric_id=STRING, period_start=DAY, period_end=DAY, value=NUMBER, numerator=NUMBER,
    denominator=NUMBER, status=STRING, sources=pa.list_(STRING), national_rank=WHOLE, national_of=WHOLE,
    percentile=NUMBER, quartile=WHOLE, band=WHOLE, level=STRING,
)  # fmt: skip

OPPORTUNITIES = _schema(
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

TREND = pa.schema([*(field for field in OPPORTUNITIES if field.name != "rank"), pa.field("breaks", pa.list_(STRING))])

DISTRIBUTION = _schema(
    metric_id=STRING, period_start=DAY, period_end=DAY, count=WHOLE, smallest=NUMBER, decile_1=NUMBER, decile_2=NUMBER,
    decile_3=NUMBER, decile_4=NUMBER, decile_5=NUMBER, decile_6=NUMBER, decile_7=NUMBER, decile_8=NUMBER,
    decile_9=NUMBER, largest=NUMBER, lower_quartile=NUMBER, upper_quartile=NUMBER, mean=NUMBER, level=STRING,
)  # fmt: skip

TOTALS = _schema(
    opportunity_id=STRING, period_start=DAY, period_end=DAY, trusts=WHOLE, unit=STRING, units_lower=NUMBER,
    units_upper=NUMBER, cash_lower=NUMBER, cash_upper=NUMBER, activity_lower=NUMBER, activity_upper=NUMBER,
    staff_lower=NUMBER, staff_upper=NUMBER, cash_per_year_lower=NUMBER, cash_per_year_upper=NUMBER, level=STRING,
    cash_trusts=WHOLE, activity_trusts=WHOLE, staff_trusts=WHOLE,
)  # fmt: skip

UNITS = _schema(
    trust_code=STRING, unit_code=STRING, unit_name=STRING, unit_type=STRING, opportunity_id=STRING, metric_id=STRING,
    period_start=DAY, period_end=DAY, status=STRING, numerator=NUMBER, denominator=NUMBER, value=NUMBER,
    units_lower=NUMBER, units_upper=NUMBER, cash_lower=NUMBER, cash_upper=NUMBER,
)  # fmt: skip

TRUSTS = _schema(
    trust_code=STRING, trust_name=STRING, attributes=pa.map_(STRING, STRING), trust_type=STRING, opened=DAY, closed=DAY,
    successors=pa.list_(STRING), in_register=FLAG, level=STRING, belongs_to=pa.map_(STRING, STRING),
)  # fmt: skip

FINDINGS = _schema(
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


_GROUP_ROWS, _GROUPS = 4_096, 200
"""The fewest rows of a row group, and about the most row groups of a table: a reader of one organisation reads some
thousand rows, and the footer, which it reads first, stays below 2 MB."""


def to_bytes(table: pa.Table, metadata: Mapping[str, str] | None = None) -> bytes:
    """A table as snappy parquet; the same table and metadata give the same bytes.

    Row groups are small, with the first and the last text and day of each, so that readers find those they need.
    Metadata from pandas is dropped: it names library versions and would differ between machines.
    """
    plain = {key.encode(): value.encode() for key, value in sorted((metadata or {}).items())}
    sink = io.BytesIO()
    repeating: Any = [path for field in table.schema for path in _repeating(field.name, field.type)]
    pq.write_table(
        table.replace_schema_metadata(plain),
        sink,
        row_group_size=max(_GROUP_ROWS, -(-table.num_rows // _GROUPS)),
        compression="snappy",
        use_dictionary=repeating,  # figures hardly repeat
        write_statistics=[name for name in repeating if name in table.column_names],
    )
    return sink.getvalue()


def _repeating(path: str, kind: pa.DataType) -> list[str]:
    """The parquet columns of an Arrow column in which the same texts or days stand in many rows."""
    if pa.types.is_list(kind):
        return _repeating(f"{path}.list.element", kind.value_type)
    if pa.types.is_map(kind):
        parts = (("key", kind.key_type), ("value", kind.item_type))
        return [leaf for name, part in parts for leaf in _repeating(f"{path}.key_value.{name}", part)]
    return [path] if kind in (STRING, DAY) else []


def from_bytes(body: bytes) -> pa.Table:
    """Read a parquet table that `to_bytes` wrote.

    `pq.read_table` would import pandas, which slows a cold start. Threads are off because Arrow sometimes aborts when a
    short process ends while they run.
    """
    return pq.ParquetFile(pa.BufferReader(body)).read(use_threads=False)
