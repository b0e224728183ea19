"""From bytes to rows of text. A file's content decides whether it is CSV, compressed CSV, XLSX or parquet.

Nothing is evaluated: a formula is read as its text.
"""

import re
from functools import partial

from functions.ingest.conform import limits
from functions.ingest.conform.delimited import csv_rows
from functions.ingest.conform.parquet import parquet_source
from functions.ingest.conform.source import PARQUET, TOO_LARGE, ZIP, Source, Unreadable
from functions.ingest.conform.workbook import workbook_sources
from shared.method.contracts import Format, Layout

_NOT_ACCEPTED = {
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"<!DOC": "a web page",
    b"<html": "a web page",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
}


def sources(body: bytes, layout: Layout) -> list[Source]:
    """The ways in which the bytes may be read, most likely first: one for each delimiter or sheet. Unreadable if there
    is none."""
    if re.search(rb"[^\0 \t\r\n\xef\xbb\xbf]", body) is None:
        raise Unreadable("empty_file", "the file is empty; export it again and land it.")
    if len(body) > limits.LARGEST:
        raise Unreadable("too_large", TOO_LARGE)
    for start, kind in _NOT_ACCEPTED.items():
        if body.startswith(start):
            raise Unreadable("format", f"this is {kind}; save it as CSV or .xlsx and land it again.")
    form = _format(body)
    if form not in layout.formats:
        text = f"this dataset does not accept {form} files; save the file as {' or '.join(layout.formats)}."
        raise Unreadable("format", text)
    match form:
        case "xlsx":
            return workbook_sources(body)
        case "parquet":
            return [parquet_source(body)]
        case _:
            return [Source(partial(csv_rows, body, layout, delimiter)) for delimiter in layout.delimiters]


def _format(body: bytes) -> Format:
    if body.startswith(ZIP):
        return "xlsx"
    return "parquet" if body.startswith(PARQUET) else "csv"
