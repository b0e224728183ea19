"""Applies findings to the facts: removes values that must not be used, and marks those with warnings.

Peers and opportunities both call this, so they use the same values.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from shared.compute import pc
from shared.facts.facts import Facts
from shared.facts.row_arrays import Days, encoded, encoded_days
from shared.method.terms import Period

type FindingRow = dict[str, Any]
type Flags = NDArray[np.bool_]

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
    return names_of(encoded_days(table).values)


def names_of(distinct: Iterable[Days]) -> dict[Period, str]:
    """The names of periods as `period_names` has them, of the distinct days of a table."""
    dated = [(Period(days.end, days.start), days.label) for days in distinct if days.end and days.start]
    periods_of = Counter(label for _, label in dated)
    names = {period: label if periods_of[label] == 1 else f"{period.start}/{period.end}" for period, label in dated}
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
    warned = _concerned(table, [row for row in findings if row["severity"] == "warning"])
    return without_errors(table, findings).assign(warned=table["warnings"].notna() | warned)


def without_errors(table: pd.DataFrame, findings: Iterable[FindingRow]) -> pd.DataFrame:
    """One dataset's long table without the values that errors among its findings remove."""
    errors = [row for row in findings if row["severity"] == "error"]
    if not errors:
        return table
    removed = _concerned(table, errors)
    state = table["state"].mask(removed & (table["state"] == "value"), "missing")
    return table.assign(value=table["value"].mask(removed), state=state)


def _concerned(table: pd.DataFrame, findings: list[FindingRow]) -> Flags:
    """Which rows (n) the findings concern. A finding without a measure concerns every measure, one without a code every
    organisation. It names a period by the slot's label or, for one of many in a file, by its days."""
    concerned = np.zeros(len(table), dtype=bool)
    if not findings:
        return concerned
    by_period: dict[str | None, set[tuple[str | None, str | None]]] = {}
    for row in findings:
        by_period.setdefault(row["period"], set()).add((row.get("measure"), row.get("trust_code")))
    days = encoded_days(table)
    names = names_of(days.values)
    for place, one in enumerate(days.values):
        name = names.get(Period(one.end, one.start)) if one.end and one.start else None
        about = by_period.get(one.label, set()) | by_period.get(name, set())
        if about:
            rows = np.flatnonzero(days.place == place)
            concerned[rows] = _about(table[["measure", "code"]].iloc[rows], about)
    return concerned


def _about(rows: pd.DataFrame, about: set[tuple[str | None, str | None]]) -> Flags:
    """Which rows of one period have one of the pairs of measure and code, either of which may be None for all."""
    if (None, None) in about:
        return np.ones(len(rows), dtype=bool)
    measure, code = encoded(rows["measure"]), encoded(rows["code"])
    place = {each: nth for nth, each in enumerate(code.values)}
    pairs = [
        nth * len(place) + place[of_one]
        for nth, name in enumerate(measure.values)
        for of_measure, of_one in about
        if of_measure == name and of_one in place
    ]
    of_all = measure.among({name for name, of_one in about if of_one is None})
    of_all |= code.among({of_one for name, of_one in about if name is None})
    return of_all | np.isin(measure.place * len(place) + code.place, pairs)
