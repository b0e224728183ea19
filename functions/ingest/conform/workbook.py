"""XLSX workbooks: one source for each sheet."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from functions.ingest.conform import limits
from functions.ingest.conform.source import Row, Source, Unreadable, bomb, shortened_error, too_wide
from shared.excel import load_workbook


def workbook_sources(body: bytes) -> list[Source]:
    """The sheets of a workbook; Unreadable if it is damaged or too large to open."""
    if len(body) > limits.LARGEST_WORKBOOK or body.count(b"PK\1\2") > limits.WORKBOOK_PARTS:
        raise _too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _check_size(archive, limits.decompressed(len(body), limits.LARGEST_WORKBOOK))
        book = load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
    except Unreadable:
        raise
    except Exception as error:  # the libraries raise errors of every type on a damaged workbook
        raise _damaged(error) from None
    return [Source(partial(_rows, sheet), padded=True, sheet=True) for sheet in book.worksheets]


def _check_size(archive: zipfile.ZipFile, most: int) -> None:
    """Unreadable where opening the workbook would take too much memory or time."""
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > most:
        raise bomb(most)
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise Unreadable("format", "this is a zip archive, not an .xlsx workbook; land the file that is in it.")
    for part in parts:
        if part.filename.startswith(("xl/worksheets/", "xl/sharedStrings", "xl/media/")):
            continue
        sheets = rb"<(?:\w+:)?sheet\b"
        if part.file_size > limits.SMALL_PART or len(re.findall(sheets, archive.read(part))) > limits.WORKBOOK_SHEETS:
            raise _too_large()


def _too_large() -> Unreadable:
    text = (
        f"the workbook has more than {limits.LARGEST_WORKBOOK >> 20} MB, {limits.WORKBOOK_SHEETS} sheets or "
        f"{limits.WORKBOOK_CELLS:,} cells; save the table as CSV and land that."
    )
    return Unreadable("too_large", text)


def _damaged(error: Exception) -> Unreadable:
    return Unreadable("workbook", f"the workbook is damaged ({shortened_error(error)}); save it again as .xlsx.")


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # the size that a workbook states need not be true
    line = characters = count = 0
    try:
        for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if len(cells) > limits.COLUMNS:
                raise too_wide(line)
            count += len(cells)
            if count > limits.WORKBOOK_CELLS:
                raise _too_large()
            texts = [cell if type(cell) is str else _as_in_csv(cell) for cell in cells]
            size = sum(map(len, texts))
            characters += size
            if characters > limits.LARGEST:  # one shared text may be in every cell
                raise bomb(limits.LARGEST)
            yield Row(line, texts, size)
    except Unreadable:
        raise
    except Exception as error:
        raise _damaged(error) from None


def _as_in_csv(cell: Any) -> str:
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
