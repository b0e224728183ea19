"""Numbers as people write them. Pure.

Only what is said is rounded; every number in an answer leaves unrounded.
"""

from datetime import date
from math import floor, isclose, log10

ROUNDING = (
    "Headlines round to three significant figures. The arithmetic shows enough digits to follow it by hand; every step "
    "was computed from unrounded figures, and the numbers beside the words are not rounded."
)
SHARE = "share"
_SYMBOLS = {"GBP": "£"}
_MOST_PLACES = 8


def places_of(value: float, significant: int) -> int:
    """How many decimals give so many significant figures: none for 254 at three, four for 0.0123 at three."""
    if value == 0:
        return 0
    return min(max(0, significant - 1 - floor(log10(abs(value)))), _MOST_PLACES)


def number(value: float, places: int | None = None) -> str:
    """In full with thousands separators: whole from 100 up, else three significant figures, or so many decimals."""
    text = f"{value:,.{places_of(value, 3) if places is None else places}f}"
    return text.rstrip("0").rstrip(".") if places is None and "." in text else text


def amount(value: float | None, unit: str | None, places: int | None = None) -> str:
    """A number with its unit: £67.73 per m² · 5.82 % · 254 WTE · −£14.48 per m²."""
    if value is None:
        return "no value"
    sign, figure, unit = "−" if value < 0 else "", abs(value), (unit or "").replace("m2", "m²")
    if unit == SHARE:
        return f"{sign}{_percent(figure, places)} %"
    head, _, rest = unit.partition(" ")
    if head in _SYMBOLS:
        pence = 2 if rest and figure < 1000 and not figure.is_integer() and figure >= 0.1 else None
        return f"{sign}{_SYMBOLS[head]}{number(figure, pence if places is None else places)} {rest}".rstrip()
    return f"{sign}{number(figure, places)} {unit}".rstrip()


def _percent(share: float, places: int | None) -> str:
    percent = 100 * share
    text = number(percent, max(2, places_of(percent, 2)) if places is None else places)
    return text.rstrip("0").rstrip(".") if places is None else text


def counted(value: float | None, unit: str | None) -> str:
    """A sum of so many of a unit whose name is in the singular: 38,830 appointments."""
    said = amount(value, unit)
    return f"{said}s" if said[-1:].islower() and said[-1:] != "s" and value not in (1, None) else said


def headline(value: float | None, unit: str | None) -> str:
    """An amount at three significant figures: £4.21m · 46,500 FTE days · 254 WTE."""
    if not value:
        return amount(value, unit)
    rounded = float(f"{value:.3g}")
    head, _, rest = (unit or "").partition(" ")
    if head in _SYMBOLS and rounded >= 1e6:
        return f"{_SYMBOLS[head]}{number(rounded / 1e6)}m {rest}".rstrip()
    return amount(rounded, unit)


def span(lower: float | None, upper: float | None, unit: str | None, rough: bool = False) -> str:
    """From a lower to an upper gain, the unit said once: £4.21m to £5.21m · 4.5 to 35.4 WTE · up to £618,000."""
    if upper is None:
        return amount(None, unit)
    if lower is None or isclose(lower, upper, rel_tol=1e-12, abs_tol=1e-12):
        return headline(upper, unit) if rough else amount(upper, unit)
    if lower == 0:
        return f"up to {span(upper, upper, unit, rough)}"
    return between(lower, upper, unit, rough)


def between(lower: float, upper: float, unit: str | None, rough: bool = False) -> str:
    """Two amounts with the unit said once: £39.53 to £32.85 per m² · 4.89 to 4.62 %."""
    first, last = (headline(value, unit) if rough else amount(value, unit) for value in (lower, upper))
    figure, _, rest = last.partition(" ")
    if rest and first.endswith(f" {rest}"):
        first, last = first.removesuffix(f" {rest}"), f"{figure} {rest}"
    return f"{first} to {last}"


def subtraction(first: float, second: float, unit: str | None) -> tuple[str, str]:
    """`£67.727 − £39.533` and what it comes to, `£28.19`: four figures of the result, so that the next step can be
    followed by hand, and one more decimal before it, so that the subtraction can."""
    gap = first - second
    shown = gap * 100 if unit == SHARE else gap
    places = max(2, places_of(shown, 4))
    left, right = (amount(value, unit, places + 1) for value in (first, second))
    if unit == SHARE:
        return f"{left} − {right}", f"{number(shown, places).replace('-', '−')} percentage points"
    return f"{left} − {right}", amount(gap, unit, places)


def window(start: date, end: date) -> str:
    """The days of a window in words."""
    return f"{start.day} {start:%B %Y} to {end.day} {end:%B %Y}"


def trusts(count: int) -> str:
    """So many trusts."""
    return "1 other trust" if count == 1 else f"{count} other trusts"
