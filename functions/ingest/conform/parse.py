"""From text to values: numbers, dates, codes and attributes, a whole column at a time.

Every cell gets one of the states of `STATES`; a cell that cannot be read is `FAULTY` and has a finding.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.ingest.conform import limits
from shared.compute import pc
from shared.method.periods import YEARS

STATES = ("value", "missing", "not_applicable", "suppressed")
VALUE, MISSING, NOT_APPLICABLE, SUPPRESSED = range(len(STATES))
FAULTY = len(STATES)

type Texts = pa.Array[Any]
type Floats = NDArray[np.float64]
type States = NDArray[np.int8]
type Whole = NDArray[np.int32]
type Mask = NDArray[np.bool_]

type Rule = tuple[str, str, str]
"""A rule's name, the pattern of the texts that break it, and the sentence about them."""

_FORMULA: Rule = (
    "formula",
    r"^(?i:[=@]|[+-][a-z(])",
    "is a formula, and formulas are not evaluated; put its result in the cell (in Excel: copy, then paste as values).",
)
_EXCEL_ERROR: Rule = (
    "excel_error",
    r"^(?i:#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA))$",
    "is an error of Excel; correct the formula, or type what belongs in the cell.",
)
_NUMBER_FAULTS: tuple[Rule, ...] = (
    _EXCEL_ERROR,
    (
        "not_finite",
        r"^(?i:[+-]?(nan|inf(inity)?|1\.#.*))$",
        "is not a finite number; leave the cell empty (in parquet: null) if there is no figure.",
    ),
    _FORMULA,
    ("brackets", r"^\(.*\)$", "is in brackets; write a negative number with a minus sign."),
    (
        "percent_sign",
        r"^[+-]?[\d.,]+\s*%$",
        "has a percent sign; write the number alone (in Excel, format the cells as numbers first, then type what they "
        "showed).",
    ),
    ("currency_sign", r"^[+-]?\p{Sc}", "has a currency sign; write the number alone."),
    (
        "thousands",
        r"^[+-]?\D?\d[\d,]*,[\d,]*(\.\d*)?$",
        "has commas that do not separate thousands; write the number without them.",
    ),
    (
        "note",
        r"^[+-]?\p{Sc}?\d[\d,.]*\s*(\[\w{1,3}\]|\(\w{1,3}\)|[*†‡§]+|(?i:[prec]))$",
        "has a note after the number; write the number alone.",
    ),
)
_SUPPRESSED = r"^(?i:\[?(c|low|u)\]?|\[?<\s*\d+\]?)$"
_NO_FIGURE = r"^(?i:\[?[xzw]\]?|\[[a-z]\]|:|\.{1,3}|…|\?|n/?k|n/?d|n\.a\.?)$"
_DASH = "^[\u2010-\u2015\u2212]$"
_MINUS = "^\u2212"
_OTHERWISE = "not_a_number", "is not a number; correct it, or leave the cell empty if there is no figure."
_OVERFLOW = "not_finite", "is too large to be a number; correct it."
_CUT = (
    "leading_zero",
    "begins with a zero, as part of a number that was split at its thousands does; write the whole number.",
)


class CellFault(NamedTuple):
    """Cells that break one rule: which, and the sentence about them (it follows the cell's text)."""

    rule: str
    text: str
    where: Mask


class ParsedColumn(NamedTuple):
    """A column of n cells: numbers in `values` or texts in `texts`, the state of each cell, and what is wrong."""

    values: Floats
    states: States
    texts: Texts
    faults: list[CellFault]


class ColumnParser:
    """Parses columns under one contract's markers (text → state) and currency sign."""

    def __init__(self, markers: Mapping[str, str], currency: str) -> None:
        states = {"": MISSING, **{text.strip().casefold(): STATES.index(state) for text, state in markers.items()}}
        self.markers = frozenset(states)
        self._marker_texts = pa.array(list(states), pa.string())
        self._marker_states = np.array([*states.values(), VALUE], dtype=np.int8)
        self._text_faults = (_EXCEL_ERROR, _FORMULA, *_symbols(markers, of_texts=True))
        self._number_faults = (*_NUMBER_FAULTS, *_symbols(markers, of_texts=False))
        sign = re.escape(currency)
        before = rf"[+-]?{sign and f'({sign})?[+-]?'}"
        self._number = rf"^{before}((\d{{1,3}}(,\d{{3}})+|\d+)(\.\d*)?|\.\d+)([eE][+-]?\d{{1,3}})?$"
        self._ornament = rf"{sign and f'{sign}|'}[,+]"

    def states(self, trimmed: Texts) -> States:
        """The state that a marker gives each cell; VALUE for a cell that is not a marker."""
        at = pc.index_in(pc.utf8_lower(trimmed), value_set=self._marker_texts)
        return self._marker_states[_filled(at, len(self._marker_states) - 1)]

    def numbers(self, cells: Texts) -> ParsedColumn:
        """Numbers: an optional sign and currency, thousands separated by commas or not, a point, an exponent."""
        landed = pc.utf8_trim_whitespace(cells)
        states = self.states(landed)
        trimmed = pc.replace_substring_regex(landed, _MINUS, "-")
        not_marker = states == VALUE
        wellformed = _mask(pc.match_substring_regex(trimmed, self._number)) & not_marker
        figures = pc.if_else(pa.array(wellformed), pc.replace_substring_regex(trimmed, self._ornament, ""), None)
        values = figures.cast(pa.float64()).to_numpy(zero_copy_only=False)
        faults = [
            CellFault(*_OVERFLOW, wellformed & np.isinf(values)),
            CellFault(*_CUT, wellformed & _mask(pc.match_substring_regex(trimmed, r"^[+-]?0\d"))),
            *_explained(landed, not_marker & ~wellformed, self._number_faults, _OTHERWISE),
        ]
        return _parsed(np.where(wellformed, values, np.nan), states, pa.nulls(len(cells), pa.string()), faults)

    def texts(self, cells: Texts) -> ParsedColumn:
        """Attributes, trimmed, with each run of blanks made one blank."""
        texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(cells, r"\s+", " "))
        states = self.states(texts)
        long = _mask(pc.greater(pc.utf8_length(texts), limits.ATTRIBUTE))
        faults = [
            *_explained(texts, states == VALUE, self._text_faults),
            CellFault("long_text", f"is longer than {limits.ATTRIBUTE:,} characters; shorten it.", long),
        ]
        return _parsed(np.full(len(texts), np.nan), states, texts, faults)

    def codes(self, cells: Texts, pattern: str) -> ParsedColumn:
        """Codes, trimmed and in capitals; each has to match the whole pattern."""
        codes = pc.utf8_upper(pc.utf8_trim_whitespace(cells))
        states = self.states(codes)
        wrong = ~_mask(pc.match_substring_regex(codes, f"^({pattern})$")) & (states == VALUE)
        otherwise = "code", f"is not a code (a code looks like {pattern}); correct it."
        faults = _explained(codes, wrong, (_EXCEL_ERROR, _FORMULA), otherwise)
        return _parsed(np.full(len(codes), np.nan), states, codes, faults)

    def units(self, cells: Texts) -> ParsedColumn:
        """Codes of units, trimmed and in capitals: any text, but not none."""
        codes = pc.utf8_upper(pc.utf8_trim_whitespace(pc.replace_substring_regex(cells, r"\s+", " ")))
        states = self.states(codes)
        otherwise = CellFault("no_unit", "names no unit; write its code, or remove the row.", states != VALUE)
        faults = [otherwise, *_explained(codes, states == VALUE, (_EXCEL_ERROR, _FORMULA))]
        return _parsed(np.full(len(codes), np.nan), states, codes, faults)

    def dates(self, cells: Texts, formats: tuple[str, ...]) -> ParsedColumn:
        """Days in one of the formats, as ISO text."""
        states = self.states(pc.utf8_trim_whitespace(cells))
        days = DistinctTexts(cells, lambda text: read_day(text, formats))
        iso = pc.take(column_of(day.isoformat() if day else None for day in days.distinct), days.indices)
        faults = day_faults("date", days, formats, states == VALUE)
        return _parsed(np.full(len(cells), np.nan), states, iso, faults)


class DistinctTexts[T]:
    """A column with few different texts: each of them, trimmed, is read once, into a T or None."""

    def __init__(self, cells: Texts, read: Callable[[str], T | None]) -> None:
        encoded = pc.dictionary_encode(pc.utf8_trim_whitespace(cells))
        self.indices = encoded.indices
        self.texts: list[str] = encoded.dictionary.to_pylist()
        self.distinct = [read(text) for text in self.texts]
        self._at = encoded.indices.to_numpy(zero_copy_only=False)

    @property
    def unread(self) -> Mask:
        """The cells that were read as None."""
        return self.where(None)

    def at(self, nth: int) -> Mask:
        """The cells that hold the nth text."""
        mask: Mask = self._at == nth
        return mask

    def where(self, value: T | None) -> Mask:
        """The cells that were read as this value."""
        mask: Mask = np.array([each == value for each in self.distinct], dtype=bool)[self._at]
        return mask

    def spread(self, numbers: Sequence[int]) -> Whole:
        """For each cell, the number that belongs to its entry of `distinct`."""
        spread: Whole = np.array(numbers, dtype=np.int32)[self._at]
        return spread


_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?(Z|\+00:00)?$")
_EXCEL_DAY = re.compile(r"[1-9]\d{4}(\.0+)?")
_EXCEL_EPOCH = date(1899, 12, 30)
_EXAMPLE = date(2024, 9, 30)
_EXPLAINED = 50  # different texts that are no days and get a sentence of their own


def read_day(text: str, formats: tuple[str, ...]) -> date | None:
    """A day in the first format that fits, or in ISO's; midnight may follow it."""
    day_text = _MIDNIGHT.sub("", text)
    for form in (*formats, "%Y-%m-%d"):
        try:
            day = datetime.strptime(day_text, form).date()  # noqa: DTZ007 — a day has no zone
        except ValueError:
            continue
        return day if day.year in YEARS else None
    return None


def day_faults(rule: str, days: "DistinctTexts[Any]", formats: tuple[str, ...], where: Mask) -> list[CellFault]:
    """What is wrong with the cells, among `where`, that were not read as days."""
    written = [f"{_EXAMPLE:{form}}" for form in formats if "%" in form]
    examples = " or ".join(dict.fromkeys([*written, f"{_EXAMPLE:%Y-%m-%d}"]))
    otherwise = f"is not a day; write it like {examples}."
    unread = [nth for nth, day in enumerate(days.distinct) if day is None]
    explained = {nth: text for nth in unread[:_EXPLAINED] if (text := _about_day(days.texts[nth], formats))}
    faults = [CellFault(rule, text, days.at(nth) & where) for nth, text in explained.items()]
    own = np.logical_or.reduce([days.at(nth) for nth in explained], initial=False) if explained else False
    return [*faults, CellFault(rule, otherwise, days.unread & where & ~np.asarray(own))]


def _about_day(text: str, formats: tuple[str, ...]) -> str | None:
    """Why a text is no day, where that can be said."""
    if _EXCEL_DAY.fullmatch(text):
        day = _EXCEL_EPOCH + timedelta(days=int(float(text)))
        form = next((form for form in formats if "%" in form), "%Y-%m-%d")
        return f"is Excel's number for {day:{form}}; format the column as a date and save the file again."
    for form in (*formats, "%Y-%m-%d"):
        names = {"%d": r"(?P<d>\d{1,2})", "%m": r"(?P<m>\d{1,2})", "%Y": r"(?P<y>\d{4})"}
        if sorted(re.findall("%.", form)) == sorted(names):
            pattern = "".join(names.get(part, re.escape(part)) for part in re.split("(%.)", form))
            if (match := re.fullmatch(pattern, _MIDNIGHT.sub("", text))) and 1 <= int(match["m"]) <= 12:
                month = date(2000, int(match["m"]), 1)
                return f"is not a day: there is no {int(match['d'])} {month:%B} {match['y']}; correct it."
    return None


def column_of(cells: Iterable[str | None]) -> Texts:
    """Cells as an array of texts."""
    column: Texts = pa.array(cells, pa.string())
    return column


def ranks(texts: Texts) -> Whole:
    """Each text's place among the distinct texts in order; -1 for null."""
    encoded = pc.dictionary_encode(texts)
    order = pc.array_sort_indices(encoded.dictionary).to_numpy()
    places = np.full(len(order) + 1, -1, dtype=np.int32)
    places[order] = np.arange(len(order))
    ranked: Whole = places[_filled(encoded.indices, len(order))]
    return ranked


def _symbols(markers: Mapping[str, str], *, of_texts: bool) -> tuple[Rule, ...]:
    """The rules about symbols that official statistics write in place of a figure or a text. Which marker to write
    depends on the dataset: an empty cell would turn what is suppressed into what is missing.

    A letter alone may be a text, but not a figure.
    """
    suppressed = [marker for marker, state in markers.items() if state == "suppressed"]
    others = [marker for marker, state in markers.items() if state != "suppressed"]
    instead = f"write {_or(suppressed)}, this dataset's marker for that" if suppressed else _EMPTY
    none = f"write one of this dataset's markers ({_or(others)})" if others else _EMPTY
    hyphen = "write '-'" if "-" in markers else none
    dash: Rule = ("dash", _DASH, f"is a dash, not a hyphen; {hyphen}.")
    if of_texts:
        return dash, ("symbol", r"^(?i:\[[a-z]\]|:|\.{1,3}|…|\?)$", f"is not a text; {none}.")
    return (
        dash,
        ("suppressed", _SUPPRESSED, f"stands for a suppressed figure; {instead}."),
        ("symbol", _NO_FIGURE, f"stands for a figure that is not available or does not apply; {none}."),
    )


_EMPTY = "leave the cell empty, since this dataset has no marker for that"


def _or(markers: Sequence[str]) -> str:
    return " or ".join(repr(marker) for marker in markers)


def _explained(
    trimmed: Texts, wrong: Mask, rules: Sequence[Rule], otherwise: tuple[str, str] | None = None
) -> list[CellFault]:
    """Each wrong cell under the first rule that it breaks. Without `otherwise`, cells that break none are not wrong."""
    faults = []
    if wrong.any():
        for rule, pattern, text in rules:
            matching = wrong & _mask(pc.match_substring_regex(trimmed, pattern))
            faults.append(CellFault(rule, text, matching))
            wrong = wrong & ~matching
    return [*faults, CellFault(*otherwise, wrong)] if otherwise else faults


def _parsed(values: Floats, states: States, texts: Texts, rules: list[CellFault]) -> ParsedColumn:
    faults = [fault for fault in rules if fault.where.any()]
    for fault in faults:
        states = np.where(fault.where, np.int8(FAULTY), states)
    return ParsedColumn(values, states, pc.if_else(pa.array(states == VALUE), texts, None), faults)


def _mask(flags: Texts) -> Mask:
    mask: Mask = pc.fill_null(flags, False).to_numpy(zero_copy_only=False)
    return mask


def _filled(indices: Texts, instead: int) -> NDArray[np.int64]:
    filled: NDArray[np.int64] = pc.fill_null(indices.cast(pa.int64()), instead).to_numpy(zero_copy_only=False)
    return filled
