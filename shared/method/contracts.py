"""Dataset contracts: what a supplier may land, and what each column means. All of it is data."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from shared.method.base import Strict
from shared.method.periods import Kind, month_of, read_label
from shared.method.terms import Period

State = Literal["missing", "not_applicable", "suppressed"]
Format = Literal["csv", "xlsx", "parquet"]

_ID = "[a-z][a-z0-9_]*"


def heading_key(heading: str) -> str:
    """What two headings have in common that differ in case, blanks or broken characters.

    Publishers break `£` and `²` in every way there is (U+FFFD, two characters for one), so whatever is not
    ASCII counts as one mark.
    """
    return re.sub(r"[^\x00-\x7f]+", "?", " ".join(heading.split()).casefold())


def is_id(text: str) -> bool:
    """Whether a text may name a dataset or a measure."""
    return re.fullmatch(_ID, text) is not None


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


def _date_format(text: str) -> str:
    if text != LABEL:
        try:
            datetime.strptime(f"{datetime(2001, 2, 3):{text}}", text)  # noqa: DTZ001, DTZ007 — only the form matters
        except ValueError as error:
            raise ValueError(f"{text!r} is not a date format: {error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
DateFormat = Annotated[str, AfterValidator(_date_format)]
LABEL = "label"
"""In place of a date format: written as the slot's own label is."""


class Place(Strict):
    """Where a column stands: under `heading` or an alias, or, in a file without headings, `at` a position from 1."""

    heading: str | None = None
    aliases: tuple[str, ...] = ()
    at: int | None = Field(None, ge=1)

    @property
    def keys(self) -> set[str]:
        """Every heading it may have, as `heading_key` gives it."""
        return {heading_key(heading) for heading in (self.heading, *self.aliases) if heading is not None}

    @property
    def title(self) -> str:
        """What to call it when speaking to people."""
        return self.heading if self.heading is not None else f"column {self.at}"


class Numbers(Strict):
    """What figures of one kind may be. `unit` is singular or a symbol: GBP, m2, percent, fraction, WTE, kWh.

    `largest_at_least`: in a column of at least 20 figures other than zero, one must be as large as that. It
    catches thousands that were split over neighbouring cells, which leave every figure below 1,000.
    """

    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    largest_at_least: float | None = None


class Family(Numbers):
    """All columns whose heading ends in `ending`: what a measure does not say for itself, and what cells that
    nobody uses must still be, since a slip of columns is seen there first."""

    ending: str


class Measure(Place, Numbers):
    """One column that is kept: a number, or an attribute (text, code, or a date in one of `formats`).

    `required`: the file is rejected without it; otherwise its absence is a warning.
    """

    type: Literal["number", "text", "code", "date"] = "number"
    formats: tuple[DateFormat, ...] = ()
    required: bool = True

    @model_validator(mode="after")
    def _number_has_a_unit(self) -> Self:
        if self.type == "number" and self.unit is None:
            raise ValueError("a number needs a unit, its own or that of a family")
        return self


class Code(Place):
    """The column of organisation codes, and what a code looks like once stripped and upper-cased."""

    pattern: Pattern = "[A-Z0-9]{3,8}"


class Long(Strict):
    """A file with one figure a row: the column that names the measure and the one that holds its value.

    `open`: measures that the contract does not list are taken too, with a warning.
    """

    measure: Place
    value: Place
    open: bool = False


class PeriodRule(Place):
    """How the slot's label is read and, where the file itself says its period, how.

    A financial year begins in month `year_starts`. `formats` are those of strptime, or the word `label` for one
    written like the slot's; `each` is what one cell names. Unless `free`, what the file says must lie within the
    slot's period.
    """

    kind: Kind
    year_starts: int = Field(1, ge=1, le=12)
    formats: tuple[DateFormat, ...] = ()
    each: Literal["day", "month"] = "month"
    free: bool = False

    @property
    def in_file(self) -> bool:
        """Whether the file says its period."""
        return self.heading is not None or self.at is not None

    def of(self, label: str) -> Period | None:
        """The days of a slot's label; ValueError says how to write it."""
        return read_label(label, self.kind, self.year_starts)

    def around(self, day: date) -> Period:
        """The period that a date in the file stands for."""
        return month_of(day) if self.each == "month" else Period(day, day)


class Layout(Strict):
    """How the file is written. Bytes that are not UTF-8 are read as `fallback_encoding`; a figure may carry the
    `currency` sign. A file without `header` has its `columns` counted."""

    formats: tuple[Format, ...] = ("csv", "xlsx", "parquet")
    delimiters: tuple[str, ...] = (",", "\t")
    fallback_encoding: str = "cp1252"
    header: bool = True
    columns: int | None = None
    currency: str = ""


class Check(Strict):
    """A relation between measures of one row: times × Σ sum (/ Σ per) against a number or a sum of measures.

    Only rows in which every measure named has a value are checked. `because` is said to the supplier.
    """

    sum: tuple[str, ...] = Field(min_length=1)
    per: tuple[str, ...] = ()
    times: float = 1.0
    at_most: float | tuple[str, ...] | None = None
    at_least: float | tuple[str, ...] | None = None
    equals: float | tuple[str, ...] | None = None
    tolerance: float = Field(0.0, ge=0)
    severity: Literal["error", "warning"] = "error"
    because: str

    @model_validator(mode="after")
    def _one_relation(self) -> Self:
        if [self.at_most, self.at_least, self.equals].count(None) != 2:
            raise ValueError("a check needs exactly one of at_most, at_least and equals")
        return self

    @property
    def relation(self) -> Literal["at_most", "at_least", "equals"]:
        """Which of the three it is."""
        if self.at_most is not None:
            return "at_most"
        return "at_least" if self.at_least is not None else "equals"

    @property
    def bound(self) -> float | tuple[str, ...]:
        """What the left side is held against."""
        found = getattr(self, self.relation)
        return found if isinstance(found, float) else tuple(found)

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure it names, left side first."""
        return (*self.sum, *self.per, *(self.bound if isinstance(self.bound, tuple) else ()))


class Expectations(Strict):
    """What a whole file should look like: at least so many rows (judged when it lands).

    Judged across files: at least these shares of the codes and of the `figures` of the period before; no measure
    whose total (`drift`) or whose figure of one code (`drift_of_one`) grew or shrank by such a factor.
    """

    minimum_rows: int = Field(1, ge=1)
    coverage: float | None = Field(None, gt=0, le=1)
    figures: float | None = Field(None, gt=0, le=1)
    drift: float | None = Field(None, gt=1)
    drift_of_one: float | None = Field(None, gt=1)


class Kept(Strict):
    """Measures that nothing of the method uses, and why they are kept all the same. `*` stands for any letters."""

    measures: tuple[str, ...] = Field(min_length=1)
    because: str

    def covers(self, measure: str) -> bool:
        """Whether a measure is among them."""
        return any(fnmatchcase(measure, pattern) for pattern in self.measures)


class Dataset(Strict):
    """The contract of one dataset.

    `markers` say which texts (in any case) stand for no figure, and why; an empty cell is always missing.
    `totals` are what the code column holds in a row that adds up the others: never data, but held against them.
    `relation`: a code may have several rows, one for each text (its peers, its successors).
    `kept` is no part of the contract's id: another reason to keep a column reads no file anew.
    """

    id: str = Field(pattern=f"^{_ID}$")
    title: str
    source: str
    licence: str
    period: PeriodRule
    layout: Layout = Layout()
    code: Code
    long: Long | None = None
    relation: bool = False
    markers: dict[str, State] = Field(default_factory=dict)
    totals: tuple[str, ...] = ()
    families: tuple[Family, ...] = ()
    measures: dict[Annotated[str, Field(pattern=f"^{_ID}$")], Measure]
    checks: dict[str, Check] = Field(default_factory=dict)
    expects: Expectations = Expectations()
    kept: tuple[Kept, ...] = Field(default=(), exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _measures_inherit_from_their_family(cls, given: Any) -> Any:
        match given:
            case {"families": [*families], "measures": {**measures}}:
                own = {name: _inherit(measure, families) for name, measure in measures.items()}
                return {**given, "measures": own}
        return given

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        faults = [*self._unplaced(), *self._ambiguous(), *self._unknown_in_checks()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _unplaced(self) -> list[str]:
        faults = []
        for name, measure in self.measures.items():
            placed = measure.heading is not None if self.layout.header else measure.at is not None
            if self.long and measure.type != "number":
                faults.append(f"measures.{name}: a measure of a long file must be a number")
            if not self.long and not placed:
                faults.append(f"measures.{name}: needs {'a heading' if self.layout.header else 'a position `at`'}")
        if not self.layout.header and self.layout.columns is None:
            faults.append("layout.columns: a file without headings needs its number of columns")
        return faults

    def _ambiguous(self) -> list[str]:
        seen: dict[str, str] = {}
        faults = []
        for name, place in self.places.items():
            for key in place.keys:
                if key in seen:
                    faults.append(f"{name}: the heading {key!r} is that of {seen[key]} already")
                seen[key] = name
        return faults

    def _unknown_in_checks(self) -> list[str]:
        return [
            f"checks.{name}: there is no number called {measure!r}"
            for name, check in self.checks.items()
            for measure in check.measures
            if measure not in self.measures or self.measures[measure].type != "number"
        ]

    @property
    def places(self) -> Mapping[str, Place]:
        """Every column the contract names: `code`, `period`, `measure` and `value`, and `measures.<id>`."""
        named: dict[str, Place] = {"code": self.code}
        if self.period.in_file:
            named["period"] = self.period
        if self.long:
            named |= {"measure": self.long.measure, "value": self.long.value}
        else:
            named |= {f"measures.{name}": measure for name, measure in self.measures.items()}
        return named

    def family(self, heading: str) -> Family | None:
        """The family a heading belongs to."""
        key = heading_key(heading)
        return next((family for family in self.families if key.endswith(heading_key(family.ending))), None)


def _inherit(measure: Any, families: list[Any]) -> Any:
    match measure:
        case {"heading": str(heading)} if measure.get("type", "number") == "number":
            for family in families:
                if isinstance(family, dict) and heading_key(heading).endswith(heading_key(str(family.get("ending")))):
                    return {key: value for key, value in family.items() if key != "ending"} | measure
    return measure
