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

PEERS = _schema(
    group_id=STRING, trust_code=STRING, rank=WHOLE, peer_code=STRING, distance=NUMBER, variables_used=WHOLE,
    stability=NUMBER, contributions=pa.map_(STRING, NUMBER), role=STRING, period=STRING, period_end=DAY,
)  # fmt: skip
"""One row per group × trust × peer. Only nearest groups have distance, stability and contributions.

`period` is the label of the period whose characteristics or attribute made the group, `period_end` its last day."""

CHARACTERISTICS = _schema(
    group_id=STRING, trust_code=STRING, measure=STRING, value=NUMBER, scaled=NUMBER, weight=NUMBER, attribute=STRING,
    stands_for=pa.list_(STRING), period=STRING, period_end=DAY,
)  # fmt: skip
"""What the distance between two trusts is computed from: one row per nearest group × trust × variable.

`value` is as landed, `scaled` as the distance uses it; null if missing (and not filled). `attribute` is the text that
candidates must share, if the group has `within`. `stands_for` are the codes that peer lists name if the trust is near:
itself, its successors, or none. A nearest group that prefers trusts with the same attribute, or has candidates with
some texts only, has further rows, one per trust × such attribute, with its text in `attribute` and no weight. A group
by attribute has one row per trust × period, with `attribute` alone."""

METRICS = _schema(
    trust_code=STRING, metric_id=STRING, period_start=DAY, period_end=DAY, value=NUMBER, numerator=NUMBER,
    denominator=NUMBER, status=STRING, sources=pa.list_(STRING), national_rank=WHOLE, national_of=WHOLE,
    percentile=NUMBER, quartile=WHOLE, band=WHOLE, level=STRING,
)  # fmt: skip
"""One row per trust × metric × window with data, oldest first. `sources`: the datasets that the figures come from.

`national_rank`, 1 for the best, among the `national_of` trusts with a comparable value; `percentile` from 0 to 100,
high is good; `quartile` from 1, the best quarter, to 4; `band`, from 1, if the metric has bands. Null for a value that
is not compared.

`level`, here and in other tables: the level of the organisation, within which it is compared; null if the programme has
no levels. In a programme with levels, choose one before adding up or comparing rows."""

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
"""One row per trust × opportunity, over its metric's newest window. `…_per_unit`: what one of `unit` is worth.

`robust_low` and `robust_high` (in `unit`): the smallest `units_lower` and the largest `units_upper` when any one
comparator is left out; null against a target. `within_chance`: whether the 95% interval of the trust's own value
includes the ambitious benchmark; null if the metric has no such interval, or if there is no opportunity.

`rank` is the opportunity's place among the trust's own, by its cash in a year (`cash_per_year_upper`). `national_rank`
and the columns after it: see METRICS. `peer_rank` is the trust's rank among its peers and itself, `peer_of` their
number, `peer_percentile` the percentile among these. `compared`: whether its value is `better` than the ambitious
benchmark, `similar` to it by its interval, or `worse`; null if the metric has no interval. `distance_…` is the gap with
a sign, negative for a trust that is ahead, and `distance_cash_…` its cash. `…_median` and `…_quartile` (the better one)
are of the peers and of all trusts."""

TREND = pa.schema([*(field for field in OPPORTUNITIES if field.name != "rank"), pa.field("breaks", pa.list_(STRING))])
"""The columns of `OPPORTUNITIES` but `rank`, for every window with data, oldest first. `breaks` (`merged`,
`type_changed`, `definition_changed`): why a row cannot be compared with that of the window before: the trust has merged
with others since or is of another type, or the metric means something else."""

DISTRIBUTION = _schema(
    metric_id=STRING, period_start=DAY, period_end=DAY, count=WHOLE, smallest=NUMBER, decile_1=NUMBER, decile_2=NUMBER,
    decile_3=NUMBER, decile_4=NUMBER, decile_5=NUMBER, decile_6=NUMBER, decile_7=NUMBER, decile_8=NUMBER,
    decile_9=NUMBER, largest=NUMBER, lower_quartile=NUMBER, upper_quartile=NUMBER, mean=NUMBER, level=STRING,
)  # fmt: skip
"""One row per metric × window with comparable values, oldest first: how these values are spread, in the metric's unit.
Quantiles are of type 7, counted from the smallest value; `decile_5` is the median."""

TOTALS = _schema(
    opportunity_id=STRING, period_start=DAY, period_end=DAY, trusts=WHOLE, unit=STRING, units_lower=NUMBER,
    units_upper=NUMBER, cash_lower=NUMBER, cash_upper=NUMBER, activity_lower=NUMBER, activity_upper=NUMBER,
    staff_lower=NUMBER, staff_upper=NUMBER, cash_per_year_lower=NUMBER, cash_per_year_upper=NUMBER, level=STRING,
    cash_trusts=WHOLE, activity_trusts=WHOLE, staff_trusts=WHOLE,
)  # fmt: skip
"""One row per opportunity × window with data, oldest first: the sums over the trusts with an opportunity, of which
there are `trusts`. They are what would follow if each of these reached its benchmark of today, which would then move.
Null if there is no conversion, or if none of the trusts has it. `…_trusts`: how many are in that sum; the others
have no price of their own, or would pay more."""

UNITS = _schema(
    trust_code=STRING, unit_code=STRING, unit_name=STRING, unit_type=STRING, opportunity_id=STRING, metric_id=STRING,
    period_start=DAY, period_end=DAY, status=STRING, numerator=NUMBER, denominator=NUMBER, value=NUMBER,
    units_lower=NUMBER, units_upper=NUMBER, cash_lower=NUMBER, cash_upper=NUMBER,
)  # fmt: skip
"""One row per trust × opportunity × unit below the trust, such as a site, over the metric's newest window. The units of
an organisation of a further level are its members.

`status`: whether the unit counts in the trust's figure, else why not. `units_…` and `cash_…`: what it would be worth to
bring this unit to the trust's benchmark; 0 for a unit that is there. They do not add up to the trust's gain: units that
are better than the benchmark reduce that."""

TRUSTS = _schema(
    trust_code=STRING, trust_name=STRING, attributes=pa.map_(STRING, STRING), trust_type=STRING, opened=DAY, closed=DAY,
    successors=pa.list_(STRING), in_register=FLAG, level=STRING, belongs_to=pa.map_(STRING, STRING),
)  # fmt: skip
"""`attributes`: those of the register by id, in the programme's order, each with its code. `in_register`: null if the
programme has no register. `belongs_to`: for each further level the code of the organisation to which this one belongs;
null if the programme has no levels."""

FINDINGS = _schema(
    severity=STRING, rule=STRING, dataset=STRING, period=STRING, file_id=STRING, trust_code=STRING, measure=STRING,
    row=WHOLE, message=STRING,
)  # fmt: skip
"""The findings of checks across a release's files."""

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


def to_bytes(table: pa.Table, metadata: Mapping[str, str] | None = None) -> bytes:
    """A table as snappy parquet; the same table and metadata give the same bytes.

    Metadata from pandas is dropped: it names library versions and would differ between machines.
    """
    plain = {key.encode(): value.encode() for key, value in sorted((metadata or {}).items())}
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(plain), sink, compression="snappy")
    return sink.getvalue()


def from_bytes(body: bytes) -> pa.Table:
    """Read a parquet table that `to_bytes` wrote.

    `pq.read_table` would import pandas, which slows a cold start. Threads are off because Arrow sometimes aborts when a
    short process ends while they run.
    """
    return pq.ParquetFile(pa.BufferReader(body)).read(use_threads=False)
