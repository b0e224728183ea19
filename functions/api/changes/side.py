"""One side of a change: a release's row, its rules, and its figures recomputed from the release's values and peers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isclose, isnan, nan

from functions.api.changes.comparators import Comparators, Members, Pool
from functions.api.changes.rules import ROUNDING, Benchmarks, OpportunityRules
from shared.method.method import Method
from shared.method.opportunities import NATIONAL, TARGET
from shared.releases.contents import PLAUSIBLE, Contents, PeerPeriod, Row

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
            units = gap * self.base if gap > ROUNDING * max(abs(self.value), abs(benchmark)) else 0.0
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

    def members(self, group: str, trust: str, day: date) -> Members | None:
        """The codes that a trust is compared with in a group, for a window ending on `day`, and its own; None for all
        trusts. All that have the same text of an attribute share one set.

        A group by attribute can differ by period: its first period that ends on or after `day` is used.
        """
        kind = self.method.peer_groups[group].kind if group in self.method.peer_groups else group
        if kind == NATIONAL:
            return None
        by_attribute = kind == "same_attribute"
        periods = self._alike(group, trust) if by_attribute else {}
        periods = periods or self.contents.members(group, trust, by_attribute=by_attribute)
        if by_attribute:
            end = next((end for end in self.contents.ends_by_attribute(group) if end >= day), None)
            periods = {period: peers for period, peers in periods.items() if period[0] == end}
        if len(periods) == 1 and trust in (peers := next(iter(periods.values()))):
            return peers
        return frozenset({trust}).union(*periods.values())

    def _alike(self, group: str, trust: str) -> Mapping[PeerPeriod, Members]:
        texts = self.contents.instead_of_pairs(group).items()
        return {
            period: self.contents.classes(group)[period][by_code[trust]]
            for period, by_code in texts
            if trust in by_code
        }


class Side:
    """A row of the table `opportunities` in its release. Methods other than `unit` need a row that `has_figure`."""

    def __init__(self, release: ComparedRelease, row: Row) -> None:
        self.row, self._release = row, release
        self.rules: OpportunityRules = release.rules(row["opportunity_id"])
        self.targeted = self.rules.comparator == TARGET
        factors = {name: row.get(f"{name}_per_unit") for name in self.rules.worth}
        self._compared: dict[int, Comparators] = {}
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
    def _members(self) -> Members | None:
        return self._release.members(self.rules.comparator, self.row["trust_code"], self.row["period_end"])

    def possible(self, by: OpportunityRules) -> Comparators:
        """All possible comparators, by the minimum denominator and the settings in `by`, the rules of either release.
        The trust itself is one if these say so."""
        release = self._release.contents
        name = self.rules.metric_id, self.row["period_start"], self.row["period_end"], self.row.get("level")
        readings = release.readings(*name, *PLAUSIBLE)
        pool = Pool.of(release, name, readings, by.metric.minimum_denominator, positive=by.positive_comparators)
        return Comparators(pool, None if by.including_itself else self.row["trust_code"])

    def compared(self, by: OpportunityRules) -> Comparators:
        """The comparators, by the minimums and the fallback in `by`, the rules of either release; none for a target."""
        if id(by) not in self._compared:
            self._compared[id(by)] = self._chosen(by)
        return self._compared[id(by)]

    def _chosen(self, by: OpportunityRules) -> Comparators:
        possible = self.possible(by)
        members = frozenset[str]() if self.targeted else self._members
        if members is None:
            return possible
        own = Comparators(possible.pool.among(members), possible.without)
        if self.targeted or by.fallback is None or len(own) >= by.minimum_comparators:
            return own
        return possible if len(possible) >= by.minimum_comparators else own

    def state(self, scale: float, benchmarks: Benchmarks, per_unit: Mapping[str, float]) -> State:
        """The trust's value in the given scale, with the given benchmarks and amounts per unit."""
        own = self.rules.metric
        value = self.row["value"] * (scale / own.scale)
        return State(value, self.row["denominator"] / scale, benchmarks, per_unit, own.lower_is_better)

    @cached_property
    def whole(self) -> State | None:
        """The recomputed figures; None if they differ from the row's."""
        comparators = self.compared(self.rules)
        if not (comparators or self.targeted):
            return None
        benchmarks = self.benchmarks if self.targeted else self.rules.benchmarks(comparators.ordered())
        state = self.state(self.rules.metric.scale, benchmarks, self.per_unit)
        return state if self._agrees_with(state) else None

    def _agrees_with(self, state: State) -> bool:
        """Whether the row has the same figures, to 1e-9 of the amounts that were subtracted."""
        pairs = zip(state.benchmarks, self.benchmarks, strict=True)
        size = _AGREES * state.base * max(abs(state.value), *map(abs, state.benchmarks))
        slack = {"units": size} | {name: size * abs(factor) for name, factor in self.per_unit.items()}
        return all(isclose(one, other, rel_tol=_AGREES, abs_tol=ROUNDING) for one, other in pairs) and all(
            self.row[figure] is not None and abs(self.row[figure] - amount) <= slack[figure.partition("_")[0]]
            for figure, amount in state.figures.items()
            if not isnan(amount)
        )
