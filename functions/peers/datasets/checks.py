"""What the periods of one dataset show by themselves: warnings about their own files, repeats and drift."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from functions.peers.datasets.drift import drifting, with_derived
from functions.peers.datasets.repeats import FiguresByLabel, figures_by_label, repeated
from shared.facts.apply_findings import FindingRow, period_names
from shared.facts.row_arrays import plain
from shared.findings import IN_DETAIL, OF_EVERY_FILE
from shared.method.contracts import Dataset
from shared.method.terms import Period


def findings_of_dataset(
    table: pd.DataFrame, in_numbers: Iterable[pd.DataFrame], contract: Dataset
) -> Iterator[FindingRow]:
    """The findings of a dataset's long table. `in_numbers`: the rows of its measures that are numbers, by organisation,
    in one or more frames without a measure in common."""
    names = period_names(table)
    yield from _warned_of(table, names, contract)
    drifted: list[FindingRow] = []
    by_label: list[FiguresByLabel] = []
    for frame in in_numbers:
        drifted += drifting(frame, contract, names)
        by_label.append(figures_by_label(frame))
    yield from repeated(by_label, contract)
    yield from with_derived(drifted, table, contract)


def _warned_of(table: pd.DataFrame, names: Mapping[Period, str], contract: Dataset) -> Iterator[FindingRow]:
    """The figures that the checks of their own file warned of; of one check in one file, the first `IN_DETAIL`."""
    warned = table[table["warnings"].notna()]
    if warned.empty:
        return
    warnings = plain(warned).explode("warnings").sort_values(["row", "measure", "code", "period_start"])
    for (label, rule), cells in warnings.groupby(["period", "warnings"], sort=True):
        more = f" The check warns of {len(cells):,} figures of {label}; the first {IN_DETAIL} are listed."
        more = more if len(cells) > IN_DETAIL else ""
        for cell in cells.head(IN_DETAIL).to_dict("records"):
            code, measure, row = cell["code"], cell["measure"], cell["row"]
            yield {
                "severity": "warning",
                "rule": rule,
                "dataset": contract.id,
                "period": names.get(Period(cell["period_end"], cell["period_start"]), label),
                "trust_code": code,
                "measure": measure,
                "row": row,
                "message": f"{contract.id}.{measure}: the figure of {code} in row {row} of {label} fails the check "
                f"{rule}: {_because(contract, str(rule))} It is used unchanged; if it is wrong, correct the file "
                f"and land it again.{more}",
            }


def _because(contract: Dataset, rule: str) -> str:
    """Why a check of a file warned: the reason of the contract, or that of a check that every file undergoes."""
    check = contract.checks.get(rule)
    return check.because if check else OF_EVERY_FILE[rule]
