"""A release's tables as files: parquet as published, or converted to CSV or XLSX.

A file too large for one answer of a Lambda function is stored once under `exports/`, and the answer redirects to it.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa

from functions.api.http.problems import ContentTooLarge, NotAcceptable
from functions.api.release import Release
from shared import keys
from shared.receipts.csv_files import as_csv

MOST_BYTES = 4_400_000
"""The largest file in an answer: Lambda allows 6 MB, and base64 makes bytes a third longer."""

MOST_CELLS = {"csv": 4_000_000, "xlsx": 300_000}
"""The largest table, in cells, by kind: writing it takes less than half of the function's 15 s on one vCPU.

Measured on one core of a busy server; a quarter of the cells texts, a quarter dates, half floats. 4,000,000 cells of
CSV take 5.7 to 6.0 s of processor time (55 MB; peak memory 354 MB), 300,000 of XLSX 5.1 to 5.6 s (3 MB; 147 MB).
"""

WRITER = 1
"""Increase this when the CSV or XLSX format changes; otherwise exports stored earlier are served in the old format."""


class Kind(NamedTuple):
    """A kind of file. `write` converts a table to it; None for parquet, in which tables are published."""

    media_type: str
    write: Callable[[pa.Table], bytes] | None


class File(NamedTuple):
    """A file as an answer: either its bytes (`body`) or a URL (`location`). A file with a `release_id` never
    changes."""

    release_id: str | None
    name: str
    media_type: str
    body: bytes | None = None
    location: str | None = None


def table_file(release: Release, table: str, kind: str) -> File:
    """A table as one of KINDS; NotAcceptable for another kind, ContentTooLarge if it has more than MOST_CELLS."""
    if kind not in KINDS:
        raise NotAcceptable(f"Tables are available as: {', '.join(KINDS)}.", known=[*KINDS])
    media_type, write = KINDS[kind]
    name = f"headroom-{release.id[:8]}-{table}.{kind}"
    content = release.table(table)
    if write is None:
        key = keys.release(release.id, f"{table}.parquet")
        if content.size > MOST_BYTES:
            return File(release.id, name, media_type, location=release.data.presigned(key, name))
        body = release.body(f"{table}.parquet")
    else:
        key = keys.export(release.id, f"{WRITER}/{table}.{kind}")
        if key in islice(release.data.names(key), 1):  # a key is the first of the names that start with it
            return File(release.id, name, media_type, location=release.data.presigned(key, name))
        if content.num_rows * len(content.column_names) > MOST_CELLS[kind]:
            raise ContentTooLarge(f"The table {table} is too large for {kind}. Use parquet.", known=["parquet"])
        body = write(content.read())
    if len(body) <= MOST_BYTES:
        return File(release.id, name, media_type, body=body)
    if write is not None:
        release.data.put(key, body, media_type)
    return File(release.id, name, media_type, location=release.data.presigned(key, name))


def formats_of(cells: int) -> tuple[str, ...]:
    """The KINDS in which a table of so many cells is available."""
    return tuple(kind for kind in KINDS if cells <= MOST_CELLS.get(kind, cells))


def _as_csv(table: pa.Table) -> bytes:
    return as_csv(table.column_names, _rows(table))


def _as_xlsx(table: pa.Table) -> bytes:
    return as_xlsx(table.column_names, _rows(table))


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The bytes of a workbook with one sheet, in which no cell is a formula. Cells are text, numbers, dates or None."""
    from shared.excel import Workbook, WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("table")

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text_cell = WriteOnlyCell(sheet, value)
        text_cell.data_type = "s"  # otherwise a text that starts like a formula would become one
        return text_cell

    sheet.append(header)
    for row in rows:
        sheet.append([cell(value) for value in row])
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=5_000):
        yield from zip(*(map(_plain, column.to_pylist()) for column in batch.columns), strict=True)


def _plain(value: Any) -> Any:
    """A list as `a; b`, or as `a: 0.25; b: 0.75` for a list of pairs, in the same order."""
    if not isinstance(value, list):
        return value
    parts: Iterable[Any] = (f"{one[0]}: {one[1]}" if isinstance(one, tuple) else one for one in value)
    return "; ".join(map(str, parts))


KINDS: Mapping[str, Kind] = {
    "parquet": Kind("application/vnd.apache.parquet", None),
    "csv": Kind("text/csv", _as_csv),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _as_xlsx),
}
"""The kinds by file extension. The first is the default."""

MEDIA_TYPES = {name: kind.media_type for name, kind in KINDS.items()}
