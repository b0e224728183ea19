"""Checks across files: what no file shows on its own, because it takes another file to see it.

Nothing here knows in which order files came, nor what they were called: findings name slots. What a file's own contract
warned of is told again, so that a release says of every figure in it what is to be doubted.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pyarrow as pa

from functions.peers.drift import drifting
from shared.facts.apply_findings import COVERAGE, FIGURES, UNKNOWN, period_names
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.findings import IN_DETAIL, listed
from shared.method.contracts import Dataset
from shared.method.terms import Period, Ref
from shared.tables import FINDINGS

if TYPE_CHECKING:
    from shared.landing.snapshot import Snapshot
    from shared.method.method import Method

type Found = dict[str, Any]

_ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    (name, "ascending") for name in ("severity", "rule", "dataset", "period", "measure", "trust_code", "message")
]


def findings(facts: Facts, snapshot: "Snapshot", method: "Method") -> pa.Table:
    """All that checks across a snapshot's files found: schema `FINDINGS`, errors first.

    `facts` are those of the snapshot's files. `period` is the label of a slot, or the days of a period as
    `shared.facts.apply_findings` names it; `file_id` is given where a finding is about one file.
    """
    population = Population(facts, method.programme)
    alone = Counter((file.dataset, file.period) for file in snapshot.files)
    files = {
        (file.dataset, file.period): file.file_id for file in snapshot.files if alone[file.dataset, file.period] == 1
    }
    found = [*_overlapping(snapshot), *_unknown(facts, population, method)]
    for name, table in facts.tables.items():
        contract = method.datasets[name]
        found += _warned_of(table, contract)
        found += _shrunken(table, contract, population)
        found += drifting(table, contract)
    rows = [{"file_id": files.get((row["dataset"], row["period"])), **row} for row in found]
    return pa.Table.from_pylist(rows, FINDINGS).sort_by(_ORDER).combine_chunks()


def _overlapping(snapshot: "Snapshot") -> Iterator[Found]:
    """Parts of one period that state the same code, period and measure."""
    used = {file.slot for file in snapshot.files}
    for file, overlaps in ((left.file, left.overlaps) for left in snapshot.left_out):
        instead = "the file before it is used instead" if file.slot in used else "it is left out"
        for other, codes in overlaps.items():
            yield {
                "severity": "error",
                "rule": "overlap",
                "dataset": file.dataset,
                "period": file.period,
                "file_id": file.file_id,
                "message": f"The newest file of {file.slot} states figures of {_codes(codes)} that the file of {other} "
                f"states too. So that none counts twice, {instead}. Take the figures out of one of the two, or "
                "delete the file that should not be there, and land what is right.",
            }


def _unknown(facts: Facts, population: Population, method: "Method") -> Iterator[Found]:
    """Codes that look like a trust's, but neither register nor successions know them."""
    register = method.programme.population.trust_register
    known = set(facts.rows(Ref(register.dataset, register.name))["code"])
    if not known:
        return
    known |= population.successors.known()
    for dataset, table in facts.tables.items():
        for period, codes in table.groupby("period")["code"]:
            for code in sorted(code for code in set(codes) - known if population.is_trust(code)):
                yield {
                    "severity": "warning",
                    "rule": UNKNOWN,
                    "dataset": dataset,
                    "period": period,
                    "trust_code": code,
                    "message": f"{dataset} {period} holds figures of {code}, which neither the register "
                    f"({register.dataset}) nor the successions ({population.successors_dataset}) know. If the code is "
                    "mistyped, correct the file; if the trust is missing, land a newer register.",
                }


def _warned_of(table: pd.DataFrame, contract: Dataset) -> Iterator[Found]:
    """The figures that their own file's checks warned of; of one check in one file the first `IN_DETAIL`."""
    warned = table[table["warnings"].notna()]
    if warned.empty:
        return
    names = period_names(table)
    each = warned.explode("warnings").sort_values(["row", "measure", "code", "period_start"])
    for (label, rule), cells in each.groupby(["period", "warnings"], sort=True):
        more = f" It doubts {len(cells):,} figures of {label}, of which {IN_DETAIL} are told." * (
            len(cells) > IN_DETAIL
        )
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
                "message": f"{contract.id}.{measure}: the figure of {code} in row {row} of {label} is doubted by the "
                f"check {rule}: {contract.checks[str(rule)].because} It is used as it stands; if it is wrong, correct "
                f"the file and land it again.{more}",
            }


def _shrunken(table: pd.DataFrame, contract: Dataset, population: Population) -> Iterator[Found]:
    """Periods whose files hold too few of the codes, or else of the figures, of the period before; trusts that closed
    since don't count."""
    least = contract.expects
    labels = {str(label): contract.period.of(str(label)) for label in table["period"].unique()}
    held = table[table["state"] != "missing"].groupby("period")["code"].value_counts()
    before: pd.Series[int] | None = None
    earlier = ""
    for period, label in sorted((period, label) for label, period in labels.items() if period is not None):
        now: pd.Series[int] = held.loc[[label]].droplevel(0) if label in held.index else held.iloc[:0].droplevel(0)
        if before is not None:
            expected = before[[code for code in before.index if not _gone(str(code), period.end, population)]]
            missing = sorted(set(expected.index) - set(now.index))
            about = {"severity": "warning", "dataset": contract.id, "period": label}
            if least.coverage is not None and len(expected) - len(missing) < least.coverage * len(expected):
                yield about | {
                    "rule": COVERAGE,
                    "message": f"{contract.id} {label} lacks {_codes(missing)} of the {len(expected)} codes that "
                    f"{earlier} holds and that have not closed since; at least {least.coverage:.0%} are expected. If "
                    "the file was cut short, land the whole of it.",
                }
            elif least.figures is not None and now.sum() < least.figures * expected.sum():
                yield about | {
                    "rule": FIGURES,
                    "message": f"{contract.id} {label} has {now.sum():,} figures where {earlier} has "
                    f"{expected.sum():,} of codes that have not closed since; at least {least.figures:.0%} are "
                    "expected. If the file was cut short, land the whole of it.",
                }
        before, earlier = now, label


def _gone(code: str, day: date, population: Population) -> bool:
    closed = population.closed.get(code)
    return (closed is not None and closed <= day) or population.successors.closed(code, day)


def _codes(codes: Sequence[str]) -> str:
    """`2 codes (RA1, RA2)`."""
    return f"{len(codes)} {'code' if len(codes) == 1 else 'codes'} ({listed(codes)})"
