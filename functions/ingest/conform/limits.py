"""Every limit that keeps a landed file from using up memory or time. A file beyond one of them is rejected."""

from shared.landing import landing_keys

LARGEST = landing_keys.LARGEST
"""Bytes of a file, compressed or not, and characters of its cells: one text may be repeated in every cell."""

LARGEST_WORKBOOK = 64 * 1024 * 1024
"""Bytes of a workbook, compressed or not: all of its texts are in memory at once."""

RATIO = 200
"""How many times larger a file may become when it is decompressed."""

COLUMNS = 2_000
CELL = 100_000
"""Characters of a cell of a parquet file; `csv.field_size_limit()` is that of a CSV file."""

LINE = 4 * 1024 * 1024
"""Characters of a line of a CSV file."""

WORKBOOK_CELLS = 5_000_000
WORKBOOK_PARTS = 2_000
"""Files in a workbook's zip archive: each takes memory before any of them is read."""

WORKBOOK_SHEETS = 200
SMALL_PART = 4 * 1024 * 1024
"""Bytes of a part of a workbook that is not a sheet, such as styles and names: these are parsed as a whole."""

LINES = 4_000_000
"""Lines of a file, blank ones included: bounds the time."""

CELLS = 2_000_000
"""Figures and attributes of a file: bounds the memory, at about 250 bytes each."""

TEXT = 128 * 1024 * 1024
"""Bytes of a file's attributes."""

ATTRIBUTE = 1_000
"""Characters of an attribute."""

MEASURES = 1_000
"""Measures of a file with one figure a row."""

KEYS = 200_000
"""Different keys of a keyed file."""

MEASURE_NAME = 80
"""Characters of the name of a measure that the contract does not list."""

BATCH_CELLS = 1_000_000
BATCH_CHARACTERS = 16 * 1024 * 1024
"""Cells, and their characters, that are held as text at a time."""


def decompressed(landed_bytes: int, largest: int) -> int:
    """Bytes that a file of so many bytes may decompress to."""
    return min(largest, max(RATIO * landed_bytes, 1024 * 1024))
