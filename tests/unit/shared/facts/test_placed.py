"""Look-ups in drawn long tables are those of going through all rows."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.facts.facts import Facts
from shared.facts.placed import Placed
from shared.method.terms import Period, Ref

MONTHS = [Period(date(2024, month, 28), date(2024, month, first)) for month in range(1, 5) for first in (1, 2)]
MEASURES = ["cost", "area", "kind"]


def drawn(seed: int) -> pd.DataFrame:
    """Rows in no order, some of them about the same code, measure and period, and an index of its own."""
    random = np.random.default_rng(seed)
    days = [MONTHS[place] for place in random.integers(len(MONTHS), size=200)]
    table = pd.DataFrame(
        {
            "code": random.choice(["R2", "R10", "r1", "Q", "É"], 200),
            "measure": random.choice(MEASURES, 200),
            "period_end": pd.Series([end for end, _ in days], dtype=object),
            "period_start": pd.Series([start for _, start in days], dtype=object),
            "value": random.random(200),
        }
    )
    return table.set_index(table.index * 3)


@pytest.mark.parametrize("seed", range(5))
def test_rows_are_found_as_one_by_one(seed: int) -> None:
    table = drawn(seed)
    placed = Placed(table)
    records = list(table.reset_index().to_dict("records"))
    for measure in [*MEASURES, "no such measure"]:
        own = [row for row in records if row["measure"] == measure]
        assert placed.rows(measure).reset_index().to_dict("records") == own
        assert placed.periods(measure) == sorted({Period(row["period_end"], row["period_start"]) for row in own})
        for period in MONTHS:
            latest = {row["code"]: row for row in own if Period(row["period_end"], row["period_start"]) == period}
            found = placed.at(measure, period)
            assert [*found.index] == sorted(latest)
            assert found.index.name == "code"
            assert found["value"].tolist() == [latest[code]["value"] for code in sorted(latest)]
            assert [*found.columns] == [name for name in table.columns if name != "code"]


def test_rows_without_days_are_of_no_period() -> None:
    days: Any = pd.Series([None, None], dtype=object)
    table = pd.DataFrame({"code": ["R1", "R2"], "measure": "peer", "period_end": days, "period_start": days})
    placed = Placed(table)
    (none,) = placed.periods("peer")
    assert none == (None, None)
    assert placed.at("peer", none).empty
    assert placed.rows("peer")["code"].tolist() == ["R1", "R2"]


def test_a_dataset_that_was_never_landed_has_no_rows() -> None:
    facts, ref = Facts({}), Ref("d", "cost")
    assert facts.rows(ref).empty
    assert facts.periods(ref) == []
    assert facts.at(ref, MONTHS[0]).empty
    assert {"value", "text", "state", "row", "period"} <= {*facts.at(ref, MONTHS[0]).columns}
