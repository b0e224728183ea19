"""Request bodies: one frozen model for each endpoint that takes one."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from functions.api.http.own_pages import local_path
from functions.api.http.problems import BadBody, ContentTooLarge
from functions.api.http.queries import FILE_NAME, FOLDER, SOMETHING, Word, wrong_value
from shared.decision import LONGEST
from shared.ids import Hex, ReleaseId
from shared.landing.landing_keys import LARGEST

MOST_BYTES = 100_000

Figure = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
# These are divisors: a smaller one could give an infinite result.
Denominator = Annotated[float, Field(ge=1e-9, le=1e15)]
PriceValue = Annotated[float, Field(ge=1e-9, le=1e12)]


class Body(BaseModel):
    """Base. An unknown field is an error: the answer would otherwise ignore something that the caller meant.

    Each body has an EXAMPLE for the OpenAPI document.
    """

    EXAMPLE: ClassVar[Mapping[str, Any]]

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Read a request's body. BadBody names the first invalid field, never its value; ContentTooLarge over
        MOST_BYTES."""
        if len(body) > MOST_BYTES:
            raise ContentTooLarge(f"The body must not exceed {MOST_BYTES:,} bytes.")
        try:
            return cls.model_validate_json(body or b"{}")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"] if part in cls.model_fields or isinstance(part, int))
        subject = f"field {field} in the body" if field else "body"
        known = [*cls.model_fields]
        if first["type"] == "extra_forbidden":
            raise BadBody(f"The body has an unknown field. It can have: {', '.join(known)}.", known=known)
        raise BadBody(f"Invalid {subject}: {wrong_value(first)}.", field=field)


class WhatIfBody(Body):
    """Figures to use instead of the published ones. Fields that are left out keep their published figures."""

    EXAMPLE = {"numerator": 1_250_000.0, "group": "national"}

    numerator: Figure | None = Field(default=None, description="The trust's own numerator, in the metric's unit.")
    denominator: Denominator | None = Field(
        default=None, description="The trust's own denominator, in the metric's unit."
    )
    target: Figure | None = Field(default=None, description="A target to compare the value with, in the metric's unit.")
    comparators: Annotated[tuple[Word, ...], Field(min_length=1, max_length=500)] | None = Field(
        default=None, description="The codes of the organisations to compare with."
    )
    group: Word | None = Field(default=None, description="The peer group to compare with.")
    prices: Annotated[dict[Word, PriceValue], Field(max_length=50)] = Field(
        default={}, description="Prices to use instead of the published ones, by id."
    )

    @model_validator(mode="after")
    def _one_benchmark(self) -> Self:
        if sum(choice is not None for choice in (self.target, self.comparators, self.group)) > 1:
            raise ValueError("use only one of target, comparators and group")
        return self


Folder = Annotated[str, Field(pattern=FOLDER)]
Why = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=SOMETHING)]


class UploadBody(Body):
    """One file to upload, with its dataset, period and part."""

    EXAMPLE = {
        "dataset": "eric_trust",
        "period": "2024-25",
        "file_name": "trust data 2024-25.csv",
        "size_bytes": 181_244,
        "content_type": "text/csv",
    }

    dataset: Folder = Field(description="The dataset. The token needs the scope supply:<dataset>.")
    period: Folder = Field(description="The period, as the dataset's contract writes it.")
    part: Folder | None = Field(default=None, description="The part, if a period is supplied in parts.")
    file_name: Annotated[str, Field(pattern=FILE_NAME)] = Field(
        description="The file's name: letters, digits, spaces and `_.,()&+=@-`."
    )
    size_bytes: Annotated[int, Field(ge=1, le=LARGEST)] | None = Field(
        default=None,
        description="The exact size of the file, in bytes. By default any up to the limit.",
    )
    content_type: Literal[
        "text/csv",
        "application/gzip",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.apache.parquet",
    ] = Field(description="The type of the file: CSV, gzip-compressed CSV, XLSX or parquet.")
    dry_run: bool = Field(
        default=False, description="Check the file without landing it; the receipt says what the file would change."
    )
    return_to: str | None = Field(
        default=None,
        description="The path of a page of this service, such as `/supply`. S3 leads the browser there once it has the "
        "file, with `key` (the upload_id) among the query's parameters.",
    )

    @field_validator("return_to")
    @classmethod
    def _is_local(cls, path: str | None) -> str | None:
        if path is not None and local_path(path) is None:
            raise ValueError("it must be a path of this service that begins with a single slash")
        return path


class DecisionBody(Body):
    """The reason for a decision, and the release that was current when the caller took it."""

    EXAMPLE = {"why": "Reviewed by the programme board.", "instead_of": "0123456789abcdef" * 2}

    why: Why = Field(description="The reason. It is recorded.")
    instead_of: Annotated[ReleaseId, Hex] = Field(description="The id of the release that the caller saw as current.")


class ResumeBody(Body):
    """The reason for lifting a hold, and the release that is on hold."""

    EXAMPLE = {"why": "The energy prices were corrected.", "held": "0123456789abcdef" * 2}

    why: Why = Field(description="The reason. It is recorded.")
    held: Annotated[ReleaseId, Hex] = Field(description="The id of the release that the caller saw on hold.")


class FeedbackSubject(BaseModel):
    """The subject of feedback: an opportunity, a trust, a trust's opportunity, or an entry of the methodology."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    opportunity_id: Word | None = Field(default=None, description="An opportunity's id, from /v1/opportunities.")
    trust_code: Word | None = Field(
        default=None, description="A trust's code, for feedback about that trust or its opportunity."
    )
    methodology: Word | None = Field(
        default=None, description="The id of a metric, peer group or price in /v1/methodology; `all` for all of it."
    )

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        figures = self.opportunity_id is not None or self.trust_code is not None
        if figures == (self.methodology is not None):
            raise ValueError("use either opportunity_id and trust_code, or methodology")
        return self


class FeedbackBody(Body):
    """Feedback from a user."""

    EXAMPLE = {"about": {"methodology": "all"}, "text": "Which year's prices are these?"}

    about: FeedbackSubject
    text: Annotated[str, Field(min_length=1, max_length=4_000, pattern=SOMETHING)] = Field(
        description="The feedback, as plain text."
    )
