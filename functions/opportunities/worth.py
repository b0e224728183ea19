"""Worth: units of a gap as cash, clinical activity and staff, by the routes that an opportunity lists and no others."""

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np

from functions.opportunities.benchmarks import Floats
from functions.opportunities.landed import Columns
from functions.opportunities.metrics import Window, sums
from shared.method.opportunities import Expression, Opportunity, Price, Rate, Route

EXPRESSIONS: tuple[str, ...] = get_args(Expression)
DAYS_IN_A_YEAR = 365


def factors(
    opportunities: Sequence[Opportunity],
    prices: Mapping[str, Price],
    days: Floats,
    windows: Sequence[Window],
    columns: Columns,
) -> dict[str, Floats]:
    """Expression → what one unit comes to (t × o), NaN where there is no route or a part of it is missing.

    `days` (t × o): calendar days behind each trust's figure.
    """
    found = {name: np.full(days.shape, np.nan) for name in EXPRESSIONS}
    for place, (opportunity, window) in enumerate(zip(opportunities, windows, strict=True)):
        for name in opportunity.routes:
            product = np.ones(len(days))
            for route in opportunity.steps(name):
                product = product * _step(route, prices, days[:, place], window, columns)
            found[name][:, place] = product
    return found


def _step(route: Route, prices: Mapping[str, Price], days: Floats, window: Window, columns: Columns) -> Floats | float:
    if route.times is not None:
        return prices[route.times].value
    if route.divide_by is not None:
        return 1 / prices[route.divide_by].value
    if route.own_rate is not None:
        return _own_rate(route.own_rate, window, columns)
    return 1 / days if route.per_day else 1.0


def _own_rate(rate: Rate, window: Window, columns: Columns) -> Floats:
    """What the trust itself pays (t); a rate of zero is a cost that was not reported, not a saving worth nothing."""
    both = sums(columns, rate.numerator, rate.denominator, window)
    valid = (both.denominator > 0) & (both.numerator != 0)
    paid: Floats = np.divide(both.numerator, both.denominator, out=np.full(len(valid), np.nan), where=valid)
    return paid


def annual_cash(opportunities: Sequence[Opportunity], cash: Floats, days: Floats) -> Floats:
    """Cash over a year (t × o), for ranking only: windows differ, and what is published is that of the window."""
    annual = np.array([one.cash is not None and one.cash.annual for one in opportunities], dtype=bool)
    return np.where(annual, cash, cash * DAYS_IN_A_YEAR / days)
