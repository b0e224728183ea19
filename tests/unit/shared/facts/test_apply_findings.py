"""Which rows findings concern, against one row at a time."""

from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.facts.apply_findings import apply_findings, period_names
from shared.facts.facts import Facts
from shared.tables import FINDINGS
from tests.oracles.scale.apply_findings import concerned
from tests.oracles.scale.apply_findings import period_names as slow_names

LABELS = ["2025-01", "2025-02", "all"]
DAYS = [(date(2025, 1, 31), date(2025, 1, 1)), (date(2025, 2, 28), date(2025, 2, 1)), (None, None)]
PERIODS = [*LABELS, "2025-01-01/2025-01-31", "2025-02-01/2025-02-28", "2024-12"]
MEASURES, CODES = ["cost", "area"], ["RA0", "RA1", "RA2"]

rows = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from(DAYS), st.sampled_from(MEASURES), st.sampled_from(CODES)),
    min_size=6,
    max_size=24,
)
some_findings = st.lists(
    st.fixed_dictionaries(
        {
            "severity": st.sampled_from(["error", "warning"]),
            "rule": st.sampled_from(["drift", "coverage", "figures", "unknown_trust", "repeated_period"]),
            "dataset": st.sampled_from(["work", "work", "work", "other"]),
            "period": st.sampled_from(PERIODS),
            "measure": st.sampled_from([None, *MEASURES, "unheard"]),
            "trust_code": st.sampled_from([None, *CODES[:2], "RZ9"]),
        }
    ),
    min_size=1,
    max_size=6,
)


def table_of(drawn: list[Any], *, categories: bool) -> pd.DataFrame:
    table = pd.DataFrame(
        [(label, *days, measure, code) for label, days, measure, code in drawn],
        columns=["period", "period_end", "period_start", "measure", "code"],
    )
    for name in ("period_end", "period_start"):
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    if categories:
        table = table.astype(dict.fromkeys(("period", "measure", "code"), "category"))
    return table.assign(
        value=[float(nth) for nth in range(len(drawn))],
        state=pd.Series(["suppressed" if nth % 4 == 3 else "value" for nth in range(len(drawn))], dtype=object),
        warnings=pd.Series([["dear"] if nth % 5 == 4 else None for nth in range(len(drawn))], dtype=object),
    )


@settings(max_examples=300)
@given(rows, some_findings, st.booleans())
def test_rows_are_those_found_one_by_one(drawn: list[Any], told: list[dict[str, Any]], categories: bool) -> None:
    table = table_of(drawn, categories=categories)
    applied = apply_findings(Facts({"work": table, "other": table[:0]}), pa.Table.from_pylist(told, FINDINGS)).tables[
        "work"
    ]
    about = [row for row in told if row["dataset"] == "work" and row["rule"] != "repeated_period"]
    removed = concerned(table, [row for row in about if row["severity"] == "error"])
    warned = concerned(table, [row for row in about if row["severity"] == "warning"])
    was = table["state"].tolist()
    assert applied["value"].isna().tolist() == removed
    assert applied["state"].tolist() == [
        "missing" if gone and state == "value" else state for gone, state in zip(removed, was, strict=True)
    ]
    in_file = table["warnings"].notna().tolist()
    assert applied["warned"].tolist() == [one or other for one, other in zip(in_file, warned, strict=True)]
    others = ["code", "measure", "period", "period_end", "period_start", "warnings"]
    pd.testing.assert_frame_equal(applied[others], table[others])


@given(rows, st.booleans())
def test_names_of_periods_are_those_of_each_row(drawn: list[Any], categories: bool) -> None:
    table = table_of(drawn, categories=categories)
    assert [*period_names(table).items()] == [*slow_names(table).items()]
