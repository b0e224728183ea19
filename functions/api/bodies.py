"""What may be sent: one frozen model for the body of every address that takes one."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from functions.api.problems import BadBody, TooLarge
from functions.api.queries import Word

MOST_BYTES = 100_000

Figure = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]


class Body(BaseModel):
    """Base: a field that is not known is a fault, since ignoring it would answer another question.

    Each has an EXAMPLE, for the API's description.
    """

    EXAMPLE: ClassVar[Mapping[str, Any]]

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def read(cls, sent: bytes) -> Self:
        """Read a request's body; BadBody names the first field that cannot be used, never its value."""
        if len(sent) > MOST_BYTES:
            raise TooLarge(f"The body may have {MOST_BYTES:,} bytes.")
        try:
            return cls.model_validate_json(sent or b"{}")
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in fault["loc"] if part in cls.model_fields or isinstance(part, int))
        where = f"The field {field} of the body" if field else "The body"
        known = [*cls.model_fields]
        if fault["type"] == "extra_forbidden":
            raise BadBody(f"The body has a field that is not known. Known are: {', '.join(known)}.", known=known)
        raise BadBody(f"{where} cannot be used: {fault['msg'].removeprefix('Value error, ')}.", field=field)


class WhatIf(Body):
    """What to suppose instead of what was published. What is not given stays as published."""

    EXAMPLE = {"numerator": 1_250_000.0, "group": "national"}

    numerator: Figure | None = Field(default=None, description="The trust's own numerator, in the metric's unit.")
    denominator: Annotated[float, Field(gt=0, le=1e15)] | None = Field(
        default=None, description="The trust's own denominator, in the metric's unit."
    )
    target: Figure | None = Field(default=None, description="A benchmark to hold the value against, in its unit.")
    comparators: Annotated[tuple[Word, ...], Field(min_length=1, max_length=500)] | None = Field(
        default=None, description="The ODS codes of the trusts to compare with."
    )
    group: Word | None = Field(default=None, description="The peer group to compare with.")
    prices: Annotated[dict[Word, Annotated[float, Field(gt=0, le=1e12)]], Field(max_length=50)] = Field(
        default={}, description="Prices to use instead of the published ones, by id."
    )

    @model_validator(mode="after")
    def _one_benchmark(self) -> Self:
        if sum(given is not None for given in (self.target, self.comparators, self.group)) > 1:
            raise ValueError("give a target, comparators or a group, not several of them")
        return self
