"""From a landed file to a typed table, or to findings on which its supplier can act. Pure: bytes in, values out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from functions.ingest.conform.cells import NO_DAY, CellReader, Cells
from functions.ingest.conform.checks import CheckWarning, check
from functions.ingest.conform.formats import sources
from functions.ingest.conform.header import find_table
from functions.ingest.conform.parse import STATES, VALUE, Texts, Whole, column_of, ranks
from functions.ingest.conform.source import Unreadable
from functions.ingest.conform.totals import without_totals
from shared.content import digest
from shared.findings import Findings, Report
from shared.ids import FileId
from shared.keys import Slot
from shared.landing.verdicts import contract_id
from shared.method.contracts import Dataset
from shared.method.terms import Period
from shared.tables import CURATED


class Conformed(NamedTuple):
    """A file read under its contract: `table` (schema CURATED) unless a finding is an error.

    `rows_read` counts rows of data (neither blank nor totals), `codes` the organisations in them, `cells` the cells
    read for a measure, and `values` those of them that hold a figure or an attribute. `sheet` is the sheet that was
    read, of a workbook.
    """

    table: pa.Table | None
    findings: Report
    rows_read: int
    codes: int
    cells: int
    values: int
    columns_not_read: tuple[str, ...]
    sheet: str


def file_id(body: bytes, slot: Slot, contract: Dataset) -> FileId:
    """The id of a file: these bytes in this slot, under this contract as this build reads it."""
    return FileId(digest(body, *slot, contract_id(contract)))


def conform(body: bytes, slot: Slot, file_name: str, contract: Dataset) -> Conformed:
    """Read a file of any format under its contract. Everything wrong with it is a finding; no error is raised."""
    findings = Findings(file_name)
    reader: CellReader | None = None
    result: pa.Table | None = None
    not_read: tuple[str, ...] = ()
    try:
        period = _period(slot, contract, findings)
        if (table := find_table(sources(body, contract.layout), contract, findings)) is not None:
            not_read = tuple(table.plan.not_read)
            reader = CellReader(table, slot, period, contract, findings)
            contents = without_totals(reader.read(), contract, table.plan, findings)
            reader.rows.codes.intersection_update(contents.cells.codes.to_pylist())
            warnings = check(contents, contract, table.plan, findings)
            if not findings.rejected:
                result = _curated(contents.cells, warnings)
    except Unreadable as fault:
        findings.add("error", fault.rule, str(fault), row=fault.row)
    read = (reader.rows.rows_read, len(reader.rows.codes), reader.cells, reader.values) if reader else (0, 0, 0, 0)
    return Conformed(result, findings.report(), *read, not_read, findings.sheet)


def _period(slot: Slot, contract: Dataset, findings: Findings) -> Period | None:
    try:
        return contract.period.of(slot.period)
    except ValueError as fault:
        findings.add("error", "period_label", f"the folder of the period is wrong: {fault}, and land the file there.")
        return None


def _curated(cells: Cells, warnings: Sequence[CheckWarning]) -> pa.Table:
    lines, starts, ends = cells.lines[cells.rows], cells.starts[cells.rows], cells.ends[cells.rows]
    names = column_of(cells.names)
    units, codes = ranks(cells.units)[cells.rows], ranks(cells.codes)[cells.rows]
    order = np.lexsort((lines, ranks(names)[cells.measures], starts, units, codes))
    values, states = cells.values[order], cells.states[order]
    columns = {
        "code": cells.codes.take(cells.rows[order]),
        "unit": cells.units.take(cells.rows[order]),
        "period_start": _dates(starts[order]),
        "period_end": _dates(ends[order]),
        "measure": names.take(cells.measures[order]),
        "value": pa.array(values, mask=(states != VALUE) | np.isnan(values)),
        "text": cells.texts.take(order),
        "state": column_of(STATES).take(states),
        "row": pa.array(lines[order]),
        "warnings": _rules(warnings, len(order)).take(order),
    }
    return pa.table(columns, schema=CURATED)


def _rules(warnings: Sequence[CheckWarning], cells: int) -> "pa.Array[Any]":
    """For each cell the rules that warn of it, null where none does."""
    places = np.concatenate([np.empty(0, dtype=np.int32), *(each.cells for each in warnings)])
    rules = np.repeat(np.arange(len(warnings)), [len(each.cells) for each in warnings])
    order = np.lexsort((rules, places))
    counts = np.bincount(places, minlength=cells)
    ends = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    names = column_of([each.rule for each in warnings]).take(rules[order])
    return pa.ListArray.from_arrays(ends, names, mask=pa.array(counts == 0))


def _dates(days: Whole) -> Texts:
    whole: Texts = pa.array(days, pa.int32(), mask=days == NO_DAY)
    return whole.cast(pa.date32())
