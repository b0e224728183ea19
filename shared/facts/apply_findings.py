"""Applies findings to the facts: removes values that must not be used, and marks those with warnings.

Peers and opportunities both call this, so they use the same values.
"""

from itertools import product
from typing import Any

import pandas as pd
import pyarrow as pa

from shared.compute import pc
from shared.facts.facts import Facts
from shared.method.terms import Period

type FindingRow = dict[str, Any]

DRIFT = "drift"
"""The rule whose errors remove values: a measure became many times larger or smaller."""

COVERAGE, FIGURES, UNKNOWN = "coverage", "figures", "unknown_trust"
"""Rules that warn about a whole period, or about all figures of one organisation in it."""

ACROSS_FILES = (DRIFT, COVERAGE, FIGURES, UNKNOWN)


def period_names(table: pd.DataFrame) -> dict[Period, str]:
    """The periods of a dataset's long table, oldest first, and their names in findings.

    If a file has one period, the name is the slot's label; if it has many months, each is named by its days, such as
    `2024-09-01/2024-09-30`.
    """
    periods = table[["period_end", "period_start", "period"]].drop_duplicates().dropna()
    alone = periods["period"].map(periods["period"].value_counts()) == 1
    names = {
        Period(end, start): label if single else f"{start}/{end}"
        for end, start, label, single in zip(*(periods[name] for name in periods.columns), alone, strict=True)
    }
    return dict(sorted(names.items()))


def apply_findings(facts: Facts, findings: pa.Table) -> Facts:
    """The facts after checks across files (`findings`, schema `FINDINGS`).

    A value whose dataset, measure and period have a `drift` finding of severity error becomes missing; the finding is
    part of the release and gives the reason. The new column `warned` is true if a check of the file itself, or one
    across files, warns about the row.
    """
    by_dataset: dict[str, list[FindingRow]] = {dataset: [] for dataset in facts.tables}
    for row in findings.filter(pc.field("rule").isin(ACROSS_FILES)).to_pylist():
        by_dataset[row["dataset"]].append(row)
    applied = {dataset: _applied(table, by_dataset[dataset]) for dataset, table in facts.tables.items()}
    return Facts(applied, facts.contracts)


def _applied(table: pd.DataFrame, findings: list[FindingRow]) -> pd.DataFrame:
    """One dataset's long table after its findings."""
    in_file = table["warnings"].notna()
    if not findings:
        return table.assign(warned=in_file)
    removed = _concerned(table, [row for row in findings if row["severity"] == "error"])
    warned = _concerned(table, [row for row in findings if row["severity"] == "warning"])
    state = table["state"].mask(removed & (table["state"] == "value"), "missing")
    return table.assign(value=table["value"].mask(removed), state=state, warned=in_file | warned)


def _concerned(table: pd.DataFrame, findings: list[FindingRow]) -> "pd.Series[bool]":
    """Which rows the findings concern. A finding without a measure concerns every measure, one without a code every
    organisation. It names a period by the slot's label or, for one of many in a file, by its days."""
    keys = {(row["period"], row["measure"], row["trust_code"]) for row in findings}
    names = period_names(table)
    days = zip(table["period_end"], table["period_start"], strict=True)
    named = [names.get(Period(*pair)) for pair in days]
    rows = zip(table["period"], named, table["measure"], table["code"], strict=True)
    concerned = [
        not keys.isdisjoint(product((label, name), (measure, None), (code, None)))
        for label, name, measure, code in rows
    ]
    return pd.Series(concerned, index=table.index, dtype=bool)
