"""Dataset contracts: what a supplier may land, and what each column means."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from shared.method.base import Strict
from shared.method.periods import REGULAR, Kind, month_of, read_label
from shared.method.terms import Pattern, Period

State = Literal["missing", "not_applicable", "suppressed"]
Absent = Literal["missing", "zero"]
Format = Literal["csv", "xlsx", "parquet"]

_ID = "[a-z][a-z0-9_]*"


def heading_key(heading: str) -> str:
    """A heading in a form in which differences in case, spaces, dashes and garbled characters do not count.

    Published files garble `£` and `²` in many ways (U+FFFD, two characters for one, m2 for m²), so a run of characters
    that are not ASCII becomes one `?`, and so does the exponent of a metre.
    """
    plain = " ".join(heading.split()).casefold()
    if plain.isascii() and "m2" not in plain and "m3" not in plain:  # as nearly all are
        return plain
    plain = re.sub("[\u2010-\u2015\u2212]", "-", plain)
    return re.sub(r"[^\x00-\x7f]+|(?<=\bm)[23]\b", "?", plain)


def is_name(text: str) -> bool:
    """Whether a text may name a dataset or a measure."""
    return re.fullmatch(_ID, text) is not None


def _date_format(text: str) -> str:
    if text != LABEL:
        try:
            datetime.strptime(f"{datetime(2001, 2, 3):{text}}", text)  # noqa: DTZ001, DTZ007 — only the form matters
        except ValueError as error:
            raise ValueError(f"{text!r} is not a date format: {error}") from None
    return text


DateFormat = Annotated[str, AfterValidator(_date_format)]
PERCENT = "percent"
"""The unit of percentages: 2.4, not 0.024."""

LABEL = "label"
"""Used instead of a date format: the file writes its period as the slot's label does."""


class ColumnPlace(Strict):
    """How a column is found: by `heading` or an alias or, in a file without headings, `at` a position counted from
    1."""

    heading: str | None = None
    aliases: tuple[str, ...] = ()
    at: int | None = Field(None, ge=1)

    @property
    def keys(self) -> set[str]:
        """The `heading_key` of every heading that it may have."""
        return {heading_key(heading) for heading in (self.heading, *self.aliases) if heading is not None}

    @property
    def title(self) -> str:
        """Its name in messages."""
        return self.heading if self.heading is not None else f"column {self.at}"


class Numbers(Strict):
    """Limits of a column's figures. `unit` is that of measurement, singular or a symbol: GBP, m2, percent, WTE, kWh.

    `largest_at_least`: in a column with at least 20 figures other than zero, the largest must be at least this. It
    detects numbers that were split at the thousands separator into neighbouring cells, so that all are below 1,000.
    """

    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    largest_at_least: float | None = None


class Family(Numbers):
    """All columns whose heading ends in `ending`. Measures take the settings that they do not have themselves. Columns
    that are not measures are checked too, because shifted columns often show there first."""

    ending: str


class Measure(ColumnPlace, Numbers):
    """A column that is read: a number, or an attribute (text, code, or a date in one of `formats`).

    `required`: without the column, the file is rejected; otherwise there is a warning. `quiet`: without the column
    there is not even a warning, because some years did not collect it.

    In a dataset with units: `of_unit` if an attribute may differ between the units of an organisation; `share_of` is
    the measure that a percentage is a percentage of, which weights it when units are added up.

    `absent: zero` if the files of a period are complete, so that an organisation without a row for the measure has 0
    in that period and not a missing figure. A ratio still needs its other measures: an organisation without a
    denominator has no value.

    In a keyed dataset: the measure is the sum of the column `value` over the rows of an organisation whose key is one
    of `of_keys` and none of `but_not`; without `of_keys`, over all rows. `*` matches any characters, `?` one.
    """

    type: Literal["number", "text", "code", "date"] = "number"
    formats: tuple[DateFormat, ...] = ()
    required: bool = True
    quiet: bool = False
    of_unit: bool = False
    share_of: str | None = None
    absent: Absent = "missing"
    value: str | None = None
    of_keys: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _number_has_a_unit(self) -> Self:
        if self.type == "number" and self.unit is None:
            raise ValueError("a number needs a unit; give it one, or put the column into a family that has one")
        if self.type != "number" and self.absent != "missing":
            raise ValueError("only a number can be zero where it is absent; take absent out")
        return self

    @property
    def optional(self) -> bool:
        """Whether a file without the column is accepted."""
        return self.quiet or not self.required

    @property
    def adds_up(self) -> bool:
        """Whether the figures of units may be added: not percentages, fractions and rates."""
        return self.type == "number" and self.unit not in (PERCENT, "fraction") and " per " not in f"{self.unit}"

    def of_key(self, key: str) -> bool:
        """Whether a keyed row counts for the measure, by its key in the form of `plain_key`."""
        named = not self.of_keys or any(fnmatchcase(key, plain_key(pattern)) for pattern in self.of_keys)
        return named and not any(fnmatchcase(key, plain_key(pattern)) for pattern in self.but_not)

    @property
    def one_key(self) -> bool:
        """Whether it has exactly one key, without a wildcard."""
        return len(self.of_keys) == 1 and not re.search(r"[*?\[]", self.of_keys[0])


class Way(Strict):
    """One way to compute a derived measure: the sum of measures of the row. It applies to a file that has all columns
    of `sum`; those of `also` are added where the file has them."""

    sum: tuple[str, ...] = Field(min_length=1)
    also: tuple[str, ...] = ()
    times: float = 1.0
    of: str | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The measures without which it does not apply."""
        return (*self.sum, *((self.of,) if self.of else ()))

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that it names."""
        return (*self.needs, *self.also)


class Derived(Strict):
    """A measure that is computed from others of its row, by the first of its ways that applies to the file.

    Parts that do not apply are left out; a missing part makes the sum missing. A way with `of` multiplies the sum by
    that measure and by `times`: 0.01 and an area turn percentages into areas. `covers`: headings (`*` matches any
    characters) that belong to the sum. If the file has one that the way does not name, nothing is computed, since the
    sum would be too small. `title` is what pages call it.
    """

    title: str
    unit: str
    ways: tuple[Way, ...] = Field(min_length=1)
    covers: tuple[str, ...] = ()

    @property
    def type(self) -> Literal["number"]:
        """It is a number, as a column may be."""
        return "number"

    @property
    def measures(self) -> Iterator[str]:
        """Every measure that it names."""
        for way in self.ways:
            yield from way.measures

    def way(self, columns: Collection[str]) -> Way | None:
        """The first way that applies to a file with these measures."""
        return next((way for way in self.ways if set(way.needs) <= set(columns)), None)


class UnitOf(ColumnPlace):
    """The column that names a unit below the organisation, such as a site: each row is about one of them.

    `called` and `plural` are the words for it; `name` and `type` the measures with its name and type, if any. Codes are
    unique within an organisation only.
    """

    called: str
    plural: str
    name: str | None = None
    type: str | None = None


class Code(ColumnPlace):
    """The column of organisation codes, and what a code looks like once stripped and upper-cased."""

    pattern: Pattern = "[A-Z0-9]{3,8}"


class Long(Strict):
    """A file with one figure in each row: the column with the measure's name and the column with its value.

    `open`: measures that the contract does not list are read too, with a warning.
    """

    measure: ColumnPlace
    value: ColumnPlace
    open: bool = False


def plain_key(text: str) -> str:
    """A key in a form in which case and blanks at the ends, or several in a row, do not count."""
    return " ".join(text.split()).casefold()


class Key(ColumnPlace):
    """The column that says what a row is about, and what its texts look like once stripped and in capitals."""

    pattern: Pattern | None = None


class Value(ColumnPlace, Numbers):
    """A column of figures of a keyed file. Its limits hold for each cell; the measures that are sums of it take its
    `unit` and `absent` if they have none themselves."""

    absent: Absent | None = None


class Keyed(Strict):
    """A file with a key and several figures in each row, such as what was prescribed, how often and at which cost.

    Measures are sums over the rows that have the measure's keys. A key that no measure names is not read. `repeated`:
    several rows of one organisation and period with the same key are an `error`, or parts of the `sum`.
    """

    key: Key
    values: dict[Annotated[str, Field(pattern=f"^{_ID}$")], Value] = Field(min_length=1)
    repeated: Literal["error", "sum"] = "error"


class PeriodRule(ColumnPlace):
    """How the slot's label is read and, if the file has a period column, how that is read.

    A financial year begins in month `year_starts`. `formats` are strptime formats, or `label` if the file writes its
    period as the slot's label does; `each` is the period that one date in the file means. Unless `free`, the file's
    periods must be within the slot's.
    """

    kind: Kind
    year_starts: int = Field(1, ge=1, le=12)
    formats: tuple[DateFormat, ...] = ()
    each: Literal["day", "month"] = "month"
    free: bool = False

    @property
    def apart(self) -> bool:
        """Whether files of two labels never have a period in common, and labels are in the order of their periods."""
        return self.kind in REGULAR and not self.free

    @property
    def in_file(self) -> bool:
        """Whether the file has a period column."""
        return self.heading is not None or self.at is not None

    def of(self, label: str) -> Period | None:
        """The days of a slot's label; the ValueError says how to write it."""
        return read_label(label, self.kind, self.year_starts)

    def around(self, day: date) -> Period:
        """The period that a date in the file means."""
        return month_of(day) if self.each == "month" else Period(day, day)


class Layout(Strict):
    """The file's format. Bytes that are not UTF-8 are read as `fallback_encoding`; figures may have the `currency`
    sign. A file without a `header` must have `columns` columns; with an `optional` one, columns have a heading and a
    position."""

    formats: tuple[Format, ...] = ("csv", "xlsx", "parquet")
    delimiters: tuple[str, ...] = (",", "\t")
    fallback_encoding: str = "cp1252"
    header: bool | Literal["optional"] = True
    columns: int | None = None
    currency: str = ""


class Check(Strict):
    """A relation between measures of one row: times × Σ sum (/ Σ per), compared with a number or a sum of measures.

    Only rows in which every named measure has a value are checked. `because` is part of the message to the supplier.
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
            raise ValueError("a check needs exactly one of at_most, at_least and equals; keep one of them")
        return self

    @property
    def relation(self) -> Literal["at_most", "at_least", "equals"]:
        """Which of the three it is."""
        if self.at_most is not None:
            return "at_most"
        return "at_least" if self.at_least is not None else "equals"

    @property
    def bound(self) -> float | tuple[str, ...]:
        """The number, or the measures, that the left side is compared with."""
        bound = getattr(self, self.relation)
        return bound if isinstance(bound, float) else tuple(bound)

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that it names, those of the left side first."""
        return (*self.sum, *self.per, *(self.bound if isinstance(self.bound, tuple) else ()))


class Elsewhere(Strict):
    """How a file that belongs to other datasets shows: it has a column with the heading `having`, or none with the
    heading `lacking`. `because` is part of the message to the supplier."""

    having: str | None = None
    lacking: str | None = None
    datasets: tuple[str, ...] = Field(min_length=1)
    because: str

    @model_validator(mode="after")
    def _one_heading(self) -> Self:
        if (self.having is None) == (self.lacking is None):
            raise ValueError("name one heading, either as having or as lacking")
        return self


class Expectations(Strict):
    """What is expected of a whole file: at least `minimum_rows` rows, checked when it lands.

    Checked across files: at least the share `coverage` of the codes, and `figures` of the figures, of the period
    before; no measure whose total changed by a factor of `drift` or more, or one code's figure by `drift_of_one` or
    more.
    """

    minimum_rows: int = Field(1, ge=1)
    coverage: float | None = Field(None, gt=0, le=1)
    figures: float | None = Field(None, gt=0, le=1)
    drift: float | None = Field(None, gt=1)
    drift_of_one: float | None = Field(None, gt=1)


class Kept(Strict):
    """Measures that nothing in the method uses, and why they are kept. `*` matches any characters."""

    measures: tuple[str, ...] = Field(min_length=1)
    because: str

    def covers(self, measure: str) -> bool:
        """Whether a measure is one of them."""
        return any(fnmatchcase(measure, pattern) for pattern in self.measures)


class Dataset(Strict):
    """The contract of one dataset.

    `markers`: texts (in any case) that mean that there is no figure, and why; an empty cell is always missing.
    `totals`: what the code column has in a row of totals, which is not data but is compared with the sum of the rows.
    `relation`: a code may have several rows, one for each text (its peers, its successors).
    `elsewhere`: files that belong to other datasets, so that they are refused in one sentence.
    `kept` is not part of the contract's id, so that a new reason to keep a column does not have files read again.
    """

    id: str = Field(pattern=f"^{_ID}$")
    title: str
    source: str
    licence: str
    period: PeriodRule
    layout: Layout = Layout()
    code: Code
    unit: UnitOf | None = None
    long: Long | None = None
    keyed: Keyed | None = None
    relation: bool = False
    markers: dict[str, State] = Field(default_factory=dict)
    totals: tuple[str, ...] = ()
    families: tuple[Family, ...] = ()
    measures: dict[Annotated[str, Field(pattern=f"^{_ID}$")], Measure]
    derived: dict[Annotated[str, Field(pattern=f"^{_ID}$")], Derived] = Field(default_factory=dict)
    checks: dict[str, Check] = Field(default_factory=dict)
    elsewhere: tuple[Elsewhere, ...] = ()
    expects: Expectations = Expectations()
    kept: tuple[Kept, ...] = Field(default=(), exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _measures_inherit(cls, contract: Any) -> Any:
        """From their family or, in a keyed dataset, from their column."""
        match contract:
            case {"keyed": {"values": {**values}}, "measures": {**measures}}:
                own = {name: _inherit_from_value(measure, values) for name, measure in measures.items()}
                return {**contract, "measures": own}
            case {"families": [*families], "measures": {**measures}}:
                own = {name: _inherit(measure, families) for name, measure in measures.items()}
                return {**contract, "measures": own}
        return contract

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        faults = [
            *self._unplaced(),
            *self._unkeyed(),
            *self._ambiguous(),
            *self._unknown_in_checks(),
            *self._unknown_in_derived(),
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _unplaced(self) -> list[str]:
        faults = []
        for name, measure in self.measures.items():
            by_heading, by_position = self.layout.header is not False, self.layout.header is not True
            placed = (measure.heading is not None or not by_heading) and (measure.at is not None or not by_position)
            if self.long and measure.type != "number":
                faults.append(f"measures.{name}: in a long file every measure is a number; write type: number")
            if not self.long and not self.keyed and not placed:
                parts = ["a heading"] * by_heading + ["its position, as `at`"] * by_position
                faults.append(f"measures.{name}: add {' and '.join(parts)}")
        if self.layout.header is not True and self.layout.columns is None:
            faults.append("layout.columns: add the number of columns, because the file has no headings")
        return faults

    def _unkeyed(self) -> Iterator[str]:
        """Faults of a keyed dataset, and of settings that only a keyed dataset has."""
        for name, measure in self.measures.items():
            at = f"measures.{name}"
            if self.unit and measure.absent != "missing":
                yield f"{at}.absent: rows about {self.unit.plural} cannot be zero where they are absent; take it out"
            if self.keyed is None:
                if measure.value is not None or measure.of_keys or measure.but_not:
                    yield f"{at}: value, of_keys and but_not belong to a keyed dataset; add keyed, or take them out"
                continue
            if measure.type != "number":
                yield f"{at}: in a keyed file every measure is a number; write type: number"
            elif measure.value not in self.keyed.values:
                yield f"{at}.value: there is no column of figures called {measure.value!r}; name one of keyed.values"
            elif not measure.adds_up and (not measure.one_key or self.keyed.repeated == "sum"):
                yield f"{at}: {measure.unit} does not add up over rows; name one key, without repeated: sum"
            if measure.heading is not None or any(
                limit is not None for limit in (measure.minimum, measure.maximum, measure.largest_at_least)
            ):
                yield f"{at}: its column has a heading and limits of cells; write them at keyed.values"
        if self.keyed is not None:
            if self.long or self.relation or self.families:
                yield "keyed: a keyed file is neither long nor a relation, and has no families; take those out"
            if self.layout.header is not True:
                yield "layout.header: a keyed file needs headings; take header out"
            if self.keyed.key.heading is None:
                yield "keyed.key: add a heading"
            yield from (
                f"keyed.values.{name}: add a heading" for name, one in self.keyed.values.items() if not one.keys
            )
            for name in self.keyed.values.keys() - {measure.value for measure in self.measures.values()}:
                yield f"keyed.values.{name}: no measure is a sum of this column; take it out, or add a measure"

    def _ambiguous(self) -> list[str]:
        seen: dict[str, str] = {}
        faults = []
        for name, place in self.places.items():
            for key in place.keys:
                if key in seen:
                    faults.append(f"{name}: {seen[key]} already has the heading {key!r}; change one of the two")
                seen[key] = name
        return faults

    def _unknown_in_checks(self) -> list[str]:
        return [
            f"checks.{name}: there is no number called {measure!r}; name one of this dataset's measures"
            for name, check in self.checks.items()
            for measure in check.measures
            if measure not in self.measures or self.measures[measure].type != "number"
        ]

    def _unknown_in_derived(self) -> Iterator[str]:
        for name, derived in self.derived.items():
            if name in self.measures:
                yield f"derived.{name}: a column has the same name; give one of the two another"
            for part in derived.measures:
                if part not in self.measures or self.measures[part].type != "number":
                    yield f"derived.{name}: there is no number called {part!r}; name one of this dataset's measures"
            if self.long or self.keyed:
                layout = "long" if self.long else "keyed"
                yield f"derived.{name}: a {layout} file has no columns to add up; take derived out"
        for name, measure in self.measures.items():
            if measure.share_of is not None and measure.share_of not in self.numbers():
                yield f"measures.{name}.share_of: there is no measure called {measure.share_of!r}; name one"
        for text in (self.unit.name, self.unit.type) if self.unit else ():
            if text is not None and text not in self.measures:
                yield f"unit: there is no measure called {text!r}; name one of this dataset's measures"

    def measure(self, name: str) -> "Measure | Derived | None":
        """A measure, landed or derived; None if there is none of that name."""
        return self.measures.get(name) or self.derived.get(name)

    def numbers(self) -> Mapping[str, str | None]:
        """Every measure that is a number, landed or derived → its unit of measurement."""
        landed = {name: one.unit for name, one in self.measures.items() if one.type == "number"}
        return landed | {name: one.unit for name, one in self.derived.items()}

    def place_of(self, measure: str) -> str:
        """Which of `places` holds a measure's figures, in a file that is not long."""
        return f"values.{self.measures[measure].value}" if self.keyed else f"measures.{measure}"

    @property
    def places(self) -> Mapping[str, ColumnPlace]:
        """Every column that the contract names: `code`, `unit`, `period`, `measure` and `value`, `key` and
        `values.<id>`, `measures.<id>`."""
        places: dict[str, ColumnPlace] = {"code": self.code} | ({"unit": self.unit} if self.unit else {})
        if self.period.in_file:
            places["period"] = self.period
        if self.long:
            places |= {"measure": self.long.measure, "value": self.long.value}
        elif self.keyed:
            places |= {"key": self.keyed.key} | {f"values.{name}": one for name, one in self.keyed.values.items()}
        else:
            places |= {f"measures.{name}": measure for name, measure in self.measures.items()}
        return places

    def family(self, heading: str) -> Family | None:
        """The family that a heading belongs to; None if there is none."""
        key = heading_key(heading)
        return next((family for family in self.families if key.endswith(heading_key(family.ending))), None)


def _inherit(measure: Any, families: list[Any]) -> Any:
    match measure:
        case {"heading": str(heading)} if measure.get("type", "number") == "number":
            for family in families:
                if isinstance(family, dict) and heading_key(heading).endswith(heading_key(str(family.get("ending")))):
                    return {key: value for key, value in family.items() if key != "ending"} | measure
    return measure


def _inherit_from_value(measure: Any, values: dict[Any, Any]) -> Any:
    match measure:
        case {"value": str(name)} if isinstance(column := values.get(name), dict):
            return {key: column[key] for key in ("unit", "absent") if column.get(key) is not None} | measure
    return measure
