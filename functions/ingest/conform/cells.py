"""From rows of text to typed cells, batch by batch, telling whatever is wrong on the way."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.ingest.conform.formats import Row, Unreadable
from functions.ingest.conform.header import Column, Table, meant
from functions.ingest.conform.parse import (
    VALUE,
    Distinct,
    Fault,
    Floats,
    Read,
    Reader,
    States,
    Texts,
    Whole,
    column_of,
    read_day,
)
from shared.findings import FindingDetail, Findings, Severity, quoted
from shared.keys import Slot
from shared.method.contracts import LABEL, Dataset, Measure, Numbers, heading_key, is_id
from shared.method.terms import Period

BATCH = 1_000_000
"""Cells held as text at a time, or as many as have `_CHARACTERS`."""

MOST_CELLS = 2_000_000
"""Figures and attributes that one file may hold: what bounds the memory, at some 250 bytes each."""

MOST_LINES = 4_000_000
"""Lines that one file may have, blank ones included: what bounds the time."""

MOST_TEXT = 128 * 1024 * 1024
"""Bytes of attributes that are kept."""

MOST_MEASURES = 1_000

_CHARACTERS = 16 * 1024 * 1024
_LONGEST_NAME = 80

NO_DAY = np.iinfo(np.int32).min
_EPOCH = date(1970, 1, 1)


class Cells(NamedTuple):
    """What a file holds. By row: `codes`, `starts`, `ends` (days since 1970, or NO_DAY), `lines`.

    By cell: `rows` (which row), `measures` (which of `names`), `values`, `states`, `texts`.
    """

    names: Sequence[str]
    codes: Texts
    starts: Whole
    ends: Whole
    lines: Whole
    rows: Whole
    measures: Whole
    values: Floats
    states: States
    texts: Texts


class TotalRow(NamedTuple):
    """A row that adds up the others."""

    line: int
    values: dict[str, float]


class Extent(NamedTuple):
    """How large the figures of a column are: how many are not zero, and the largest, sign aside."""

    column: Column
    numbers: Numbers
    figures: int = 0
    largest: float = 0.0

    def extended_by(self, values: Floats) -> "Extent":
        """The extent with more figures."""
        sizes = np.abs(values[np.isfinite(values) & (values != 0)])
        largest = max(self.largest, float(sizes.max(initial=0.0)))
        return self._replace(figures=self.figures + len(sizes), largest=largest)


class Contents(NamedTuple):
    """All that was read."""

    cells: Cells
    totals: Sequence[TotalRow]
    extents: Sequence[Extent]


class _Batch(NamedTuple):
    """Rows turned into columns."""

    columns: list[tuple[str, ...]]
    lines: Whole
    codes: Texts


class Reading:
    """Reads one table under one contract; `rows_read`, `codes`, `cells` and `values` are what was met so far."""

    def __init__(self, table: Table, slot: Slot, period: Period | None, contract: Dataset, findings: Findings) -> None:
        self.table, self.plan = table, table.plan
        self.slot, self.period = slot, period
        self.contract, self.findings = contract, findings
        self.reader = Reader(contract.markers, contract.layout.currency)
        self.names = [name for name in contract.measures if contract.long or name in self.plan.measures]
        self.totals: list[TotalRow] = []
        self.extents: dict[Column, Extent] = {}
        self.rows_read = self.cells = self.values = 0
        self.text_kept = 0
        self.codes: set[str] = set()

    def read(self) -> Contents:
        """The whole table; Unreadable where its bytes end it early or where it holds too much."""
        take = self._long if self.contract.long else self._wide
        parts = [self._counted(take(batch)) for rows in self._batches() if (batch := self._coded(rows)) is not None]
        return Contents(_joined(self.names, parts), self.totals, list(self.extents.values()))

    def _counted(self, cells: Cells) -> Cells:
        self.cells += len(cells.states)
        self.values += int((cells.states == VALUE).sum())
        return cells

    def _batches(self) -> Iterator[list[Row]]:
        rows: list[Row] = []
        characters = 0
        batch = max(1, BATCH // self.plan.width)
        most = MOST_CELLS // (1 if self.contract.long else max(1, len(self.names)))
        for count, row in enumerate(self._data_rows(), 1):
            if count > most:
                text = f"there are more than {most:,} rows; land the file in parts."
                raise Unreadable("too_many_values", text, row.line)
            rows.append(row)
            characters += row.size
            if len(rows) == batch or characters > _CHARACTERS:
                yield rows
                rows, characters = [], 0
        if rows:
            yield rows

    def _data_rows(self) -> Iterator[Row]:
        """The rows that are not blank, as wide as the header."""
        width, blank = self.plan.width, self.reader.markers
        for line, cells, size in self.table.rows():
            if line > MOST_LINES:
                raise Unreadable("too_many_values", f"there are more than {MOST_LINES:,} lines; land fewer.", line)
            if not any(cells) or all(cell.strip().casefold() in blank for cell in cells):
                continue
            if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
                yield Row(line, cells[:width], size)
            elif len(cells) < width and self.table.source.padded:
                yield Row(line, [*cells, *[""] * (width - len(cells))], size)
            elif len(cells) == width:
                yield Row(line, cells, size)
            else:
                text = f"the row has {len(cells)} cells instead of {width}; quote cells that hold the delimiter."
                self.findings.add("error", "row_width", text, row=line)

    def _coded(self, rows: list[Row]) -> _Batch | None:
        """The rows that have a code and are no totals."""
        code, data = self.plan.code, []
        totals = {total.casefold() for total in self.contract.totals}
        for row in rows:
            text = row.cells[code.at].strip().casefold()
            if text in totals:
                if len(self.totals) < 2:  # of several nobody knows what each adds up
                    self._keep_total(row)
            elif text in self.reader.markers:
                told = "the row has figures but no code; give its code, or remove the row."
                self.findings.add("error", "no_code", told, row=row.line, column=code.title)
            else:
                data.append(row)
        self.rows_read += len(data)
        if not data:
            return None
        columns = list(zip(*(row.cells for row in data), strict=True))
        read = self.reader.codes(column_of(columns[code.at]), self.contract.code.pattern)
        batch = _Batch(columns, np.array([row.line for row in data], dtype=np.int32), read.texts)
        self._tell(read.faults, code, batch)
        self.codes.update(code for code in read.texts.to_pylist() if code is not None)
        return batch

    def _keep_total(self, row: Row) -> None:
        named = [(name, column) for name, column in self.plan.measures.items() if self._is_number(name)]
        read = self.reader.numbers(column_of([row.cells[column.at] for _, column in named]))
        cells = zip(named, read.values, read.states, strict=True)
        stated = {name: float(value) for (name, _), value, state in cells if state == VALUE}
        self.totals.append(TotalRow(row.line, stated))

    def _is_number(self, name: str) -> bool:
        return self.contract.measures[name].type == "number"

    def _wide(self, batch: _Batch) -> Cells:
        """One measure a column."""
        n, count = len(batch.lines), len(self.names)
        empty = pa.nulls(n, pa.string())
        numbers = self._numbers(batch)
        pieces: list[tuple[Floats, States, Texts]] = []
        for name in self.names:
            if name in numbers:
                pieces.append((*numbers[name], empty))
            else:
                column = self.plan.measures[name]
                read = self._attribute(self.contract.measures[name], batch.columns[column.at])
                self._tell(read.faults, column, batch)
                self.text_kept += read.texts.nbytes
                if self.text_kept > MOST_TEXT:
                    text = f"the texts take more than {MOST_TEXT >> 20} MB; land the file in parts."
                    raise Unreadable("too_many_values", text, int(batch.lines[-1]))
                pieces.append((read.values, read.states, read.texts))
        values, states, texts = zip(*pieces, strict=True)
        return Cells(
            self.names,
            batch.codes,
            *self._periods(batch),
            batch.lines,
            np.tile(np.arange(n, dtype=np.int32), count),
            np.repeat(np.arange(count, dtype=np.int32), n),
            np.concatenate(values),
            np.concatenate(states),
            pa.concat_arrays(texts),
        )

    def _numbers(self, batch: _Batch) -> dict[str, tuple[Floats, States]]:
        """The figures of each measure. All columns, kept or only checked, are read as one: it is far faster."""
        kept = [(name, self.plan.measures[name]) for name in self.names if self._is_number(name)]
        rules: list[tuple[Column, Numbers]] = [(column, self.contract.measures[name]) for name, column in kept]
        rules += self.plan.families
        read = self.reader.numbers(column_of(chain.from_iterable(batch.columns[column.at] for column, _ in rules)))
        shape = len(rules), len(batch.lines)
        values, states = read.values.reshape(shape), read.states.reshape(shape)
        for nth, (column, numbers) in enumerate(rules):
            faults = [Fault(rule, text, where.reshape(shape)[nth]) for rule, text, where in read.faults]
            self._tell([*faults, *_out_of_range(numbers, values[nth], states[nth])], column, batch)
            if numbers.largest_at_least is not None:
                extent = self.extents.get(column) or Extent(column, numbers)
                self.extents[column] = extent.extended_by(values[nth])
        return {name: (values[nth], states[nth]) for nth, (name, _) in enumerate(kept)}

    def _attribute(self, measure: Measure, cells: Sequence[str]) -> Read:
        match measure.type:
            case "code":
                return self.reader.codes(column_of(cells), self.contract.code.pattern)
            case "date":
                return self.reader.dates(column_of(cells), measure.formats)
            case _:
                return self.reader.texts(column_of(cells))

    def _long(self, batch: _Batch) -> Cells:
        """One figure a row, its measure named beside it."""
        column, n = self.plan.value, len(batch.lines)
        assert column is not None  # a plan of a long contract has it
        measures = self._named_measures(batch)
        read = self.reader.numbers(column_of(batch.columns[column.at]))
        self._tell(read.faults, column, batch)
        for nth, name in enumerate(self.names):
            if (numbers := self.contract.measures.get(name)) is not None:
                states = np.where(measures == nth, read.states, np.int8(-1))
                self._tell(_out_of_range(numbers, read.values, states), column, batch)
        rows = np.arange(n, dtype=np.int32)
        periods, texts = self._periods(batch), pa.nulls(n, pa.string())
        return Cells(self.names, batch.codes, *periods, batch.lines, rows, measures, read.values, read.states, texts)

    def _named_measures(self, batch: _Batch) -> Whole:
        """Which of `names` each row is about; `names` grows by what an open contract does not list."""
        column, long = self.plan.measure, self.contract.long
        assert column is not None and long is not None  # noqa: PT018 — a plan of a long contract has it
        given = Distinct(column_of(batch.columns[column.at]), lambda text: text.casefold() or None)
        unlisted = [name for name in given.distinct if name is not None and name not in self.names]
        if len(self.names) + len(unlisted) > MOST_MEASURES:
            text = f"there are more than {MOST_MEASURES:,} measures; the columns are probably exchanged."
            raise Unreadable("too_many_measures", text, int(batch.lines[0]))
        for name in unlisted:
            suggestion = meant({heading_key(name)}, list(self.contract.measures))
            where = given.where(name)
            if long.open and is_id(name) and len(name) <= _LONGEST_NAME:
                text = f"is a measure that the contract does not list{suggestion}; list it, or correct its name."
                self._tell([Fault("unlisted_measure", text, where)], column, batch, "warning")
            else:
                text = f"is no measure of this dataset{suggestion}; correct it."
                self._tell([Fault("unknown_measure", text, where)], column, batch)
            self.names.append(name)
        self._tell([Fault("unknown_measure", "names no measure; name it.", given.unread)], column, batch)
        return given.spread([self.names.index(name) if name else 0 for name in given.distinct])

    def _periods(self, batch: _Batch) -> tuple[Whole, Whole]:
        """First and last day of each row's period, from the file where it says it and from the slot otherwise."""
        column, rule, n = self.plan.period, self.contract.period, len(batch.lines)
        if column is None:
            start, end = _days(self.period)
            return np.full(n, start, dtype=np.int32), np.full(n, end, dtype=np.int32)
        given = Distinct(column_of(batch.columns[column.at]), self._read_period)
        starts, ends = (given.spread(days) for days in zip(*map(_days, given.distinct), strict=True))
        text = f"does not tell a period as written here ({' or '.join(rule.formats)}); correct it."
        self._tell([Fault("period_text", text, given.unread)], column, batch)
        if self.period is not None and not rule.free:
            first, last = _days(self.period)
            text = (
                f"is not within {self.slot.period} ({self.period.start} to {self.period.end}), under which the file "
                "was landed; land it under its own period, or correct the cell."
            )
            self._tell([Fault("period", text, ~given.unread & ((starts < first) | (ends > last)))], column, batch)
        return starts, ends

    def _read_period(self, text: str) -> Period | None:
        rule = self.contract.period
        if LABEL in rule.formats:
            try:
                return rule.of(text)
            except ValueError:
                pass
        day = read_day(text, rule.formats)
        return rule.around(day) if day else None

    def _tell(self, faults: Sequence[Fault], column: Column, batch: _Batch, severity: Severity = "error") -> None:
        for rule, text, where in faults:
            found = np.flatnonzero(where)

            def told(nth: int, found: NDArray[np.int64] = found, text: str = text) -> FindingDetail:
                at = found[nth]
                cell = batch.columns[column.at][at].strip()
                return FindingDetail(int(batch.lines[at]), f"{quoted(cell)} {text}", cell, batch.codes[at].as_py())

            self.findings.add_each(severity, rule, column.title, len(found), told)


def _out_of_range(numbers: Numbers, values: Floats, states: States) -> list[Fault]:
    given, unit = states == VALUE, f" {numbers.unit}" if numbers.unit else ""
    faults = []
    if numbers.minimum is not None:
        text = f"is below {numbers.minimum:,.6g}{unit}, the least it may be; correct it."
        faults.append(Fault("range", text, given & (values < numbers.minimum)))
    if numbers.maximum is not None:
        text = f"is above {numbers.maximum:,.6g}{unit}, the most it may be; correct it."
        faults.append(Fault("range", text, given & (values > numbers.maximum)))
    return faults


def _days(period: Period | None) -> tuple[int, int]:
    if period is None:
        return NO_DAY, NO_DAY
    return (period.start - _EPOCH).days, (period.end - _EPOCH).days


def _joined(names: Sequence[str], parts: Sequence[Cells]) -> Cells:
    """One after the other; `rows` count on."""
    if not parts:
        none, whole = pa.nulls(0, pa.string()), np.empty(0, dtype=np.int32)
        return Cells(names, none, whole, whole, whole, whole, whole, np.empty(0), np.empty(0, dtype=np.int8), none)
    offsets = np.cumsum([0, *(len(part.lines) for part in parts[:-1])])
    return Cells(
        names,
        pa.concat_arrays([part.codes for part in parts]),
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.lines for part in parts]),
        np.concatenate([part.rows + np.int32(offset) for part, offset in zip(parts, offsets, strict=True)]),
        np.concatenate([part.measures for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.states for part in parts]),
        pa.concat_arrays([part.texts for part in parts]),
    )
