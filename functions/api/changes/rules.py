"""The parts of a method on which the changes of one opportunity depend."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from shared.facts.quantiles import statistic_of_ordered
from shared.method.contracts import Derived
from shared.method.measures import Metric
from shared.method.method import Method
from shared.method.opportunities import Benchmark, Expression, Opportunity, Rate

type Benchmarks = tuple[float, float]
"""The modest and the ambitious benchmark."""


ROUNDING = 1e-12
"""The same tolerance as in `functions.opportunities`: 2.5% is not above 0.025."""

_PLAIN = (frozenset[str](), frozenset[str](), None, "missing")
"""The settings of a measure that is the figure in its column."""


@dataclass(frozen=True)
class MetricRules:
    """value = scale × Σ numerator / Σ denominator. `definition`: the settings for both sums and the direction,
    and what the contracts of its datasets say of its measures; `believed`: the settings that decide which values are
    plausible."""

    definition: tuple[Any, ...]
    believed: tuple[Any, ...]
    lower_is_better: bool
    scale: float
    minimum_denominator: float | None

    @classmethod
    def of(cls, method: Method, metric: Metric) -> "MetricRules":
        """The rules of a metric of a method."""
        bounds = metric.plausibility
        return cls(
            definition=(metric.sources, metric.direction, metric.window, _meanings(method, metric.measures())),
            believed=(
                metric.zero_numerator,
                metric.minimum_coverage,
                bounds.group,
                bounds.implausible,
                bounds.minimum,
                bounds.maximum,
            ),
            lower_is_better=metric.lower_is_better,
            scale=metric.scale,
            minimum_denominator=metric.minimum_denominator,
        )


def _meanings(method: Method, names: Iterable[str]) -> Mapping[str, tuple[Any, ...]]:
    """What a contract says of measures, by name, apart from where a file has them: of which keys and column they are
    the sum, and what a row that is absent means. Those of a derived measure's parts; none for a plain column."""
    found: dict[str, tuple[Any, ...]] = {}
    for name in names:
        dataset_id, _, measure_id = name.partition(".")
        dataset = method.datasets.get(dataset_id)
        measure = dataset.measure(measure_id) if dataset else None
        if isinstance(measure, Derived):
            found.update(_meanings(method, (f"{dataset_id}.{part}" for part in measure.measures)))
        elif measure is not None:
            meaning = (frozenset(measure.of_keys), frozenset(measure.but_not), measure.value, measure.absent)
            if meaning != _PLAIN:
                found[name] = meaning
    return found


@dataclass(frozen=True)
class Worth:
    """The conversion from the units to one expression: the `prices` used, by id; their product; and the steps that
    depend on the trust (its own rates, its days). `or_national`: one of those rates is the national one for a trust
    that has none."""

    unit: str
    prices: Mapping[str, float]
    price: float
    own: tuple[Any, ...]
    or_national: bool

    @classmethod
    def of(cls, method: Method, opportunity: Opportunity, expression: Expression) -> "Worth":
        """An opportunity's conversion to an expression; KeyError if it has none."""
        steps = opportunity.steps(expression)[::-1]
        prices = {step.price: method.prices[step.price].value for step in steps if step.price}
        return cls(
            unit=opportunity.routes[expression].unit,
            prices=prices,
            price=prod(1 / prices[step.price] if step.divide_by else prices[step.price]
                       for step in steps if step.price),
            own=tuple((step.own_rate and _rate(method, step.own_rate), step.per_day)
                      for step in steps if step.own_rate or step.per_day),
            or_national=any(_or_national(step.own_rate) for step in steps),
        )  # fmt: skip


def _or_national(rate: Rate | None) -> bool:
    return rate is not None and (rate.otherwise_national or _or_national(rate.less))


def _rate(method: Method, rate: Rate) -> tuple[Any, ...]:
    less = rate.less and _rate(method, rate.less)
    return rate.sources, rate.zero_numerator, rate.otherwise_national, _meanings(method, rate.measures()), less


@dataclass(frozen=True)
class OpportunityRules:
    """An opportunity's rules. `ends`: those of the modest and the ambitious benchmark; `worth`: by expression."""

    metric: MetricRules
    metric_id: str
    comparator: str
    ends: tuple[Benchmark, Benchmark]
    minimum_comparators: int
    fallback: str | None
    including_itself: bool
    positive_comparators: bool
    native: str
    worth: Mapping[str, Worth]

    @classmethod
    def of(cls, method: Method, name: str) -> "OpportunityRules":
        """An opportunity's rules; KeyError if the method has none of that name."""
        opportunity = method.opportunities[name]
        return cls(
            metric=MetricRules.of(method, method.metrics[opportunity.metric]),
            metric_id=opportunity.metric,
            comparator=opportunity.comparator,
            ends=opportunity.rules,
            minimum_comparators=opportunity.minimum_comparators,
            fallback=opportunity.fallback,
            including_itself=opportunity.including_itself,
            positive_comparators=opportunity.positive_comparators,
            native=opportunity.native or "units",
            worth={expression: Worth.of(method, opportunity, expression) for expression in opportunity.routes},
        )

    def benchmarks(self, ordered: Sequence[float]) -> Benchmarks:
        """Both benchmarks of the comparators' values, which are in order of size: the more modest first, whichever rule
        it comes from."""
        statistics = [statistic_of_ordered(rule, ordered, self.metric.lower_is_better) for rule in self.ends]
        modest, ambitious = sorted(statistics, reverse=self.metric.lower_is_better)
        return modest, ambitious
