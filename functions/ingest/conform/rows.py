"""The rows of a table that are about an organisation, batch by batch, with a finding for every row that is not."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.ingest.conform import limits
from functions.ingest.conform.header import FileColumn, LandedTable
from functions.ingest.conform.parse import VALUE, CellFault, ColumnParser, Texts, Whole, column_of
from functions.ingest.conform.source import Row, Unreadable
from shared.findings import FindingDetail, Findings, Severity, quoted
from shared.method.contracts import Dataset, heading_key

_NOTES = 1_000
"""Rows at the end of a file that may be notes: more than that are data."""


class TotalRow(NamedTuple):
    """A row that adds up the others: its line, and its figure for each measure."""

    line: int
    values: dict[str, float]


class Batch(NamedTuple):
    """n rows: the texts of each of the file's columns, the rows' lines, their codes and their units. A code is null
    where it is invalid, a unit also in a dataset without units."""

    columns: list[tuple[str, ...]]
    lines: Whole
    codes: Texts
    units: Texts


class CodedRows:
    """Reads the rows of one table under one contract. `rows_read`, `codes` and `totals` are those read so far."""

    def __init__(self, table: LandedTable, contract: Dataset, parser: ColumnParser, findings: Findings) -> None:
        self._table, self._plan, self._contract = table, table.plan, contract
        self._parser, self._findings = parser, findings
        self._total_codes = {total.casefold() for total in contract.totals}
        self._code = re.compile(contract.code.pattern)
        self._headings = {title.strip().casefold() for title in self._plan.titles if title.strip()}
        self._titles = {heading_key(title) for title in self._plan.titles if title.strip()}
        self.totals: list[TotalRow] = []
        self.rows_read = 0
        self.codes: set[str] = set()

    def batches(self, cells_in_row: int) -> Iterator[Batch]:
        """The rows that have a code and are not totals. Unreadable where there are too many for `cells_in_row`
        figures and attributes each."""
        for rows in self._raw_batches(cells_in_row):
            coded = [row for row in rows if self._has_code(row)]
            if coded:
                yield self._batch(coded)

    def _raw_batches(self, cells_in_row: int) -> Iterator[list[Row]]:
        rows: list[Row] = []
        characters = 0
        rows_at_once = max(1, limits.BATCH_CELLS // self._plan.width)
        most = limits.CELLS // max(1, cells_in_row)
        for count, row in enumerate(self._data_rows(), 1):
            if count > most:
                text = f"the file has more than {most:,} rows; land it in parts."
                raise Unreadable("too_many_values", text, row.line)
            rows.append(row)
            characters += row.size
            if len(rows) == rows_at_once or characters > limits.BATCH_CHARACTERS:
                yield rows
                rows, characters = [], 0
        if rows:
            yield rows

    def _data_rows(self) -> Iterator[Row]:
        """The rows that are neither blank, notes nor the headings again, each as wide as the header.

        Rows at the end with a code and nothing else are notes, as far as their form tells. The same row above others
        may be an organisation without a figure.
        """
        width, at, blank = self._plan.width, self._plan.code.at, self._parser.markers
        alone: list[Row] = []
        for line, cells, size in self._table.rows():
            if line > limits.LINES:
                text = f"the file has more than {limits.LINES:,} lines; land it in parts."
                raise Unreadable("too_many_values", text, line)
            code = cells[at].strip() if at < len(cells) else ""
            if code.casefold() in blank and all(cell.strip().casefold() in blank for cell in cells):
                continue
            if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
                row = Row(line, cells[:width], size)
            elif len(cells) < width and self._table.source.padded:
                row = Row(line, [*cells, *[""] * (width - len(cells))], size)
            elif len(cells) == width:
                row = Row(line, cells, size)
            else:
                text = f"the row has {len(cells)} cells instead of {width}; quote cells that contain the delimiter."
                if sum(1 for cell in cells if cell.strip()) == 1:
                    self._note(line)
                else:
                    self._findings.add("error", "row_width", text, row=line)
                continue
            if code.casefold() in self._headings and self._repeats_headings(row):
                text = "the row repeats the headings; remove it."
                self._findings.add("error", "repeated_headings", text, row=line)
            elif width > 1 and code and "".join(row.cells).strip() == code and len(alone) < _NOTES:
                alone.append(row)
            else:
                if alone:
                    yield from alone
                    alone.clear()
                yield row
        for row in alone:
            self._note(row.line, row.cells[self._plan.code.at].strip())

    def _note(self, line: int, code: str = "") -> None:
        """A finding for a row that looks like a note: a warning if its text could be a code, since it might be."""
        if self._code.fullmatch(code.upper()):
            text = (
                f"the row has {quoted(code)} and nothing else, at the end of the file; it is read as a note, and not "
                "counted. If it is an organisation without figures, nothing is lost; if it is a note, remove it."
            )
            self._findings.add("warning", "note", text, row=line)
        else:
            self._findings.add("error", "note", "the row looks like a note next to the table; remove it.", row=line)

    def _repeats_headings(self, row: Row) -> bool:
        """Whether the row's cells are headings. In a file without headings nothing is."""
        filled = [cell for cell in row.cells if cell.strip()]
        return (
            len(filled) > 1
            and heading_key(filled[0]) in self._titles
            and all(heading_key(cell) in self._titles for cell in filled)
        )

    def _has_code(self, row: Row) -> bool:
        column = self._plan.code
        code = row.cells[column.at].strip().casefold()
        if self._plan.unit is not None and row.cells[self._plan.unit.at].strip().casefold() in self._total_codes:
            return False  # the total of one organisation's units
        if code in self._total_codes:
            if len(self.totals) < 2:  # with several totals it is unknown which rows each adds up, so none is checked
                self.totals.append(self._total(row))
            return False
        if code in self._parser.markers:
            if sum(1 for cell in row.cells if cell.strip()) == 1:
                self._note(row.line)
                return False
            text = "the row has figures but no code; add its code, or remove the row."
            self._findings.add("error", "no_code", text, row=row.line, column=column.title)
            return False
        return True

    def _total(self, row: Row) -> TotalRow:
        measures = self._contract.measures
        named = [
            (name, column)
            for name, column in self._plan.measures.items()
            if measures[name].type == "number" and not measures[name].of_keys and not measures[name].but_not
        ]
        parsed = self._parser.numbers(column_of([row.cells[column.at] for _, column in named]))
        cells = zip(named, parsed.values, parsed.states, strict=True)
        return TotalRow(row.line, {name: float(value) for (name, _), value, state in cells if state == VALUE})

    def _batch(self, rows: list[Row]) -> Batch:
        self.rows_read += len(rows)
        columns = list(zip(*(row.cells for row in rows), strict=True))
        column = self._plan.code
        parsed = self._parser.codes(column_of(columns[column.at]), self._contract.code.pattern)
        lines = np.array([row.line for row in rows], dtype=np.int32)
        batch = Batch(columns, lines, parsed.texts, pa.nulls(len(rows), pa.string()))
        if (unit := self._plan.unit) is not None:
            units = self._parser.units(column_of(columns[unit.at]))
            batch = batch._replace(units=units.texts)
            add_faults(self._findings, units.faults, unit, batch)
        add_faults(self._findings, parsed.faults, column, batch)
        self.codes.update(code for code in parsed.texts.to_pylist() if code is not None)
        return batch


def add_faults(
    findings: Findings, faults: Sequence[CellFault], column: FileColumn, batch: Batch, severity: Severity = "error"
) -> None:
    """A finding for every faulty cell of a column."""
    for rule, text, where in faults:
        places = np.flatnonzero(where)

        def detail(nth: int, places: NDArray[np.int64] = places, text: str = text) -> FindingDetail:
            at = places[nth]
            cell = batch.columns[column.at][at].strip()
            return FindingDetail(int(batch.lines[at]), f"{quoted(cell)} {text}", cell, batch.codes[at].as_py())

        findings.add_each(severity, rule, column.title, len(places), detail)
