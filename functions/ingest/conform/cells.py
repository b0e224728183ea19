"""From rows of text to typed cells, batch by batch, with a finding for every cell that is wrong."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from functions.ingest.conform import limits
from functions.ingest.conform.header import FileColumn, LandedTable, did_you_mean
from functions.ingest.conform.parse import (
    VALUE,
    CellFault,
    ColumnParser,
    DistinctTexts,
    Floats,
    ParsedColumn,
    States,
    Texts,
    Whole,
    column_of,
    day_faults,
    read_day,
)
from functions.ingest.conform.rows import Batch, CodedRows, TotalRow, add_faults
from functions.ingest.conform.source import Unreadable
from functions.ingest.conform.sums.derived import applying, derived
from functions.ingest.conform.sums.keyed import KeyedBatch, KeyedRows
from shared.compute import pc
from shared.findings import Findings, Severity
from shared.keys import Slot
from shared.method.contracts import (
    LABEL,
    PERCENT,
    Dataset,
    Measure,
    Numbers,
    Way,
    heading_key,
    is_name,
    plain_key,
)
from shared.method.terms import Period

NO_DAY = np.iinfo(np.int32).min
_EPOCH = date(1970, 1, 1)


class Cells(NamedTuple):
    """The content of a file. By row: `codes`, `units`, `starts`, `ends` (days since 1970, or NO_DAY), `lines`.

    By cell: `rows` (which row), `measures` (which of `names`), `values`, `states`, `texts`.
    """

    names: Sequence[str]
    codes: Texts
    units: Texts
    starts: Whole
    ends: Whole
    lines: Whole
    rows: Whole
    measures: Whole
    values: Floats
    states: States
    texts: Texts


class Extent(NamedTuple):
    """How large the figures of a column are: how many are not zero, and the largest, sign aside."""

    column: FileColumn
    numbers: Numbers
    figures: int = 0
    largest: float = 0.0

    def extended_by(self, values: Floats) -> "Extent":
        """The extent with more figures."""
        sizes = np.abs(values[np.isfinite(values) & (values != 0)])
        largest = max(self.largest, float(sizes.max(initial=0.0)))
        return self._replace(figures=self.figures + len(sizes), largest=largest)


class FileContents(NamedTuple):
    """All that was read of a file. `rows`: how many rows of data it has; `columns`: the column of each measure, in a
    file that is not long; `derived`: how each derived measure was computed."""

    cells: Cells
    rows: int
    totals: Sequence[TotalRow]
    extents: Sequence[Extent]
    columns: Mapping[str, FileColumn]
    derived: Mapping[str, Way]


class CellReader:
    """Reads one table under one contract. `cells` and `values` count what was read so far, as does `rows`."""

    def __init__(
        self, table: LandedTable, slot: Slot, period: Period | None, contract: Dataset, findings: Findings
    ) -> None:
        self._plan, self._slot, self._period = table.plan, slot, period
        self._contract, self._findings = contract, findings
        self._parser = ColumnParser(contract.markers, contract.layout.currency)
        self.rows = CodedRows(table, contract, self._parser, findings)
        self._names = [name for name in contract.measures if contract.long or name in self._plan.measures]
        self._derived = applying(contract, self._plan, findings)
        self._names += self._derived
        self._extents: dict[FileColumn, Extent] = {}
        self._text_bytes = 0
        self.cells = self.values = 0

    def read(self) -> FileContents:
        """The whole table; Unreadable where its bytes end it early or where it holds too much."""
        if self._contract.keyed is not None:
            return self._contents(self._keyed())
        long = self._contract.long is not None
        parts = []
        for batch in self.rows.batches(cells_in_row=1 if long else len(self._names)):
            part = self._long(batch) if long else self._wide(batch)
            self.cells += len(part.states)
            self.values += int((part.states == VALUE).sum())
            parts.append(part)
        return self._contents(_joined(self._names, parts))

    def _contents(self, cells: Cells) -> FileContents:
        extents = list(self._extents.values())
        return FileContents(cells, self.rows.rows_read, self.rows.totals, extents, self._plan.measures, self._derived)

    def _wide(self, batch: Batch) -> Cells:
        """One measure in each column."""
        n, count = len(batch.lines), len(self._names)
        no_texts = pa.nulls(n, pa.string())
        numbers = self._numbers(batch)
        pieces: list[tuple[Floats, States, Texts]] = []
        for name in self._names:
            if name in self._derived:
                pieces.append((*derived(self._derived[name], numbers), no_texts))
            elif name in numbers:
                pieces.append((*numbers[name], no_texts))
            else:
                parsed = self._attribute(name, batch)
                pieces.append((parsed.values, parsed.states, parsed.texts))
        values, states, texts = zip(*pieces, strict=True)
        return Cells(
            self._names,
            batch.codes,
            batch.units,
            *self._periods(batch),
            batch.lines,
            np.tile(np.arange(n, dtype=np.int32), count),
            np.repeat(np.arange(count, dtype=np.int32), n),
            np.concatenate(values),
            np.concatenate(states),
            pa.concat_arrays(texts),
        )

    def _keyed(self) -> Cells:
        """Several figures in each row, which are added up by the row's key."""
        column, keyed = self._plan.key, self._contract.keyed
        assert column is not None and keyed is not None  # noqa: PT018 — a plan of a keyed contract has it
        places = {measure.value: self._plan.measures[name] for name, measure in self._contract.measures.items()}
        rules = [(places[name], numbers) for name, numbers in keyed.values.items()]
        added = KeyedRows(self._contract)
        for batch in self.rows.batches(cells_in_row=1):
            values, states = self._parsed_numbers(rules, batch)
            self.cells += states.size
            self.values += int((states == VALUE).sum())
            starts, ends = self._periods(batch)
            keys = self._keys(column, keyed.key.pattern, batch)
            added.add(KeyedBatch(batch.codes, batch.units, starts, ends, batch.lines, keys, values, states))
        summed = added.summed(column, self._findings)
        no_texts = pa.nulls(len(summed.values), pa.string())
        return Cells(self._names, *summed, no_texts)

    def _keys(self, column: FileColumn, pattern: str | None, batch: Batch) -> Texts:
        """The key of each row; null where it is none."""
        form = re.compile(pattern) if pattern else None

        def read(text: str) -> str | None:
            if len(text) > limits.ATTRIBUTE or text.casefold() in self._parser.markers:
                return None
            return plain_key(text) if form is None or form.fullmatch(text.upper()) else None

        texts = DistinctTexts(column_of(batch.columns[column.at]), read)
        looks = f" (one looks like {pattern})" if pattern else ""
        text = f"does not say what the row is about; write its {column.title}{looks}, or remove the row."
        self._add([CellFault("key", text, texts.unread)], column, batch)
        keys: Texts = pc.take(column_of(texts.distinct), texts.indices)
        return keys

    def _numbers(self, batch: Batch) -> dict[str, tuple[Floats, States]]:
        """The figures of each measure."""
        measures = self._contract.measures
        kept = [(name, column) for name, column in self._plan.measures.items() if measures[name].type == "number"]
        rules: list[tuple[FileColumn, Numbers]] = [(column, measures[name]) for name, column in kept]
        rules += self._plan.families
        values, states = self._parsed_numbers(rules, batch)
        return {name: (values[nth], states[nth]) for nth, (name, _) in enumerate(kept)}

    def _parsed_numbers(self, rules: Sequence[tuple[FileColumn, Numbers]], batch: Batch) -> tuple[Floats, States]:
        """The figures and states of m columns (m × n). All columns, kept or only checked, are parsed as one: it is far
        faster."""
        parsed = self._parser.numbers(column_of(chain.from_iterable(batch.columns[column.at] for column, _ in rules)))
        shape = len(rules), len(batch.lines)
        values, states = parsed.values.reshape(shape), parsed.states.reshape(shape)
        for nth, (column, numbers) in enumerate(rules):
            faults = [CellFault(rule, text, where.reshape(shape)[nth]) for rule, text, where in parsed.faults]
            self._add([*faults, *_out_of_range(numbers, values[nth], states[nth])], column, batch)
            if numbers.largest_at_least is not None or numbers.unit == PERCENT:
                extent = self._extents.get(column) or Extent(column, numbers)
                self._extents[column] = extent.extended_by(values[nth])
        return values, states

    def _attribute(self, name: str, batch: Batch) -> ParsedColumn:
        column = self._plan.measures[name]
        parsed = self._parsed_attribute(self._contract.measures[name], column_of(batch.columns[column.at]))
        self._add(parsed.faults, column, batch)
        self._text_bytes += parsed.texts.nbytes
        if self._text_bytes > limits.TEXT:
            text = f"the texts take more than {limits.TEXT >> 20} MB; land the file in parts."
            raise Unreadable("too_many_values", text, int(batch.lines[-1]))
        return parsed

    def _parsed_attribute(self, measure: Measure, cells: Texts) -> ParsedColumn:
        match measure.type:
            case "code":
                return self._parser.codes(cells, self._contract.code.pattern)
            case "date":
                return self._parser.dates(cells, measure.formats)
            case _:
                return self._parser.texts(cells)

    def _long(self, batch: Batch) -> Cells:
        """One figure in each row, with its measure named in another column."""
        column, n = self._plan.value, len(batch.lines)
        assert column is not None  # a plan of a long contract has it
        measures = self._named_measures(batch)
        parsed = self._parser.numbers(column_of(batch.columns[column.at]))
        self._add(parsed.faults, column, batch)
        for nth, name in enumerate(self._names):
            if (numbers := self._contract.measures.get(name)) is not None:
                states = np.where(measures == nth, parsed.states, np.int8(-1))
                self._add(_out_of_range(numbers, parsed.values, states), column, batch)
        rows, no_texts = np.arange(n, dtype=np.int32), pa.nulls(n, pa.string())
        starts, ends = self._periods(batch)
        return Cells(
            self._names,
            batch.codes,
            batch.units,
            starts,
            ends,
            batch.lines,
            rows,
            measures,
            parsed.values,
            parsed.states,
            no_texts,
        )

    def _named_measures(self, batch: Batch) -> Whole:
        """Which of `_names` each row is about; the measures that an open contract does not list are added to them."""
        column, long = self._plan.measure, self._contract.long
        assert column is not None and long is not None  # noqa: PT018 — a plan of a long contract has it
        texts = DistinctTexts(column_of(batch.columns[column.at]), lambda text: text.casefold() or None)
        unlisted = [name for name in texts.distinct if name is not None and name not in self._names]
        if len(self._names) + len(unlisted) > limits.MEASURES:
            text = (
                f"the column names more than {limits.MEASURES:,} measures; it was probably exchanged with another "
                "column, so correct the headings."
            )
            raise Unreadable("too_many_measures", text, int(batch.lines[0]))
        for name in unlisted:
            suggestion = did_you_mean({heading_key(name)}, list(self._contract.measures))
            where = texts.where(name)
            if long.open and is_name(name) and len(name) <= limits.MEASURE_NAME:
                text = f"is a measure that the contract does not list{suggestion}; list it, or correct its name."
                self._add([CellFault("unlisted_measure", text, where)], column, batch, "warning")
            else:
                text = f"is not a measure of this dataset{suggestion}; correct it."
                self._add([CellFault("unknown_measure", text, where)], column, batch)
            self._names.append(name)
        text = "does not name a measure; write the measure's name."
        self._add([CellFault("unknown_measure", text, texts.unread)], column, batch)
        return texts.spread([self._names.index(name) if name else 0 for name in texts.distinct])

    def _periods(self, batch: Batch) -> tuple[Whole, Whole]:
        """First and last day of each row's period: from the file if it has a column of periods, else from the slot."""
        column, rule, n = self._plan.period, self._contract.period, len(batch.lines)
        if column is None:
            start, end = _days(self._period)
            return np.full(n, start, dtype=np.int32), np.full(n, end, dtype=np.int32)
        texts = DistinctTexts(column_of(batch.columns[column.at]), self._read_period)
        starts, ends = (texts.spread(days) for days in zip(*map(_days, texts.distinct), strict=True))
        self._add(day_faults("period_text", texts, rule.formats, np.ones(n, dtype=bool)), column, batch)
        if self._period is not None and not rule.free:
            first, last = _days(self._period)
            text = (
                f"is not within {self._slot.period} ({self._period.start} to {self._period.end}), the period of the "
                "folder; land the file in the folder of its own period, or correct the cell."
            )
            outside = ~texts.unread & ((starts < first) | (ends > last))
            self._add([CellFault("period", text, outside)], column, batch)
        return starts, ends

    def _read_period(self, text: str) -> Period | None:
        rule = self._contract.period
        if LABEL in rule.formats:
            try:
                return rule.of(text)
            except ValueError:
                pass
        day = read_day(text, rule.formats)
        return rule.around(day) if day else None

    def _add(self, faults: Sequence[CellFault], column: FileColumn, batch: Batch, severity: Severity = "error") -> None:
        add_faults(self._findings, faults, column, batch, severity)


def _out_of_range(numbers: Numbers, values: Floats, states: States) -> list[CellFault]:
    has_value, unit = states == VALUE, f" {numbers.unit}" if numbers.unit else ""
    faults = []
    if numbers.minimum is not None:
        text = f"is below the minimum of {numbers.minimum:,.6g}{unit}; correct it."
        faults.append(CellFault("range", text, has_value & (values < numbers.minimum)))
    if numbers.maximum is not None:
        text = f"is above the maximum of {numbers.maximum:,.6g}{unit}; correct it."
        faults.append(CellFault("range", text, has_value & (values > numbers.maximum)))
    return faults


def _days(period: Period | None) -> tuple[int, int]:
    if period is None:
        return NO_DAY, NO_DAY
    return (period.start - _EPOCH).days, (period.end - _EPOCH).days


def _joined(names: Sequence[str], parts: Sequence[Cells]) -> Cells:
    """The batches' cells one after the other, their rows numbered through."""
    if not parts:
        none, whole = pa.nulls(0, pa.string()), np.empty(0, dtype=np.int32)
        return Cells(
            names, none, none, whole, whole, whole, whole, whole, np.empty(0), np.empty(0, dtype=np.int8), none
        )
    offsets = np.cumsum([0, *(len(part.lines) for part in parts[:-1])])
    return Cells(
        names,
        pa.concat_arrays([part.codes for part in parts]),
        pa.concat_arrays([part.units for part in parts]),
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.lines for part in parts]),
        np.concatenate([part.rows + np.int32(offset) for part, offset in zip(parts, offsets, strict=True)]),
        np.concatenate([part.measures for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.states for part in parts]),
        pa.concat_arrays([part.texts for part in parts]),
    )
