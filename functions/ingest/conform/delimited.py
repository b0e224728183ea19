"""CSV files: plain, compressed with gzip, or alone in a zip archive."""

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from functions.ingest.conform import kinds, limits
from functions.ingest.conform.source import GZIP, PARQUET, ZIP, Row, Unreadable, bomb, too_wide
from shared.method.contracts import Layout

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def csv_rows(body: bytes, layout: Layout, delimiter: str) -> Iterator[Row]:
    """The rows of a CSV file read with one delimiter; Unreadable where its bytes stop being a table."""
    lines = _Lines(_open_text(body, layout.fallback_encoding))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins, characters_before = 1, 0
    try:
        for cells in reader:
            if len(cells) > limits.COLUMNS:
                raise too_wide(begins)
            yield Row(begins, cells, lines.characters - characters_before)
            begins, characters_before = reader.line_num + 1, lines.characters
    except csv.Error as error:
        if "field larger" in str(error):
            limit = csv.field_size_limit()
            message = f"a cell is longer than {limit:,} characters; look for a quotation mark that is never closed."
            raise Unreadable("huge_field", message, begins) from None
        message = f"the quotation marks do not pair up ({error}); close or double them."
        raise Unreadable("quotes", message, begins) from None
    except (OSError, EOFError, zlib.error, *kinds.DAMAGED) as error:
        what = "zip" if body.startswith(ZIP) else "gzip"
        raise Unreadable(what, f"the {what} file is damaged ({error}); compress it again.", begins) from None
    except UnicodeError as error:
        raise Unreadable("encoding", f"the text cannot be decoded ({error}); save the file as UTF-8.", begins) from None


class _Lines:
    """The lines of a text, with their characters counted; Unreadable at a line that cannot be part of a table."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._read = 0
        self.characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(limits.LINE)
        self._read += 1
        self.characters += len(line)
        if not line:
            raise StopIteration
        if len(line) >= limits.LINE:
            text = f"a line is longer than {limits.LINE:,} characters; check that the file is a table."
            raise Unreadable("huge_field", text, self._read)
        if "\0" in line:
            raise Unreadable("nul_bytes", "the text contains NUL bytes; save the file as UTF-8.", self._read)
        return line


def _open_text(body: bytes, fallback: str) -> io.TextIOBase:
    raw: io.BytesIO | io.BufferedReader = io.BytesIO(body)
    start = body[:4]
    if body.startswith(ZIP):
        zipped = zipfile.ZipFile(raw)
        file = kinds.only_file(zipped)
        start = zipped.open(file).read(4)
        raw = io.BufferedReader(_Decompressed(zipped.open(file), len(body)))
    elif body.startswith(GZIP):
        raw = io.BufferedReader(_Decompressed(gzip.GzipFile(fileobj=raw), len(body)))
        start = _start_of_gzip(body)
    if start.startswith((GZIP, *ZIP, PARQUET)):
        raise Unreadable("gzip", "the gzip file contains another compressed file; compress the CSV itself, once.")
    encoding = "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
    return io.TextIOWrapper(raw, encoding, errors=_else_as(fallback), newline="")


def _start_of_gzip(body: bytes) -> bytes:
    """The first bytes that a gzip file decompresses to; none where it is damaged, which is reported when it is read."""
    try:
        return gzip.GzipFile(fileobj=io.BytesIO(body)).read(4)
    except (OSError, EOFError, zlib.error):
        return b""


class _Decompressed(io.RawIOBase):
    """The content of a compressed file; Unreadable once it is too large for the bytes that were landed."""

    def __init__(self, compressed: IO[bytes] | gzip.GzipFile, landed_bytes: int) -> None:
        self._compressed = compressed
        self._most = self._left = limits.decompressed(landed_bytes, limits.LARGEST)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._compressed.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise bomb(self._most)
        buffer[: len(data)] = data
        return len(data)


def _else_as(fallback: str) -> str:
    """The name of an error handler that reads bytes that are not UTF-8 in another encoding.

    It works byte by byte, since publishers paste cp1252 into UTF-8 files: the rest of such a file is UTF-8.
    """
    name = f"headroom-else-{fallback}"

    def read(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError) or error.encoding.startswith("utf-16"):
            raise error
        return error.object[error.start : error.end].decode(fallback, errors="replace"), error.end

    codecs.register_error(name, read)
    return name
