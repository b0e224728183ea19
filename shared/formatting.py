"""Numbers as text. Pure.

Only sentences have rounded numbers; the figures in an answer are unrounded.
"""

from datetime import UTC, date, datetime
from math import floor, isclose, log10

ROUNDING = (
    "Gains in headlines are rounded to three significant figures. The steps show enough digits to check them by hand. "
    "Each step was computed from unrounded figures, and the figures in the other fields are unrounded."
)
SHARE = "share"
SIGNS = {
    "AUD": "A$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "HKD": "HK$", "ILS": "₪", "INR": "₹",
    "JPY": "¥", "KRW": "₩", "MXN": "MX$", "NZD": "NZ$", "PHP": "₱", "TWD": "NT$", "USD": "$", "VND": "₫",
}  # fmt: skip
"""Currencies that have a sign of their own in English texts (Unicode CLDR). Others are written by their codes."""

CURRENCIES = frozenset({
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF", "BMD",
    "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP",
    "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP",
    "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD",
    "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD",
    "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN",
    "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB",
    "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SYP", "SZL", "THB",
    "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VES", "VND", "VUV",
    "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
})  # fmt: skip
"""The codes of ISO 4217. A unit of money begins with one: `GBP per m2`."""

_MOST_PLACES = 8
_MEASURED = frozenset(
    f"{word}{ending}"
    for word in (
        "second",
        "minute",
        "hour",
        "week",
        "month",
        "year",
        "gram",
        "tonne",
        "litre",
        "metre",
        "mile",
        "percent",
    )
    for ending in ("", "s")
) | {"percent", "fraction"}
"""Words for units that are measured, so that a part of one says something."""


def places_of(value: float, significant: int) -> int:
    """The number of decimals for `significant` figures: 0 for 254 with three, 4 for 0.0123 with three."""
    if value == 0:
        return 0
    return min(max(0, significant - 1 - floor(log10(abs(value)))), _MOST_PLACES)


def number(value: float, places: int | None = None) -> str:
    """A number with thousands separators: with `places` decimals, else whole from 100 up, else three significant
    figures."""
    text = f"{value:,.{places_of(value, 3) if places is None else places}f}"
    return text.rstrip("0").rstrip(".") if places is None and "." in text else text


def currency_sign(code: str) -> str:
    """What stands before an amount: `£`, or the code with a space at which no line and no phrase is divided."""
    return SIGNS.get(code, f"{code}\N{NO-BREAK SPACE}")


def unit_in_words(unit: str) -> str:
    """A unit with its signs: £ per m² · SEK per m²."""
    return " ".join(SIGNS.get(word, word) for word in unit.split(" ")).replace("m2", "m²")


def amount(value: float | None, unit: str | None, places: int | None = None) -> str:
    """A number with its unit: £67.73 per m² · 5.82% · 254 WTE · 38 appointments · −£14.48 per m²."""
    if value is None:
        return "no value"
    sign, figure, unit = "−" if value < 0 else "", abs(value), (unit or "").replace("m2", "m²")
    if unit == SHARE:
        return f"{sign}{_percent(figure, places)}%"
    head, _, rest = unit.partition(" ")
    if head in CURRENCIES:
        pence = 2 if rest and figure < 1000 and not figure.is_integer() and figure >= 0.1 else None
        return f"{sign}{currency_sign(head)}{number(figure, pence if places is None else places)} {rest}".rstrip(" ")
    whole = 0 if figure >= 1 and is_count(unit) else None
    return f"{sign}{number(figure, whole if places is None else places)} {unit}".rstrip()


def is_count(unit: str) -> bool:
    """Whether a unit is of things that are counted, such as appointments: a word, not a symbol, a rate or a measure."""
    word = unit.rpartition(" ")[2]
    return word.isalpha() and word.islower() and len(word) > 2 and " per " not in unit and word not in _MEASURED


def _percent(share: float, places: int | None) -> str:
    percent = 100 * share
    text = number(percent, max(2, places_of(percent, 2)) if places is None else places)
    return text.rstrip("0").rstrip(".") if places is None else text


def rough_percent(share: float) -> str:
    """A share in whole per cent: 36%. One that is not 0 is never shown as 0%."""
    percent = 100 * share
    return "under 1%" if 0 < percent <= 0.5 else f"{number(percent, 0)}%"


def counted(value: float | None, unit: str | None) -> str:
    """An amount of a unit whose name is in the singular, put into the plural: 38,830 appointments."""
    text = amount(value, unit)
    return f"{text}s" if text[-1:].islower() and text[-1:] != "s" and value is not None and text[:2] != "1 " else text


def headline(value: float | None, unit: str | None) -> str:
    """An amount with three significant figures: £4.21m · −£1.2m · 46,500 FTE days · 254 WTE."""
    if not value:
        return amount(value, unit)
    rounded = float(f"{value:.3g}")
    head, _, rest = (unit or "").partition(" ")
    if head in CURRENCIES and abs(rounded) >= 1e6:
        return f"{'−' if rounded < 0 else ''}{currency_sign(head)}{number(abs(rounded) / 1e6)}m {rest}".rstrip(" ")
    return amount(rounded, unit)


def span(lower: float | None, upper: float | None, unit: str | None, rough: bool = False) -> str:
    """A lower and an upper gain, with the unit once: £4.21m to £5.21m · 4.5 to 35.4 WTE · up to £618,000."""
    if upper is None:
        return amount(None, unit)
    if lower is None or isclose(lower, upper, rel_tol=1e-12, abs_tol=1e-12):
        return headline(upper, unit) if rough else amount(upper, unit)
    if lower == 0:
        return f"up to {span(upper, upper, unit, rough)}"
    return between(lower, upper, unit, rough)


def between(lower: float, upper: float, unit: str | None, rough: bool = False) -> str:
    """Two amounts with the unit once: £39.53 to £32.85 per m² · 4.89 to 4.62%."""
    first, last = (headline(value, unit) if rough else amount(value, unit) for value in (lower, upper))
    if first == last:  # they differ by less than is shown
        return last
    if first.endswith("%") and last.endswith("%"):
        return f"{first.removesuffix('%')} to {last}"
    figure, _, rest = last.partition(" ")
    if rest and first.endswith(f" {rest}"):
        first, last = first.removesuffix(f" {rest}"), f"{figure} {rest}"
    return f"{first} to {last}"


def subtraction(first: float, second: float, unit: str | None) -> tuple[str, str]:
    """`£67.727 − £39.533` and its result, `£28.19`. The result has four significant figures, and the terms have one
    decimal more, so that this step and the next can be checked by hand."""
    gap = first - second
    result = gap * 100 if unit == SHARE else gap
    places = max(2, places_of(result, 4))
    left, right = (amount(value, unit, places + 1) for value in (first, second))
    if unit == SHARE:
        return f"{left} − {right}", f"{number(result, places).replace('-', '−')} percentage points"
    return f"{left} − {right}", amount(gap, unit, places)


def difference(value: float, unit: str | None) -> str:
    """The size of a difference of two values: 0.42 percentage points · £2.04 per m²."""
    if unit == SHARE:
        points = number(round(abs(100 * value), 8))
        return f"{points} percentage point{'' if points == '1' else 's'}"
    return amount(abs(value), unit)


def window(start: date, end: date) -> str:
    """The first and last day of a window: 1 April 2024 to 31 March 2025."""
    return f"{start.day} {start:%B %Y} to {end.day} {end:%B %Y}"


def instant(moment: datetime) -> str:
    """A moment with its time zone by RFC 3339, in UTC: 2025-01-31T09:30:00Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def percentile(q: float) -> str:
    """A quantile as a percentile: the 25th percentile · percentile 33.3."""
    percent = round(100 * q, 6)
    return f"the {ordinal(int(percent))} percentile" if percent.is_integer() else f"percentile {number(percent)}"


def ordinal(rank: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank:,}{ending}"
