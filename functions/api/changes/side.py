"""One side of a change: a release's row, its rules, and its figures recomputed from the release's values and peers."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isclose, isnan, nan

from functions.api.changes.rules import Benchmarks, OpportunityRules
from shared.method.method import Method
from shared.method.opportunities import NATIONAL, TARGET
from shared.releases.contents import PLAUSIBLE, Contents, Readings, Row

_ROUNDING = 1e-12
"""The same tolerance as in `functions.opportunities`: 2.5% is not above 0.025."""

_AGREES = 1e-9


@dataclass(frozen=True)
class State:
    """All that determines a figure: the trust's value, its denominator over the scale (`base`), both benchmarks, and
    the amount per unit in each expression."""

    value: float
    base: float
    benchmarks: Benchmarks
    per_unit: Mapping[str, float]
    lower_is_better: bool

    @cached_property
    def figures(self) -> Mapping[str, float]:
        """Figure (`units_lower`, `cash_upper`, …) → amount; NaN if the amount per unit is unknown."""
        figures: dict[str, float] = {}
        for end, benchmark in zip(("lower", "upper"), self.benchmarks, strict=True):
            gap = self.value - benchmark if self.lower_is_better else benchmark - self.value
            units = gap * self.base if gap > _ROUNDING * max(abs(self.value), abs(benchmark)) else 0.0
            figures[f"units_{end}"] = units
            figures |= {f"{name}_{end}": units * factor for name, factor in self.per_unit.items()}
        return figures


@dataclass(frozen=True)
class ComparedRelease:
    """What changes are computed from: a release's method and its tables."""

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
        """The codes that a trust is compared with in a group, for a window ending on `day`; None for all trusts.

        A group by attribute can differ by period: its first period that ends on or after `day` is used.
        """
        kind = self.method.peer_groups[group].kind if group in self.method.peer_groups else group
        if kind == NATIONAL:
            return None
        by_attribute = kind == "same_attribute"
        periods = self.contents.members(group, trust, by_attribute=by_attribute)
        if by_attribute:
            end = next((end for end in self.contents.ends_by_attribute(group) if end >= day), None)
            periods = {period: peers for period, peers in periods.items() if period[0] == end}
        return frozenset().union(*periods.values()) - {trust}


class Side:
    """A row of the table `opportunities` in its release. Methods other than `unit` need a row that `has_figure`."""

    def __init__(self, release: ComparedRelease, row: Row) -> None:
        self.row, self._release = row, release
        self.rules: OpportunityRules = release.rules(row["opportunity_id"])
        self.targeted = self.rules.comparator == TARGET
        factors = {name: row.get(f"{name}_per_unit") for name in self.rules.worth}
        self._compared: dict[int, dict[str, float]] = {}
        self.per_unit = {name: nan if factor is None else float(factor) for name, factor in factors.items()}

    @property
    def has_figure(self) -> bool:
        """Whether the row has a figure."""
        return self.row["units_upper"] is not None

    @property
    def at_national_price(self) -> bool:
        """Whether the national price stands in for one that the trust does not have."""
        return "national_price" in (self.row["flags"] or ())

    @property
    def benchmarks(self) -> Benchmarks:
        """The benchmarks in the row."""
        return self.row["benchmark_lower"], self.row["benchmark_upper"]

    def unit(self, expression: str) -> str | None:
        """The unit of an expression; None if the opportunity has no conversion to it."""
        if expression == "units":
            unit: str = self.row["unit"]
            return unit
        return self.rules.worth[expression].unit if expression in self.rules.worth else None

    @cached_property
    def _readings(self) -> Readings:
        metric, level = self.rules.metric_id, self.row.get("level")
        period = self.row["period_start"], self.row["period_end"]
        return self._release.contents.readings(metric, *period, level, *PLAUSIBLE)

    @cached_property
    def _members(self) -> frozenset[str] | None:
        own: str = self.row["trust_code"]
        members = self._release.members(self.rules.comparator, own, self.row["period_end"])
        return None if members is None else members | {own}

    def possible(self, by: OpportunityRules, among: Set[str] | None = None) -> dict[str, float]:
        """The values of all possible comparators, or of those among some codes, by the minimum denominator and the
        settings in `by`, the rules of either release. The trust itself is one if these say so."""
        least, own = by.metric.minimum_denominator, self.row["trust_code"]
        return {
            code: value
            for code, (value, denominator) in self._readings.among(among).items()
            if (least is None or denominator >= least or least - denominator <= _ROUNDING * max(least, denominator))
            and (by.including_itself or code != own)
            and not (by.positive_comparators and value <= 0)
        }

    def compared(self, by: OpportunityRules) -> dict[str, float]:
        """The comparators' values, by the minimums and the fallback in `by`, the rules of either release."""
        if id(by) not in self._compared:
            self._compared[id(by)] = {} if self.targeted else self._chosen(by)
        return self._compared[id(by)]

    def _chosen(self, by: OpportunityRules) -> dict[str, float]:
        own = self.possible(by, self._members)
        if self._members is None or by.fallback is None or len(own) >= by.minimum_comparators:
            return own
        possible = self.possible(by)
        return possible if len(possible) >= by.minimum_comparators else own

    def state(self, scale: float, benchmarks: Benchmarks, per_unit: Mapping[str, float]) -> State:
        """The trust's value in the given scale, with the given benchmarks and amounts per unit."""
        own = self.rules.metric
        value = self.row["value"] * (scale / own.scale)
        return State(value, self.row["denominator"] / scale, benchmarks, per_unit, own.lower_is_better)

    @cached_property
    def whole(self) -> State | None:
        """The recomputed figures; None if they differ from the row's."""
        values = [*self.compared(self.rules).values()]
        if not (values or self.targeted):
            return None
        benchmarks = self.benchmarks if self.targeted else self.rules.benchmarks(values)
        state = self.state(self.rules.metric.scale, benchmarks, self.per_unit)
        return state if self._agrees_with(state) else None

    def _agrees_with(self, state: State) -> bool:
        """Whether the row has the same figures, to 1e-9 of the amounts that were subtracted."""
        pairs = zip(state.benchmarks, self.benchmarks, strict=True)
        size = _AGREES * state.base * max(abs(state.value), *map(abs, state.benchmarks))
        slack = {"units": size} | {name: size * abs(factor) for name, factor in self.per_unit.items()}
        return all(isclose(one, other, rel_tol=_AGREES, abs_tol=_ROUNDING) for one, other in pairs) and all(
            self.row[figure] is not None and abs(self.row[figure] - amount) <= slack[figure.partition("_")[0]]
            for figure, amount in state.figures.items()
            if not isnan(amount)
        )
