"""Checks of all cells of a file together: no repeats, totals that add up, measures that are consistent."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.ingest.conform.cells import Cells, Extent, FileContents
from functions.ingest.conform.header import ColumnPlan, FileColumn
from functions.ingest.conform.parse import VALUE, Floats, Whole, ranks
from shared.compute import pc
from shared.findings import FindingDetail, Findings, listed, quoted
from shared.method.contracts import PERCENT, Check, Dataset

_FIGURES = 20
_ROUNDING = 1e-9
_RELATIONS = {"at_most": "more than", "at_least": "less than", "equals": "not"}


type Places = NDArray[np.int64]


class CheckWarning(NamedTuple):
    """A check that warns, and the cells of the file that it warns of: their places among `Cells.values`."""

    rule: str
    cells: Whole


def check(contents: FileContents, contract: Dataset, plan: ColumnPlan, findings: Findings) -> list[CheckWarning]:
    """Add a finding for everything that is wrong with the file as a whole.

    The warnings are returned too, since a figure with a warning is published with it.
    """
    cells = contents.cells
    rows = contents.rows if contract.keyed else len(cells.lines)
    least = contract.expects.minimum_rows
    if rows < least and not findings.rejected:
        text = f"the file has {rows} rows of data and at least {least} are expected; land the whole file."
        findings.add("error", "too_few_rows", text)
    _check_split_thousands(contents.extents, findings)
    if rows == 0:
        return []
    _check_repeats(cells, contract, findings)
    if contract.unit:
        _check_attributes(cells, contract, plan, findings)
    warnings = [*_check_percentages(contents, findings), *_Records(cells, contract).check(plan, findings)]
    return [_with_derived(warning, contents) for warning in warnings]


def _with_derived(warning: CheckWarning, contents: FileContents) -> CheckWarning:
    """The warning, also of the cells that are computed from those that it is about."""
    cells = contents.cells
    measures, rows = cells.measures[warning.cells], cells.rows[warning.cells]
    found = [warning.cells]
    for name, way in contents.derived.items():
        parts = [cells.names.index(part) for part in way.measures]
        touched = np.zeros(len(cells.lines), dtype=bool)
        touched[rows[np.isin(measures, parts)]] = True
        of_name = np.flatnonzero((cells.measures == cells.names.index(name)) & touched[cells.rows])
        found.append(of_name.astype(np.int32))
    return warning._replace(cells=np.concatenate(found))


def _check_split_thousands(extents: Sequence[Extent], findings: Findings) -> None:
    for column, numbers, figures, largest in extents:
        if figures >= _FIGURES and largest < (numbers.largest_at_least or 0):
            text = (
                f"the largest of its {figures} figures is {largest:,.6g}; the numbers were probably split at their "
                "thousands separators into several columns, so export the file again."
            )
            findings.add("error", "split_thousands", text, column=column.title)


def _check_percentages(contents: FileContents, findings: Findings) -> Iterator[CheckWarning]:
    """Columns in percent in which no figure is above 1, as if 2.4% had been written as 0.024."""
    cells = contents.cells
    for column, numbers, figures, largest in contents.extents:
        if numbers.unit == PERCENT and figures >= _FIGURES and largest <= 1:
            text = (
                f"none of its {figures} figures other than zero is above 1; they were probably written as parts of 1. "
                "They are read as percentages; if they are not, multiply them by 100 and land the file again."
            )
            findings.add("warning", "percent_scale", text, column=column.title)
            measures = [nth for nth, name in enumerate(cells.names) if contents.columns.get(name) == column]
            yield CheckWarning("percent_scale", np.flatnonzero(np.isin(cells.measures, measures)).astype(np.int32))


def _check_repeats(cells: Cells, contract: Dataset, findings: Findings) -> None:
    """Rows that repeat the code, period and measure of an earlier row. A wide file repeats whole rows, so that looking
    at one measure is enough."""
    each = contract.long or contract.relation
    places = np.arange(len(cells.rows)) if each else np.flatnonzero(cells.measures == 0)
    rows = cells.rows[places]
    keys: list[Whole] = [cells.lines[rows], cells.starts[rows], cells.ends[rows], cells.measures[places]]
    if contract.relation:
        keys.append(ranks(cells.texts.take(places)))
    keys += [ranks(cells.units)[rows], ranks(cells.codes)[rows]]
    order = np.lexsort(keys)
    same = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys[1:]])
    same &= keys[-1][order][1:] >= 0  # two cells that are no codes are not the same code
    again = np.flatnonzero(same) + 1
    # What is no code has a finding of its own, which correcting it removes; whether rows repeat is known only then.
    codes = cells.codes.take(rows[order[again]])
    again = again[pc.match_substring_regex(codes, f"^({contract.code.pattern})$").to_numpy(zero_copy_only=False)]
    first = np.maximum.accumulate(np.where(np.r_[False, same], 0, np.arange(len(order))))

    def detail(nth: int) -> FindingDetail:
        row, earlier = rows[order[again[nth]]], rows[order[first[again[nth]]]]
        code, unit = cells.codes[row].as_py(), cells.units[row].as_py()
        name = f"{unit} of {code}" if unit else code
        text = f"{name} is in row {cells.lines[earlier]} already; keep the row that is right."
        return FindingDetail(int(cells.lines[row]), text, code, code)

    findings.add_each("error", "duplicate_row", None, len(again), detail)


def _check_attributes(cells: Cells, contract: Dataset, plan: ColumnPlan, findings: Findings) -> None:
    """Attributes of an organisation that differ between the rows of its units."""
    codes = ranks(cells.codes)
    for nth, name in enumerate(cells.names):
        measure = contract.measures.get(name)
        if measure is None or measure.type == "number" or measure.of_unit:
            continue
        at: Places = np.flatnonzero((cells.measures == nth) & (cells.states == VALUE))
        rows = cells.rows[at]
        texts = ranks(pc.utf8_lower(cells.texts.take(at)))
        first = np.full(len(cells.lines) + 1, -1)
        order = np.argsort(rows, kind="stable")[::-1]
        first[codes[rows[order]]] = order  # of a code's rows the first one is written last
        other: Places = np.flatnonzero((codes[rows] >= 0) & (texts != texts[first[codes[rows]]]))

        def detail(
            nth: int, at: Places = at, rows: Whole = rows, pairs: tuple[Places, Places] = (other, first)
        ) -> FindingDetail:
            here = pairs[0][nth]
            there, code = pairs[1][codes[rows[here]]], cells.codes[rows[here]].as_py()
            texts = [quoted(cells.texts[at[place]].as_py()) for place in (here, there)]
            text = (
                f"{code} has {texts[0]} here and {texts[1]} in row {cells.lines[rows[there]]}; all rows of an "
                "organisation need the same."
            )
            return FindingDetail(int(cells.lines[rows[here]]), text, code, code)

        findings.add_each("error", "differs_by_unit", plan.measures[name].title, len(other), detail)


class _Records:
    """The figures that a contract's checks compare: a row for each measure, a column for each code and period."""

    def __init__(self, cells: Cells, contract: Dataset) -> None:
        self.contract, self.cells = contract, cells
        compared = {name for check in contract.checks.values() for name in check.measures}
        self.names = [name for name in cells.names if name in compared]
        place = np.full(len(cells.names), -1, dtype=np.int32)
        place[[cells.names.index(name) for name in self.names]] = np.arange(len(self.names))
        chosen = np.flatnonzero((place[cells.measures] >= 0) & (cells.states == VALUE))
        record = _same_code_and_period(cells) if contract.long else np.arange(len(cells.lines), dtype=np.int32)
        at = place[cells.measures[chosen]], record[cells.rows[chosen]]
        shape = len(self.names), int(record.max()) + 1
        self.values = np.full(shape, np.nan)
        self.places = np.full(shape, -1, dtype=np.int32)  # among `Cells.values`
        self.values[at], self.places[at] = cells.values[chosen], chosen

    def check(self, plan: ColumnPlan, findings: Findings) -> list[CheckWarning]:
        """A finding for every record that fails a check, at the row and column of the check's first measure."""
        warnings = []
        for rule, check in self.contract.checks.items():
            if set(check.measures) <= set(self.names):
                failing = self._failing(rule, check, plan.column(check.sum[0]), findings)
                if check.severity == "warning":
                    measures = [self.names.index(name) for name in check.measures]
                    warnings.append(CheckWarning(rule, self.places[np.ix_(measures, failing)].ravel()))
        return warnings

    def _failing(self, rule: str, check: Check, column: FileColumn, findings: Findings) -> NDArray[np.int64]:
        """The records that fail a check."""
        with np.errstate(divide="ignore", invalid="ignore"):
            left = check.times * self._sum(check.sum) / (self._sum(check.per) if check.per else 1.0)
        right = self._sum(check.bound) if isinstance(check.bound, tuple) else np.full(len(left), check.bound)
        slack = check.tolerance + _ROUNDING * np.abs(right)
        over, under = left - right > slack, right - left > slack
        wrong = {"at_most": over, "at_least": under, "equals": over | under}[check.relation]
        failing = np.flatnonzero(wrong & np.isfinite(left))
        left_name, right_name = _left_name(check, self.contract), _right_name(check, self.contract)

        def detail(nth: int) -> FindingDetail:
            at = failing[nth]
            row = self.cells.rows[self.places[self.names.index(check.sum[0]), at]]
            relation = f"is {left[at]:,.10g}, {_RELATIONS[check.relation]} {right_name}{right[at]:,.10g}"
            text = f"{left_name} {relation}. {check.because} Correct the figure that is wrong."
            return FindingDetail(int(self.cells.lines[row]), text, f"{left[at]:.10g}", self.cells.codes[row].as_py())

        findings.add_each(check.severity, rule, column.title, len(failing), detail)
        return failing

    def _sum(self, names: Sequence[str]) -> Floats:
        """The sum of some measures in each record, NaN where any of them is missing."""
        total: Floats = self.values[[self.names.index(name) for name in names]].sum(axis=0)
        return total


def _same_code_and_period(cells: Cells) -> Whole:
    """A number for each row, equal for rows of the same code, unit and period."""
    numbers = ranks(cells.codes).astype(np.int64)
    for days in (ranks(cells.units), cells.starts, cells.ends):
        distinct, which = np.unique(days, return_inverse=True)
        numbers = numbers * len(distinct) + which
    return np.unique(numbers, return_inverse=True)[1].astype(np.int32)


def _left_name(check: Check, contract: Dataset) -> str:
    text = _name_of_sum(check.sum, contract)
    if check.per:
        text += f" per {_name_of_sum(check.per, contract)}"
    return text if check.times == 1 else f"{check.times:g} × {text}"


def _right_name(check: Check, contract: Dataset) -> str:
    return f"{_name_of_sum(check.bound, contract)}, which is " if isinstance(check.bound, tuple) else ""


def _name_of_sum(names: Sequence[str], contract: Dataset) -> str:
    headings = [contract.measures[name].heading or name if name in contract.measures else name for name in names]
    return f"the sum of {listed(headings, 3)}" if len(names) > 1 else repr(headings[0])
