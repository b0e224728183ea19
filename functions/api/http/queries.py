"""What may be asked: one frozen model for the query of every address."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from functions.api.http.problems import BadParameter, echo

PAGE, MOST = 50, 500

Status = Literal[
    "opportunity", "at_or_better_than_benchmark", "no_data", "not_applicable", "below_minimum",
    "insufficient_comparators", "not_comparable", "implausible", "no_peer_set", "all",
]  # fmt: skip
FOLDER = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$"
"""A dataset, period or part as a folder of a landing key."""
Word = Annotated[str, Field(min_length=1, max_length=100)]
AsAt = Annotated[str, Field(pattern=r"^([0-9a-f]{32}|\d{4}-\d{2}-\d{2})$")]


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class Parameters(BaseModel):
    """Base: a parameter that is not known is a fault, since ignoring it would answer another question."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Read the parameters of a request; BadParameter names the first that cannot be used, never its value."""
        try:
            return cls.model_validate(dict(parameters))
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
        name = str(fault["loc"][0])
        known = [*cls.model_fields]
        if fault["type"] == "extra_forbidden":
            choices = f"Known are: {', '.join(known)}." if known else "This address takes none."
            raise BadParameter(f"There is no query parameter{echo(name)} here. {choices}", known=known)
        raise BadParameter(f"The query parameter {name} cannot be used: {fault['msg']}.", parameter=name)


class Nothing(Parameters):
    """An address that takes no parameters, and speaks of no release."""


class Paging(Parameters):
    """One page of a list: at most `limit` items, after those of the page that gave out `cursor`."""

    limit: int = Field(default=PAGE, ge=1, le=MOST, description="How many items at most.")
    cursor: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="The next_cursor of the page before this one."
    )


class Query(Parameters):
    """What is answered from a release."""

    as_at: AsAt | None = Field(
        default=None,
        description="Answer from another release than the current one: a release id, or the day (2025-01-31) at whose "
        "end, by UTC, the release was current.",
    )


class NoQuery(Query):
    """An address that takes no parameters of its own."""


class PageQuery(Paging, Query):
    """One page of a list that a release holds. All pages come from the release of the first one."""

    cursor: Annotated[str, Field(min_length=1, max_length=300)] | None = Field(
        default=None,
        description="The next_cursor of the page before this one. It names that page's release, from which this page "
        "comes too.",
    )


class TrustsQuery(PageQuery):
    """Which trusts, in any case: words of `q` that begin words of the name, or `q` in the code; region, ICB or type."""

    q: Word | None = Field(default=None, description="Words that begin words of the name, or a part of the code.")
    region: Word | None = Field(default=None, description="A region, as answers name it.")
    icb: Word | None = Field(default=None, description="An integrated care board, as answers name it.")
    type: Word | None = Field(default=None, description="A trust type, as answers name it.")


class OpportunitiesQuery(PageQuery):
    """Which of a trust's rows: by default the ranked ones. `status` may be several, with commas, or `all`."""

    category: Word | None = Field(default=None, description="A category, as /v1/categories lists them.")
    comparator: Word | None = Field(default=None, description="A peer group's id, `national` or `target`.")
    status: Annotated[tuple[Status, ...], Field(max_length=20), BeforeValidator(_split)] = Field(
        default=("opportunity",), description="One status or several, with commas; `all` for every row."
    )


class PeersQuery(PageQuery):
    """Which peer group and, where a group belongs to a period, of which one (the newest by default)."""

    group: Word = Field(default="recommended", description="A peer group's id, as /v1/peer-groups lists them.")
    period: Word | None = Field(default=None, description="One of the group's periods; the newest by default.")


class WhyQuery(Query):
    """In which peer group and, where a group belongs to a period, in which one (the newest by default)."""

    group: Word = Field(default="recommended", description="A peer group's id, as /v1/peer-groups lists them.")
    period: Word | None = Field(default=None, description="One of the group's periods; the newest by default.")


class TrendQuery(PageQuery):
    """Which page of the windows; by default all of them, for a chart."""

    limit: int = Field(default=MOST, ge=1, le=MOST, description="How many windows at most.")


class ReleasesQuery(Paging, Query):
    """Which page of the releases that readers saw."""


class ChangesQuery(Paging, Query):
    """Since which release, and of which trust; a page holds the changes of at most `limit` trusts."""

    since: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] = Field(description="The id of the earlier release.")
    trust: Word | None = Field(default=None, description="An ODS code; all trusts, a page at a time, without.")
    limit: int = Field(default=20, ge=1, le=50, description="How many trusts at most.")


class ReceiptsQuery(Paging):
    """Which receipts: by default of every landed file that the caller may see, the newest first."""

    limit: int = Field(default=20, ge=1, le=100, description="How many receipts at most.")
    dataset: Annotated[str, Field(pattern=FOLDER)] | None = Field(
        default=None, description="A dataset, by the folder its files are landed in."
    )
    status: Literal["accepted", "rejected"] | None = Field(default=None, description="What became of the file.")
    landing_key: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        default=None, description="Where a file was landed, `dry-run/` before it for a dry run: its versions' receipts."
    )
    dry_run: bool = Field(default=False, description="Receipts of dry runs instead of those of landed files.")


class FeedbackQuery(Paging):
    """Which page of what users said."""

    limit: int = Field(default=20, ge=1, le=100, description="How many at most.")


class ValuesQuery(PageQuery):
    """Which page of the trusts' values; by default all of them, for a chart."""

    limit: int = Field(default=MOST, ge=1, le=MOST, description="How many trusts' values at most.")
