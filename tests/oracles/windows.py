"""Windows told the slow way: which periods a metric is summed over, day by day."""

from collections.abc import Sequence
from datetime import date, timedelta

from shared.method.measures import Metric
from shared.method.periods import NamedPeriod

Days = tuple[date, date]
"""Last and first day, so that the newest is the largest."""


def windows(metric: Metric, held: Sequence[Days], year_starts: int) -> list[list[Days]]:
    """Each period held; of a window of months, all in the months up to it; of a financial year, each whole one."""
    if metric.window.financial_year:
        years = range(min(days[1].year for days in held) - 1, held[-1][0].year + 1) if held else range(0)
        whole = [within(held, date(year, year_starts, 1), before(date(year + 1, year_starts, 1))) for year in years]
        return [window for window in whole if window]
    if metric.window.months is None:
        return [[days] for days in held]
    found = []
    for last, _ in held:
        ago = [(last.year * 12 + last.month) - (start.year * 12 + start.month) for _, start in held]
        window = [days for days, n in zip(held, ago, strict=True) if n < metric.window.months and days[0] <= last]
        found += [window] if len(window) >= metric.window.at_least else []
    return found


def before(day: date) -> date:
    return day - timedelta(days=1)


def within(held: Sequence[Days], start: date, end: date) -> list[Days]:
    """The periods held that make up start to end, each day in one of them; none where they do not."""
    parts = [days for days in held if start <= days[1] and days[0] <= end]
    covered = [first + timedelta(days=n) for last, first in parts for n in range((last - first).days + 1)]
    wanted = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return parts if sorted(covered) == wanted else []


def days_of(period: NamedPeriod, year_starts: int) -> tuple[date, date]:
    """First and last day of a named period."""
    label = str(period.month or period.quarter or period.financial_year or period.year)
    year = int(label[:4])
    month, months = 1, 12
    if period.month:
        month, months = int(label[5:]), 1
    elif period.financial_year:
        month = year_starts
    elif period.quarter:
        month, months = year_starts + 3 * (int(label[-1]) - 1), 3
    after = month - 1 + months
    start = date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    return start, before(date(year + after // 12, after % 12 + 1, 1))
