"""Query parameters: one frozen model for each kind of query."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from functions.api.http.problems import BadParameter, echo
from shared.ids import PATTERN, Hex, ReleaseId

PAGE, MOST = 50, 500

Status = Literal[
    "opportunity", "at_or_better_than_benchmark", "no_data", "not_applicable", "below_minimum",
    "insufficient_comparators", "not_comparable", "implausible", "no_peer_set", "all",
]  # fmt: skip
FOLDER = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$"
"""A dataset, period or part, as a folder in a landing key."""
Word = Annotated[str, Field(min_length=1, max_length=100)]
_AS_AT = rf"^({PATTERN}|\d{{4}}-\d{{2}}-\d{{2}})$"
AsAt = Annotated[str, Field(pattern=_AS_AT)]
SOMETHING = r"\S"
"""A text that is not blank."""
FILE_NAME = r"^[A-Za-z0-9_][A-Za-z0-9 _.,()&+=@-]{0,199}$"
_IN_WORDS = {
    _AS_AT: "write the id of a release, which has 32 of the signs 0 to 9 and a to f, or a day such as 2025-01-31",
    rf"^{PATTERN}$": "write an id, which has 32 of the signs 0 to 9 and a to f",
    FOLDER: "begin with a letter or a digit, and use letters, digits, points, dashes and underscores only",
    FILE_NAME: "use letters, digits, spaces and _.,()&+=@- only, and at most 200 of them",
    SOMETHING: "write something",
}
"""What is said instead of a pattern that a value does not match."""


def wrong_value(fault: Mapping[str, Any]) -> str:
    """What is wrong with a value, by a fault of pydantic: in words, without the value."""
    if fault["type"] == "string_pattern_mismatch":
        return _IN_WORDS.get(fault["ctx"]["pattern"], "it is not in the form that it needs")
    return str(fault["msg"]).removeprefix("Value error, ")


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class Parameters(BaseModel):
    """Base. An unknown parameter is an error: the answer would otherwise ignore something that the caller meant."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Read a request's parameters; BadParameter names the first invalid one, never its value."""
        try:
            return cls.model_validate(dict(parameters))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            raise unknown_parameter(name, [*cls.model_fields])
        raise BadParameter(f"Invalid query parameter {echo(name)}: {wrong_value(first)}.", parameter=echo(name))


def unknown_parameter(name: str, known: list[str]) -> BadParameter:
    """The error for a parameter that is not among those known."""
    choices = f"It has: {', '.join(known)}." if known else "It has none."
    return BadParameter(f"This endpoint has no query parameter {echo(name)}. {choices}", known=known)


class NoParameters(Parameters):
    """No query parameters: the answer does not come from a release."""


class Paging(Parameters):
    """One page of a list: at most `limit` items, starting after the page whose next_cursor is `cursor`."""

    limit: int = Field(default=PAGE, ge=1, le=MOST, description="The largest number of items on a page.")
    cursor: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="The next_cursor of the previous page."
    )


class Query(Parameters):
    """A query that is answered from a release."""

    as_at: AsAt | None = Field(
        default=None,
        description="Use another release than the current one: a release id, or a date (2025-01-31) for the release "
        "that was current at the end of that day, UTC.",
    )


class PageQuery(Paging, Query):
    """One page of a list within a release. All pages come from the release of the first page."""

    cursor: Annotated[str, Field(min_length=1, max_length=300)] | None = Field(
        default=None,
        description="The next_cursor of the previous page. It also names that page's release, so that this page comes "
        "from the same one.",
    )


class TrustsQuery(PageQuery):
    """Which organisations, ignoring case: by the start of words in the name, a part of the code, type or attributes.

    Each attribute of the programme's register is a parameter too, by its id, and so is each further level, for the
    organisations that belong to one of it. Which there are depends on the release, so
    the view checks their names.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Word]

    q: Word | None = Field(
        default=None, description="The start of words in the organisation's name, or a part of its code."
    )
    type: Word | None = Field(
        default=None, description="A type of organisation, as in the field trust_type or trust_type_name."
    )

    level: Word | None = Field(
        default=None, description="A level of organisations, from /v1/programme; all levels by default."
    )

    @property
    def attributes(self) -> Mapping[str, str]:
        """The other parameters: attribute ids with the code or name to look for."""
        return self.__pydantic_extra__


Part = Annotated[tuple[Annotated[int, Field(ge=1, le=4)], ...], Field(max_length=4), BeforeValidator(_split)]
Side = Annotated[tuple[Literal["better", "similar", "worse"], ...], Field(max_length=3), BeforeValidator(_split)]


class StandingQuery(PageQuery):
    """Which rows, by where they stand. Rows without the figure in question are left out."""

    quartile: Part | None = Field(
        default=None, description="One or more quarters, separated by commas: 1 is the best, 4 the worst."
    )
    compared: Side | None = Field(
        default=None,
        description="One or more of better, similar and worse, separated by commas: how the value compares with its "
        "benchmark by its interval.",
    )
    within_chance: bool | None = Field(
        default=None,
        description="`true`: gains that may be due to chance. `false`: all others. The field within_chance says which.",
    )
    at_least: Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)] | None = Field(
        default=None, description="The smallest gain in a year (cash_per_year_upper), in the programme's currency."
    )
    order: Literal["gain", "percentile"] = Field(
        default="gain",
        description="`gain`: the largest gain first. `percentile`: the worst first, by its rank, values without a rank "
        "last.",
    )


class OpportunitiesQuery(StandingQuery):
    """Which of an organisation's rows: by default those with a gain; see `statuses`."""

    category: Word | None = Field(default=None, description="A category, from /v1/categories.")
    comparator: Word | None = Field(default=None, description="A peer group's id, `national` or `target`.")
    status: Annotated[tuple[Status, ...], Field(max_length=20), BeforeValidator(_split)] | None = Field(
        default=None,
        description="One or more statuses, separated by commas; `all` for every row. The default is `opportunity`, or "
        "with quartile, compared or the order `percentile` every compared value: `opportunity` and "
        "`at_or_better_than_benchmark`.",
    )

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses asked for, or else those that the other parameters need."""
        if self.status is not None:
            return self.status
        standing = self.quartile is not None or self.compared is not None or self.order == "percentile"
        return ("opportunity", "at_or_better_than_benchmark") if standing else ("opportunity",)


class PeersQuery(PageQuery):
    """Which peer group and period."""

    group: Word | None = Field(
        default=None, description="A peer group's id, from /v1/peer-groups; by default the programme's first choice."
    )
    period: Word | None = Field(default=None, description="One of the group's periods; the newest by default.")


class WhyQuery(Query):
    """In which peer group and period."""

    group: Word | None = Field(
        default=None, description="A peer group's id, from /v1/peer-groups; by default the programme's first choice."
    )
    period: Word | None = Field(default=None, description="One of the group's periods; the newest by default.")


class TrendQuery(PageQuery):
    """Which page of the points. The default limit is the maximum, so that one page is enough for a chart."""

    limit: int = Field(default=MOST, ge=1, le=MOST, description="The largest number of points on a page.")


class ReleasesQuery(Paging, Query):
    """Which page of the published releases."""


class ChangesQuery(Paging, Query):
    """The earlier release, and optionally one organisation. A page has the changes of at most `limit` organisations."""

    since: Annotated[ReleaseId, Hex] = Field(description="The id of the earlier release.")
    trust: Word | None = Field(default=None, description="The code of an organisation; leave it out for all.")
    order: Literal["code", "move"] = Field(
        default="code",
        description="`code`: by code. `move`: the largest change of one figure in cash over a year first; then those "
        "in which only other figures changed, and those in which nothing did, by code.",
    )
    changed: bool = Field(default=False, description="Only organisations in which something changed.")
    limit: int = Field(default=20, ge=1, le=50, description="The largest number of organisations on a page.")


class TableQuery(Query):
    """Which rows of a table."""

    metric: Word | None = Field(
        default=None,
        description="Only the rows of this metric, of a table that `GET /v1/tables` says is published by metric.",
    )


class ReceiptsQuery(Paging):
    """Which receipts, newest first: by default those of all landed files that the caller may see."""

    limit: int = Field(default=20, ge=1, le=100, description="The largest number of receipts on a page.")
    dataset: Annotated[str, Field(pattern=FOLDER)] | None = Field(
        default=None, description="A dataset: the folder in which its files are landed."
    )
    status: Literal["accepted", "rejected"] | None = Field(
        default=None, description="Whether the file was accepted or rejected."
    )
    landing_key: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        default=None,
        description="Receipts of all versions of one landing key; for a dry run the key starts with `dry-run/`.",
    )
    dry_run: bool = Field(default=False, description="List receipts of dry runs instead of those of landed files.")


class ReceiptQuery(Parameters):
    """Which of the receipts with one id, if the same bytes were sent more than once."""

    upload_id: Annotated[str, Field(pattern=FOLDER)] | None = Field(
        default=None,
        description="The upload whose receipt it is. By default the newest receipt with that id, dry runs last.",
    )


class FeedbackQuery(Paging):
    """Which page of the feedback."""

    limit: int = Field(default=20, ge=1, le=100, description="The largest number of items on a page.")


class ValuesQuery(StandingQuery):
    """Which page of the values. The default limit is the maximum, so that one page is enough for a chart."""

    order: Literal["code", "gain", "percentile"] = Field(  # type: ignore[assignment]
        default="code",
        description="`code`: by code. `gain`: the largest gain in cash first, then gains that are in units only. "
        "`percentile`: the worst first, by its rank, values without a rank last.",
    )

    level: Word | None = Field(
        default=None, description="A level of organisations, from /v1/programme; the first by default."
    )
    limit: int = Field(default=MOST, ge=1, le=MOST, description="The largest number of values on a page.")
