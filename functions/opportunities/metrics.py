"""Metrics: from landed measures to one value a trust, over the metric's newest window. Pure; arrays over trusts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.opportunities.benchmarks import EveryoneElse, Listed, quantile
from functions.opportunities.comparators import Sets
from shared.facts import Facts, Period, Ref
from shared.method.measures import Metric, Term

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

OK, NO_DATA, NOT_APPLICABLE = "ok", "no_data", "not_applicable"
IMPLAUSIBLE, BELOW_MINIMUM = "implausible", "below_minimum"


@dataclass(frozen=True)
class Window:
    """The periods a metric is summed over, oldest first, all held. `days` counts those of the periods held."""

    periods: tuple[Period, ...]

    @property
    def period(self) -> Period:
        """First to last day."""
        return Period(self.periods[-1].end, self.periods[0].start)

    @property
    def newest(self) -> Period:
        """The newest of its periods."""
        return self.periods[-1]

    @property
    def days(self) -> int:
        """Calendar days."""
        return sum(period.days for period in self.periods)


@dataclass(frozen=True)
class Measured:
    """A metric for t trusts: numbers with NaN where there are none, a status each, and whether to check it."""

    window: Window
    enough_periods: bool
    stated: Flags
    numerator: Floats
    denominator: Floats
    value: Floats
    status: NDArray[np.object_]
    check: Flags


def window_of(metric: Metric, facts: Facts) -> Window | None:
    """The newest periods in which every measure of the metric was stated by somebody; None if there is none."""
    held = [set(facts.periods(Ref.parse(name))) for name in dict.fromkeys(metric.measures())]
    common = sorted(reduce(set.intersection, held))
    if not common:
        return None
    newest = common[-1]
    if metric.window.months is None:
        return Window((newest,))
    first = newest.end + timedelta(days=1)
    months = first.year * 12 + first.month - 1 - metric.window.months
    return Window(tuple(p for p in common if p.start.year * 12 + p.start.month - 1 >= months))


def measure(metric: Metric, facts: Facts, trusts: Sequence[str], sets: Sets) -> Measured | None:
    """The metric's values for the trusts (in their order) over its newest window; None if nothing was landed."""
    window = window_of(metric, facts)
    if window is None:
        return None
    codes = pd.Index(trusts)
    numerator, top_na, stated = _sum(metric.numerator, facts, window, codes)
    denominator, bottom_na, also = _sum(metric.denominator, facts, window, codes)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(denominator != 0, metric.scale * numerator / denominator, np.nan)
    if metric.zero_numerator == "missing":
        value[numerator == 0] = np.nan
    enough = len(window.periods) >= metric.window.minimum_periods
    if not enough:
        value[:] = np.nan
    status = np.full(len(codes), OK, dtype=object)
    status[np.isnan(value)] = NO_DATA
    status[top_na | bottom_na] = NOT_APPLICABLE
    impossible, check = _plausible(metric, value, window, sets)
    has = status == OK
    status[has & impossible] = IMPLAUSIBLE
    if metric.minimum_denominator is not None:
        status[has & ~impossible & (denominator < metric.minimum_denominator)] = BELOW_MINIMUM
    return Measured(window, enough, stated | also, numerator, denominator, value, status, check & has & ~impossible)


def _sum(terms: Sequence[Term], facts: Facts, window: Window, codes: pd.Index) -> tuple[Floats, Flags, Flags]:
    """Σ over terms and periods; NaN where any part is missing. Also: which have a part that does not apply, and which
    state anything at all."""
    total = np.zeros(len(codes))
    not_applicable, stated = np.zeros(len(codes), dtype=bool), np.zeros(len(codes), dtype=bool)
    for period in window.periods:
        for term in terms:
            part = np.full(len(codes), term.times)
            for name in term.measures:
                held = facts.at(Ref.parse(name), period).reindex(codes)
                part *= held["value"].to_numpy(dtype=float)
                not_applicable |= (held["state"] == "not_applicable").to_numpy(dtype=bool)
                stated |= held["state"].notna().to_numpy(dtype=bool)
            total += part
    return total, not_applicable, stated


def _plausible(metric: Metric, value: Floats, window: Window, sets: Sets) -> tuple[Flags, Flags]:
    """Which values cannot be right, and which should be checked."""
    rule = metric.plausibility
    never = np.zeros(len(value), dtype=bool)
    if rule.group is None:
        low = -np.inf if rule.minimum is None else rule.minimum
        high = np.inf if rule.maximum is None else rule.maximum
        return ~np.isnan(value) & ((value < low) | (value > high)), never
    has = np.flatnonzero(~np.isnan(value))
    place = np.full(len(value), -1)
    place[has] = np.arange(len(has))
    middle = quantile(EveryoneElse(value[has], place), 0.5)
    if rule.group != "national":
        trust, peer = sets.pairs(rule.group, window.newest)
        known = ~np.isnan(value[peer])
        group = Listed(len(value), trust[known], value[peer][known])
        middle = np.where(group.count >= sets.fewest, quantile(group, 0.5), middle)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = value / middle
    wrong = (ratio > rule.implausible) | (ratio < 1 / rule.implausible)
    return wrong, (ratio > rule.check_above) | (ratio < rule.check_below)
