"""Periods as landing keys label them: `2024-09`, `2019-20-Q4`, `2015-16`, `2025`, `2025-12`, `2022-04_2025`."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator

from shared.method.base import Strict
from shared.method.terms import Period

Kind = Literal["month", "quarter", "financial_year", "year", "edition", "span", "name"]

REGULAR = ("month", "quarter", "financial_year", "year")
"""Kinds whose periods have no day in common, and whose labels are in the order of their days."""

YEARS = range(1900, 2200)
"""Years that dates can be in; any other year is a typing error."""

_YEAR, _TWO = "((?:19|20|21)[0-9]{2})", "([0-9]{2})"
_DAY = "((?:19|20|21)[0-9]{2}(?:-[0-9]{2}){0,2})"
_SHAPES: dict[str, tuple[str, str]] = {
    "month": (f"{_YEAR}-{_TWO}", "2024-09"),
    "quarter": (f"{_YEAR}-{_TWO}-Q([1-4])", "2019-20-Q4"),
    "financial_year": (f"{_YEAR}-{_TWO}", "2015-16"),
    "year": (_YEAR, "2025"),
    "edition": (_DAY, "2025-12"),
    "span": (f"{_DAY}_{_DAY}", "2022-04_2025-08"),
}


def read_label(label: str, kind: Kind, year_starts: int) -> Period | None:
    """First and last day of the period that a label names; None for a `name`, which has no days.

    A financial year begins in month `year_starts`. Each end of a span is a whole year, month or day, so `2022-04_2025`
    is from 1 April 2022 to 31 December 2025; an edition is one of them. The ValueError says how to write the label.
    """
    if kind == "name":
        return None
    shape, example = _SHAPES[kind]
    match = re.fullmatch(shape, label)
    if match is None:
        raise ValueError(f"{label!r} is not a {kind.replace('_', ' ')}; write it like {example}")
    try:
        period = _READERS[kind](match.groups(), year_starts)
    except ValueError as fault:
        raise ValueError(f"{label!r} is not a {kind.replace('_', ' ')}: {fault}; write it like {example}") from None
    if period.end < period.start:
        raise ValueError(f"{label!r} ends before it begins; write it like {example}")
    return period


def example_of(kind: Kind) -> str | None:
    """A label of that kind, as an example; None for a `name`, which can be any."""
    return None if kind == "name" else _SHAPES[kind][1]


def next_label(labels: Iterable[str], kind: Kind, year_starts: int) -> str | None:
    """The label of the period after the latest of some; None if there are none, or if periods of that kind have no
    fixed length, as editions and spans."""
    if kind not in REGULAR:
        return None
    periods = [period for label in labels if (period := read_label(label, kind, year_starts))]
    if not periods:
        return None
    start = max(period.end for period in periods) + timedelta(days=1)
    year = year_of(start, year_starts).start.year
    financial_year = f"{year}-{(year + 1) % 100:02}"
    match kind:
        case "month":
            return f"{start:%Y-%m}"
        case "year":
            return f"{start:%Y}"
        case "quarter":
            return f"{financial_year}-Q{(start.month - year_starts) % 12 // 3 + 1}"
        case _:
            return financial_year


def month_of(day: date) -> Period:
    """The calendar month of a day."""
    return _months(day.year, day.month, 1)


def year_of(day: date, year_starts: int) -> Period:
    """The financial year of a day; financial years begin in month `year_starts`."""
    return _months(day.year - (day.month < year_starts), year_starts, 12)


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


def _edition(parts: tuple[str, ...], year_starts: int) -> Period:
    return _whole([int(step) for step in parts[0].split("-")])


def _whole(steps: list[int]) -> Period:
    """A year, a month or a day, from its first to its last day."""
    match steps:
        case [year]:
            return _months(year, 1, 12)
        case [year, month]:
            return Period(date(year, month, monthrange(year, month)[1]), date(year, month, 1))
        case _:
            return Period(date(*steps), date(*steps))


def _label(value: Any) -> Any:
    """YAML reads a year as a number."""
    return str(value) if isinstance(value, int) else value


class NamedPeriod(Strict):
    """One period by its kind and label, such as `financial_year: 2017-18`: `2011-12` alone could be a month or a
    year."""

    month: str | None = None
    quarter: str | None = None
    financial_year: str | None = None
    year: Annotated[str | None, BeforeValidator(_label)] = None

    @model_validator(mode="after")
    def _is_one_period(self) -> Self:
        if len(self._named()) != 1:
            raise ValueError(f"name one period, by one of {', '.join(type(self).model_fields)}")
        self.days(1)
        return self

    def days(self, year_starts: int) -> Period:
        """First and last day; financial years begin in month `year_starts`."""
        ((kind, label),) = self._named()
        period = read_label(label, kind, year_starts)
        assert period is not None  # only a `name` has no days
        return period

    @property
    def kind(self) -> Kind:
        """The kind of period."""
        return self._named()[0][0]

    @property
    def label(self) -> str:
        """Its label, as in landing keys."""
        return self._named()[0][1]

    def _named(self) -> list[tuple[Kind, str]]:
        kinds: tuple[Kind, ...] = ("month", "quarter", "financial_year", "year")
        return [(kind, label) for kind in kinds if (label := getattr(self, kind)) is not None]


_READERS = {
    "month": _month,
    "quarter": _quarter,
    "financial_year": _financial_year,
    "year": _year,
    "edition": _edition,
    "span": _span,
}
