"""Answers about datasets: the contract that a supplier's file must meet, and the periods that a release has."""

from collections.abc import Mapping
from typing import Literal

from functions.api.schemas.base import Answer
from shared.method.contracts import Expectations, Family, Layout, State


class PeriodAnswer(Answer):
    """How a dataset's period is written.

    `example` is a folder's name; null for a `name` of any form. A financial year begins in month `year_starts`.
    `column`: the file's column with the period, if it has one, and `formats` how a date is written there, as strptime
    formats or as `label`.
    """

    kind: str
    example: str | None
    year_starts: int
    column: str | None
    formats: tuple[str, ...]


class ColumnAnswer(Answer):
    """One column, or one measure that is read from rows. `column` is its id: `code`, `unit`, `period`, `measure`,
    `value`, `key`, that of a keyed file's column of figures, or that of a measure.

    `heading` is null for a measure of a long file, whose name stands in the column `measure`. `position` counts from 1,
    for a file without headings. `holds`: number, text, code or date (in one of `formats`). `required`: yes, no, or in
    some years.
    """

    column: str
    heading: str | None
    aliases: tuple[str, ...]
    position: int | None
    holds: str
    formats: tuple[str, ...] = ()
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    share_of: str | None = None
    of_keys: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()
    required: Literal["yes", "no", "in some years"]


class DerivedAnswer(Answer):
    """A measure that is computed from others of its row, by the first of its `ways` that applies to the file."""

    measure: str
    title: str
    unit: str
    ways: tuple[str, ...]


class CheckAnswer(Answer):
    """A check of each row. An error rejects the file, a warning does not. `reason` is part of the finding's message."""

    rule: str
    severity: Literal["error", "warning"]
    words: str
    reason: str


class RowUnit(Answer):
    """What each row is about, if not about a whole organisation: the words for one and for many."""

    called: str
    plural: str


class LandedPeriod(Answer):
    """A period that the release has a file for, with its parts if it comes in parts."""

    period: str
    parts: tuple[str, ...]


class DatasetSummary(Answer):
    """A dataset and its source. `scope` is what a supplier's token needs; `periods` are those in the release.

    `next_period` is the one after the newest of them; null if there is none yet, or if its periods have no fixed
    length.
    """

    dataset: str
    title: str
    source: str
    licence: str
    scope: str
    periods: tuple[LandedPeriod, ...]
    next_period: str | None


class DatasetList(Answer):
    """All datasets, ordered by id."""

    datasets: tuple[DatasetSummary, ...]


class DatasetAnswer(DatasetSummary):
    """The contract of one dataset: what a supplier may land, and how it is checked.

    `land_as` is the landing key. `rows`: `one` for each organisation (unit, period and measure, if there are such
    columns), or `several`. `markers` are texts that mean that there is no figure; `totals` are codes of rows of totals.
    `families`: checks of columns by how their heading ends. `expects`: what is checked of the whole file.
    """

    land_as: str
    period: PeriodAnswer
    layout: Layout
    rows: Literal["one", "several"]
    row_unit: RowUnit | None
    code_pattern: str
    columns: tuple[ColumnAnswer, ...]
    derived: tuple[DerivedAnswer, ...]
    families: tuple[Family, ...]
    checks: tuple[CheckAnswer, ...]
    markers: Mapping[str, State]
    totals: tuple[str, ...]
    expects: Expectations
