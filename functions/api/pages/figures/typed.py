"""Numbers as people type them: 7,230,810 or £7,230,810 or 5.5%. What is ambiguous is refused with what to write."""

import re

from shared.formatting import SHARE, SIGNS, counted, number, unit_in_words

_GROUPED = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+", re.ASCII)
_SHORT = re.compile(r"([+-]?\d+(?:\.\d+)?)(k|m|bn|thousand|million|billion)", re.ASCII | re.IGNORECASE)
_TIMES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "billion": 9}
_DECIMALS = 6


class Mistyped(Exception):
    """A text that is not a number; its message says what to write instead."""


def read_number(text: str, unit: str) -> float:
    """The number that a text means, in `unit`: of a share, people write per cent. Mistyped if it is not one number.

    >>> read_number("£7,230,810", "GBP")
    7230810.0
    """
    bare = re.sub(r"\s", "", text).replace("−", "-")
    for sign in SIGNS.values():
        bare = bare.replace(sign, "")
    if unit == SHARE:
        bare = bare.removesuffix("%")
    if short := _SHORT.fullmatch(bare):
        whole = float(short[1]) * 10 ** _TIMES[short[2].lower()]
        raise Mistyped(f"Write all digits: {number(whole, 0)} instead of {text.strip()}.")
    if not _GROUPED.fullmatch(bare) or len(bare) > 30:
        raise Mistyped("Write a number in digits, such as 7,230,810 or 39.5: commas between thousands, a point before "
                       "decimals, and nothing else.")  # fmt: skip
    value = float(bare.replace(",", ""))
    return value / 100 if unit == SHARE else value


def shown(value: float | None, unit: str) -> str:
    """A number as it stands in a field, without its unit: 7,230,810 · 5.5 for a share of 0.055. Empty for none."""
    if value is None:
        return ""
    figure = 100 * value if unit == SHARE else value
    text = f"{figure:,.{_DECIMALS if abs(figure) < 1 else 2}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_label(unit: str) -> str:
    """A unit after the name of a field: £, m², FTE days, %."""
    if unit == SHARE:
        return "%"
    words = unit_in_words(unit)
    return words if words != unit else counted(2, unit).partition(" ")[2]
