"""What every format is read into: sources of rows of text, or the reason why there are none."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from functions.ingest.conform import limits
from shared.errors import Rejected

GZIP, ZIP, PARQUET = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06"), b"PAR1"
"""The first bytes of the formats that are not plain text."""

TOO_LARGE = f"the file is larger than {limits.LARGEST >> 20} MB; land it in parts."


class Unreadable(Rejected):
    """A file that cannot be read to its end; `rule`, `row` and the message become a finding."""

    def __init__(self, rule: str, message: str, row: int | None = None) -> None:
        self.rule = rule
        self.row = row
        super().__init__(message)


class Row(NamedTuple):
    """One record: the 1-based line on which it begins, its cells as text, and about how many characters they have."""

    line: int
    cells: Sequence[str]
    size: int = 0


class Source(NamedTuple):
    """One way to read the file: with one delimiter, or one of its sheets. `rows()` starts from the top each time.

    `padded`: rows may be shorter than the header, because the format omits empty cells. `titled`: the first row has the
    format's own column names, even if the dataset has no header. `sheet`: the name of a workbook's sheet; sheets are
    several tables, and sources without a name are several readings of the same table. `hidden`: the sheet is.
    """

    rows: Callable[[], Iterator[Row]]
    padded: bool = False
    titled: bool = False
    sheet: str = ""
    hidden: bool = False


def too_wide(line: int) -> Unreadable:
    """The fault of a row with too many columns."""
    text = f"the table has more than {limits.COLUMNS:,} columns; remove the columns that are not needed."
    return Unreadable("too_wide", text, line)


def bomb(most: int) -> Unreadable:
    """The fault of a file that decompresses to too many bytes."""
    text = f"the file decompresses to more than {most:,} bytes; land it uncompressed, in parts if necessary."
    return Unreadable("bomb", text)


def shortened_error(error: Exception) -> str:
    """A library's error message, shortened because it may quote the file."""
    return f"{type(error).__name__}: {error}"[:200]
