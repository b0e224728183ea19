"""XLSX workbooks: one source for each sheet.

Every cell becomes the text that a CSV of the sheet would have, so that one set of rules reads both. What a text alone
would hide is written out: a formula as its formula, a percentage with its sign.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from functions.ingest.conform import limits
from functions.ingest.conform.kinds import CONTENT_TYPES
from functions.ingest.conform.source import Row, Source, Unreadable, bomb, shortened_error, too_wide
from shared.excel import PERCENT, load_workbook

_LARGE_PARTS = re.compile(r"worksheet\+xml|sharedStrings\+xml|macrosheet\+xml")
_PART = re.compile(r'<Override\b(?=[^>]*\bPartName="/?([^"]+)")(?=[^>]*\bContentType="([^"]+)")')


def workbook_sources(body: bytes) -> list[Source]:
    """The sheets of a workbook; Unreadable if it is damaged or too large to open."""
    if len(body) > limits.LARGEST_WORKBOOK or body.count(b"PK\1\2") > limits.WORKBOOK_PARTS:
        raise _too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _check_size(archive, limits.decompressed(len(body), limits.LARGEST_WORKBOOK))
        book = load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
        percentages = _percentages(book)
    except Unreadable:
        raise
    except Exception as error:  # the libraries raise errors of every type on a damaged workbook
        raise _damaged(error) from None
    return [
        Source(
            partial(_rows, sheet, percentages), padded=True, sheet=sheet.title, hidden=sheet.sheet_state != "visible"
        )
        for sheet in book.worksheets
    ]


def _check_size(archive: zipfile.ZipFile, most: int) -> None:
    """Unreadable where opening the workbook would take too much memory or time."""
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > most:
        raise bomb(most)
    large = _large_parts(archive)
    for part in parts:
        if part.filename in large or part.filename.startswith("xl/media/"):
            continue
        sheets = rb"<(?:\w+:)?sheet\b"
        if part.file_size > limits.SMALL_PART or len(re.findall(sheets, archive.read(part))) > limits.WORKBOOK_SHEETS:
            raise _too_large()


def _large_parts(archive: zipfile.ZipFile) -> set[str]:
    """The names of the sheets and of the table of texts: the package says which parts these are, not their folders."""
    if archive.getinfo(CONTENT_TYPES).file_size > limits.SMALL_PART:
        raise _too_large()
    types = archive.read(CONTENT_TYPES).decode("utf-8", "replace")
    return {name for name, kind in _PART.findall(types) if _LARGE_PARTS.search(kind)}


def _percentages(book: Any) -> frozenset[int]:
    """The ids of the cell styles that show a number as a percentage."""
    styles = [cell.numFmtId for cell in book._cell_styles]
    custom = {164 + nth for nth, form in enumerate(book._number_formats) if PERCENT.search(form)}
    return frozenset(nth for nth, form in enumerate(styles) if form in custom | {9, 10})


def _too_large() -> Unreadable:
    text = (
        f"the workbook has more than {limits.LARGEST_WORKBOOK >> 20} MB, {limits.WORKBOOK_SHEETS} sheets or "
        f"{limits.WORKBOOK_CELLS:,} cells; save the table as CSV and land that."
    )
    return Unreadable("too_large", text)


def _damaged(error: Exception) -> Unreadable:
    return Unreadable("workbook", f"the workbook is damaged ({shortened_error(error)}); save it again as .xlsx.")


def _rows(sheet: Any, percentages: frozenset[int]) -> Iterator[Row]:
    sheet.reset_dimensions()  # the size that a workbook states need not be true
    line = characters = count = 0
    try:
        for line, cells in enumerate(sheet.iter_rows(), 1):
            if len(cells) > limits.COLUMNS:
                raise too_wide(line)
            count += len(cells)
            if count > limits.WORKBOOK_CELLS:
                raise _too_large()
            texts = [_text(cell, percentages) for cell in cells]
            size = sum(map(len, texts))
            characters += size
            if characters > limits.LARGEST:  # one shared text may be in every cell
                raise bomb(limits.LARGEST)
            yield Row(line, texts, size)
    except Unreadable:
        raise
    except Exception as error:
        raise _damaged(error) from None


def _text(cell: Any, percentages: frozenset[int]) -> str:
    """A cell's text in a CSV of the sheet. What is neither a plain value nor an error of Excel becomes a formula, which
    no column accepts."""
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            return f"={value.removeprefix('=')}" if cell.data_type == "f" else value
        case bool():
            return str(value)
        case int() | float():
            # The style is kept in a private attribute: the public ones look up a format for every cell.
            return _percentage(value) if cell._style_id in percentages else str(value)
        case datetime():
            return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
        case date() | time() | timedelta():
            return str(value)
        case _:
            formula = getattr(value, "text", None) or f"{type(value).__name__.upper()}()"
            return f"={formula.removeprefix('=')}"


def _percentage(value: float) -> str:
    """As Excel shows it, but unrounded: 0.024 is 2.4%."""
    return f"{100 * value:.15g}%"
