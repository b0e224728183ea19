"""From text to values: numbers, dates, codes and attributes, a whole column at a time.

Every cell ends in one of the states of `STATES`; a cell that could not be read is `FAULTY` and has a finding.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

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

LONGEST_TEXT = 1_000

_FAULTS: Mapping[str, tuple[str, str]] = {
    "not_finite": (r"^(?i:[+-]?(nan|inf(inity)?|1\.#.*))$", "is no finite number; clear the cell if it has no figure."),
    "formula": (r"^(?i:[=@]|[+-][a-z(])", "is a formula, and formulas are not evaluated; put its result in the cell."),
    "brackets": (r"^\(.*\)$", "stands in brackets; write a negative number with a minus sign."),
    "percent_sign": (r"^[+-]?[\d.,]+\s*%$", "has a percent sign; write the number alone."),
    "currency_sign": (r"^[+-]?\p{Sc}", "has a currency sign; write the number alone."),
    "thousands": (r"^[+-]?\D?\d[\d,]*,[\d,]*(\.\d*)?$", "has commas where no thousands are; write it without them."),
}  # fmt: skip
_OTHERWISE = "not_a_number", "is not a number; correct it, or leave the cell empty if there is no figure."
_OVERFLOW = "not_finite", "is too large to be a number; correct it."
_CUT = "leading_zero", "begins with a zero, as a piece of a number split at its thousands does; restore the number."


class Fault(NamedTuple):
    """Cells that break one rule: which, and the sentence about them (to follow the cell's text)."""

    rule: str
    text: str
    where: Mask


class Read(NamedTuple):
    """A column read: numbers in `values` or texts in `texts`, the state of each cell, and what is wrong."""

    values: Floats
    states: States
    texts: Texts
    faults: list[Fault]


class Reader:
    """Reads columns under one contract's markers (text → state) and currency sign."""

    def __init__(self, markers: Mapping[str, str], currency: str) -> None:
        states = {"": MISSING, **{text.strip().casefold(): STATES.index(state) for text, state in markers.items()}}
        self.markers = frozenset(states)
        self._texts = pa.array(list(states), pa.string())
        self._states = np.array([*states.values(), VALUE], dtype=np.int8)
        sign = re.escape(currency)
        before = rf"[+-]?{sign and f'({sign})?[+-]?'}"
        self._number = rf"^{before}((\d{{1,3}}(,\d{{3}})+|\d+)(\.\d*)?|\.\d+)([eE][+-]?\d{{1,3}})?$"
        self._ornament = rf"{sign and f'{sign}|'}[,+]"

    def states(self, trimmed: Texts) -> States:
        """The state that a marker gives each cell; VALUE where there is none."""
        at = pc.index_in(pc.utf8_lower(trimmed), value_set=self._texts)
        return self._states[_filled(at, len(self._states) - 1)]

    def numbers(self, cells: Texts) -> Read:
        """Numbers: an optional sign and currency, thousands separated by commas or not, a point, an exponent."""
        trimmed = pc.utf8_trim_whitespace(cells)
        states = self.states(trimmed)
        given = states == VALUE
        wellformed = _mask(pc.match_substring_regex(trimmed, self._number)) & given
        figures = pc.if_else(pa.array(wellformed), pc.replace_substring_regex(trimmed, self._ornament, ""), None)
        values = figures.cast(pa.float64()).to_numpy(zero_copy_only=False)
        faults = [Fault(*_OVERFLOW, wellformed & np.isinf(values))]
        faults.append(Fault(*_CUT, wellformed & _mask(pc.match_substring_regex(trimmed, r"^[+-]?0\d"))))
        faults += _explained(trimmed, given & ~wellformed)
        return _judged(np.where(wellformed, values, np.nan), states, pa.nulls(len(cells), pa.string()), faults)

    def texts(self, cells: Texts) -> Read:
        """Attributes: trimmed, runs of blanks made one."""
        texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(cells, r"\s+", " "))
        states = self.states(texts)
        formula = _mask(pc.match_substring_regex(texts, _FAULTS["formula"][0])) & (states == VALUE)
        long = _mask(pc.greater(pc.utf8_length(texts), LONGEST_TEXT))
        faults = [
            Fault("formula", _FAULTS["formula"][1], formula),
            Fault("long_text", f"is longer than {LONGEST_TEXT:,} characters; shorten it.", long),
        ]
        return _judged(np.full(len(texts), np.nan), states, texts, faults)

    def codes(self, cells: Texts, pattern: str) -> Read:
        """Codes: trimmed and in capitals, and all of the pattern."""
        codes = pc.utf8_upper(pc.utf8_trim_whitespace(cells))
        states = self.states(codes)
        odd = ~_mask(pc.match_substring_regex(codes, f"^({pattern})$")) & (states == VALUE)
        text = f"is not a code (a code looks like {pattern}); correct it."
        return _judged(np.full(len(codes), np.nan), states, codes, [Fault("code", text, odd)])

    def dates(self, cells: Texts, formats: tuple[str, ...]) -> Read:
        """Days in one of the formats, as ISO text."""
        states = self.states(pc.utf8_trim_whitespace(cells))
        days = Distinct(cells, lambda text: read_day(text, formats))
        text = f"is not a date as written here ({' or '.join(formats)}); correct it."
        iso = pc.take(column_of(day.isoformat() if day else None for day in days.distinct), days.indices)
        return _judged(np.full(len(cells), np.nan), states, iso, [Fault("date", text, days.unread & (states == VALUE))])


class Distinct[T]:
    """A column in which few texts differ: each, trimmed, is read once, into something or None."""

    def __init__(self, cells: Texts, read: Callable[[str], T | None]) -> None:
        encoded = pc.dictionary_encode(pc.utf8_trim_whitespace(cells))
        self.indices = encoded.indices
        self.distinct = [read(text) for text in encoded.dictionary.to_pylist()]
        self._at = encoded.indices.to_numpy(zero_copy_only=False)

    @property
    def unread(self) -> Mask:
        """The cells that were read as None."""
        return self.where(None)

    def where(self, what: T | None) -> Mask:
        """The cells that were read as that."""
        found: Mask = np.array([each == what for each in self.distinct], dtype=bool)[self._at]
        return found

    def spread(self, whole: Sequence[int]) -> Whole:
        """A whole number for each of `distinct`, given to each cell."""
        found: Whole = np.array(whole, dtype=np.int32)[self._at]
        return found


def read_day(text: str, formats: tuple[str, ...]) -> date | None:
    """A day in the first format that fits, or as ISO writes it (with a midnight after it, or without)."""
    for form in (*formats, "%Y-%m-%d", "%Y-%m-%d 00:00:00", "%Y-%m-%d 00:00:00.000000"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 — a day has no zone
        except ValueError:
            continue
        return day if day.year in YEARS else None
    return None


def column_of(cells: Iterable[str | None]) -> Texts:
    """Cells as text."""
    column: Texts = pa.array(cells, pa.string())
    return column


def ranks(texts: Texts) -> Whole:
    """Each text's place among the distinct ones in order; -1 for null."""
    encoded = pc.dictionary_encode(texts)
    order = pc.array_sort_indices(encoded.dictionary).to_numpy()
    places = np.full(len(order) + 1, -1, dtype=np.int32)
    places[order] = np.arange(len(order))
    found: Whole = places[_filled(encoded.indices, len(order))]
    return found


def _explained(trimmed: Texts, wrong: Mask) -> list[Fault]:
    faults = []
    if wrong.any():
        for rule, (pattern, text) in _FAULTS.items():
            such = wrong & _mask(pc.match_substring_regex(trimmed, pattern))
            faults.append(Fault(rule, text, such))
            wrong = wrong & ~such
    return [*faults, Fault(*_OTHERWISE, wrong)]


def _judged(values: Floats, states: States, texts: Texts, faults: list[Fault]) -> Read:
    told = [fault for fault in faults if fault.where.any()]
    for fault in told:
        states = np.where(fault.where, np.int8(FAULTY), states)
    return Read(values, states, pc.if_else(pa.array(states == VALUE), texts, None), told)


def _mask(flags: Texts) -> Mask:
    found: Mask = pc.fill_null(flags, False).to_numpy(zero_copy_only=False)
    return found


def _filled(indices: Texts, instead: int) -> NDArray[np.int64]:
    found: NDArray[np.int64] = pc.fill_null(indices.cast(pa.int64()), instead).to_numpy(zero_copy_only=False)
    return found
