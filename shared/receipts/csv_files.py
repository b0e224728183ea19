"""CSV files for spreadsheets: Excel reads them as UTF-8, and no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # Excel reads the file as UTF-8 because of it
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The bytes of a CSV file. Cells are text, numbers or None."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guarded(cell) for cell in header])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return _BYTE_ORDER_MARK + text.getvalue().encode("utf-8", "replace")


def guarded(cell: Any) -> Any:
    """A cell, with an apostrophe before text that a spreadsheet would run as a formula (OWASP: CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULAS) else cell
