"""What may be sent: one frozen model for the body of every address that takes one."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from functions.api.http.problems import BadBody, TooLarge
from functions.api.http.queries import FOLDER, Word
from shared.decision import LONGEST
from shared.landing.landing_keys import LARGEST

MOST_BYTES = 100_000

Figure = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
# Something is divided by these: nearer to zero, the result would not be finite.
Denominator = Annotated[float, Field(ge=1e-9, le=1e15)]
Price = Annotated[float, Field(ge=1e-9, le=1e12)]


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
    denominator: Denominator | None = Field(
        default=None, description="The trust's own denominator, in the metric's unit."
    )
    target: Figure | None = Field(default=None, description="A benchmark to hold the value against, in its unit.")
    comparators: Annotated[tuple[Word, ...], Field(min_length=1, max_length=500)] | None = Field(
        default=None, description="The ODS codes of the trusts to compare with."
    )
    group: Word | None = Field(default=None, description="The peer group to compare with.")
    prices: Annotated[dict[Word, Price], Field(max_length=50)] = Field(
        default={}, description="Prices to use instead of the published ones, by id."
    )

    @model_validator(mode="after")
    def _one_benchmark(self) -> Self:
        if sum(given is not None for given in (self.target, self.comparators, self.group)) > 1:
            raise ValueError("give a target, comparators or a group, not several of them")
        return self


Folder = Annotated[str, Field(pattern=FOLDER)]
ReleaseId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Why = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"\S")]


class Upload(Body):
    """One file that is to be landed, and under which dataset, period and part."""

    EXAMPLE = {
        "dataset": "eric_trust",
        "period": "2024-25",
        "file_name": "trust data 2024-25.csv",
        "size_bytes": 181_244,
        "content_type": "text/csv",
    }

    dataset: Folder = Field(description="The dataset, which the caller must be allowed to supply.")
    period: Folder = Field(description="The period, as the dataset's contract writes it.")
    part: Folder | None = Field(default=None, description="The part, where a period comes in parts.")
    file_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9 _.,()&+=@-]{0,199}$")] = Field(
        description="What the file is called: letters, digits, blanks and `_.,()&+=@-`."
    )
    size_bytes: Annotated[int, Field(ge=1, le=LARGEST)] = Field(description="How many bytes the file has: exactly.")
    content_type: Literal[
        "text/csv",
        "application/gzip",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.apache.parquet",
    ] = Field(description="What the file is: CSV, gzip-ed CSV, XLSX or parquet.")
    dry_run: bool = Field(default=False, description="Only try it: a receipt says what the file would change.")


class DecisionBody(Body):
    """Why, and what was seen when it was decided."""

    EXAMPLE = {"why": "Reviewed by the programme board.", "instead_of": "0123456789abcdef" * 2}

    why: Why = Field(description="The reason, which stays on record.")
    instead_of: ReleaseId = Field(description="The release that is current now, as the caller saw it.")


class Resumption(Body):
    """Why, and what is held."""

    EXAMPLE = {"why": "The energy prices were corrected.", "held": "0123456789abcdef" * 2}

    why: Why = Field(description="The reason, which stays on record.")
    held: ReleaseId = Field(description="The release that is held now, as the caller saw it.")


class About(BaseModel):
    """What feedback is about: an opportunity, perhaps one trust's, or an entry of the methodology."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    opportunity_id: Word | None = Field(default=None, description="An opportunity, as /v1/opportunities lists them.")
    trust_code: Word | None = Field(default=None, description="A trust, if it is about the trust's opportunity.")
    methodology: Word | None = Field(
        default=None, description="The id of a metric, peer group or price of /v1/methodology; `all` for the whole."
    )

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.opportunity_id is None) == (self.methodology is None):
            raise ValueError("give an opportunity_id or a methodology, one of them")
        if self.trust_code is not None and self.opportunity_id is None:
            raise ValueError("a trust_code goes with an opportunity_id")
        return self


class Feedback(Body):
    """What a user has to say."""

    EXAMPLE = {"about": {"methodology": "all"}, "text": "Which year's prices are these?"}

    about: About
    text: Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"\S")] = Field(description="In plain text.")
