"""From text to values: numbers, dates, codes and attributes, a whole column at a time.

Every cell gets one of the states of `STATES`; a cell that cannot be read is `FAULTY` and has a finding.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.ingest.conform import limits
from shared.compute import pc
from shared.method.periods import YEARS

STATES = ("value", "missing", "not_applicable", "suppressed")
VALUE, MISSING = 0, 1
FAULTY = len(STATES)

type Texts = pa.Array[Any]
type Floats = NDArray[np.float64]
type States = NDArray[np.int8]
type Whole = NDArray[np.int32]
type Mask = NDArray[np.bool_]

_FAULTS: Mapping[str, tuple[str, str]] = {
    "not_finite": (
        r"^(?i:[+-]?(nan|inf(inity)?|1\.#.*))$",
        "is not a finite number; clear the cell if there is no figure.",
    ),
    "formula": (r"^(?i:[=@]|[+-][a-z(])", "is a formula, and formulas are not evaluated; put its result in the cell."),
    "brackets": (r"^\(.*\)$", "is in brackets; write a negative number with a minus sign."),
    "percent_sign": (r"^[+-]?[\d.,]+\s*%$", "has a percent sign; write the number alone."),
    "currency_sign": (r"^[+-]?\p{Sc}", "has a currency sign; write the number alone."),
    "thousands": (
        r"^[+-]?\D?\d[\d,]*,[\d,]*(\.\d*)?$",
        "has commas that do not separate thousands; write the number without them.",
    ),
}
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
        trimmed = pc.utf8_trim_whitespace(cells)
        states = self.states(trimmed)
        not_marker = states == VALUE
        wellformed = _mask(pc.match_substring_regex(trimmed, self._number)) & not_marker
        figures = pc.if_else(pa.array(wellformed), pc.replace_substring_regex(trimmed, self._ornament, ""), None)
        values = figures.cast(pa.float64()).to_numpy(zero_copy_only=False)
        faults = [
            CellFault(*_OVERFLOW, wellformed & np.isinf(values)),
            CellFault(*_CUT, wellformed & _mask(pc.match_substring_regex(trimmed, r"^[+-]?0\d"))),
            *_explained(trimmed, not_marker & ~wellformed),
        ]
        return _parsed(np.where(wellformed, values, np.nan), states, pa.nulls(len(cells), pa.string()), faults)

    def texts(self, cells: Texts) -> ParsedColumn:
        """Attributes, trimmed, with each run of blanks made one blank."""
        texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(cells, r"\s+", " "))
        states = self.states(texts)
        pattern, text = _FAULTS["formula"]
        formula = _mask(pc.match_substring_regex(texts, pattern)) & (states == VALUE)
        long = _mask(pc.greater(pc.utf8_length(texts), limits.ATTRIBUTE))
        faults = [
            CellFault("formula", text, formula),
            CellFault("long_text", f"is longer than {limits.ATTRIBUTE:,} characters; shorten it.", long),
        ]
        return _parsed(np.full(len(texts), np.nan), states, texts, faults)

    def codes(self, cells: Texts, pattern: str) -> ParsedColumn:
        """Codes, trimmed and in capitals; each has to match the whole pattern."""
        codes = pc.utf8_upper(pc.utf8_trim_whitespace(cells))
        states = self.states(codes)
        wrong = ~_mask(pc.match_substring_regex(codes, f"^({pattern})$")) & (states == VALUE)
        text = f"is not a code (a code looks like {pattern}); correct it."
        return _parsed(np.full(len(codes), np.nan), states, codes, [CellFault("code", text, wrong)])

    def dates(self, cells: Texts, formats: tuple[str, ...]) -> ParsedColumn:
        """Days in one of the formats, as ISO text."""
        states = self.states(pc.utf8_trim_whitespace(cells))
        days = DistinctTexts(cells, lambda text: read_day(text, formats))
        text = f"is not a date in the format of this column ({' or '.join(formats)}); correct it."
        iso = pc.take(column_of(day.isoformat() if day else None for day in days.distinct), days.indices)
        faults = [CellFault("date", text, days.unread & (states == VALUE))]
        return _parsed(np.full(len(cells), np.nan), states, iso, faults)


class DistinctTexts[T]:
    """A column with few different texts: each of them, trimmed, is read once, into a T or None."""

    def __init__(self, cells: Texts, read: Callable[[str], T | None]) -> None:
        encoded = pc.dictionary_encode(pc.utf8_trim_whitespace(cells))
        self.indices = encoded.indices
        self.distinct = [read(text) for text in encoded.dictionary.to_pylist()]
        self._at = encoded.indices.to_numpy(zero_copy_only=False)

    @property
    def unread(self) -> Mask:
        """The cells that were read as None."""
        return self.where(None)

    def where(self, value: T | None) -> Mask:
        """The cells that were read as this value."""
        mask: Mask = np.array([each == value for each in self.distinct], dtype=bool)[self._at]
        return mask

    def spread(self, numbers: Sequence[int]) -> Whole:
        """For each cell, the number that belongs to its entry of `distinct`."""
        spread: Whole = np.array(numbers, dtype=np.int32)[self._at]
        return spread


def read_day(text: str, formats: tuple[str, ...]) -> date | None:
    """A day in the first format that fits, or in ISO's (with a midnight after it, or without)."""
    for form in (*formats, "%Y-%m-%d", "%Y-%m-%d 00:00:00", "%Y-%m-%d 00:00:00.000000"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 — a day has no zone
        except ValueError:
            continue
        return day if day.year in YEARS else None
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


def _explained(trimmed: Texts, wrong: Mask) -> list[CellFault]:
    """Each wrong cell under the first rule that it breaks."""
    faults = []
    if wrong.any():
        for rule, (pattern, text) in _FAULTS.items():
            matching = wrong & _mask(pc.match_substring_regex(trimmed, pattern))
            faults.append(CellFault(rule, text, matching))
            wrong = wrong & ~matching
    return [*faults, CellFault(*_OTHERWISE, wrong)]


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
