"""Checks across files: faults that show only when a file is compared with another.

The order in which files were landed and their names have no effect: findings name slots. The warnings of each file's
own contract are repeated, so that a release lists every warning about its figures.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.peers.checks.continuity import mistyped, not_trusts, replaced
from functions.peers.checks.successions import contradicted, strangers
from functions.peers.datasets.known import KnownFacts
from shared.facts.apply_findings import COVERAGE, FIGURES, UNKNOWN, FindingRow
from shared.facts.population import Population
from shared.facts.row_arrays import encoded
from shared.findings import listed
from shared.method.contracts import Dataset
from shared.method.terms import Ref
from shared.tables import FINDINGS

if TYPE_CHECKING:
    from shared.landing.snapshot import Snapshot
    from shared.method.method import Method


_ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    (name, "ascending") for name in ("severity", "rule", "dataset", "period", "measure", "trust_code", "message")
]


def findings(facts: KnownFacts, snapshot: "Snapshot", method: "Method", population: Population) -> pa.Table:
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
    for name, one in facts.known.items():
        rows += one.findings
        rows += _shrunken(one.held, method.datasets[name], population)
    rows = [{"file_id": file_ids.get((row["dataset"], row["period"])), **row} for row in rows]
    return pa.Table.from_pylist(rows, FINDINGS).sort_by(_ORDER).combine_chunks()


def findings_across(
    facts: KnownFacts, snapshot: "Snapshot", method: "Method", population: Population
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


def _unknown(facts: KnownFacts, population: Population, method: "Method") -> Iterator[FindingRow]:
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
    for dataset in facts.known:
        for period, codes in facts.codes_by_label(dataset).items():
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


def _ambiguous(facts: KnownFacts, population: Population, method: "Method") -> Iterator[FindingRow]:
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


def _shrunken(held: pd.DataFrame, contract: Dataset, population: Population) -> Iterator[FindingRow]:
    """Periods with too few of the codes, or else too few of the figures, of the period before. Trusts that have closed
    since do not count."""
    least = contract.expects
    label, code = encoded(held["period"]), encoded(held["code"])
    codes = [str(one) for one in code.values]
    figures = np.zeros((len(label.values), len(codes)), dtype=np.int64)  # by label and code
    np.add.at(figures, (label.place, code.place), held["figures"].to_numpy(np.int64))
    days = [(contract.period.of(str(name)), str(name), place) for place, name in enumerate(label.values)]
    may_close = population.closed.keys() | set(population.successors.codes())
    closing = [place for place, one in enumerate(codes) if one in may_close]
    dated = sorted((period, name, place) for period, name, place in days if period is not None)
    for (_, earlier, then), (period, name, now) in pairwise(dated):
        expected = figures[then] > 0
        expected[[place for place in closing if _closed(codes[place], period.end, population)]] = False
        lacking = np.flatnonzero(expected & (figures[now] == 0)).tolist()
        missing, of = sorted(codes[place] for place in lacking), int(expected.sum())
        about = {"severity": "warning", "dataset": contract.id, "period": name}
        if least.coverage is not None and of - len(missing) < least.coverage * of:
            yield about | {
                "rule": COVERAGE,
                "message": f"{contract.id} {name} lacks {_codes(missing)}, of the {of} codes that {earlier} has and "
                f"that have not closed since; at least {least.coverage:.0%} are expected. If the file was cut short, "
                "land the whole file.",
            }
        elif least.figures is not None:
            has, had = int(figures[now].sum()), int(figures[then][expected].sum())
            if has < least.figures * had:
                yield about | {
                    "rule": FIGURES,
                    "message": f"{contract.id} {name} has {has:,} figures and {earlier} has {had:,} for the codes that "
                    f"have not closed since; at least {least.figures:.0%} are expected. If the file was cut short, "
                    "land the whole file.",
                }


def _closed(code: str, day: date, population: Population) -> bool:
    closed = population.closed.get(code)
    return (closed is not None and closed <= day) or population.successors.closed(code, day)


def _codes(codes: Sequence[str]) -> str:
    """`2 codes (RA1, RA2)`."""
    return f"{len(codes)} {'code' if len(codes) == 1 else 'codes'} ({listed(codes)})"
