"""From rows about units, such as sites, to one row for each organisation.

This is for what compares organisations measure by measure: attributes, checks across files, peers' variables. Metrics
add up units themselves, since which units count depends on both of their sums.
"""

import pandas as pd

from shared.method.contracts import Dataset

KEY = ["code", "period_start", "period_end", "measure"]


def of_latest_files(table: pd.DataFrame) -> pd.DataFrame:
    """A long table without the rows of earlier files where a later slot has the same organisation, period and measure:
    a unit that the later file lacks is gone. Rows are in slot order."""
    labels = table[["period_start", "period_end", "period"]].drop_duplicates()
    if not labels.duplicated(["period_start", "period_end"]).any():
        return table
    return table[table["period"] == table.groupby(KEY, sort=False)["period"].transform("last")]


def rolled_up(table: pd.DataFrame, contract: Dataset) -> pd.DataFrame:
    """A dataset's long table (columns of `shared.tables.CURATED` plus `period`) with one row for each organisation,
    period and measure; `unit` is null.

    A sum with a missing part is missing; parts that do not apply are left out. A percentage is weighted by what it is a
    percentage of. Attributes of units, and figures that cannot be added, are left out. Of two rows about one unit,
    period and measure, the later counts.
    """
    rows = of_latest_files(table).drop_duplicates([*KEY, "unit"], keep="last")
    measures = contract.measures
    adding = {name for name, one in measures.items() if one.adds_up} | contract.derived.keys()
    attributes = {name for name, one in measures.items() if one.type != "number" and not one.of_unit}
    shares = {name: one.share_of for name, one in measures.items() if one.share_of is not None}
    parts = [
        added(rows[rows["measure"].isin(adding)]),
        rows[rows["measure"].isin(attributes)].drop_duplicates(KEY, keep="first"),
        *(weighted(rows, name, base) for name, base in sorted(shares.items())),
    ]
    rolled = pd.concat([part for part in parts if len(part)] or [rows.iloc[:0]], ignore_index=True)
    return rolled.assign(unit=None).reindex(columns=table.columns)


def added(rows: pd.DataFrame) -> pd.DataFrame:
    """The sum of each organisation's units, with the state of the sum and the first row's place and warnings."""
    if rows.empty:
        return rows
    states = {state: rows["state"] == state for state in ("value", "missing", "suppressed")}
    marked = rows.assign(
        value=rows["value"].where(states["value"], 0.0),
        **{f"any_{state}": flags for state, flags in states.items()},
    )
    others = [name for name in rows.columns if name not in (*KEY, "value", "state")]
    first = {name: "any" if name == "warned" else "first" for name in others}
    every = marked.groupby(KEY, sort=False, as_index=False).agg(
        {"value": "sum", **{f"any_{state}": "any" for state in states}, **first}
    )
    state = pd.Series("not_applicable", index=every.index)
    for name in ("value", "missing", "suppressed"):  # each worse than the one before
        state = state.mask(every[f"any_{name}"], name)
    return every.assign(state=state, value=every["value"].where(state == "value"))[rows.columns]


def weighted(rows: pd.DataFrame, share: str, base: str) -> pd.DataFrame:
    """A percentage of each organisation: that of the units' bases together."""
    unit = ["code", "period_start", "period_end", "unit"]
    own = rows[rows["measure"] == share]
    if own.empty:
        return own
    bases = rows.loc[rows["measure"] == base, [*unit, "value"]].rename(columns={"value": "base"})
    own = own.merge(bases, "left", unit)
    own["state"] = own["state"].mask((own["state"] == "value") & own["base"].isna(), "missing")
    amounts = added(own.assign(value=own["value"] * own["base"])[rows.columns])
    whole = added(own.assign(value=own["base"])[rows.columns])["value"]
    value = (amounts["value"] / whole).where(whole > 0)
    state = amounts["state"].mask((amounts["state"] == "value") & value.isna(), "missing")
    return amounts.assign(value=value, state=state)
