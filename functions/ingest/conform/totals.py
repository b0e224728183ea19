"""Rows that add up the others: those that the contract names, and those that a file has without saying so."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.ingest.conform.cells import Cells, FileContents
from functions.ingest.conform.header import ColumnPlan
from functions.ingest.conform.parse import VALUE
from functions.ingest.conform.rows import TotalRow
from shared.findings import Findings, quoted
from shared.method.contracts import Dataset

_ROUNDING = 1e-9
_HALF = 0.5
_OTHERS = 3
"""A row is only taken for a total if it adds up at least so many others, in at least `_FIGURES` measures."""

_FIGURES = 2


def without_totals(contents: FileContents, contract: Dataset, plan: ColumnPlan, findings: Findings) -> FileContents:
    """The content without rows that are totals though the contract names no such code, each with a warning.

    The file's own total, if the contract names its code, is compared with the sum of the rows.
    """
    cells = contents.cells
    if len(cells.lines) == 0:
        return contents
    _check_total(cells, contents.totals, plan, findings)
    rows = np.empty(0, dtype=np.int64) if contract.long or contract.relation else _adding_up(cells)
    for row in rows.tolist():
        code = quoted(cells.codes[row].as_py() or "")
        text = (
            f"the row of {code} looks like a total: its figures are the sums of the other rows. It is not read; remove "
            "it, or name its code among the dataset's totals."
        )
        findings.add("warning", "looks_like_total", text, row=int(cells.lines[row]), column=plan.code.title)
    return contents._replace(cells=_without(cells, rows)) if len(rows) else contents


def _check_total(cells: Cells, totals: Sequence[TotalRow], plan: ColumnPlan, findings: Findings) -> None:
    if len(totals) != 1:
        return
    figures = np.where(cells.states == VALUE, cells.values, 0.0)
    sums = np.bincount(cells.measures, weights=figures, minlength=len(cells.names))
    for name, total in totals[0].values.items():
        added = float(sums[cells.names.index(name)])
        if abs(added - total) > _HALF + _ROUNDING * abs(total):
            text = f"the total is {total:,.15g} but the rows add up to {added:,.15g}; land the whole file."
            column = plan.column(name).title
            findings.add("error", "total", text, row=totals[0].line, column=column, sample=f"{total:.15g}")


def _adding_up(cells: Cells) -> NDArray[np.int64]:
    """The rows whose figures are all the sums of the other rows of their period: at most one in each period."""
    numbers = (cells.states == VALUE) & np.isfinite(cells.values)
    rows, values = cells.rows[numbers], cells.values[numbers]
    _, period = np.unique(np.stack([cells.starts, cells.ends]), axis=1, return_inverse=True)
    period = period.reshape(-1)
    group = period[rows].astype(np.int64) * len(cells.names) + cells.measures[numbers]
    sums = np.bincount(group, weights=values)
    slack = _HALF + _ROUNDING * np.abs(values)
    same = np.abs(sums[group] - 2 * values) <= 2 * slack
    n = len(cells.lines)
    figures, agree = np.bincount(rows, minlength=n), np.bincount(rows, weights=same, minlength=n)
    large = np.bincount(rows, weights=np.abs(values) > 2 * slack, minlength=n)
    others = np.bincount(period)[period] - 1
    return np.flatnonzero((figures == agree) & (large >= _FIGURES) & (others >= _OTHERS))


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
