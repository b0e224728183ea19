"""From bytes to rows of text, whatever the file is: CSV, gzip-ed CSV, XLSX or parquet, told by its content.

Every limit is here or in `functions.ingest.conform.cells`, so that no file can hurt: `LARGEST` bytes, packed or not,
and as many characters, since one text may stand in every cell; `LARGEST_BOOK` of a workbook, whose texts are held at
once; `RATIO` times what arrived, `WIDEST` columns, `LONGEST` characters a cell. Nothing is evaluated: a formula is the
text of a formula.
"""

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from shared.errors import Rejected
from shared.excel import load_workbook
from shared.findings import quoted
from shared.landing import landing_keys
from shared.method.contracts import Format, Layout
from shared.tables import require_codecs

LARGEST = landing_keys.LARGEST
LARGEST_BOOK = 64 * 1024 * 1024
RATIO = 200
WIDEST = 2_000
LONGEST = 100_000
CODECS = ("UNCOMPRESSED", "SNAPPY", "GZIP")
"""How the columns of a parquet file may be compressed, whatever else this build of Arrow could read."""

TOO_LARGE = f"the file is larger than {LARGEST >> 20} MB; land it in parts."

_LINE = 4 * 1024 * 1024
_CELLS = 100_000
_BOOK_CELLS = 5_000_000
_PARTS = 2_000  # of a workbook; each costs memory before any is read
_SHEETS = 200
_SMALL_PART = 4 * 1024 * 1024  # whatever is no sheet: styles, names and the like are parsed whole
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_FOREIGN = {
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"<!DOC": "a web page",
    b"<html": "a web page",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

require_codecs("snappy", "gzip")


class Unreadable(Rejected):
    """A file that cannot be read to its end; `rule` and the message go into a finding."""

    def __init__(self, rule: str, message: str, row: int | None = None) -> None:
        self.rule = rule
        self.row = row
        super().__init__(message)


class Row(NamedTuple):
    """One record: the 1-based line it begins on, its cells as text, and about how many characters these have."""

    line: int
    cells: Sequence[str]
    size: int = 0


class Source(NamedTuple):
    """One way to read the file: by a delimiter, or one of its sheets. `rows()` starts from the top each time.

    `padded`: rows may be shorter than the header, since the format leaves empty cells out. `titled`: the
    first row is the format's own names of the columns, even where the dataset has no header. `sheet`: it is
    one of several tables, not one of several readings of the same.
    """

    rows: Callable[[], Iterator[Row]]
    padded: bool = False
    titled: bool = False
    sheet: bool = False


def sources(body: bytes, layout: Layout) -> list[Source]:
    """The ways in which the bytes may be read, most likely first; Unreadable if there is none."""
    if re.search(rb"[^\0 \t\r\n\xef\xbb\xbf]", body) is None:
        raise Unreadable("empty_file", "the file is empty; export it again and land it.")
    if len(body) > LARGEST:
        raise Unreadable("too_large", TOO_LARGE)
    for magic, name in _FOREIGN.items():
        if body.startswith(magic):
            raise Unreadable("format", f"this is {name}; save it as CSV or .xlsx and land it again.")
    kind = _kind(body)
    if kind not in layout.formats:
        raise Unreadable("format", f"{kind} is not accepted here; save the file as {' or '.join(layout.formats)}.")
    match kind:
        case "xlsx":
            return _workbook(body)
        case "parquet":
            return _parquet(body)
        case _:
            return [Source(partial(_csv_rows, body, layout, delimiter)) for delimiter in layout.delimiters]


def _kind(body: bytes) -> Format:
    if body.startswith(_ZIP):
        return "xlsx"
    return "parquet" if body.startswith(_PARQUET) else "csv"


def _csv_rows(body: bytes, layout: Layout, delimiter: str) -> Iterator[Row]:
    lines = _Lines(_open_text(body, layout.fallback_encoding))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins, before = 1, 0
    try:
        for cells in reader:
            if len(cells) > WIDEST:
                raise _too_wide(begins)
            yield Row(begins, cells, lines.characters - before)
            begins, before = reader.line_num + 1, lines.characters
    except csv.Error as error:
        if "field larger" in str(error):
            limit = csv.field_size_limit()
            message = f"a cell is longer than {limit:,} characters; look for a quotation mark that is never closed."
            raise Unreadable("huge_field", message, begins) from None
        message = f"the quotation marks do not pair up ({error}); close or double them."
        raise Unreadable("quotes", message, begins) from None
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable("gzip", f"the gzip file is damaged ({error}); compress it again.", begins) from None
    except UnicodeError as error:
        raise Unreadable("encoding", f"the text cannot be decoded ({error}); save the file as UTF-8.", begins) from None


def _too_wide(line: int) -> Unreadable:
    return Unreadable("too_wide", f"there are more than {WIDEST:,} columns; land the columns asked for.", line)


def _most(arrived: int, largest: int) -> int:
    """How many bytes a file may unpack to."""
    return min(largest, max(RATIO * arrived, 1024 * 1024))


def _bomb(most: int) -> Unreadable:
    return Unreadable("bomb", f"the file unpacks to more than {most:,} bytes; land it unpacked, in parts if need be.")


class _Lines:
    """The lines of a text, as long as they are the lines of a table."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._read = 0
        self.characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_LINE)
        self._read += 1
        self.characters += len(line)
        if not line:
            raise StopIteration
        if len(line) >= _LINE:
            raise Unreadable("huge_field", f"a line is longer than {_LINE:,} characters; this is no table.", self._read)
        if "\0" in line:
            raise Unreadable("nul_bytes", "there are NUL bytes in the text; save the file as UTF-8.", self._read)
        return line


def _open_text(body: bytes, fallback: str) -> io.TextIOBase:
    raw: io.BytesIO | io.BufferedReader = io.BytesIO(body)
    start = body[:4]
    if body.startswith(_GZIP):
        raw = io.BufferedReader(_Unpacked(gzip.GzipFile(fileobj=raw), len(body)))
        start = _start_of_gzip(body)
    if start.startswith((_GZIP, _ZIP, _PARQUET)):
        raise Unreadable("gzip", "the gzip file holds another packed file; compress the CSV itself, once.")
    encoding = "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
    return io.TextIOWrapper(raw, encoding, errors=_else_as(fallback), newline="")


def _start_of_gzip(body: bytes) -> bytes:
    """The first bytes that a gzip file unpacks to; none where it is damaged, which reading on will tell."""
    try:
        return gzip.GzipFile(fileobj=io.BytesIO(body)).read(4)
    except (OSError, EOFError, zlib.error):
        return b""


class _Unpacked(io.RawIOBase):
    """What a gzip file unpacks to, as long as that is in proportion to what arrived."""

    def __init__(self, packed: gzip.GzipFile, arrived: int) -> None:
        self._packed = packed
        self._most = self._left = _most(arrived, LARGEST)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._packed.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise _bomb(self._most)
        buffer[: len(data)] = data
        return len(data)


def _else_as(fallback: str) -> str:
    """The name of an error handler that reads bytes that are not UTF-8 in another encoding.

    Byte by byte, since publishers paste cp1252 into UTF-8 files: the rest of the file is right as it is.
    """
    name = f"headroom-else-{fallback}"

    def read(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError) or error.encoding.startswith("utf-16"):
            raise error
        return error.object[error.start : error.end].decode(fallback, errors="replace"), error.end

    codecs.register_error(name, read)
    return name


def _workbook(body: bytes) -> list[Source]:
    if len(body) > LARGEST_BOOK or body.count(b"PK\1\2") > _PARTS:
        raise _heavy_workbook()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _weigh(archive, _most(len(body), LARGEST_BOOK))
        book = load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
    except Unreadable:
        raise
    except Exception as error:  # whatever a broken workbook makes the libraries raise is the file's fault
        raise _broken_workbook(error) from None
    return [Source(partial(_sheet_rows, sheet), padded=True, sheet=True) for sheet in book.worksheets]


def _weigh(archive: zipfile.ZipFile, most: int) -> None:
    """Unreadable where a workbook would take too much memory or time to open."""
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > most:
        raise _bomb(most)
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise Unreadable("format", "this is a zip archive but no .xlsx workbook; land the file itself.")
    for part in parts:
        if part.filename.startswith(("xl/worksheets/", "xl/sharedStrings", "xl/media/")):
            continue
        if part.file_size > _SMALL_PART or len(re.findall(rb"<(?:\w+:)?sheet\b", archive.read(part))) > _SHEETS:
            raise _heavy_workbook()


def _heavy_workbook() -> Unreadable:
    text = f"a workbook may have {LARGEST_BOOK >> 20} MB, {_SHEETS} sheets and {_BOOK_CELLS:,} cells; land a CSV."
    return Unreadable("too_large", text)


def _broken_workbook(error: Exception) -> Unreadable:
    return Unreadable("workbook", f"the workbook is damaged ({_named(error)}); save it again as .xlsx.")


def _named(error: Exception) -> str:
    """A library's complaint, shortened: it may quote the file."""
    return f"{type(error).__name__}: {error}"[:200]


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # what a workbook says of its size need not be true
    line = characters = count = 0
    try:
        for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if len(cells) > WIDEST:
                raise _too_wide(line)
            count += len(cells)
            if count > _BOOK_CELLS:
                raise _heavy_workbook()
            texts = [cell if type(cell) is str else _spelt(cell) for cell in cells]
            size = sum(map(len, texts))
            characters += size
            if characters > LARGEST:  # one shared text may stand in every cell
                raise _bomb(LARGEST)
            yield Row(line, texts, size)
    except Unreadable:
        raise
    except Exception as error:
        raise _broken_workbook(error) from None


def _spelt(cell: Any) -> str:
    """A workbook's cell as a CSV of it would have it."""
    match cell:
        case None:
            return ""
        case datetime():
            return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def _parquet(body: bytes) -> list[Source]:
    try:
        file = pq.ParquetFile(io.BytesIO(body))
        schema, about = file.schema_arrow, file.metadata
    except Exception as error:
        raise _broken_parquet(error) from None
    if not len(schema):
        raise Unreadable("empty_file", "the parquet file has no columns; export it again and land it.")
    for field in schema:
        if pa.types.is_duration(field.type):
            text = f"the column {quoted(field.name)} holds spans of time; write them as numbers, in the unit asked for."
            raise Unreadable("parquet", text)
        if pa.types.is_nested(field.type) or pa.types.is_fixed_size_binary(field.type):
            what = "is nested" if pa.types.is_nested(field.type) else "holds bytes"
            raise Unreadable("parquet", f"the column {quoted(field.name)} {what}; write one plain value a cell.")
    if len(schema) > WIDEST:
        raise _too_wide(1)
    if sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups)) > LARGEST:
        raise _bomb(LARGEST)
    _check_codecs(about)
    texts = [field.name for field in schema if _is_text(field.type)]
    return [Source(partial(_parquet_rows, body, texts), titled=True)]


def _check_codecs(about: pq.FileMetaData) -> None:
    for group in map(about.row_group, range(about.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            if column.compression not in CODECS:
                name, codec = quoted(column.path_in_schema), column.compression.lower()
                raise Unreadable(
                    "codec",
                    f"the column {name} is compressed with {codec}, which is not accepted; write the file with snappy.",
                )


def _is_text(kind: pa.DataType) -> bool:
    """Whether values may be of any length, so that a column of them has to be read with each held once."""
    return str(kind) in ("string", "large_string", "string_view", "binary", "large_binary", "binary_view")


def _broken_parquet(error: Exception) -> Unreadable:
    if isinstance(error, pa.ArrowNotImplementedError):
        text = f"the parquet file uses what is not supported here ({_named(error)}); write plain columns with snappy."
        return Unreadable("parquet", text)
    return Unreadable("parquet", f"the parquet file is damaged ({_named(error)}); write it again.")


def _parquet_rows(body: bytes, texts: list[str]) -> Iterator[Row]:
    """The headings count as row 1, so that the first record is row 2 as in a CSV of it."""
    try:
        file = pq.ParquetFile(io.BytesIO(body), read_dictionary=texts)  # a repeated text is held once
        yield Row(1, file.schema_arrow.names)
        line, characters = 2, 0
        for batch in file.iter_batches(batch_size=max(1, _CELLS // len(file.schema_arrow)), use_threads=False):
            for cells in zip(*(_texts(column) for column in batch.columns), strict=True):
                size = sum(map(len, cells))
                characters += size
                if characters > LARGEST:
                    raise _bomb(LARGEST)
                yield Row(line, cells, size)
                line += 1
    except Unreadable:
        raise
    except Exception as error:
        raise _broken_parquet(error) from None


def _texts(column: "pa.Array[Any]") -> list[str]:
    if not isinstance(column, pa.DictionaryArray):
        return ["" if text is None else text for text in column.cast(pa.string()).to_pylist()]
    words = ["" if word is None else word for word in column.dictionary.cast(pa.string()).to_pylist()]
    if max(map(len, words), default=0) > LONGEST:
        raise Unreadable("huge_field", f"a cell is longer than {LONGEST:,} characters; this is no table.")
    return ["" if index is None else words[index] for index in column.indices.to_pylist()]
