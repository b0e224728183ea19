"""Windows: the periods over which a metric's sums run, for every time at which they were landed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from functions.opportunities.measure.survey import Survey
from shared.method.measures import Metric
from shared.method.periods import NamedPeriod, year_of
from shared.method.terms import Period


@dataclass(frozen=True)
class HeldWindow:
    """The periods summed over, oldest first; none if too few were landed. A trust needs `needed` of them."""

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
    window: HeldWindow


def windows_held(held: Survey, metric: Metric, year_starts: int) -> list[HeldWindow]:
    """Every window of a metric, oldest first; the last is its newest.

    A period counts once any organisation has a figure for every measure: a period that a newer file only mentions does
    not replace the one before it.
    """
    periods = _periods(held, metric)
    rule = metric.window
    if rule.financial_year:
        years = sorted({year_of(period.end, year_starts) for period in periods})
        windows = [_filling(periods, year) for year in years]
    elif rule.months is not None:
        windows = [_newest_months(periods[: place + 1], rule.months) for place in range(len(periods))]
    else:
        windows = [(period,) for period in periods]
    return [HeldWindow(each, rule.minimum_periods or len(each)) for each in windows if len(each) >= rule.at_least]


def window_named(held: Survey, metric: Metric, named: NamedPeriod, year_starts: int) -> HeldWindow:
    """A metric's window over one period that the method names; no periods unless they cover every day of it."""
    periods = _filling(_periods(held, metric), named.days(year_starts))
    return HeldWindow(periods, max(1, min(metric.window.minimum_periods or len(periods), len(periods))))


def _periods(held: Survey, metric: Metric) -> list[Period]:
    of_sources = [frozenset.intersection(*[held.with_figures(name) for name in one.measures]) for one in metric.sources]
    return sorted(frozenset.union(*of_sources))


def _newest_months(periods: Sequence[Period], months: int) -> tuple[Period, ...]:
    """The periods in the calendar months that end with the last period."""
    first = _month(periods[-1].end) - months + 1
    return tuple(period for period in periods if _month(period.start) >= first)


def _filling(periods: Sequence[Period], whole: Period) -> tuple[Period, ...]:
    """The periods that make up a whole one, with each of its days in one of them; none if they do not."""
    parts = sorted(one for one in periods if whole.start <= one.start and one.end <= whole.end)
    if not parts or (parts[0].start, parts[-1].end) != (whole.start, whole.end):
        return ()
    follows = all(one.end + timedelta(days=1) == other.start for one, other in pairwise(parts))
    return tuple(parts) if follows else ()


def _month(day: date) -> int:
    return day.year * 12 + day.month
