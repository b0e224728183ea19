"""A table as its readers ask for it: some rows, some columns. Pure."""

from array import array
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
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


def selected(table: "pa.Table", wanted: Mapping[str, Any]) -> "pa.Table":
    """The rows of a table that have the wanted values."""
    import pyarrow.compute as pc  # not with the first import of the API

    for name, value in wanted.items():
        column, values = table[name], arrow_array(value if isinstance(value, tuple) else (value,))
        table = table.filter(pc.equal(column, values[0]) if len(values) == 1 else pc.is_in(column, value_set=values))
    return table


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
