"""Files for spreadsheets: CSV that Excel opens as it is meant, in which nothing is ever a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # by which Excel knows UTF-8
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file of a header and rows of texts, numbers and None."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guarded(cell) for cell in header])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return _BYTE_ORDER_MARK + text.getvalue().encode("utf-8", "replace")


def guarded(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULAS) else cell
