"""The opportunities of two releases side by side, as columns: for comparisons of everyone at once."""

from typing import TYPE_CHECKING, NamedTuple

from shared.releases.readable import arrow_array

if TYPE_CHECKING:
    import pyarrow as pa

KEY = ("trust_code", "opportunity_id")


class SideBySide(NamedTuple):
    """Two tables of the same columns and length: each row is one opportunity of one trust, null in all columns of the
    release that does not have it."""

    before: "pa.Table"
    after: "pa.Table"


def side_by_side(before: "pa.Table | None", after: "pa.Table | None") -> SideBySide | None:
    """Two tables with the columns KEY and others, matched by KEY: the earlier rows in their order, then those that only
    the later release has. None if there is neither table."""
    import pyarrow as pa
    import pyarrow.compute as pc

    schema = next((table.schema for table in (after, before) if table is not None), None)
    if schema is None:
        return None
    old, new = (pa.Table.from_batches([], schema) if table is None else table for table in (before, after))
    between = arrow_array(("\n",))[0]
    old_keys, new_keys = (
        pc.binary_join_element_wise(*(table[name] for name in KEY), between).combine_chunks() for table in (old, new)
    )
    added = new.filter(pc.invert(pc.is_in(new_keys, value_set=old_keys)))
    return SideBySide(
        pa.concat_tables([old, _nulls(old.schema, added.num_rows)]),
        pa.concat_tables([new.take(pc.index_in(old_keys, value_set=new_keys)), added]),
    )


def _nulls(schema: "pa.Schema", rows: int) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_arrays([pa.nulls(rows, field.type) for field in schema], schema=schema)
