"""The method's definitions as a release publishes them: what answers show, and what the words are made of.

Releases outlive builds, so these are read leniently: a key that is not known here is passed over. The models of
`shared.method`, which refuse it, are for landing a method; a test holds the names and defaults of both together.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from shared.method.overlaps import overlapping
from shared.method.terms import Chance

NATIONAL, TARGET = "national", "target"

Expression = Literal["cash", "activity", "staff"]
EXPRESSIONS: tuple[Expression, ...] = ("cash", "activity", "staff")


class Definition(BaseModel):
    """Base: one document, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Term(Definition):
    """One part of a sum: a measure, times a constant, times (`of`) another measure."""

    measure: str
    times: float = 1.0
    of: str | None = None


class Window(Definition):
    """The newest period, the newest `months` calendar months, or the newest whole financial year."""

    months: int | None = None
    financial_year: bool = False
    at_least: int = 1
    minimum_periods: int | None = None


class Plausibility(Definition):
    """When a value is not believed: by a group's median, or outside a natural range."""

    group: str | None = None
    implausible: float = 10.0
    check_below: float = 0.2
    check_above: float = 3.0
    minimum: float | None = None
    maximum: float | None = None


class Metric(Definition):
    """value = scale × Σ numerator / Σ denominator, in `unit`."""

    title: str
    numerator: tuple[str | Term, ...]
    denominator: tuple[str | Term, ...]
    unit: str
    numerator_unit: str
    denominator_unit: str
    scale: float = 1.0
    direction: Literal["lower_is_better", "higher_is_better"]
    window: Window = Window()
    zero_numerator: Literal["valid", "missing"] = "valid"
    minimum_denominator: float | None = None
    comparable: bool = True
    chance: Chance | None = None
    plausibility: Plausibility

    @property
    def lower_is_better(self) -> bool:
        """Whether a smaller value is the better one."""
        return self.direction == "lower_is_better"


class NamedPeriod(Definition):
    """One period by its kind and label."""

    month: str | None = None
    quarter: str | None = None
    financial_year: str | None = None
    year: str | int | None = None

    @property
    def label(self) -> str:
        """Its label, as landing keys have it."""
        return str(self.month or self.quarter or self.financial_year or self.year)


class Benchmark(Definition):
    """What a value is held against; `q` counts from the smallest value. A target is a constant, `measure` × `times` or
    the trust's own value in a `period`; so many `percent_off` make it better than that."""

    rule: Literal["median", "quantile", "mean", "mean_of_best", "target"]
    q: float | None = None
    n: int | None = None
    value: float | None = None
    measure: str | None = None
    times: float = 1.0
    period: NamedPeriod | None = None
    percent_off: float = 0.0

    @property
    def of_its_own(self) -> bool:
        """Whether it is a target that the trust's own figures set."""
        return self.measure is not None or self.period is not None


class Rate(Definition):
    """A price that is the trust's own."""

    title: str
    numerator: tuple[str | Term, ...]
    denominator: tuple[str | Term, ...]
    unit: str


class Route(Definition):
    """One step from the units, or from another expression, to an expression."""

    of: Literal["units", "cash", "activity", "staff"] = "units"
    times: str | None = None
    divide_by: str | None = None
    own_rate: Rate | None = None
    per_day: bool = False
    annual: bool = False
    unit: str

    @property
    def price(self) -> str | None:
        """The id of the price it uses."""
        return self.times or self.divide_by


class Opportunity(Definition):
    """A comparison and its worth; `upper` alone is a single value."""

    title: str
    category: str
    what: str
    why: str
    explanation: str
    metric: str
    comparator: str
    lower: Benchmark | None = None
    upper: Benchmark
    minimum_comparators: int = 5
    fallback: Literal["national"] | None = None
    unit: str
    native: Expression | None = None
    cash: Route | None = None
    activity: Route | None = None
    staff: Route | None = None
    overlap_group: str
    sources: tuple[str, ...]

    def route(self, expression: Expression) -> Route | None:
        """The last step to an expression; None if there is no way to it."""
        found: Route | None = getattr(self, expression)
        return found

    def steps(self, expression: Expression) -> tuple[Route, ...]:
        """The steps from the units to an expression, first step first."""
        route = self.route(expression)
        if route is None:
            return ()
        return (*(() if route.of == "units" else self.steps(route.of)), route)

    def price_ids(self, *expressions: Expression) -> tuple[str, ...]:
        """The prices on the way to the expressions given (all of them where none is), each once."""
        steps = (step for expression in expressions or EXPRESSIONS for step in self.steps(expression))
        return tuple(dict.fromkeys(step.price for step in steps if step.price))


class Price(Definition):
    """What one unit is worth, in which year's money, and who says so."""

    title: str
    value: float
    unit: str
    price_year: str
    source: str
    status: Literal["published", "illustrative"]

    @property
    def illustrative(self) -> bool:
        """Whether no source stands behind it."""
        return self.status == "illustrative"


class Variable(Definition):
    """One characteristic by which trusts are near each other."""

    measure: str
    label: str
    transform: str = "none"
    cap: float | None = None
    scale: str = "zscore"
    weight: float = 1.0


class Stability(Definition):
    """In how many draws, and with how much noise on every raw value, it was counted how often a peer stays."""

    draws: int = 200
    noise: float = 0.01


class SuccessorRule(Definition):
    """What becomes of peers that another trust took over; with `refill` a list is filled up again."""

    rule: Literal["none", "dated", "listed"] = "none"
    refill: bool = True


_NEAREST = {
    "distance": "euclidean",
    "missing": "available",
    "k": 10,
    "runners_up": 5,
    "successors": SuccessorRule(),
    "stability": Stability(),
}


class PeerGroup(Definition):
    """Whom a trust is compared with. Only nearest groups have variables, and the settings after them."""

    kind: Literal["nearest", "same_attribute", "landed_list", "national"]
    title: str
    explanation: str
    source: str
    attribute: str | None = None
    variables: tuple[Variable, ...] = ()
    within: str | None = None
    distance: str | None = None
    missing: str | None = None
    k: int | None = None
    runners_up: int | None = None
    successors: SuccessorRule | None = None
    stability: Stability | None = None

    @model_validator(mode="before")
    @classmethod
    def _settings_of_nearest_groups(cls, given: Any) -> Any:
        return _NEAREST | given if isinstance(given, dict) and given.get("kind") == "nearest" else given


EVERYONE = PeerGroup(
    kind=NATIONAL, title="All trusts", explanation="Every other trust with a value.", source="The files of each figure"
)
"""The group `national` where a method does not describe it in its own words."""


class OverlapGroup(Definition):
    """Opportunities that are gains on the same money, beds or hours; `also` names groups that overlap with it."""

    title: str
    explanation: str
    also: tuple[str, ...] = ()


class Programme(Definition):
    """What the method is for."""

    name: str = ""
    description: str = ""


class Definitions(Definition):
    """Everything a method defines that readers see, by id."""

    programme: Programme = Programme()
    metrics: Mapping[str, Metric]
    opportunities: Mapping[str, Opportunity]
    peer_groups: Mapping[str, PeerGroup]
    prices: Mapping[str, Price]
    overlap_groups: Mapping[str, OverlapGroup]

    def overlapping(self, opportunity_id: str) -> tuple[str, ...]:
        """The other opportunities that must not be added to one, by id: those of its group, and of the groups that
        overlap with it, whichever of the two says so."""
        groups = overlapping(self.overlap_groups, self.opportunities[opportunity_id].overlap_group)
        return tuple(
            name
            for name, other in self.opportunities.items()
            if other.overlap_group in groups and name != opportunity_id
        )

    @classmethod
    def read(cls, documents: list[tuple[str, dict[str, dict[str, Any]]]]) -> "Definitions":
        """From a release's method.json: (path, {kind: {id: document}}) for each document of the method."""
        programme = next((content["programme"] for _path, content in documents if "programme" in content), {})
        parts: dict[str, dict[str, Any]] = {kind: {} for kind in cls.model_fields if kind != "programme"}
        for _path, content in documents:
            for kind in parts.keys() & content.keys():
                parts[kind] |= content[kind]
        parts["peer_groups"].setdefault(NATIONAL, EVERYONE)
        by_id = {kind: dict(sorted(found.items())) for kind, found in parts.items()}
        return cls.model_validate({"programme": programme} | by_id)
