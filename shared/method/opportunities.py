"""Opportunities: which metric is compared with what, and what closing the gap would be worth."""

from typing import Literal, Self

from pydantic import Field, model_validator

from shared.method.base import Strict
from shared.method.measures import Sum
from shared.method.programme import MeasureName

NATIONAL, TARGET = "national", "target"


class Price(Strict):
    """What one unit is worth. `illustrative`: no source stands behind it, and every answer that uses it says so."""

    title: str
    value: float = Field(gt=0)
    unit: str
    price_year: str
    source: str
    status: Literal["published", "illustrative"]


class Benchmark(Strict):
    """What a value is held against: the median, a quantile (type 7, `q` counted from the smallest value), the mean or
    the mean of the best `n` of the comparators; or a target: a constant, or a measure of the trust itself times `times`.
    """

    rule: Literal["median", "quantile", "mean", "mean_of_best", "target"]
    q: float | None = Field(default=None, gt=0, lt=1)
    n: int | None = Field(default=None, ge=1)
    value: float | None = None
    measure: MeasureName | None = None
    times: float = 1.0

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs = {"quantile": self.q, "mean_of_best": self.n}
        if self.rule in needs and needs[self.rule] is None:
            raise ValueError(f"{self.rule} needs {'q' if self.rule == 'quantile' else 'n'}")
        if self.rule == "target" and (self.value is None) == (self.measure is None):
            raise ValueError("a target needs a value, or a measure of the trust itself")
        return self


class Rate(Strict):
    """A price that is the trust's own: Σ numerator / Σ denominator in the newest period of the metric's window."""

    title: str
    numerator: Sum
    denominator: Sum
    unit: str


class Route(Strict):
    """How one expression is reached: from the units or from another expression, times or divided by a price, times the
    trust's own rate, or per day of the window. `annual`: the result is an annual sum whatever the window.
    """

    of: Literal["units", "cash", "activity", "staff"] = "units"
    times: str | None = None
    divide_by: str | None = None
    own_rate: Rate | None = None
    per_day: bool = False
    annual: bool = False
    unit: str

    @property
    def price(self) -> str | None:
        """The price it uses."""
        return self.times or self.divide_by


class Opportunity(Strict):
    """A comparison and its worth. `lower` is the modest benchmark, `upper` the ambitious one; one alone is a single value.

    `comparator` is a peer group, `national` or `target`. Fewer than `minimum_comparators` with a value: `fallback`,
    or none. `native` is the expression that needs no conversion, None where the units (m², say) are none of the three.
    """

    title: str
    category: str
    what: str
    why: str
    explanation: str
    metric: str
    comparator: str
    lower: Benchmark | None = None
    upper: Benchmark
    minimum_comparators: int = Field(default=5, ge=1)
    fallback: Literal["national"] | None = None
    unit: str
    native: Literal["cash", "activity", "staff"] | None = None
    cash: Route | None = None
    activity: Route | None = None
    staff: Route | None = None
    overlap_group: str
    sources: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        rules = [rule for rule in (self.lower, self.upper) if rule is not None]
        if any((rule.rule == "target") != (self.comparator == TARGET) for rule in rules):
            raise ValueError("the comparator is `target` exactly when the benchmarks are targets")
        if self.native is not None and self.routes.get(self.native) is None:
            raise ValueError(f"{self.native}: the native expression needs a route from the units")
        for name, route in self.routes.items():
            if route.of != "units" and route.of not in self.routes:
                raise ValueError(f"{name}: goes by way of {route.of}, for which there is no route")
            if route.of == name:
                raise ValueError(f"{name}: goes by way of itself")
        return self

    @property
    def routes(self) -> dict[str, Route]:
        """Expression → route, for those there are."""
        found = {"cash": self.cash, "activity": self.activity, "staff": self.staff}
        return {name: route for name, route in found.items() if route is not None}

    @property
    def single(self) -> bool:
        """Whether it has one value instead of a lower and an upper one."""
        return self.lower is None
