"""The opportunities of two releases side by side, as columns: for comparisons of everyone at once."""

from typing import TYPE_CHECKING, NamedTuple

from shared.method.opportunities import EXPRESSIONS
from shared.releases.readable import arrow_array

if TYPE_CHECKING:
    import pyarrow as pa

KEY = ("trust_code", "opportunity_id")

CELLS = ("status", "comparator", *(f"{name}_{end}" for name in ("units", *EXPRESSIONS) for end in ("lower", "upper")))
"""A change in one of these is a change of the opportunity."""

PER_YEAR = "cash_per_year_upper"
"""The column by which figures of different units and periods can be compared."""

FIGURES = (*KEY, *CELLS, PER_YEAR)


class SideBySide(NamedTuple):
    """Two tables of the same columns and length: each row is one opportunity of one trust, null in all columns of the
    release that does not have it."""

    before: "pa.Table"
    after: "pa.Table"


def side_by_side(before: "pa.Table", after: "pa.Table") -> SideBySide:
    """Two tables with the columns KEY and others, matched by KEY: the earlier rows in their order, then those that only
    the later release has. A table without rows may have columns of any type."""
    import pyarrow as pa

    from shared.compute import pc

    if not before.num_rows:
        return SideBySide(_nulls(after.schema, after.num_rows), after)
    if not after.num_rows:
        return SideBySide(before, _nulls(before.schema, before.num_rows))
    if all(before[name].equals(after[name]) for name in KEY):
        return SideBySide(before, after)
    between = arrow_array(("\n",))[0]
    old_keys, new_keys = (
        pc.binary_join_element_wise(*(table[name] for name in KEY), between).combine_chunks()
        for table in (before, after)
    )
    added = after.filter(pc.invert(pc.is_in(new_keys, value_set=old_keys)))
    return SideBySide(
        pa.concat_tables([before, _nulls(before.schema, added.num_rows)]),
        pa.concat_tables([after.take(pc.index_in(old_keys, value_set=new_keys)), added]),
    )


def _nulls(schema: "pa.Schema", rows: int) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_arrays([pa.nulls(rows, field.type) for field in schema], schema=schema)
