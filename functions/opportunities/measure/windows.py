"""Windows: the periods that a metric's sums run over, for every time that they are held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from functions.opportunities.measure.measures import Landed
from shared.method.measures import Metric
from shared.method.periods import NamedPeriod, year_of
from shared.method.terms import Period


@dataclass(frozen=True)
class Window:
    """The periods summed over, oldest first, all held; none where there are too few. A trust needs `needed` of them."""

    periods: tuple[Period, ...] = ()
    needed: int = 1

    @property
    def period(self) -> Period | None:
        """First to last day."""
        return Period(self.periods[-1].end, self.periods[0].start) if self.periods else None


class MetricWindow(NamedTuple):
    """A metric over one window: one column of figures."""

    name: str
    metric: Metric
    window: Window


def windows_held(landed: Landed, metric: Metric, year_starts: int) -> list[Window]:
    """Every window of a metric, oldest first; the last is its newest.

    A period counts as held once every measure has a figure of somebody's: one that a newer file merely mentions does
    not push out the one before it.
    """
    held = _held(landed, metric)
    rule = metric.window
    if rule.financial_year:
        years = sorted({year_of(period.end, year_starts) for period in held})
        found = [_filling(held, year) for year in years]
    elif rule.months is not None:
        found = [_newest_months(held[: place + 1], rule.months) for place in range(len(held))]
    else:
        found = [(period,) for period in held]
    return [Window(periods, rule.minimum_periods or len(periods)) for periods in found if len(periods) >= rule.at_least]


def window_named(landed: Landed, metric: Metric, named: NamedPeriod, year_starts: int) -> Window:
    """A metric's window over one period that the method names; no periods unless every day of it is held."""
    periods = _filling(_held(landed, metric), named.days(year_starts))
    return Window(periods, max(1, min(metric.window.minimum_periods or len(periods), len(periods))))


def _held(landed: Landed, metric: Metric) -> list[Period]:
    return sorted(set.intersection(*[landed.with_figures(name) for name in metric.measures()]))


def _newest_months(held: Sequence[Period], months: int) -> tuple[Period, ...]:
    """Those of the calendar months that end with the last period."""
    first = _month(held[-1].end) - months + 1
    return tuple(period for period in held if _month(period.start) >= first)


def _filling(held: Sequence[Period], whole: Period) -> tuple[Period, ...]:
    """The periods that make up a whole one, each of its days in one of them; none where they do not."""
    parts = sorted(one for one in held if whole.start <= one.start and one.end <= whole.end)
    if not parts or (parts[0].start, parts[-1].end) != (whole.start, whole.end):
        return ()
    follows = all(one.end + timedelta(days=1) == other.start for one, other in pairwise(parts))
    return tuple(parts) if follows else ()


def _month(day: date) -> int:
    return day.year * 12 + day.month
