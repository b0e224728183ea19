"""Metrics: ratios of sums of measures, and when a ratio is plausible and comparable."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from shared.method.base import Strict
from shared.method.programme import MeasureName
from shared.method.terms import Chance, Confidence

FEWEST = 5
"""Fewest values for a benchmark or a plausibility check: fewer would be down to chance."""


class Term(Strict):
    """One part of a sum: a measure, times a constant, times (`of`) another measure of the same trust and period."""

    measure: MeasureName
    times: float = 1.0
    of: MeasureName | None = None

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that it needs."""
        return (self.measure, self.of) if self.of else (self.measure,)


def _term(value: Any) -> Any:
    return {"measure": value} if isinstance(value, str) else value


def _as_written(term: Term) -> str | Term:
    return term.measure if term == Term(measure=term.measure) else term


Sum = Annotated[
    tuple[Annotated[Term, BeforeValidator(_term), PlainSerializer(_as_written, return_type=str | Term)], ...],
    Field(min_length=1),
]
"""Terms to add up. A measure's name alone is a term."""


class Source(Strict):
    """Where a metric's figures come from: both of its sums."""

    numerator: Sum
    denominator: Sum

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms of both sums."""
        return (*self.numerator, *self.denominator)

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Every measure that it needs, in order, each once."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.measures))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets that it needs, in order, each once."""
        return tuple(dict.fromkeys(name.partition(".")[0] for name in self.measures))


class SourcedRatio(Strict):
    """A ratio of two sums. `otherwise`: further sources of the same figure. For each period, the first source of which
    any organisation has figures is used for all."""

    numerator: Sum
    denominator: Sum
    otherwise: tuple[Source, ...] = ()

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Its sources, in the order in which they are preferred."""
        return (Source.model_construct(numerator=self.numerator, denominator=self.denominator), *self.otherwise)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets that its sources need, in order, each once."""
        return tuple(dict.fromkeys(name for source in self.sources for name in source.datasets))

    def measures(self) -> Iterator[str]:
        """Every measure that one of its sources needs, in order, repeats included."""
        for source in self.sources:
            for term in source.terms:
                yield from term.measures


class Redefined(Strict):
    """From which day on a metric's figures mean something else than before, and why."""

    since: date
    because: str


class Window(Strict):
    """The periods over which sums run. One of: the newest period; the periods with data in the newest `months` calendar
    months, if there are `at_least` that many; the newest `financial_year` of which every day has data.

    A trust needs data for every one of them, or for `minimum_periods` of them if that is set; its sums then run over
    the periods it has.
    """

    months: int | None = Field(default=None, ge=1)
    financial_year: bool = False
    at_least: int = Field(default=1, ge=1)
    minimum_periods: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _months_hold_periods(self) -> Self:
        if self.months is not None and self.financial_year:
            raise ValueError("a window has either months or financial_year; take one of them out")
        if self.months is None and self.at_least > 1:
            raise ValueError("at_least needs months; add months, or take at_least out")
        if self.months is None and not self.financial_year and self.minimum_periods is not None:
            raise ValueError(
                "minimum_periods needs months or financial_year; add one of them, or take minimum_periods out"
            )
        return self


Percentile = Literal["mid_rank", "share_below", "percent_rank", "at_or_below"]


class StandingRule(Strict):
    """How a metric's values are ranked among all that may be compared.

    `percentile`, from 0 to 100, of n values of which w are worse and e others are equal: `mid_rank`
    (w + e / 2) / (n - 1), `percent_rank` w / (n - 1), `share_below` w / n, or `at_or_below` (w + e + 1) / n. High is
    good, unless `turned` is false: then the percentile grows with the value, whichever direction is better.

    `bands`: into how many equal parts the values are divided, apart from quarters; 1 is the best. A value on a
    `boundary` belongs to the better part, or to that of the lower values.
    """

    percentile: Percentile = "mid_rank"
    turned: bool = True
    bands: int | None = Field(default=None, ge=2, le=100)
    boundary: Literal["better", "lower"] = "better"


class Plausibility(Strict):
    """When a value is implausible, or needs checking. One of two rules:

    - `group` (`national`: all trusts): compared with the median of the other trusts in the group, a value is
      implausible outside 1/`implausible` to `implausible` times the median, and needs checking below `check_below` or
      above `check_above` times it. The median is over all values, plausible or not. If fewer than FEWEST trusts have
      one, all trusts are used instead; if the median is not positive, the rule does not apply.
    - `minimum` and `maximum`: a value outside this range is implausible; both ends are allowed.

    It is part of the metric, so a value is plausible or not whatever it is compared with.
    """

    group: str | None = None
    implausible: float = Field(default=10.0, gt=1)
    check_below: float = Field(default=0.2, gt=0, lt=1)
    check_above: float = Field(default=3.0, gt=1)
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.group is None) == (self.minimum is None and self.maximum is None):
            raise ValueError("set either a group (values are compared with its median) or a range (minimum, maximum)")
        return self


class Metric(SourcedRatio):
    """value = scale × Σ numerator / Σ denominator, in `unit`; numerator and denominator in the units of their measures.

    `zero_numerator: missing` if 0 means that nothing was recorded; `minimum_denominator` is in `denominator_unit`.
    `chance`: how the value varies by chance, if its numerator counts independent events: as a proportion of the
    denominator, or as a count. None for amounts, and for events that are not independent.

    If rows are about units, such as sites: `minimum_coverage` is the share of the denominator that the units with
    figures need to have for the others to be left out; without it, a missing unit makes the organisation's figure
    missing. `redefined`: when the figures began to mean something else.

    `direction` is `neither` if neither a small nor a large value is better: such a metric has a distribution, but no
    standing and no opportunities. `standing`: how values are ranked. `confidence`: of the intervals of `chance`.
    """

    title: str
    unit: str
    numerator_unit: str
    denominator_unit: str
    scale: float = Field(default=1.0, gt=0)
    direction: Literal["lower_is_better", "higher_is_better", "neither"]
    standing: StandingRule = StandingRule()
    window: Window = Window()
    zero_numerator: Literal["valid", "missing"] = "valid"
    minimum_denominator: float | None = Field(default=None, gt=0)
    minimum_coverage: float | None = Field(default=None, gt=0, le=1)
    redefined: tuple[Redefined, ...] = ()
    comparable: bool = True
    chance: Chance | None = None
    confidence: Confidence = 0.95
    plausibility: Plausibility

    @property
    def lower_is_better(self) -> bool:
        """Whether a smaller value is better."""
        return self.direction == "lower_is_better"
