"""Values that a check across files says must not be used: taken out before anything is computed from them.

Peers and opportunities both ask here, so a figure withheld from one never reaches the other.
"""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.facts import Facts, Period

DRIFT = "drift"
"""The rule whose errors withhold values: a measure that became many times larger or smaller."""


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


def withhold(facts: Facts, findings: pa.Table) -> Facts:
    """The facts without the values of every dataset, measure and period that has a `drift` finding of severity error.

    A value withheld is missing: whoever shows the release finds the reason among its findings (schema `FINDINGS`).
    """
    errors = findings.filter((pc.field("severity") == "error") & (pc.field("rule") == DRIFT))
    wrong: dict[str, set[tuple[str, str]]] = {}
    for row in errors.to_pylist():
        wrong.setdefault(row["dataset"], set()).add((row["period"], row["measure"]))
    return Facts({dataset: _without(table, wrong.get(dataset, set())) for dataset, table in facts.tables.items()})


def _without(table: pd.DataFrame, wrong: set[tuple[str, str]]) -> pd.DataFrame:
    """A dataset without the values of some (period, measure)."""
    if not wrong:
        return table
    names = period_names(table)
    days = zip(table["period_end"], table["period_start"], strict=True)
    stated = zip((names.get(Period(*pair)) for pair in days), table["measure"], strict=True)
    gone = pd.Series([each in wrong for each in stated], index=table.index)
    state = table["state"].mask(gone & (table["state"] == "value"), "missing")
    return table.assign(value=table["value"].mask(gone), state=state)
