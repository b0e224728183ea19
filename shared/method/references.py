"""References between documents of a method: everything that is named must exist, and units must fit."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shared.facts import Ref
from shared.method.opportunities import NATIONAL, TARGET, Rate
from shared.method.peer_groups import LandedListGroup, NearestGroup, SameAttributeGroup

if TYPE_CHECKING:
    from shared.method.load import Method

Fault = tuple[tuple[Any, ...], str]
"""Where (kind, id, and further steps), and a sentence that says what to do."""


def unresolved(method: "Method") -> Iterator[Fault]:
    """Everything that a method names and does not define."""
    yield from _programme(method)
    for name, metric in method.metrics.items():
        for number, measure in enumerate(metric.measures()):
            yield from _measure(method, measure, ("metrics", name, f"measure {number + 1}"), numeric=True)
        if metric.plausibility.group is not None:
            yield from _group(
                method, metric.plausibility.group, ("metrics", name, "plausibility", "group"), (NATIONAL,)
            )
    for name, group in method.peer_groups.items():
        if isinstance(group, NearestGroup):
            for number, variable in enumerate(group.variables):
                yield from _measure(method, variable.measure, ("peer_groups", name, "variables", number), numeric=True)
            if group.within:
                yield from _measure(method, group.within, ("peer_groups", name, "within"), numeric=False)
        elif isinstance(group, SameAttributeGroup):
            yield from _measure(method, group.attribute, ("peer_groups", name, "attribute"), numeric=False)
        elif isinstance(group, LandedListGroup):
            yield from _measure(method, group.measure, ("peer_groups", name, "measure"), numeric=False)
    yield from _opportunities(method)


def _programme(method: "Method") -> Iterator[Fault]:
    population = method.programme.population
    at = ("programme", "programme", "population")
    register = population.trust_register
    for measure in (register.name, register.region, register.icb, register.opened, register.closed):
        yield from _measure(method, f"{register.dataset}.{measure}", (*at, "trust_register"), numeric=False)
    successors = population.successors
    yield from _measure(method, f"{successors.dataset}.{successors.successor}", (*at, "successors"), numeric=False)
    for number, measure in enumerate(population.trust_type):
        yield from _measure(method, measure, (*at, "trust_type", number), numeric=False)


def _opportunities(method: "Method") -> Iterator[Fault]:
    for name, opportunity in method.opportunities.items():
        at = ("opportunities", name)
        if opportunity.metric not in method.metrics:
            yield (*at, "metric"), _missing("metric", opportunity.metric, method.metrics)
        if opportunity.comparator not in (NATIONAL, TARGET):
            yield from _group(method, opportunity.comparator, (*at, "comparator"), (NATIONAL, TARGET))
        for end in ("lower", "upper"):
            rule = getattr(opportunity, end)
            if rule is not None and rule.measure is not None:
                yield from _measure(method, rule.measure, (*at, end, "measure"), numeric=True)
        for expression, route in opportunity.routes.items():
            if route.price is not None and route.price not in method.prices:
                yield (*at, expression), _missing("price", route.price, method.prices)
            yield from _rate(method, route.own_rate, (*at, expression, "own_rate"))


def _rate(method: "Method", rate: Rate | None, at: tuple[Any, ...]) -> Iterator[Fault]:
    for term in (*rate.numerator, *rate.denominator) if rate else ():
        for measure in term.measures:
            yield from _measure(method, measure, at, numeric=True)


def _group(method: "Method", group: str, at: tuple[Any, ...], also: tuple[str, ...]) -> Iterator[Fault]:
    if group not in method.peer_groups and group not in also:
        yield at, _missing("peer group", group, [*method.peer_groups, *also])


def _measure(method: "Method", name: str, at: tuple[Any, ...], *, numeric: bool) -> Iterator[Fault]:
    ref = Ref.parse(name)
    dataset = method.datasets.get(ref.dataset)
    if dataset is None:
        yield at, _missing("dataset", ref.dataset, method.datasets)
    elif ref.measure not in dataset.measures:
        yield at, _missing(f"measure of {ref.dataset}", ref.measure, dataset.measures)
    elif (dataset.measures[ref.measure].type == "number") != numeric:
        yield at, f"{name} is {'text' if numeric else 'a number'} where {'a number' if numeric else 'text'} is needed"


def _missing(kind: str, name: str, known: Any) -> str:
    return f"there is no {kind} called {name!r}; define it, or name one of {', '.join(sorted(known)) or 'none yet'}"
