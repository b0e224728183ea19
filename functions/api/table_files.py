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
from shared.releases.write import key_of
from shared.tables import RELEASE_TABLES, joined

MOST_BYTES = 4_400_000
"""The largest file in an answer: Lambda allows 6 MB, and base64 makes bytes a third longer."""

MOST_CELLS = {"parquet": 40_000_000, "csv": 4_000_000, "xlsx": 300_000}
"""The largest table, in cells, by kind, that is written for an answer: that takes less than half of the function's 15 s
on one vCPU. A file that was published is answered whatever its size.

Measured on one core of a busy server; a quarter of the cells texts, a quarter dates, half floats. 4,000,000 cells of
CSV take 5.7 to 6.0 s of processor time (55 MB; peak memory 354 MB), 300,000 of XLSX 5.1 to 5.6 s (3 MB; 147 MB).
"""

PARQUET = "parquet"

WRITER = 1
"""Increase this when the CSV or XLSX format changes; otherwise exports stored earlier are served in the old format."""


class Kind(NamedTuple):
    """A kind of file. `write` makes one of the tables of which a table consists, its schema and its rows."""

    media_type: str
    write: Callable[[Iterable[pa.Table], pa.Schema, int], bytes]


class File(NamedTuple):
    """A file as an answer: either its bytes (`body`) or a URL (`location`). A file with a `release_id` never
    changes."""

    release_id: str | None
    name: str
    media_type: str
    body: bytes | None = None
    location: str | None = None


def table_file(release: Release, table: str, kind: str, metric: str | None = None) -> File:
    """A table, or the rows of one metric in it, as one of KINDS; NotAcceptable for another kind, ContentTooLarge if it
    has more than MOST_CELLS. `metric`: of a table that has a file for each."""
    if kind not in KINDS:
        raise NotAcceptable(f"Tables are available as: {', '.join(KINDS)}.", known=[*KINDS])
    media_type, write = KINDS[kind]
    stem = "-".join(filter(None, (table, metric)))
    name = f"headroom-{release.id[:8]}-{stem}.{kind}"
    files = release.files_of(table, metric)
    contents = [release.table(one) for one in files]
    if kind == PARQUET and len(files) == 1:
        key = key_of(release.id, files[0])
        if contents[0].size > MOST_BYTES:
            return File(release.id, name, media_type, location=release.data.presigned(key, name))
        return File(release.id, name, media_type, body=release.data.get(key).body)
    key = keys.export(release.id, f"{WRITER}/{stem}.{kind}")
    if key in islice(release.data.names(key), 1):  # a key is the first of the names that start with it
        return File(release.id, name, media_type, location=release.data.presigned(key, name))
    schema = RELEASE_TABLES[table] if release.in_parts(table) else contents[0].schema
    rows = sum(one.num_rows for one in contents)
    if rows * len(schema) > MOST_CELLS[kind]:
        raise _too_large(release, table, kind, metric)
    body = write((one.read() for one in contents), schema, rows)
    if len(body) <= MOST_BYTES:
        return File(release.id, name, media_type, body=body)
    release.data.put(key, body, media_type)
    return File(release.id, name, media_type, location=release.data.presigned(key, name))


def _too_large(release: Release, table: str, kind: str, metric: str | None) -> ContentTooLarge:
    if metric is None and release.in_parts(table):
        known = [one.partition("/")[2] for one in release.files_of(table)]
        remedy = f"Download the metrics one by one, for example with ?metric={known[0]}."
        return ContentTooLarge(f"The table {table} is too large for {kind}. {remedy}", known=known)
    return ContentTooLarge(f"The table {table} is too large for {kind}. Use parquet.", known=[PARQUET])


def formats_of(cells: int, *, in_parts: bool) -> tuple[str, ...]:
    """The KINDS in which a table of so many cells is available as one file. `in_parts`: it was published as several."""
    return tuple(kind for kind, most in MOST_CELLS.items() if cells <= most or (kind == PARQUET and not in_parts))


def _as_csv(parts: Iterable[pa.Table], schema: pa.Schema, _rows: int) -> bytes:
    return as_csv(schema.names, _cells(parts))


def _as_xlsx(parts: Iterable[pa.Table], schema: pa.Schema, _rows: int) -> bytes:
    return as_xlsx(schema.names, _cells(parts))


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


def _cells(parts: Iterable[pa.Table]) -> Iterator[tuple[Any, ...]]:
    for table in parts:
        for batch in table.to_batches(max_chunksize=5_000):
            yield from zip(*(map(_plain, column.to_pylist()) for column in batch.columns), strict=True)


def _plain(value: Any) -> Any:
    """A list as `a; b`, or as `a: 0.25; b: 0.75` for a list of pairs, in the same order."""
    if not isinstance(value, list):
        return value
    parts: Iterable[Any] = (f"{one[0]}: {one[1]}" if isinstance(one, tuple) else one for one in value)
    return "; ".join(map(str, parts))


KINDS: Mapping[str, Kind] = {
    PARQUET: Kind("application/vnd.apache.parquet", joined),
    "csv": Kind("text/csv", _as_csv),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _as_xlsx),
}
"""The kinds by file extension. The first is the default."""

MEDIA_TYPES = {name: kind.media_type for name, kind in KINDS.items()}
