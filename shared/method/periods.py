"""Periods as landing keys label them: `2024-09`, `2019-20-Q4`, `2015-16`, `2025`, `2022-04_2025`."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

from shared.facts import Period

Kind = Literal["month", "quarter", "financial_year", "year", "span", "name"]

YEARS = range(1900, 2200)
"""Years that a date of a programme can be in; others are slips of the pen."""

_YEAR, _TWO = "((?:19|20|21)[0-9]{2})", "([0-9]{2})"
_DAY = "((?:19|20|21)[0-9]{2}(?:-[0-9]{2}){0,2})"
_SHAPES: dict[str, tuple[str, str]] = {
    "month": (f"{_YEAR}-{_TWO}", "2024-09"),
    "quarter": (f"{_YEAR}-{_TWO}-Q([1-4])", "2019-20-Q4"),
    "financial_year": (f"{_YEAR}-{_TWO}", "2015-16"),
    "year": (_YEAR, "2025"),
    "span": (f"{_DAY}_{_DAY}", "2022-04_2025-08"),
}


def read_label(label: str, kind: Kind, year_starts: int) -> Period | None:
    """First and last day of the period a label names; None for a `name`, which has no days.

    A financial year begins in month `year_starts`. Each end of a span is a year, a month or a day and counts
    whole, so `2022-04_2025` runs from 1 April 2022 to 31 December 2025. ValueError says how a label is written.
    """
    if kind == "name":
        return None
    shape, example = _SHAPES[kind]
    found = re.fullmatch(shape, label)
    if found is None:
        raise ValueError(f"{label!r} is not a {kind.replace('_', ' ')}; write it like {example}")
    try:
        period = _READERS[kind](found.groups(), year_starts)
    except ValueError as fault:
        raise ValueError(f"{label!r} is not a {kind.replace('_', ' ')}: {fault}; write it like {example}") from None
    if period.end < period.start:
        raise ValueError(f"{label!r} ends before it begins; write it like {example}")
    return period


def month_of(day: date) -> Period:
    """The calendar month that holds a day."""
    return _months(day.year, day.month, 1)


def _months(year: int, month: int, count: int) -> Period:
    after = year * 12 + month - 1 + count
    return Period(date(after // 12, after % 12 + 1, 1) - timedelta(days=1), date(year, month, 1))


def _month(parts: tuple[str, ...], year_starts: int) -> Period:
    return _months(int(parts[0]), int(parts[1]), 1)


def _financial_year(parts: tuple[str, ...], year_starts: int) -> Period:
    year, following = int(parts[0]), int(parts[1])
    if following != (year + 1) % 100:
        raise ValueError(f"{following:02} does not follow {year}")
    return _months(year, year_starts, 12)


def _quarter(parts: tuple[str, ...], year_starts: int) -> Period:
    start = _financial_year(parts, year_starts).start
    months = start.month - 1 + 3 * (int(parts[2]) - 1)
    return _months(start.year + months // 12, months % 12 + 1, 3)


def _year(parts: tuple[str, ...], year_starts: int) -> Period:
    return _months(int(parts[0]), 1, 12)


def _span(parts: tuple[str, ...], year_starts: int) -> Period:
    first, last = (_whole([int(step) for step in part.split("-")]) for part in parts)
    return Period(last.end, first.start)


def _whole(steps: list[int]) -> Period:
    """A year, a month or a day, from its first to its last day."""
    match steps:
        case [year]:
            return _months(year, 1, 12)
        case [year, month]:
            return Period(date(year, month, monthrange(year, month)[1]), date(year, month, 1))
        case _:
            return Period(date(*steps), date(*steps))


_READERS = {"month": _month, "quarter": _quarter, "financial_year": _financial_year, "year": _year, "span": _span}
