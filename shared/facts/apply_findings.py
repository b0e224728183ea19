"""What findings mean for the facts: values that must not be used are taken out, and doubted ones are marked.

Peers and opportunities both ask here, so a figure withheld from one never reaches the other.
"""

from itertools import product
from typing import Any

import pandas as pd
import pyarrow as pa

from shared.compute import pc
from shared.facts.facts import Facts
from shared.method.terms import Period

type Found = dict[str, Any]

DRIFT = "drift"
"""The rule whose errors apply_findings values: a measure that became many times larger or smaller."""

COVERAGE, FIGURES, UNKNOWN = "coverage", "figures", "unknown_trust"
"""Rules that warn of a whole period, and of all that one organisation states in it."""

_ACROSS_FILES = (DRIFT, COVERAGE, FIGURES, UNKNOWN)


def period_names(table: pd.DataFrame) -> dict[Period, str]:
    """The periods of a dataset's long table, oldest first, and what findings call them.

    That is the label of the slot where its file holds one period; of a file of many months each is named by its days,
    `2024-09-01/2024-09-30`.
    """
    held = table[["period_end", "period_start", "period"]].drop_duplicates().dropna()
    alone = held["period"].map(held["period"].value_counts()) == 1
    names = {
        Period(end, start): label if single else f"{start}/{end}"
        for end, start, label, single in zip(*(held[name] for name in held.columns), alone, strict=True)
    }
    return dict(sorted(names.items()))


def apply_findings(facts: Facts, findings: pa.Table) -> Facts:
    """The facts without the values of every dataset, measure and period that has a `drift` finding of severity error,
    and with a column `warned`: whether the file's own checks or those across files (schema `FINDINGS`) warn of a row.

    A value withheld is missing: whoever shows the release finds the reason among its findings.
    """
    across = findings.filter(pc.field("rule").isin(_ACROSS_FILES)).to_pylist()
    found: dict[str, list[Found]] = {dataset: [] for dataset in facts.tables}
    for row in across:
        found[row["dataset"]].append(row)
    return Facts({dataset: _heeding(table, found[dataset]) for dataset, table in facts.tables.items()})


def _heeding(table: pd.DataFrame, found: list[Found]) -> pd.DataFrame:
    """A dataset as its findings leave it."""
    in_file = table["warnings"].notna()
    if not found:
        return table.assign(warned=in_file)
    gone = _about(table, [row for row in found if row["severity"] == "error"])
    warned = _about(table, [row for row in found if row["severity"] == "warning"])
    state = table["state"].mask(gone & (table["state"] == "value"), "missing")
    return table.assign(value=table["value"].mask(gone), state=state, warned=in_file | warned)


def _about(table: pd.DataFrame, found: list[Found]) -> "pd.Series[bool]":
    """Which rows findings are about. One without a measure is about all of them, one without a code about everyone's;
    a period is named by its slot or, of many in one file, by its days."""
    told = {(row["period"], row["measure"], row["trust_code"]) for row in found}
    names = period_names(table)
    days = zip(table["period_end"], table["period_start"], strict=True)
    named = [names.get(Period(*pair)) for pair in days]
    rows = zip(table["period"], named, table["measure"], table["code"], strict=True)
    about = [
        not told.isdisjoint(product((label, name), (measure, None), (code, None)))
        for label, name, measure, code in rows
    ]
    return pd.Series(about, index=table.index, dtype=bool)
