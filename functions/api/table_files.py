"""A release's tables as CSV and Excel files."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa

from functions.api.http.problems import NotAcceptable, TooLarge
from functions.api.release import Release
from shared import keys
from shared.receipts.csv_files import as_csv

MOST_BYTES = 4_400_000
"""A Lambda answer holds 6 MB, and bytes travel as base64: a third longer."""


MOST_CELLS = {"csv": 4_000_000, "xlsx": 300_000}
"""How many cells may be written, by kind: what takes less than half of the 15 s that the function has, on one vCPU.

Measured on one core of a busy server, a quarter of the cells texts, a quarter days, half floats: 4,000,000 cells of CSV
take 5.7 to 6.0 s of processor time (55 MB; the process peaks at 354 MB), 300,000 of XLSX 5.1 to 5.6 s (3 MB; 147 MB).
"""


WRITER = 1
"""Raised when CSV or XLSX are written otherwise than before, so that no export made earlier is served for a new one."""


class Kind(NamedTuple):
    """A kind of file; `write` is None for the one that tables are published as."""

    media_type: str
    write: Callable[[pa.Table], bytes] | None


class File(NamedTuple):
    """A file as an answer: its bytes, or where to fetch them. Only what belongs to a release (its id) never changes."""

    release_id: str | None
    name: str
    media_type: str
    body: bytes | None = None
    location: str | None = None


def table_file(release: Release, table: str, kind: str) -> File:
    """A table in one of KINDS; NotAcceptable for another, TooLarge where it would take too long to write."""
    if kind not in KINDS:
        raise NotAcceptable(f"Tables come as: {', '.join(KINDS)}.", known=[*KINDS])
    media_type, write = KINDS[kind]
    name = f"headroom-{release.id[:8]}-{table}.{kind}"
    if write is None:
        key, body = keys.release(release.id, f"{table}.parquet"), release.body(f"{table}.parquet")
    else:
        key = keys.export(release.id, f"{WRITER}/{table}.{kind}")
        if key in islice(release.data.names(key), 1):  # the first name that begins like that is the key itself
            return File(release.id, name, media_type, location=release.data.presigned(key, name))
        read = release.table(table)
        if read.num_rows * read.num_columns > MOST_CELLS[kind]:
            raise TooLarge(f"The table {table} is too large for {kind}. Ask for parquet.", known=["parquet"])
        body = write(read)
    if len(body) <= MOST_BYTES:
        return File(release.id, name, media_type, body=body)
    if write is not None:
        release.data.put(key, body, media_type)
    return File(release.id, name, media_type, location=release.data.presigned(key, name))


def _as_csv(table: pa.Table) -> bytes:
    return as_csv(table.column_names, _rows(table))


def _as_xlsx(table: pa.Table) -> bytes:
    from shared.excel import Workbook, WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("table")

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        written = WriteOnlyCell(sheet, value)
        written.data_type = "s"  # a text that begins like a formula stays a text
        return written

    sheet.append(table.column_names)
    for row in _rows(table):
        sheet.append([cell(value) for value in row])
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=5_000):
        yield from zip(*(map(_plain, column.to_pylist()) for column in batch.columns), strict=True)


def _plain(value: Any) -> Any:
    """Lists as `a; b` and shares as `a: 0.25; b: 0.75`, the parts in their order."""
    if not isinstance(value, list):
        return value
    parts: Iterable[Any] = (f"{one[0]}: {one[1]}" if isinstance(one, tuple) else one for one in value)
    return "; ".join(map(str, parts))


KINDS: Mapping[str, Kind] = {
    "parquet": Kind("application/vnd.apache.parquet", None),
    "csv": Kind("text/csv", _as_csv),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _as_xlsx),
}
"""What tables come as, by extension; the first is what a reader gets who does not mind."""


MEDIA_TYPES = {name: kind.media_type for name, kind in KINDS.items()}
