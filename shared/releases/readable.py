"""A table as its readers ask for it: some rows, some columns. Pure."""

from array import array
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate, pairwise
from math import nan
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class Readable(Protocol):
    """A table of which a part can be read."""

    @property
    def num_rows(self) -> int:
        """How many rows it has."""

    @property
    def column_names(self) -> Sequence[str]:
        """The columns that it has; an earlier release may lack some."""

    def where(self, columns: Sequence[str] | None, /, **wanted: Any) -> "pa.Table":
        """The rows that have `wanted` values, in the table's order; `columns` of them, None for all. A wanted value is
        never None; a tuple means any of its values."""

    def read(self, columns: Sequence[str] | None = None, /) -> "pa.Table":
        """All rows; some columns, or all."""

    def distinct(self, *columns: str) -> set[tuple[Any, ...]]:
        """The different combinations of values of some columns."""


class InMemory:
    """A whole Arrow table as a Readable."""

    def __init__(self, table: "pa.Table") -> None:
        self._table = table
        self.num_rows: int = table.num_rows
        self.column_names: Sequence[str] = table.column_names

    def where(self, columns: Sequence[str] | None, /, **wanted: Any) -> "pa.Table":
        """Like `Readable.where`."""
        return selected(self._table, wanted).select([*(columns or self.column_names)])

    def read(self, columns: Sequence[str] | None = None, /) -> "pa.Table":
        """Like `Readable.read`."""
        return self._table if columns is None else self._table.select([*columns])

    def distinct(self, *columns: str) -> set[tuple[Any, ...]]:
        """Like `Readable.distinct`."""
        return combinations(self._table, *columns)


def combinations(table: "pa.Table", *columns: str) -> set[tuple[Any, ...]]:
    """The different combinations of values of some columns of a table: those of the rows that differ from the row
    before."""
    import pyarrow as pa

    from shared.compute import pc

    cells = table.select([*columns])
    before, after = cells.slice(0, max(cells.num_rows - 1, 0)), cells.slice(1)
    changed = [differs(before[name], after[name]) for name in columns]
    for other in changed[1:]:
        changed[0] = pc.or_(changed[0], other)
    rows = pa.concat_tables([cells.slice(0, 1), after.filter(changed[0])])
    return {*zip(*(rows[name].to_pylist() for name in columns), strict=True)}


def differs(one: Any, other: Any) -> Any:
    """Whether two columns have different values, row by row; no value is like no value."""
    from shared.compute import pc

    return pc.invert(pc.coalesce(pc.equal(one, other), pc.and_(pc.is_null(one), pc.is_null(other))))


def same(column: Any, value: str | date | None) -> Any:
    """Whether the cells of a column have a value; None is like no value."""
    from shared.compute import pc

    return pc.is_null(column) if value is None else pc.equal(column, arrow_array((value,))[0])


def selected(table: "pa.Table", wanted: Mapping[str, Any]) -> "pa.Table":
    """The rows of a table that have the wanted values."""
    import pyarrow as pa

    from shared.compute import pc  # not with the first import of the API

    if any(pa.types.is_null(table[name].type) for name in wanted):  # a table without rows, of no known types
        return table.slice(0, 0)
    mask = None
    for name, value in wanted.items():
        values = arrow_array(value if isinstance(value, tuple) else (value,))
        column = table[name]
        found = pc.equal(column, values[0]) if len(values) == 1 else pc.is_in(column, value_set=values)
        mask = found if mask is None else pc.and_(mask, found)
    return table if mask is None or pc.all(mask, skip_nulls=False).as_py() else table.filter(mask)


def rows_at(table: "pa.Table", places: Any) -> "pa.Table":
    """The rows at some places: an array of 64-bit integers. `take` of such an array would import pandas."""
    import pyarrow as pa

    return table.take(pa.Array.from_buffers(pa.int64(), len(places), [None, pa.py_buffer(places)]))


def floats(column: "pa.ChunkedArray[Any]") -> list[float]:
    """The numbers of a column, NaN for null: read from its buffers, because `to_numpy` would import pandas."""
    from shared.compute import pc

    found: list[float] = []
    for chunk in column.chunks:
        whole: Any = pc.coalesce(chunk, number(nan))
        view = memoryview(whole.buffers()[1]).cast("d")
        found += view[whole.offset : whole.offset + len(whole)].tolist()
    return found


def strings(column: "pa.ChunkedArray[Any]") -> list[Any]:
    """The texts of a column, None for null: read from its buffers, a fifth of the time that `to_pylist` takes."""
    import pyarrow as pa

    found: list[Any] = []
    for chunk in column.chunks:
        if chunk.null_count or chunk.type != pa.string():
            found += chunk.to_pylist()
            continue
        _, places, text = chunk.buffers()
        ends = memoryview(places).cast("i")[chunk.offset : chunk.offset + len(chunk) + 1].tolist() if places else []
        body = text.to_pybytes()[: ends[-1]] if text and ends else b""
        whole = body.decode()
        if len(whole) == len(body):  # else places of characters are not those of bytes
            found += [whole[start:end] for start, end in pairwise(ends)]
        else:
            found += [body[start:end].decode() for start, end in pairwise(ends)]
    return found


def number(value: float) -> Any:
    """A number as an Arrow scalar."""
    return numbers((value,))[0]


def numbers(values: Sequence[float]) -> "pa.Array[Any]":
    """Numbers as an array: made of a buffer, because `pa.array` and `pa.scalar` would import pandas."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(array("d", values))])


def arrow_array(values: Sequence[str | date]) -> "pa.Array[Any]":
    """Texts or days as an array: made of buffers, because `pa.array` and `pa.scalar` would import pandas."""
    import pyarrow as pa

    if any(isinstance(value, date) for value in values):
        days = array("i", [value.toordinal() - _EPOCH for value in values if isinstance(value, date)])
        return pa.Array.from_buffers(pa.date32(), len(days), [None, pa.py_buffer(days)])
    texts = [str(value).encode() for value in values]
    ends = array("i", accumulate(map(len, texts), initial=0))
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(texts)))


_EPOCH = date(1970, 1, 1).toordinal()
