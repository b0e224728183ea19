"""What a query may say: one frozen model per list, and the faults of a query as sentences that name the parameter."""

import base64
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from functions.api.problems import BadParameter

PAGE, MOST = 50, 200

Status = Literal[
    "opportunity", "at_or_better_than_benchmark", "no_data", "not_applicable", "below_minimum",
    "insufficient_comparators", "not_comparable", "implausible", "no_peer_set", "all",
]  # fmt: skip
Word = Annotated[str, Field(min_length=1, max_length=100)]


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class Query(BaseModel):
    """Base: a parameter that is not known is a fault, since ignoring it would answer another question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Read the parameters of a request; BadParameter names the first that cannot be used, never its value."""
        try:
            return cls.model_validate(dict(parameters))
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            name = str(fault["loc"][0])
            known = ", ".join(cls.model_fields) or "none"
            if fault["type"] == "extra_forbidden":
                raise BadParameter(
                    f"There is a query parameter that is not known here. Known are: {known}.",
                    known=list(cls.model_fields),
                ) from None
            raise BadParameter(f"The query parameter {name} cannot be used: {fault['msg']}.", parameter=name) from None


class NoQuery(Query):
    """An address that takes no parameters."""


class TrustsQuery(Query):
    """Which trusts: `q` in the code or name, exact region, ICB or type; `cursor` as the page before gave it."""

    q: Word | None = None
    region: Word | None = None
    icb: Word | None = None
    type: Word | None = None
    limit: int = Field(default=PAGE, ge=1, le=MOST)
    cursor: Annotated[str, Field(max_length=100)] | None = None

    def after(self) -> str:
        """The trust code the page begins after ('' for the first page); BadParameter for no cursor of ours."""
        try:
            return base64.urlsafe_b64decode(self.cursor or "").decode()
        except ValueError:
            raise BadParameter(
                "The query parameter cursor is none that this service gave out.", parameter="cursor"
            ) from None


def cursor(after: str) -> str:
    """A cursor for the page that begins after a trust code."""
    return base64.urlsafe_b64encode(after.encode()).decode()


class OpportunitiesQuery(Query):
    """Which of a trust's rows: by default the ranked ones. `status` may be several, with commas, or `all`."""

    category: Word | None = None
    comparator: Word | None = None
    status: Annotated[tuple[Status, ...], BeforeValidator(_split)] = ("opportunity",)


class PeersQuery(Query):
    """Which peer group."""

    group: Word = "recommended"
