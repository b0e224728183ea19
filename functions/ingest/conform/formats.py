"""From bytes to rows of text. A file's content decides whether it is CSV (compressed with gzip, zipped, or neither),
XLSX or parquet.

Nothing is evaluated: a formula is read as its text.
"""

import re
from functools import partial

from functions.ingest.conform import kinds, limits
from functions.ingest.conform.delimited import csv_rows
from functions.ingest.conform.parquet import parquet_source
from functions.ingest.conform.source import PARQUET, TOO_LARGE, ZIP, Source, Unreadable
from functions.ingest.conform.workbook import workbook_sources
from shared.method.contracts import Format, Layout


def sources(body: bytes, layout: Layout) -> list[Source]:
    """The ways in which the bytes may be read, most likely first: one for each delimiter or sheet. Unreadable if there
    is none."""
    if re.search(rb"[^\0 \t\r\n\xef\xbb\xbf]", body) is None:
        raise Unreadable("empty_file", "the file is empty; export it again and land it.")
    if len(body) > limits.LARGEST:
        raise Unreadable("too_large", TOO_LARGE)
    if text := kinds.refused(body):
        raise Unreadable("format", text)
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
        return "xlsx" if kinds.is_workbook(body) else "csv"
    return "parquet" if body.startswith(PARQUET) else "csv"
