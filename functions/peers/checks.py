"""Checks across files: what no file shows on its own, because it takes another file to see it.

Nothing here knows in which order files came, nor what they were called: findings name slots.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.facts import Facts, Period, Ref
from shared.findings import listed
from shared.method.contracts import Dataset
from shared.population import Population
from shared.tables import FINDINGS
from shared.withhold import DRIFT, period_names

if TYPE_CHECKING:
    from shared.method.load import Method
    from shared.snapshot import Snapshot

type Found = dict[str, Any]

_ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    (name, "ascending") for name in ("severity", "rule", "dataset", "period", "measure", "trust_code", "message")
]


def findings(facts: Facts, snapshot: "Snapshot", method: "Method") -> pa.Table:
    """All that checks across a snapshot's files found: schema `FINDINGS`, errors first.

    `facts` are those of the snapshot's files. `period` is the label of a slot, or the days of a period as
    `shared.withhold` names it; `file_id` is given where a finding is about one file.
    """
    population = Population(facts, method.programme)
    alone = Counter((file.dataset, file.period) for file in snapshot.files)
    files = {
        (file.dataset, file.period): file.file_id for file in snapshot.files if alone[file.dataset, file.period] == 1
    }
    found = [*_overlapping(snapshot), *_unknown(facts, population, method)]
    for name, table in facts.tables.items():
        contract = method.datasets[name]
        found += _shrunken(table, contract, population)
        found += _drifting(facts, contract)
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
            unknown = sorted(code for code in set(codes) - known if population.is_trust(code))
            if unknown:
                yield {
                    "severity": "warning",
                    "rule": "unknown_trust",
                    "dataset": dataset,
                    "period": period,
                    "trust_code": unknown[0] if len(unknown) == 1 else None,
                    "message": f"{dataset} {period} holds {_codes(unknown)} that neither the register "
                    f"({register.dataset}) nor the successions ({population.successors_dataset}) know. If a code is "
                    "mistyped, correct the file; if a trust is missing, land a newer register.",
                }


def _shrunken(table: pd.DataFrame, contract: Dataset, population: Population) -> Iterator[Found]:
    """Periods whose files hold too few of the codes of the period before; trusts that closed since don't count."""
    least = contract.expects.coverage
    labels = {str(label): contract.period.of(str(label)) for label in table["period"].unique()}
    held = table[table["state"] != "missing"].groupby("period")["code"].agg(set)
    before: set[str] | None = None
    earlier = ""
    for period, label in sorted((period, label) for label, period in labels.items() if period is not None):
        codes = held.get(label, set())
        if before and least is not None:
            expected = {code for code in before if not _gone(code, period.end, population)}
            missing = sorted(expected - codes)
            if len(expected) - len(missing) < least * len(expected):
                yield {
                    "severity": "warning",
                    "rule": "coverage",
                    "dataset": contract.id,
                    "period": label,
                    "message": f"{contract.id} {label} lacks {_codes(missing)} of the {len(expected)} codes that "
                    f"{earlier} holds and that have not closed since; at least {least:.0%} are expected. If the file "
                    "was cut short, land the whole of it.",
                }
        before, earlier = codes, label


def _gone(code: str, day: date, population: Population) -> bool:
    closed = population.closed.get(code)
    return (closed is not None and closed <= day) or population.successors.closed(code, day)


def _drifting(facts: Facts, contract: Dataset) -> Iterator[Found]:
    """Measures, and single trusts' figures, that became many times larger or smaller since the period before."""
    factor = contract.expects.drift
    if factor is None:
        return
    table = facts.tables[contract.id]
    names = period_names(table)
    for measure in sorted(table.loc[table["value"].notna(), "measure"].unique()):
        ref = Ref(contract.id, str(measure))
        said = contract.measures.get(ref.measure)
        unit = f" {said.unit}" if said is not None and said.unit else ""
        earlier: str | None = None
        before = pd.Series(dtype=float)
        for period in facts.periods(ref):
            label, now = names[period], _figures(facts, ref, period)
            both = pd.DataFrame({"then": before, "now": now}).dropna()
            then, total = both.sum()
            about = {"rule": DRIFT, "dataset": ref.dataset, "period": label, "measure": ref.measure}
            if earlier is not None and _apart(then, total, factor):
                yield about | {
                    "severity": "error",
                    "message": f"{ref}: the total of the {len(both)} codes that both periods hold is "
                    f"{_times(then, total)}: {_number(total)}{unit} in {label}, {_number(then)}{unit} in {earlier}. "
                    f"Unit slip? None of its values of {label} is used. "
                    f"Correct the file that is wrong and land it again; if both are right, raise {ref.dataset}'s "
                    "expects.drift.",
                }
                continue  # the next period is held against the last one that can be right
            slips = both[_apart(both["then"], both["now"], factor)]
            for code, was, value in slips.itertuples():
                yield about | {
                    "severity": "warning",
                    "trust_code": code,
                    "message": f"{ref}: the figure of {code} is {_times(was, value)}: {_number(value)}{unit} in "
                    f"{label}, {_number(was)}{unit} in {earlier}. Unit slip? It is used as it stands; if it is wrong, "
                    "correct the file and land it again.",
                }
            earlier, before = label, now.drop(slips.index)


def _figures(facts: Facts, ref: Ref, period: Period) -> "pd.Series[float]":
    rows = facts.at(ref, period)
    return rows.loc[rows["state"] == "value", "value"].astype(float).dropna()


def _apart(then: Any, now: Any, factor: float) -> Any:
    """Whether one is `factor` times the other. No unit turns a figure into zero or a zero into a figure."""
    small, large = np.minimum(abs(then), abs(now)), np.maximum(abs(then), abs(now))
    return (small > 0) & (large >= factor * small)


def _times(then: float, now: float) -> str:
    """How now compares with then, in words."""
    ratio = abs(now / then)
    times = f"{ratio:,.0f} times larger" if ratio > 1 else f"{1 / ratio:,.0f} times smaller"
    return f"{times} than in the period before"


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.4g}"


def _codes(codes: Sequence[str]) -> str:
    """`2 codes (RA1, RA2)`."""
    return f"{len(codes)} {'code' if len(codes) == 1 else 'codes'} ({listed(codes)})"
