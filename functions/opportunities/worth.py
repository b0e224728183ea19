"""Worth: units of a gap as cash, clinical activity and staff, by the routes that the opportunity lists and no others."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.opportunities.metrics import Window
from shared.facts import Facts, Ref
from shared.method.load import Method
from shared.method.measures import Term
from shared.method.opportunities import Opportunity, Rate, Route

Floats = NDArray[np.float64]


def worth(
    opportunity: Opportunity,
    method: Method,
    facts: Facts,
    trusts: Sequence[str],
    window: Window,
    units: Sequence[Floats],
) -> dict[str, Floats]:
    """`cash_lower` … `staff_upper` (t each): NaN where there is no route, or a part of it is missing."""
    told: dict[str, Floats] = {}
    for end, amount in zip(("lower", "upper"), units, strict=True):
        known = {"units": amount}
        waiting = dict(opportunity.routes)
        while waiting:
            name = next(name for name, route in waiting.items() if route.of in known)
            route = waiting.pop(name)
            known[name] = known[route.of] * _factor(route, method, facts, trusts, window)
        for name in ("cash", "activity", "staff"):
            told[f"{name}_{end}"] = known.get(name, np.full(len(trusts), np.nan))
    return told


def _factor(route: Route, method: Method, facts: Facts, trusts: Sequence[str], window: Window) -> Floats | float:
    factor: Floats | float = 1.0
    if route.times is not None:
        factor = factor * method.prices[route.times].value
    if route.divide_by is not None:
        factor = factor / method.prices[route.divide_by].value
    if route.per_day:
        factor = factor / window.days
    if route.own_rate is not None:
        factor = factor * own_rate(route.own_rate, facts, trusts, window)
    return factor


def own_rate(rate: Rate, facts: Facts, trusts: Sequence[str], window: Window) -> Floats:
    """The trust's own price (t), NaN where a part of it is missing or its denominator is 0."""
    top, bottom = (_sum(terms, facts, trusts, window) for terms in (rate.numerator, rate.denominator))
    return np.divide(top, bottom, out=np.full(len(trusts), np.nan), where=bottom != 0)


def _sum(terms: Sequence[Term], facts: Facts, trusts: Sequence[str], window: Window) -> Floats:
    total = np.zeros(len(trusts))
    for term in terms:
        part = np.full(len(trusts), term.times)
        for name in term.measures:
            part *= facts.at(Ref.parse(name), window.newest)["value"].reindex(pd.Index(trusts)).to_numpy(dtype=float)
        total += part
    return total
