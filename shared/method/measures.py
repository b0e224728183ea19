"""Metrics: ratios of sums of measures, and when such a ratio may be believed and compared."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from shared.method.base import Strict
from shared.method.programme import MeasureName
from shared.method.terms import Chance

FEWEST = 5
"""A benchmark, or a judgement of what is plausible, over fewer values than this would be chance."""


class Term(Strict):
    """One part of a sum: a measure, times a constant, times (`of`) another measure of the same trust and period."""

    measure: MeasureName
    times: float = 1.0
    of: MeasureName | None = None

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures it needs."""
        return (self.measure, self.of) if self.of else (self.measure,)


def _term(given: Any) -> Any:
    return {"measure": given} if isinstance(given, str) else given


def _as_written(term: Term) -> str | Term:
    return term.measure if term == Term(measure=term.measure) else term


Sum = Annotated[
    tuple[Annotated[Term, BeforeValidator(_term), PlainSerializer(_as_written, return_type=str | Term)], ...],
    Field(min_length=1),
]
"""Terms to add up; a plain measure name is a term of its own."""


class Window(Strict):
    """Over which periods the sums run: the newest one; those held of the newest `months` calendar months, if there are
    `at_least` so many; or all of the newest `financial_year` of which every day is held, whatever its parts.

    A trust needs every one of them, or, if given, `minimum_periods` of them; its sums then run over those it has.
    """

    months: int | None = Field(default=None, ge=1)
    financial_year: bool = False
    at_least: int = Field(default=1, ge=1)
    minimum_periods: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _months_hold_periods(self) -> Self:
        if self.months is not None and self.financial_year:
            raise ValueError("a window is either of months or a financial year; take one of them out")
        if self.months is None and self.at_least > 1:
            raise ValueError("at_least counts the periods of a window of months; give months")
        if self.months is None and not self.financial_year and self.minimum_periods is not None:
            raise ValueError("minimum_periods counts the periods of a window; give months or financial_year")
        return self


class Plausibility(Strict):
    """When a value cannot be right. Either by the median of a peer group (`national`: everyone) without the trust
    itself: implausible outside 1/`implausible` to `implausible` times it, to be checked below `check_below` or above
    `check_above` times it. Or by a natural range, both ends included.

    It belongs to the metric, so that a value is either believed or not, whatever it is compared with. The median is
    that of all values, believed or not; a group with fewer than FEWEST of them is replaced by everyone, and a median
    that is not above zero judges nobody.
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
            raise ValueError("give a group whose median values are held against, or a natural range (minimum, maximum)")
        return self


class Metric(Strict):
    """value = scale × Σ numerator / Σ denominator, in `unit`; numerator and denominator in the units of their measures.

    `zero_numerator: missing` where 0 means that nothing was recorded; `minimum_denominator` in `denominator_unit`.
    `chance`: how its value varies by chance, where its units are independent events: as the share of them that an event
    befell, or as their count. None for amounts, and for units that come together.
    """

    title: str
    numerator: Sum
    denominator: Sum
    unit: str
    numerator_unit: str
    denominator_unit: str
    scale: float = Field(default=1.0, gt=0)
    direction: Literal["lower_is_better", "higher_is_better"]
    window: Window = Window()
    zero_numerator: Literal["valid", "missing"] = "valid"
    minimum_denominator: float | None = Field(default=None, gt=0)
    comparable: bool = True
    chance: Chance | None = None
    plausibility: Plausibility

    @property
    def lower_is_better(self) -> bool:
        """Whether a smaller value is the better one."""
        return self.direction == "lower_is_better"

    def measures(self) -> Iterator[str]:
        """Every measure it needs, in order, repeats included."""
        for term in (*self.numerator, *self.denominator):
            yield from term.measures
