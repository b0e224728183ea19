"""What a method said of one opportunity, as far as a change between two releases depends on it.

Read from a release's method.json by itself, leniently: releases outlive builds, so a key that is not known here is
passed over, and the models of `shared.method`, which refuse it, would bring pandas along. A test holds the defaults.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from shared.facts.quantiles import Rule, statistic

EXPRESSIONS = ("cash", "activity", "staff")
NATIONAL, TARGET = "national", "target"


Marks = tuple[float, float]
"""The modest and the ambitious benchmark."""


@dataclass(frozen=True)
class MetricRules:
    """value = scale × Σ numerator / Σ denominator. `definition`: what decides both sums and which way is better;
    `believed`: what decides which values are believed."""

    definition: tuple[Any, ...]
    believed: tuple[Any, ...]
    lower_is_better: bool
    scale: float
    minimum_denominator: float | None


@dataclass(frozen=True)
class OpportunityRules:
    """One comparison and its worth; `worth` by expression."""

    metric: MetricRules
    metric_id: str
    comparator: str
    ends: tuple[Rule, Rule]
    minimum_comparators: int
    fallback: str | None
    native: str
    worth: Mapping[str, "Worth"]

    def marks(self, values: Sequence[float]) -> Marks:
        """Both benchmarks over the comparators' values, the more modest first, whichever rule it comes from."""
        found = [statistic(rule, values, self.metric.lower_is_better) for rule in self.ends]
        modest, ambitious = sorted(found, reverse=self.metric.lower_is_better)
        return modest, ambitious


@dataclass(frozen=True)
class Worth:
    """How one expression is reached from the units: `prices` on the way by id, what they come to together, and the
    steps that are the trust's own (its rates, its days)."""

    unit: str
    prices: Mapping[str, float]
    price: float
    own: tuple[Any, ...]


class Rules:
    """A method's opportunities by id, and the kinds of its peer groups."""

    def __init__(self, documents: Iterable[tuple[str, Mapping[str, Mapping[str, Any]]]]) -> None:
        """`documents`: a release's method.json, (path, {kind: {id: content}}) for each document."""
        self._read: dict[str, OpportunityRules] = {}
        self._parts: dict[str, dict[str, Any]] = {"metrics": {}, "opportunities": {}, "prices": {}, "peer_groups": {}}
        for _path, content in documents:
            for kind in self._parts.keys() & content.keys():
                self._parts[kind] |= content[kind]

    def kind_of(self, group: str) -> str:
        """A peer group's kind."""
        kind: str = self._parts["peer_groups"].get(group, {}).get("kind", group)
        return kind

    def opportunity(self, name: str) -> OpportunityRules:
        """An opportunity's rules; KeyError if the method has none of that name."""
        if name not in self._read:
            self._read[name] = self._opportunity(self._parts["opportunities"][name])
        return self._read[name]

    def _opportunity(self, given: Mapping[str, Any]) -> OpportunityRules:
        return OpportunityRules(
            metric=self._metric(given["metric"]),
            metric_id=given["metric"],
            comparator=given["comparator"],
            ends=(_rule(given.get("lower") or given["upper"]), _rule(given["upper"])),
            minimum_comparators=given.get("minimum_comparators", 5),
            fallback=given.get("fallback"),
            native=given.get("native") or "units",
            worth={name: self._worth(given, name) for name in EXPRESSIONS if given.get(name)},
        )

    def _metric(self, name: str) -> MetricRules:
        given = self._parts["metrics"][name]
        sums = [[_term(term) for term in given[end]] for end in ("numerator", "denominator")]
        return MetricRules(
            definition=(sums, given["direction"], {"at_least": 1} | _stated(given.get("window") or {})),
            believed=(given.get("zero_numerator", "valid"), *_bounds(given["plausibility"])),
            lower_is_better=given["direction"] == "lower_is_better",
            scale=given.get("scale", 1.0),
            minimum_denominator=given.get("minimum_denominator"),
        )

    def _worth(self, given: Mapping[str, Any], expression: str) -> Worth:
        steps = [*_steps(given, expression)]
        ids = [step.get("times") or step.get("divide_by") for step in steps]
        values = {name: float(self._parts["prices"][name]["value"]) for name in ids if name}
        own = [(rate, bool(step.get("per_day"))) for step in steps for rate in [_rate(step.get("own_rate"))]]
        return Worth(
            unit=given[expression]["unit"],
            prices=values,
            price=prod(1 / values[name] if step.get("divide_by") else values[name]
                       for name, step in zip(ids, steps, strict=True) if name),
            own=tuple(step for step in own if step != (None, False)),
        )  # fmt: skip


def _steps(given: Mapping[str, Any], expression: str) -> Iterator[Mapping[str, Any]]:
    while expression != "units":
        step = given[expression]
        yield step
        expression = step.get("of", "units")


def _term(given: Any) -> tuple[Any, ...]:
    term = {"measure": given} if isinstance(given, str) else given
    return term["measure"], float(term.get("times", 1.0)), term.get("of")


def _rate(given: Mapping[str, Any] | None) -> Any:
    return given and [[_term(term) for term in given[end]] for end in ("numerator", "denominator")]


def _bounds(given: Mapping[str, Any]) -> tuple[Any, ...]:
    return given.get("group"), given.get("implausible", 10.0), given.get("minimum"), given.get("maximum")


def _rule(given: Rule) -> Rule:
    return {"times": 1.0, "percent_off": 0.0} | _stated(given)


def _stated(given: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is left open."""
    return {
        key: _stated(value) if isinstance(value, Mapping) else value
        for key, value in given.items()
        if value is not None and value is not False
    }
