"""A second reader of landed files: row by row and cell by cell, in the plainest way, sharing nothing with conform."""

import csv
import io
from decimal import Decimal
from typing import NamedTuple


class Line(NamedTuple):
    """One record: the line it begins on, and its cells under their headings."""

    number: int
    cells: dict[str, str]


def text_of(body: bytes) -> str:
    """UTF-8 if it is that, and the Windows code page otherwise."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252")


def lines(body: bytes, delimiter: str = ",", header_line: int = 1, headings: list[str] | None = None) -> list[Line]:
    """Every record below the header; `headings` for a file without one."""
    reader = csv.reader(io.StringIO(text_of(body), newline=""), delimiter=delimiter)
    found, begins = [], 1
    for cells in reader:
        if headings is None:
            if begins == header_line:
                headings = cells
        else:
            found.append(Line(begins, dict(zip(headings, cells, strict=True))))
        begins = reader.line_num + 1
    return found


def figure(cell: str, currency: str = "") -> float | None:
    """The number a cell holds, by the rules a person would state; None if it holds none.

    A sign, the currency, digits in full or in threes, a point with digits before or after it, a power of ten.
    """
    text = cell.strip()
    negative = False
    for _ in range(2):  # the sign stands before the currency or after it
        if text[:1] in ("+", "-") and text[:1]:
            negative, text = negative != (text[0] == "-"), text[1:]
            if currency and text.startswith(currency):
                text = text[len(currency) :]
                if text[:1] in ("+", "-") and text[:1]:
                    return None
            break
        if currency and text.startswith(currency):
            text, currency = text[len(currency) :], ""
    power = 0
    for mark in "eE":
        if mark in text:
            text, _, exponent = text.partition(mark)
            digits = exponent[1:] if exponent[:1] in ("+", "-") and exponent[:1] else exponent
            if not (1 <= len(digits) <= 3 and _plain(digits)):
                return None
            power = int(exponent)
            break
    whole, point, part = text.partition(".")
    if part and not _plain(part):
        return None
    if whole:
        groups = whole.split(",")
        if not all(map(_plain, groups)):
            return None
        if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
            return None
        if len(groups[0]) > 1 and groups[0][0] == "0":
            return None  # a piece of a number that was cut at its thousands
    elif not part:
        return None
    size = float(Decimal(f"{whole.replace(',', '') or '0'}{point}{part or ('0' if point else '')}e{power}"))
    if size == float("inf"):
        return None
    return -size if negative else size


def _plain(digits: str) -> bool:
    return bool(digits) and all(digit in "0123456789" for digit in digits)
