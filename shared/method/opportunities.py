"""Opportunities: which metric is compared with which benchmark, and what closing the gap is worth."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from shared.method.base import Strict
from shared.method.measures import FEWEST, SourcedRatio
from shared.method.periods import NamedPeriod
from shared.method.programme import MeasureName

NATIONAL, TARGET = "national", "target"


class Expression(StrEnum):
    """What a gain can be expressed as."""

    CASH = "cash"
    ACTIVITY = "activity"
    STAFF = "staff"


EXPRESSIONS = tuple(Expression)


class Price(Strict):
    """What one unit is worth. `illustrative`: it has no source, and every answer that uses it says so.

    `kept`: why it is in the method although no route uses it.
    """

    title: str
    value: float = Field(gt=0)
    unit: str
    price_year: str
    source: str
    status: Literal["published", "illustrative"]
    kept: str | None = None

    @property
    def illustrative(self) -> bool:
        """Whether it has no source."""
        return self.status == "illustrative"


class Benchmark(Strict):
    """What a value is compared with. For comparators: their median, a quantile (type 7, `q` from the smallest value),
    their mean, or the mean of the best `n`. For a target: a constant `value`, a `measure` of the trust itself ×
    `times`, or the trust's own value of the metric in an earlier `period`.

    The measure is that of the newest period that has begun when the metric's window ends. The period counts after its
    last day, if every day of it has data and the trust's value in it is plausible. `percent_off` makes either target
    that much better: lower if lower is better, otherwise higher. `worse_side`: the method means a quantile on the worse
    side of the median, such as the 90th percentile of a metric of which less is better.
    """

    rule: Literal["median", "quantile", "mean", "mean_of_best", "target"]
    q: float | None = Field(default=None, gt=0, lt=1)
    n: int | None = Field(default=None, ge=1)
    value: float | None = None
    measure: MeasureName | None = None
    times: float = 1.0
    period: NamedPeriod | None = None
    percent_off: float = Field(default=0.0, ge=0, le=100)
    worse_side: bool = False

    @model_validator(mode="after")
    def _has_its_settings_and_no_others(self) -> Self:
        settings = {name for name in ("q", "n", "value", "measure", "period") if getattr(self, name) is not None}
        needs = {"quantile": ["q"], "mean_of_best": ["n"], "target": ["value", "measure", "period"]}.get(self.rule, [])
        if needs and len(settings & set(needs)) != 1:
            raise ValueError(f"{self.rule} needs {' or '.join(needs)}{', one of them' if len(needs) > 1 else ''}")
        if unused := sorted(settings - set(needs)):
            raise ValueError(f"{self.rule} does not use {', '.join(unused)}; take it out")
        if self.worse_side and self.q is None:
            raise ValueError("only a quantile has a worse side; take worse_side out")
        if self.times != 1 and self.measure is None:
            raise ValueError("times needs a measure of the organisation itself; add measure, or take times out")
        if self.percent_off and not self.of_its_own:
            raise ValueError(
                "percent_off needs a measure of the organisation itself, or a period; add one, or take percent_off out"
            )
        return self

    @property
    def quantile(self) -> float | None:
        """Which quantile of the comparators it is; None if it is not a quantile."""
        return 0.5 if self.rule == "median" else self.q

    @property
    def of_its_own(self) -> bool:
        """Whether it is a target that is computed from the trust's own figures."""
        return self.measure is not None or self.period is not None

    def part(self, *, lower_is_better: bool) -> float:
        """The factor that turns the trust's own figure into its target."""
        return self.times * (1 - self.percent_off / 100 if lower_is_better else 1 + self.percent_off / 100)


class Rate(SourcedRatio):
    """A trust's own price: Σ numerator / Σ denominator over the metric's window. Missing if the denominator is 0, or if
    the numerator is, unless a `zero_numerator` is `valid`: a price of zero is mostly a cost that was not reported.

    `otherwise_national`: a trust without one uses the national price, both sums over all trusts that have one. `less`:
    another price of the trust that is taken off, such as that of what it would use instead.
    """

    title: str
    unit: str
    zero_numerator: Literal["valid", "missing"] = "missing"
    otherwise_national: bool = False
    less: "Rate | None" = None

    def measures(self) -> Iterator[str]:
        """Every measure that one of its sources, or of the price that is taken off, needs."""
        yield from super().measures()
        if self.less is not None:
            yield from self.less.measures()


class Route(Strict):
    """How an expression is calculated: from the units or from another expression, times or divided by a price, times
    the trust's own rate, or per day of the window. `annual`: the result is annual, whatever the window.
    """

    of: Literal["units", "cash", "activity", "staff"] = "units"
    times: str | None = None
    divide_by: str | None = None
    own_rate: Rate | None = None
    per_day: bool = False
    annual: bool = False
    unit: str

    @model_validator(mode="after")
    def _one_step(self) -> Self:
        if sum([self.times is not None, self.divide_by is not None, self.own_rate is not None, self.per_day]) > 1:
            raise ValueError("a route is one step; keep one of times, divide_by, own_rate and per_day")
        return self

    @property
    def price(self) -> str | None:
        """The price that it uses; None if it uses none."""
        return self.times or self.divide_by


class Opportunity(Strict):
    """A comparison and what its gap is worth. `lower` is the modest benchmark, `upper` the ambitious one; without
    `lower` there is one value.

    `comparator` is a peer group, `national` or `target`. If fewer than `minimum_comparators` have a value, `fallback`
    is used; without it there is no comparison. `including_itself`: the trust is one of its own comparators.
    `positive_comparators`: only trusts with a value above zero are comparators. `native` is the expression that needs
    no conversion; None if the units (m², for example) are none of the three.
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
    minimum_comparators: int = Field(default=FEWEST, ge=1)
    fallback: Literal["national"] | None = None
    including_itself: bool = False
    positive_comparators: bool = False
    unit: str
    native: Expression | None = None
    cash: Route | None = None
    activity: Route | None = None
    staff: Route | None = None
    overlap_group: str
    sources: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        rules = [rule for rule in (self.lower, self.upper) if rule is not None]
        if any((rule.rule == "target") != (self.comparator == TARGET) for rule in rules):
            raise ValueError(
                "with the comparator `target`, and with no other, each benchmark must be a target; correct one of them"
            )
        if self.fallback is not None and self.comparator in (NATIONAL, TARGET):
            raise ValueError(
                f"{self.comparator} has no fallback, because only a peer group can be too small; take fallback out"
            )
        if self.comparator == TARGET and (self.including_itself or self.positive_comparators):
            raise ValueError(
                "a target has no comparators; take including_itself and positive_comparators out, or compare with a "
                "group"
            )
        if self.native is not None and self.routes.get(self.native) is None:
            raise ValueError(f"{self.native}: the native expression needs a route; add one from the units")
        for name in self.routes:
            self.steps(name)
        return self

    @property
    def routes(self) -> dict[Expression, Route]:
        """Expression → route, for those there are."""
        return {name: route for name in EXPRESSIONS if (route := getattr(self, name)) is not None}

    def steps(self, expression: Expression) -> tuple[Route, ...]:
        """The routes from the units to an expression, first step first; ValueError if there are none."""
        steps: list[Route] = []
        start: str = expression
        while start != "units":
            route = self.routes.get(Expression(start))
            if route is None:
                raise ValueError(f"{expression}: it is calculated from {start}, which has no route; add that route")
            if route in steps:
                raise ValueError(f"{expression}: its routes form a loop; start one of them from the units")
            steps.append(route)
            start = route.of
        return tuple(reversed(steps))

    def price_ids(self, *expressions: Expression) -> tuple[str, ...]:
        """The prices that its routes to some expressions use (by default to all of them), each once."""
        steps = (step for name in expressions or EXPRESSIONS if name in self.routes for step in self.steps(name))
        return tuple(dict.fromkeys(step.price for step in steps if step.price))

    def measures(self) -> Iterator[str]:
        """The measures that it needs in addition to its metric's: those of own targets and of own rates."""
        yield from (rule.measure for rule in self.rules if rule.measure is not None)
        for route in self.routes.values():
            if route.own_rate:
                yield from route.own_rate.measures()

    @property
    def rules(self) -> tuple[Benchmark, Benchmark]:
        """The modest and the ambitious benchmark; the same one twice if there is one value."""
        return self.lower or self.upper, self.upper

    @property
    def single(self) -> bool:
        """Whether it has one benchmark instead of a lower and an upper one."""
        return self.lower is None
