"""Rows that add up the others: those that the contract names, and those that a file has without saying so."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.ingest.conform.cells import Cells, FileContents
from functions.ingest.conform.header import ColumnPlan
from functions.ingest.conform.parse import VALUE, ranks
from functions.ingest.conform.rows import TotalRow
from shared.compute import pc
from shared.findings import FindingDetail, Findings, quoted
from shared.method.contracts import Dataset

_ROUNDING = 1e-9
_HALF = 0.5
_OTHERS, _OTHER_UNITS = 3, 2
"""A row is only taken for a total if it adds up at least so many others, in at least `_FIGURES` measures."""

_FIGURES = 2
_DIGITS = 6
"""How many digits its figures have together, at least: with fewer, a sum may be a coincidence."""


_WORDS = ["ALL", "GRAND TOTAL", "SUBTOTAL", "TOTAL", "TOTALS"]
"""Codes that no organisation and no unit has."""


def without_totals(contents: FileContents, contract: Dataset, plan: ColumnPlan, findings: Findings) -> FileContents:
    """The content without rows that are totals though the contract names no such code, each with a warning.

    The file's own total, if the contract names its code, is compared with the sum of the rows.
    """
    cells = contents.cells
    if len(cells.lines) == 0:
        return contents
    _check_total(cells, contents.totals, contract, plan, findings)
    if contract.relation:
        return contents
    rows = _named(cells)
    if not contract.long:
        adding = [name in contract.derived or contract.measures[name].adds_up for name in cells.names]
        everyone, each = np.zeros(len(cells.lines), dtype=np.int64), ranks(cells.codes).astype(np.int64)
        rows = np.union1d(rows, _adding_up(cells, np.array(adding), everyone, _OTHERS))
        if contract.unit:
            rows = np.union1d(rows, _adding_up(cells, np.array(adding), each, _OTHER_UNITS))

    def detail(nth: int) -> FindingDetail:
        row = rows[nth]
        code, unit = cells.codes[row].as_py() or "", cells.units[row].as_py()
        what = f"{quoted(unit)} of {code}" if unit else quoted(code)
        text = (
            f"the row of {what} looks like a total, by its name or because its figures are the sums of other rows. It "
            "is not read; remove it. If it is no total, tell the operators."
        )
        return FindingDetail(int(cells.lines[row]), text, code, code)

    findings.add_each("warning", "looks_like_total", plan.code.title, len(rows), detail)
    return contents._replace(cells=_without(cells, rows)) if len(rows) else contents


def _check_total(
    cells: Cells, totals: Sequence[TotalRow], contract: Dataset, plan: ColumnPlan, findings: Findings
) -> None:
    if len(totals) != 1:
        return
    figures = np.where(cells.states == VALUE, cells.values, 0.0)
    sums = np.bincount(cells.measures, weights=figures, minlength=len(cells.names))
    adding = {name: total for name, total in totals[0].values.items() if contract.measures[name].adds_up}
    for name, total in adding.items():
        added = float(sums[cells.names.index(name)])
        if abs(added - total) > _HALF + _ROUNDING * abs(total):
            text = f"the total is {total:,.15g} but the rows add up to {added:,.15g}; land the whole file."
            column = plan.column(name).title
            findings.add("error", "total", text, row=totals[0].line, column=column, sample=f"{total:.15g}")


def _named(cells: Cells) -> NDArray[np.int64]:
    """The rows whose code, or whose unit's code, is a word for a total."""
    words = pa.array(_WORDS)
    found = np.zeros(len(cells.lines), dtype=bool)
    for codes in (cells.codes, cells.units):
        found |= pc.fill_null(pc.is_in(codes, value_set=words), False).to_numpy(zero_copy_only=False)
    rows: NDArray[np.int64] = np.flatnonzero(found)
    return rows


def _adding_up(cells: Cells, adding: NDArray[np.bool_], among: NDArray[np.int64], least: int) -> NDArray[np.int64]:
    """The rows whose figures are all the sums of the other rows of their period, of those with the same number in
    `among`: at least `least` others. At most one row of each period and number. `adding`: which measures add up."""
    numbers = (cells.states == VALUE) & np.isfinite(cells.values) & adding[cells.measures]
    rows, values = cells.rows[numbers], cells.values[numbers]
    _, period = np.unique(np.stack([cells.starts, cells.ends, among]), axis=1, return_inverse=True)
    period = period.reshape(-1)
    group = period[rows].astype(np.int64) * len(cells.names) + cells.measures[numbers]
    sums = np.bincount(group, weights=values)
    slack = _HALF + _ROUNDING * np.abs(values)
    same = np.abs(sums[group] - 2 * values) <= 2 * slack
    n = len(cells.lines)
    figures, agree = np.bincount(rows, minlength=n), np.bincount(rows, weights=same, minlength=n)
    large = np.bincount(rows, weights=np.abs(values) > 2 * slack, minlength=n)
    digits = np.bincount(rows, weights=np.log10(1 + np.abs(values)), minlength=n)
    others = np.bincount(period)[period] - 1
    found = np.flatnonzero((figures == agree) & (large >= _FIGURES) & (digits >= _DIGITS) & (others >= least))
    alone = np.bincount(period[found], minlength=int(period.max()) + 1)[period[found]] == 1
    rows_alone: NDArray[np.int64] = found[alone]
    return rows_alone


def _without(cells: Cells, rows: NDArray[np.int64]) -> Cells:
    keep = np.ones(len(cells.lines), dtype=bool)
    keep[rows] = False
    places = np.cumsum(keep, dtype=np.int32) - np.int32(1)
    kept = keep[cells.rows]
    at = np.flatnonzero(keep)
    return cells._replace(
        codes=cells.codes.take(at),
        units=cells.units.take(at),
        starts=cells.starts[at],
        ends=cells.ends[at],
        lines=cells.lines[at],
        rows=places[cells.rows[kept]],
        measures=cells.measures[kept],
        values=cells.values[kept],
        states=cells.states[kept],
        texts=cells.texts.take(np.flatnonzero(kept)),
    )
