"""One release's part in a change: its row, its rules, and its figures recomputed from the values and peers it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isclose, isnan, nan

from functions.api.changes.rules import Benchmarks, OpportunityRules
from shared.method.method import Method
from shared.method.opportunities import NATIONAL, TARGET
from shared.releases.contents import Contents, Reading, Row

_ROUNDING = 1e-12
"""As estimates have it: 2.5 % is not above 0.025."""

_AGREES = 1e-9


@dataclass(frozen=True)
class State:
    """A whole figure: an own value on its denominator (over the scale), both benchmarks, what one unit comes to."""

    value: float
    base: float
    benchmarks: Benchmarks
    per_unit: Mapping[str, float]
    lower_is_better: bool

    @cached_property
    def figures(self) -> Mapping[str, float]:
        """Figure (`units_lower`, `cash_upper`, …) → amount, NaN where it is not known what one unit comes to."""
        found: dict[str, float] = {}
        for end, mark in zip(("lower", "upper"), self.benchmarks, strict=True):
            gap = self.value - mark if self.lower_is_better else mark - self.value
            units = gap * self.base if gap > _ROUNDING * max(abs(self.value), abs(mark)) else 0.0
            found[f"units_{end}"] = units
            found |= {f"{name}_{end}": units * factor for name, factor in self.per_unit.items()}
        return found


@dataclass(frozen=True)
class Release:
    """A release as its changes are computed from: its method and its tables."""

    method: Method
    contents: Contents

    @cached_property
    def _rules(self) -> dict[str, OpportunityRules]:
        return {}

    def rules(self, opportunity: str) -> OpportunityRules:
        """An opportunity's rules; KeyError if the method has none of that name."""
        if opportunity not in self._rules:
            self._rules[opportunity] = OpportunityRules.of(self.method, opportunity)
        return self._rules[opportunity]

    def members(self, group: str, trust: str, day: date) -> frozenset[str] | None:
        """The trusts that a trust is compared with in a group for a window ending on `day`; None for all of them.

        A group by attribute changes from period to period, so it is the one of the period that had not ended yet.
        """
        kind = self.method.peer_groups[group].kind if group in self.method.peer_groups else group
        if kind == NATIONAL:
            return None
        periods = self.contents.peers.get((group, trust), {})
        if kind == "same_attribute":
            end = next((end for end in self.contents.group_ends.get(group, ()) if end >= day), None)
            periods = {period: peers for period, peers in periods.items() if period[0] == end}
        return frozenset().union(*periods.values()) - {trust}


class Side:
    """A row of `opportunities`, in the release that holds it. Only where it `has_figure` may more be asked of it."""

    def __init__(self, release: Release, row: Row) -> None:
        self.row, self._release = row, release
        self.rules: OpportunityRules = release.rules(row["opportunity_id"])
        self.targeted = self.rules.comparator == TARGET
        stated = {name: row.get(f"{name}_per_unit") for name in self.rules.worth}
        self.per_unit = {name: nan if factor is None else float(factor) for name, factor in stated.items()}

    @property
    def has_figure(self) -> bool:
        """Whether its status goes with a figure."""
        return self.row["units_upper"] is not None

    @property
    def benchmarks(self) -> Benchmarks:
        """The benchmarks that its row states."""
        return self.row["benchmark_lower"], self.row["benchmark_upper"]

    def unit(self, expression: str) -> str | None:
        """What an expression is stated in; None where there is no way to it."""
        if expression == "units":
            unit: str = self.row["unit"]
            return unit
        return self.rules.worth[expression].unit if expression in self.rules.worth else None

    @cached_property
    def _readings(self) -> Mapping[str, Reading]:
        held = self._release.contents.readings(self.rules.metric_id, self.row["period_start"], self.row["period_end"])
        return {code: reading for code, reading in held.items() if code != self.row["trust_code"]}

    @cached_property
    def _members(self) -> frozenset[str] | None:
        return self._release.members(self.rules.comparator, self.row["trust_code"], self.row["period_end"])

    def everyone(self, by: OpportunityRules) -> dict[str, float]:
        """The values of all others that may be comparators, by the minimum denominator of either release."""
        least = by.metric.minimum_denominator
        return {
            code: reading.value
            for code, reading in self._readings.items()
            if least is None or least - reading.denominator <= _ROUNDING * max(least, reading.denominator)
        }

    def compared(self, by: OpportunityRules) -> dict[str, float]:
        """The values of those it is compared with, by the minimums and the fallback of either release."""
        if self.targeted:
            return {}
        everyone, members = self.everyone(by), self._members
        near = everyone if members is None else {code: everyone[code] for code in everyone.keys() & members}
        too_few = len(near) < by.minimum_comparators <= len(everyone) and by.fallback is not None
        return everyone if too_few else near

    def state(self, scale: float, benchmarks: Benchmarks, per_unit: Mapping[str, float]) -> State:
        """Its own value in any scale, held against any benchmarks."""
        own = self.rules.metric
        value = self.row["value"] * (scale / own.scale)
        return State(value, self.row["denominator"] / scale, benchmarks, per_unit, own.lower_is_better)

    @cached_property
    def whole(self) -> State | None:
        """Its figures recomputed; None if they are not those that its row states."""
        values = [*self.compared(self.rules).values()]
        if not (values or self.targeted):
            return None
        benchmarks = self.benchmarks if self.targeted else self.rules.benchmarks(values)
        found = self.state(self.rules.metric.scale, benchmarks, self.per_unit)
        return found if self._states(found) else None

    def _states(self, found: State) -> bool:
        """Whether its row says the same, to 1e-9 of the amounts that were subtracted."""
        pairs = zip(found.benchmarks, self.benchmarks, strict=True)
        size = _AGREES * found.base * max(abs(found.value), *map(abs, found.benchmarks))
        slack = {"units": size} | {name: size * abs(factor) for name, factor in self.per_unit.items()}
        return all(isclose(one, other, rel_tol=_AGREES, abs_tol=_ROUNDING) for one, other in pairs) and all(
            self.row[figure] is not None and abs(self.row[figure] - amount) <= slack[figure.partition("_")[0]]
            for figure, amount in found.figures.items()
            if not isnan(amount)
        )
