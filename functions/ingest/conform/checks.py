"""What the cells of one file must say together: no repeats, totals that add up, measures that fit each other."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.ingest.conform.cells import Cells, Contents, Extent, TotalRow
from functions.ingest.conform.header import Column, Plan
from functions.ingest.conform.parse import VALUE, Floats, Whole, ranks
from shared.findings import FindingDetail, Findings, listed
from shared.method.contracts import Check, Dataset

_FIGURES = 20
_ROUNDING = 1e-9
_HALF = 0.5
_RELATIONS = {"at_most": "more than", "at_least": "less than", "equals": "not"}


class Warned(NamedTuple):
    """A warning, and the cells of the file that it is about: their places among `Cells.values`."""

    rule: str
    cells: Whole


def check(contents: Contents, contract: Dataset, plan: Plan, findings: Findings) -> list[Warned]:
    """Tell all that is wrong with the file as a whole; `plan` says where each measure stands.

    What is published all the same with a warning is returned, so that the warning stays with its figures.
    """
    cells = contents.cells
    if len(cells.lines) < contract.expects.minimum_rows and not findings.rejected:
        least = contract.expects.minimum_rows
        text = f"the file has {len(cells.lines)} rows of data, at least {least} are expected; land it whole."
        findings.add("error", "too_few_rows", text)
    _tell_split_thousands(contents.extents, findings)
    if len(cells.lines):
        _tell_repeats(cells, contract, findings)
        _tell_totals(cells, contents.totals, plan, findings)
        return _Records(cells, contract).tell(plan, findings)
    return []


def _tell_split_thousands(extents: Sequence[Extent], findings: Findings) -> None:
    for column, numbers, figures, largest in extents:
        if figures >= _FIGURES and largest < (numbers.largest_at_least or 0):
            text = (
                f"the largest of its {figures} figures is {largest:,.6g}; they were probably split at their "
                "thousands over several columns, so export the file anew."
            )
            findings.add("error", "split_thousands", text, column=column.title)


def _tell_repeats(cells: Cells, contract: Dataset, findings: Findings) -> None:
    """Rows that state what an earlier one stated. In a wide file rows repeat as wholes, so one measure tells."""
    told = np.arange(len(cells.rows)) if contract.long or contract.relation else np.flatnonzero(cells.measures == 0)
    rows = cells.rows[told]
    keys: list[Whole] = [cells.lines[rows], cells.starts[rows], cells.ends[rows], cells.measures[told]]
    if contract.relation:
        keys.append(ranks(cells.texts.take(told)))
    keys.append(ranks(cells.codes)[rows])
    order = np.lexsort(keys)
    same = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys[1:]])
    again = np.flatnonzero(same) + 1
    first = np.maximum.accumulate(np.where(np.r_[False, same], 0, np.arange(len(order))))

    def say(nth: int) -> FindingDetail:
        row, earlier = rows[order[again[nth]]], rows[order[first[again[nth]]]]
        code = cells.codes[row].as_py()
        text = f"{code} stands in row {cells.lines[earlier]} already; keep the row that is right."
        return FindingDetail(int(cells.lines[row]), text, code, code)

    findings.add_each("error", "duplicate_row", None, len(again), say)


def _tell_totals(cells: Cells, totals: Sequence[TotalRow], plan: Plan, findings: Findings) -> None:
    """A file's own total against its rows."""
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


class _Records:
    """The figures that checks compare, side by side: a row for each measure, a column for each code and period."""

    def __init__(self, cells: Cells, contract: Dataset) -> None:
        self.contract, self.cells = contract, cells
        named = {name for check in contract.checks.values() for name in check.measures}
        self.names = [name for name in cells.names if name in named]
        place = np.full(len(cells.names), -1, dtype=np.int32)
        place[[cells.names.index(name) for name in self.names]] = np.arange(len(self.names))
        chosen = np.flatnonzero((place[cells.measures] >= 0) & (cells.states == VALUE))
        record = _same_code_and_period(cells) if contract.long else np.arange(len(cells.lines), dtype=np.int32)
        at = place[cells.measures[chosen]], record[cells.rows[chosen]]
        shape = len(self.names), int(record.max()) + 1
        self.values = np.full(shape, np.nan)
        self.places = np.full(shape, -1, dtype=np.int32)  # of the cells that they come from
        self.values[at], self.places[at] = cells.values[chosen], chosen

    def tell(self, plan: Plan, findings: Findings) -> list[Warned]:
        """Every check that fails, at the row and column of its first measure; the warnings among them."""
        warned = []
        for rule, check in self.contract.checks.items():
            if set(check.measures) <= set(self.names):
                found = self._tell(rule, check, plan.column(check.sum[0]), findings)
                if check.severity == "warning":
                    named = [self.names.index(name) for name in check.measures]
                    warned.append(Warned(rule, self.places[np.ix_(named, found)].ravel()))
        return warned

    def _tell(self, rule: str, check: Check, column: Column, findings: Findings) -> NDArray[np.int64]:
        """Which records fail a check."""
        with np.errstate(divide="ignore", invalid="ignore"):
            left = check.times * self._sum(check.sum) / (self._sum(check.per) if check.per else 1.0)
        right = self._sum(check.bound) if isinstance(check.bound, tuple) else np.full(len(left), check.bound)
        slack = check.tolerance + _ROUNDING * np.abs(right)
        over, under = left - right > slack, right - left > slack
        wrong = {"at_most": over, "at_least": under, "equals": over | under}[check.relation]
        found = np.flatnonzero(wrong & np.isfinite(left))
        spoken, bound = _spoken(check, self.contract), _bound(check, self.contract)

        def say(nth: int) -> FindingDetail:
            at = found[nth]
            row = self.cells.rows[self.places[self.names.index(check.sum[0]), at]]
            relation = f"is {left[at]:,.10g}, {_RELATIONS[check.relation]} {bound}{right[at]:,.10g}"
            text = f"{spoken} {relation}. {check.because} Correct the figure that is wrong."
            return FindingDetail(int(self.cells.lines[row]), text, f"{left[at]:.10g}", self.cells.codes[row].as_py())

        findings.add_each(check.severity, rule, column.title, len(found), say)
        return found

    def _sum(self, names: Sequence[str]) -> Floats:
        """Missing where any part is."""
        total: Floats = self.values[[self.names.index(name) for name in names]].sum(axis=0)
        return total


def _same_code_and_period(cells: Cells) -> Whole:
    found = ranks(cells.codes).astype(np.int64)
    for days in (cells.starts, cells.ends):
        distinct, which = np.unique(days, return_inverse=True)
        found = found * len(distinct) + which
    return np.unique(found, return_inverse=True)[1].astype(np.int32)


def _spoken(check: Check, contract: Dataset) -> str:
    text = _called(check.sum, contract)
    if check.per:
        text += f" per {_called(check.per, contract)}"
    return text if check.times == 1 else f"{check.times:g} × {text}"


def _bound(check: Check, contract: Dataset) -> str:
    return f"{_called(check.bound, contract)}, which is " if isinstance(check.bound, tuple) else ""


def _called(names: Sequence[str], contract: Dataset) -> str:
    spoken = [contract.measures[name].heading or name for name in names]
    return f"the sum of {listed(spoken, 3)}" if len(names) > 1 else repr(spoken[0])
