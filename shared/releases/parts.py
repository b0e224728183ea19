"""Parquet tables of a bucket, read in parts: the footer, then the row groups and columns that an answer needs.

A row group whose smallest and largest values exclude what is wanted is not read. What was read stays in memory as far
as it is `Kept`, footers included. Tables of before row groups were small have one: it is read column by column, and
filtered batch by batch.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from shared.aws.store import Missing, Store
from shared.releases.kept import Kept, Sized
from shared.releases.readable import arrow_array, combinations, selected
from shared.tables import MOST_ROWS

ENDING = 1 << 18
"""Bytes at the end of an object that are read first: the whole of a small table, else its footer in most cases."""

_GAP = 1 << 19
"""Two parts that are nearer than this are read in one request: another one takes longer than so many bytes."""

_REQUEST = 1 << 24
"""No more bytes than this are read in one request, if it is for more than one row group."""

_BATCH = 1 << 14
"""So many rows are read at a time of a row group that is too large to be kept."""

_FEW = 2
"""Row groups that the rows of an organisation may touch: of more, whole rows are not read without looking for them."""

_WITH_BOUNDS = (pa.string(), pa.date32())
"""The types of columns of which a table states the smallest and the largest value."""

_FEW_ROWS = 1 << 14
"""Row groups that have no more rows than this in all are kept: what is asked for next may be among them."""

_OBJECT = 500  # bytes, about, of the objects around an array
_LAST_BYTES = 8  # the length of the footer and the letters PAR1


class _Span(NamedTuple):
    """A part of an object."""

    start: int
    end: int


class _Bounds(NamedTuple):
    """The smallest and the largest value of a column in a row group, None for both if all are null."""

    smallest: Any
    largest: Any
    has_null: bool

    def single(self) -> tuple[Any] | None:
        """The value that all rows have, in a tuple; None if they differ."""
        same = self.smallest == self.largest and (not self.has_null or self.smallest is None)
        return (self.smallest,) if same else None


class _Footer:
    """What a table says of itself. `whole`: its bytes, if they were read at once."""

    def __init__(self, about: bytes, size: int, whole: bytes | None) -> None:
        self.metadata = pq.read_metadata(pa.BufferReader(about))
        self.size, self.whole = size, whole
        self.schema: pa.Schema = self.metadata.schema.to_arrow_schema()
        self.names: list[str] = [*self.schema.names]
        self._leaves: dict[str, list[int]] = {}
        for place in range(self.metadata.num_columns):
            path: str = self.metadata.schema.column(place).path
            self._leaves.setdefault(path.partition(".")[0], []).append(place)
        self._bounds: dict[tuple[int, str], _Bounds | None] = {}

    @cached_property
    def rows(self) -> list[int]:
        """The rows of each row group."""
        return [self.metadata.row_group(group).num_rows for group in range(self.metadata.num_row_groups)]

    @property
    def groups(self) -> list[int]:
        """The row groups that have rows."""
        return [group for group, rows in enumerate(self.rows) if rows]

    def empty(self, columns: Sequence[str]) -> pa.Table:
        """No rows of some columns."""
        return pa.Table.from_batches([], pa.schema([self.schema.field(name) for name in columns]))

    def bounds(self, group: int, column: str) -> _Bounds | None:
        """Those of a column in a row group; None if they are not known."""
        if (group, column) not in self._bounds:
            (leaf,) = self._leaves[column]
            self._bounds[group, column] = _bounds(self.metadata.row_group(group).column(leaf).statistics)
        return self._bounds[group, column]

    def single(self, group: int, column: str) -> tuple[Any] | None:
        """The value that all rows of a row group have, in a tuple; None if they differ or nothing is known of them."""
        bounds = self.bounds(group, column) if self.schema.field(column).type in _WITH_BOUNDS else None
        return bounds.single() if bounds else None

    def constant(self, group: int, column: str) -> "pa.ChunkedArray[Any] | None":
        """A column in which all rows of a row group have the same; None if they differ or nothing is known of them."""
        single, rows = self.single(group, column), self.rows[group]
        if single is None:
            return None
        missing = single[0] is None
        repeated = (
            pa.nulls(rows, self.schema.field(column).type) if missing else pa.repeat(arrow_array(single)[0], rows)
        )
        return pa.chunked_array([repeated])

    def span(self, group: int, column: str) -> _Span:
        """Where a column of a row group is."""
        spans = []
        for leaf in self._leaves[column]:
            chunk = self.metadata.row_group(group).column(leaf)
            start = min(filter(None, (chunk.dictionary_page_offset, chunk.data_page_offset)))
            spans.append(_Span(start, start + chunk.total_compressed_size))
        return _Span(min(one.start for one in spans), max(one.end for one in spans))

    def may_have(self, wanted: Mapping[str, Any]) -> list[int]:
        """The row groups that may have rows with the wanted values."""
        groups = self.groups
        for column, value in wanted.items():
            groups = [group for group in groups if _may_hold(self.bounds(group, column), value)]
        return groups


def _bounds(stated: Any) -> _Bounds | None:
    if stated is None or not stated.has_null_count:
        return None
    if stated.has_min_max:
        return _Bounds(stated.min, stated.max, stated.null_count > 0)
    return None if stated.num_values else _Bounds(None, None, has_null=True)


def _may_hold(bounds: _Bounds | None, value: Any) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    if bounds is None:
        return True
    return bounds.smallest is not None and any(bounds.smallest <= one <= bounds.largest for one in values)


class _Fetched:
    """Some parts of an object as a file that Arrow reads."""

    closed = False

    def __init__(self, size: int, parts: Mapping[int, bytes]) -> None:
        self._size, self._parts, self._place = size, parts, 0

    def seek(self, place: int, whence: int = 0) -> int:
        """Like that of a file."""
        self._place = place + (0, self._place, self._size)[whence]
        return self._place

    def tell(self) -> int:
        """Like that of a file."""
        return self._place

    def read(self, length: int) -> bytes:
        """The bytes at this place; none of a part that was not fetched."""
        start = max((start for start in self._parts if start <= self._place), default=None)
        if start is None:
            return b""
        found = self._parts[start][self._place - start : self._place - start + length]
        self._place += len(found)
        return found

    def close(self) -> None:
        """Nothing to close."""


class Parts:
    """One parquet table. Methods raise Missing if there is none, Transient, or Arrow's errors if it is broken."""

    def __init__(self, data: Store, key: str, kept: Kept) -> None:
        self._data, self._key, self._kept = data, key, kept

    @classmethod
    def find(cls, data: Store, key: str, kept: Kept) -> "Parts | None":
        """A table; None if there is no object with this key."""
        parts = cls(data, key, kept)
        try:
            return parts if parts._footer else None
        except Missing:
            return None

    @property
    def _footer(self) -> _Footer:
        return self._kept.get((self._key, ""), self._read_footer)

    def _read_footer(self) -> Sized[_Footer]:
        body, size = self._data.ending(self._key, ENDING)
        length = int.from_bytes(body[-_LAST_BYTES:-4], "little") + _LAST_BYTES
        if len(body) == size:
            return Sized(_Footer(body, size, body), 3 * size)
        if len(body) < length <= size:
            body = self._data.part(self._key, size - length, length)
        return Sized(_Footer(body[-length:], size, None), 5 * length)

    @property
    def size(self) -> int:
        """Its bytes in the bucket."""
        return self._footer.size

    @property
    def num_rows(self) -> int:
        """How many rows it has."""
        rows: int = self._footer.metadata.num_rows
        return rows

    @property
    def schema(self) -> pa.Schema:
        """Its columns and their types."""
        return self._footer.schema

    @property
    def column_names(self) -> list[str]:
        """Its columns."""
        return self._footer.names

    def where(self, columns: Sequence[str] | None, /, **wanted: Any) -> pa.Table:
        """Like `Readable.where`."""
        footer = self._footer
        names = [*(columns or footer.names)]
        groups = footer.may_have(wanted)
        # A row group that may have the wanted values has no others if it has one value only.
        sure = {group for group in groups if all(footer.single(group, column) for column in wanted)}
        needed = names if len(sure) == len(groups) else [*dict.fromkeys([*names, *wanted])]
        if columns is None and len(groups) > _FEW:  # look for the rows first
            looked = self._read(groups, [*wanted])  # a large row group comes in several parts
            groups = [*dict.fromkeys(group for group, part in looked if selected(part, wanted).num_rows)]
        few = sum(footer.rows[group] for group in groups) <= _FEW_ROWS
        parts = (
            part if group in sure else selected(part, wanted)
            for group, part in self._read(groups, needed, keep=columns is None or few)
        )
        return pa.concat_tables([footer.empty(needed), *parts]).select(names)

    def read(self, columns: Sequence[str] | None = None, /) -> pa.Table:
        """Like `Readable.read`."""
        footer = self._footer
        names = [*(footer.names if columns is None else columns)]
        parts = (part for _, part in self._read(footer.groups, names, keep=False))
        return pa.concat_tables([footer.empty(names), *parts])

    def distinct(self, *columns: str) -> set[tuple[Any, ...]]:
        """Like `Readable.distinct`. A row group in which each column has one value is not read."""
        footer = self._footer
        found: set[tuple[Any, ...]] = set()
        mixed = []
        for group in footer.groups:
            stated = [footer.bounds(group, column) for column in columns]
            values = [value for one in stated if one is not None and (value := one.single()) is not None]
            if len(values) == len(columns):
                found.add(tuple(value for (value,) in values))
            else:
                mixed.append(group)
        for _, part in self._read(mixed, columns):
            found |= combinations(part, *columns)
        return found

    def _read(
        self, groups: Sequence[int], columns: Sequence[str], *, keep: bool = True
    ) -> Iterator[tuple[int, pa.Table]]:
        """Some columns of some row groups, each with its number; a large one that is not kept in several tables.
        Columns in which all rows have the same are not read."""
        footer = self._footer
        for some in self._together(footer, groups, columns):
            held: dict[int, dict[str, pa.ChunkedArray[Any]]] = {}
            for group in some:
                known = [] if footer.rows[group] > MOST_ROWS else columns
                found = ((column, self._kept.find((self._key, group, column))) for column in known)
                stated = ((column, footer.constant(group, column)) for column in known)
                held[group] = {column: chunk for column, chunk in (*stated, *found) if chunk is not None}
            lacking = {group: [column for column in columns if column not in held[group]] for group in some}
            spans = [footer.span(group, column) for group, names in lacking.items() for column in names]
            fetched: Any = _Fetched(footer.size, self._fetch(footer, spans))
            file = pq.ParquetFile(pa.PythonFile(fetched, "r"), metadata=footer.metadata)
            for group in some:
                names = lacking[group]
                if footer.rows[group] > MOST_ROWS:
                    batches = file.iter_batches(_BATCH, [group], names, use_threads=False)
                    yield from ((group, pa.Table.from_batches([batch]).select([*columns])) for batch in batches)
                    continue
                if names:
                    read = file.read_row_group(group, names, use_threads=False)
                    held[group] |= {column: read[column] for column in names}
                    for column in names if keep else ():
                        self._kept.keep((self._key, group, column), read[column], read[column].nbytes + _OBJECT)
                yield group, pa.Table.from_arrays([held[group][column] for column in columns], [*columns])

    def _together(self, footer: _Footer, groups: Sequence[int], columns: Sequence[str]) -> Iterator[list[int]]:
        """Row groups that are read in a few requests, as they are no further apart than `_REQUEST`."""
        some: list[int] = []
        for group in groups:
            if some and footer.span(group, columns[-1]).end - footer.span(some[0], columns[0]).start > _REQUEST:
                yield some
                some = []
            some.append(group)
        if some:
            yield some

    def _fetch(self, footer: _Footer, spans: Iterable[_Span]) -> dict[int, bytes]:
        """The bytes of some parts of the object, by where they start."""
        if footer.whole is not None:
            return {0: footer.whole}
        joined: list[_Span] = []
        for span in sorted(spans):
            if joined and span.start - joined[-1].end <= _GAP and span.end - joined[-1].start <= _REQUEST:
                joined[-1] = _Span(joined[-1].start, max(joined[-1].end, span.end))
            else:
                joined.append(span)
        return {one.start: self._data.part(self._key, one.start, one.end - one.start) for one in joined}
