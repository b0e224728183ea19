"""Checks across files: faults that show only when a file is compared with another.

The order in which files were landed and their names have no effect: findings name slots. The warnings of each file's
own contract are repeated, so that a release lists every warning about its figures.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.peers.continuity import codes_by_label, mistyped, not_trusts, repeated, replaced
from functions.peers.drift import drifting, with_derived
from functions.peers.successions import contradicted, strangers
from shared.facts.apply_findings import COVERAGE, FIGURES, UNKNOWN, FindingRow, period_names
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.facts.row_arrays import encoded
from shared.findings import IN_DETAIL, OF_EVERY_FILE, listed
from shared.method.contracts import Dataset
from shared.method.terms import Period, Ref
from shared.tables import FINDINGS

if TYPE_CHECKING:
    from shared.landing.snapshot import Snapshot
    from shared.method.method import Method


_ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    (name, "ascending") for name in ("severity", "rule", "dataset", "period", "measure", "trust_code", "message")
]


def findings(facts: Facts, snapshot: "Snapshot", method: "Method", population: Population) -> pa.Table:
    """The findings of all checks across a snapshot's files: schema `FINDINGS`, errors first.

    `facts` are those of the snapshot's files. `period` is the label of a slot, or the days of a period as
    `shared.facts.apply_findings` names it; `file_id` is null unless a finding is about one file.
    """
    files_of_period = Counter((file.dataset, file.period) for file in snapshot.files)
    file_ids = {
        (file.dataset, file.period): file.file_id
        for file in snapshot.files
        if files_of_period[file.dataset, file.period] == 1
    }
    rows = [*findings_across(facts, snapshot, method, population)]
    for name, table in facts.tables.items():
        rows += findings_of_dataset(table, facts.by_organisation[name], method.datasets[name], population)
    rows = [{"file_id": file_ids.get((row["dataset"], row["period"])), **row} for row in rows]
    return pa.Table.from_pylist(rows, FINDINGS).sort_by(_ORDER).combine_chunks()


def findings_across(
    facts: Facts, snapshot: "Snapshot", method: "Method", population: Population
) -> Iterator[FindingRow]:
    """What shows only where files, the register and lists of peers are compared."""
    yield from _overlapping(snapshot)
    yield from replaced(snapshot, method)
    yield from _unknown(facts, population, method)
    yield from mistyped(facts, population, method)
    yield from not_trusts(facts, population, method)
    yield from _ambiguous(facts, population, method)
    yield from contradicted(facts, population, method)
    yield from strangers(facts, population, method)


def findings_of_dataset(
    table: pd.DataFrame, by_organisation: pd.DataFrame, contract: Dataset, population: Population
) -> Iterator[FindingRow]:
    """What one dataset's periods show by themselves: its rows, its rows added up by organisation, and its contract. Of
    the population it needs the days on which codes closed, and the successions."""
    yield from _warned_of(table, contract)
    yield from _shrunken(table, contract, population)
    yield from repeated(by_organisation, contract)
    yield from with_derived([*drifting(by_organisation, contract)], table, contract)


def _overlapping(snapshot: "Snapshot") -> Iterator[FindingRow]:
    """Parts of one period that have figures for the same code, period and measure."""
    used = {file.slot for file in snapshot.files}
    for excluded in snapshot.left_out:
        file = excluded.file
        instead = "the file before it is used instead" if file.slot in used else "the file is left out"
        for other, codes in excluded.overlaps.items():
            yield {
                "severity": "error",
                "rule": "overlap",
                "dataset": file.dataset,
                "period": file.period,
                "file_id": file.file_id,
                "message": f"The newest file of {file.slot} has figures for {_codes(codes)} that the file of {other} "
                f"has too. So that no figure counts twice, {instead}. Remove the figures from one of the two files and "
                "land it again, or delete the file that is wrong.",
            }


def _unknown(facts: Facts, population: Population, method: "Method") -> Iterator[FindingRow]:
    """Codes that look like a trust's but are neither in the register nor in the successions."""
    rule, noun = method.programme.population, method.programme.organisation.one
    register = rule.trust_register
    if register is None:
        return
    successions = f" nor in the successions ({rule.successors.dataset})" if rule.successors else ""
    neither = "neither in the register" if successions else "not in the register"
    registered = set(facts.rows(Ref(register.dataset, register.name))["code"])
    if not registered:
        return
    known = registered | population.successors.known()
    for dataset, table in facts.tables.items():
        for period, codes in codes_by_label(table).items():
            for code in sorted(code for code in codes - known if population.is_trust(code)):
                yield {
                    "severity": "warning",
                    "rule": UNKNOWN,
                    "dataset": dataset,
                    "period": period,
                    "trust_code": code,
                    "message": f"{dataset} {period} has figures for {code}, which is {neither} ({register.dataset})"
                    f"{successions}. If the code is mistyped, correct the file; if the register lacks the {noun}, land "
                    "a newer register.",
                }


def _ambiguous(facts: Facts, population: Population, method: "Method") -> Iterator[FindingRow]:
    """Codes of a further level that another organisation has: two organisations of one code would be confused."""
    register, words = method.programme.population.trust_register, method.programme.organisation_of
    if register is None:
        return
    period = facts.newest([Ref(register.dataset, register.name)])
    for level, codes in population.ambiguous.items():
        for code in sorted(codes):
            yield {
                "severity": "error",
                "rule": "ambiguous_code",
                "dataset": register.dataset,
                "period": facts.label(register.dataset, period) if period else "",
                "trust_code": code,
                "message": f"{register.dataset} names {code} as {words(level).with_article}, but another organisation "
                f"has this code, so there are no figures of the {words(level).one}. Give the {words(level).one} a "
                f"code of its own and land {register.dataset} again.",
            }


def _warned_of(table: pd.DataFrame, contract: Dataset) -> Iterator[FindingRow]:
    """The figures that the checks of their own file warned of; of one check in one file, the first `IN_DETAIL`."""
    warned = table[table["warnings"].notna()]
    if warned.empty:
        return
    names = period_names(table)
    warnings = warned.explode("warnings").sort_values(["row", "measure", "code", "period_start"])
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


def _shrunken(table: pd.DataFrame, contract: Dataset, population: Population) -> Iterator[FindingRow]:
    """Periods with too few of the codes, or else too few of the figures, of the period before. Trusts that have closed
    since do not count."""
    least = contract.expects
    labels = {str(label): contract.period.of(str(label)) for label in encoded(table["period"]).values}
    figures = _figures_by_code(table)
    may_close = population.closed.keys() | set(population.successors.codes())
    before: pd.Series[int] | None = None
    earlier = ""
    for period, label in sorted((period, label) for label, period in labels.items() if period is not None):
        now = figures[label]
        if before is not None:
            gone = [code for code in may_close if _closed(code, period.end, population)]
            expected = before[~before.index.isin(gone)]
            missing = sorted(set(expected.index) - set(now.index))
            about = {"severity": "warning", "dataset": contract.id, "period": label}
            if least.coverage is not None and len(expected) - len(missing) < least.coverage * len(expected):
                yield about | {
                    "rule": COVERAGE,
                    "message": f"{contract.id} {label} lacks {_codes(missing)}, of the {len(expected)} codes that "
                    f"{earlier} has and that have not closed since; at least {least.coverage:.0%} are expected. If "
                    "the file was cut short, land the whole file.",
                }
            elif least.figures is not None and now.sum() < least.figures * expected.sum():
                yield about | {
                    "rule": FIGURES,
                    "message": f"{contract.id} {label} has {now.sum():,} figures and {earlier} has {expected.sum():,} "
                    f"for the codes that have not closed since; at least {least.figures:.0%} are expected. If the file "
                    "was cut short, land the whole file.",
                }
        before, earlier = now, label


def _figures_by_code(table: pd.DataFrame) -> "dict[str, pd.Series[int]]":
    """Label → how many figures each code has that has any."""
    label, code = encoded(table["period"]), encoded(table["code"])
    has_figure = ~encoded(table["state"]).among({"missing"})
    shape = len(label.values), len(code.values)
    cells = (label.place * shape[1] + code.place)[has_figure]
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    codes = np.array(code.values, dtype=object)
    return {name: pd.Series(row[row > 0], codes[row > 0]) for name, row in zip(label.values, counts, strict=True)}


def _closed(code: str, day: date, population: Population) -> bool:
    closed = population.closed.get(code)
    return (closed is not None and closed <= day) or population.successors.closed(code, day)


def _codes(codes: Sequence[str]) -> str:
    """`2 codes (RA1, RA2)`."""
    return f"{len(codes)} {'code' if len(codes) == 1 else 'codes'} ({listed(codes)})"
