"""Worth: units of a gap as cash, clinical activity and staff, by the routes that an opportunity lists."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import fsum

import numpy as np

from functions.opportunities.arrays import Flags, Floats
from functions.opportunities.measure.measures import TrustMeasures
from functions.opportunities.measure.metrics import Ratio, sums
from functions.opportunities.measure.plan import Case
from functions.opportunities.measure.windows import HeldWindow
from shared.method.opportunities import EXPRESSIONS, Expression, Price, Rate, Route

DAYS_IN_A_YEAR = 365


def factors(
    cases: Sequence[Case], prices: Mapping[str, Price], days: Floats, measures: TrustMeasures
) -> dict[Expression, Floats]:
    """Expression → what one unit is worth (t × c), NaN where there is no route or a part of it is missing.

    `days` (t × c): calendar days behind each trust's figure.
    """
    worth = {name: np.full(days.shape, np.nan) for name in EXPRESSIONS}
    for _, group in groupby(enumerate(cases), key=lambda numbered: numbered[1].name):
        places, same = zip(*group, strict=True)
        opportunity, windows = same[0].opportunity, [case.window for case in same]
        for name in opportunity.routes:
            product = np.ones((len(days), len(places)))
            for route in opportunity.steps(name):
                product = product * _step(route, prices, days[:, places], windows, measures)
            worth[name][:, places] = product
    return worth


def _step(
    route: Route, prices: Mapping[str, Price], days: Floats, windows: Sequence[HeldWindow], measures: TrustMeasures
) -> Floats | float:
    if route.times is not None:
        return prices[route.times].value
    if route.divide_by is not None:
        return 1 / prices[route.divide_by].value
    if route.own_rate is not None:
        return _own_rate(route.own_rate, windows, measures)
    return 1 / days if route.per_day else 1.0


def _own_rate(rate: Rate, windows: Sequence[HeldWindow], measures: TrustMeasures) -> Floats:
    """What the trust itself pays (t × w), or the national price where it has none and the rate says so; less another
    price of the trust, if the rate has one."""
    paid, national = _paid(rate, windows, measures)
    if rate.otherwise_national:
        paid = np.where(np.isnan(paid), national, paid)
    return paid - _own_rate(rate.less, windows, measures) if rate.less else paid


def at_national_price(cases: Sequence[Case], measures: TrustMeasures) -> Flags:
    """Whether a trust has no price of its own for one of a case's routes, so that the national one is used (t × c)."""
    result = np.zeros((len(measures.trusts), len(cases)), dtype=bool)
    for column, case in enumerate(cases):
        for route in case.opportunity.routes.values():
            rate = route.own_rate
            while rate is not None:
                if rate.otherwise_national:
                    paid, national = _paid(rate, [case.window], measures)
                    result[:, column] |= (np.isnan(paid) & ~np.isnan(national))[:, 0]
                rate = rate.less
    return result


def _paid(rate: Rate, windows: Sequence[HeldWindow], measures: TrustMeasures) -> tuple[Floats, Floats]:
    """What each trust pays (t × w), NaN for a trust without a price; and what all that have one pay together (w).
    By default a rate of zero is a cost that was not reported, not a saving of nothing."""
    zero_is_missing = rate.zero_numerator == "missing"
    totals = sums(measures, Ratio(rate.sources, zero_is_missing=zero_is_missing), windows)
    valid = (totals.denominator > 0) & ((totals.numerator != 0) | (not zero_is_missing))
    paid = np.divide(totals.numerator, totals.denominator, out=np.full(valid.shape, np.nan), where=valid)
    cost, amount = (
        np.array([fsum(column) for column in np.where(valid, part, 0.0).T])
        for part in (totals.numerator, totals.denominator)
    )
    return paid, np.divide(cost, amount, out=np.full(len(cost), np.nan), where=amount > 0)


def annual_cash(cases: Sequence[Case], cash: Floats, days: Floats) -> Floats:
    """Cash over a year (t × c): windows differ in length, so this is what opportunities are ordered by. A window of
    twelve calendar months is a year as it is, of however many days."""
    annual = [case.opportunity.cash is not None and case.opportunity.cash.annual for case in cases]
    periods = [case.window.period for case in cases]
    year = np.array([period.days if period and period.is_year else DAYS_IN_A_YEAR for period in periods])
    return np.where(np.array(annual, dtype=bool) | (days == year), cash, cash * year / days)
