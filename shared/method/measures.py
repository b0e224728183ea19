"""Metrics: ratios of sums of measures, and when such a ratio may be believed and compared."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from shared.method.base import Strict
from shared.method.programme import MeasureName


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


Sum = Annotated[tuple[Annotated[Term, BeforeValidator(_term)], ...], Field(min_length=1)]
"""Terms to add up; a plain measure name is a term of its own."""


class Window(Strict):
    """Over which periods the sums run: the newest one, or those of the newest `months` held.

    With fewer than `minimum_periods` held nobody has a value; a trust needs every one that is held.
    """

    months: int | None = Field(default=None, ge=1)
    minimum_periods: int = Field(default=1, ge=1)


class Plausibility(Strict):
    """When a value cannot be right. Either against the median of a peer group (`national`: everyone), the trust
    itself left out: implausible outside 1/`implausible` to `implausible` times it, to be checked below `check_below`
    or above `check_above` times it. Or a natural range, both ends included.
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
    """value = scale × Σ numerator / Σ denominator. `unit` is that of the value."""

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
    plausibility: Plausibility

    def measures(self) -> Iterator[str]:
        """Every measure it needs, in order, repeats included."""
        for term in (*self.numerator, *self.denominator):
            yield from term.measures
