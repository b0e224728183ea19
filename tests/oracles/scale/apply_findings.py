"""Which rows findings concern, the slow, obvious way: one row at a time."""

from collections.abc import Sequence
from itertools import product

import pandas as pd

from shared.facts.apply_findings import FindingRow
from shared.method.terms import Period


def period_names(table: pd.DataFrame) -> dict[Period, str]:
    """The periods of a long table and their names in findings."""
    periods = table[["period_end", "period_start", "period"]].drop_duplicates().dropna()
    alone = periods["period"].map(periods["period"].value_counts()) == 1
    names = {
        Period(end, start): label if single else f"{start}/{end}"
        for end, start, label, single in zip(*(periods[name] for name in periods.columns), alone, strict=True)
    }
    return dict(sorted(names.items()))


def concerned(table: pd.DataFrame, findings: Sequence[FindingRow]) -> list[bool]:
    """Which rows the findings concern."""
    keys = {(row["period"], row["measure"], row["trust_code"]) for row in findings}
    names = period_names(table)
    days = zip(table["period_end"], table["period_start"], strict=True)
    named = [names.get(Period(*pair)) for pair in days]
    rows = zip(table["period"], named, table["measure"], table["code"], strict=True)
    return [
        not keys.isdisjoint(product((label, name), (measure, None), (code, None)))
        for label, name, measure, code in rows
    ]
