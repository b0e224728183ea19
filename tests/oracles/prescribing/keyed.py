"""An obvious second implementation of keyed files: rows are read one after the other, and added up by prefixes."""

import csv
import io
from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple


class Wanted(NamedTuple):
    """A measure: the sum of a column over rows whose key begins with one of `prefixes` and with none of `without`."""

    column: str
    prefixes: Sequence[str] = ("",)
    without: Sequence[str] = ()


def added_up(
    text: str, columns: Sequence[str], wanted: Mapping[str, Wanted], suppressed: str = "*"
) -> dict[tuple[Any, ...], Any]:
    """(what `columns` hold, measure) → its sum, or `missing` or `suppressed`; nothing where no row counts."""
    parts: dict[tuple[Any, ...], list[str]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        key = row["BNF_CODE"].strip().upper()
        for name, rule in wanted.items():
            if any(key.startswith(one) for one in rule.prefixes) and not any(
                key.startswith(one) for one in rule.without
            ):
                place = (*(row[column].strip() for column in columns), name)
                parts.setdefault(place, []).append(row[rule.column].strip())
    return {place: _sum(cells, suppressed) for place, cells in parts.items()}


def _sum(cells: Sequence[str], suppressed: str) -> float | str:
    if suppressed in cells:
        return "suppressed"
    return "missing" if "" in cells else fsum(float(cell.replace(",", "")) for cell in cells)
