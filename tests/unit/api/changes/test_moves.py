"""Which organisations have another figure, and how far the largest moved: by hand."""

from typing import Any

import pyarrow as pa

from functions.api.changes import moves
from shared.releases.contents import Contents
from tests.support.api.published import table


def of(*rows: dict[str, Any]) -> Contents:
    return Contents.of({"opportunities": table("opportunities", list(rows))})


def row(code: str, opportunity: str, per_year: float | None, **cells: Any) -> dict[str, Any]:
    known = {"trust_code": code, "opportunity_id": opportunity, "status": "opportunity", "comparator": "national"}
    return known | {"cash_upper": per_year, "cash_per_year_upper": per_year, "units_upper": 1.0} | cells


def test_the_largest_change_of_one_figure_counts_in_either_direction() -> None:
    before = of(row("A", "x", 100.0), row("A", "y", 50.0), row("B", "x", 10.0), row("C", "x", 7.0))
    after = of(row("A", "x", 130.0), row("A", "y", 10.0), row("B", "x", 10.0), row("C", "x", 2.0))
    assert moves(before, after) == {"A": 40.0, "C": 5.0}


def test_each_opportunity_may_have_organisations_of_its_own_in_an_order_of_its_own() -> None:
    before = of(row("A", "x", 1.0), row("B", "x", 1.0), row("C", "y", 1.0), row("B", "y", 1.0), row("D", "z", 1.0))
    after = of(row("A", "x", 2.0), row("B", "x", 4.0), row("C", "y", 6.0), row("B", "y", 3.0), row("E", "z", 1.0))
    assert moves(before, after) == {"A": 1.0, "B": 3.0, "C": 5.0, "D": 0.0, "E": 0.0}
    before = of(row("A", "x", 1.0), row("B", "x", 1.0), row("B", "y", 1.0), row("A", "y", 1.0))
    after = of(row("A", "x", 2.0), row("B", "x", 3.0), row("B", "y", 9.0), row("A", "y", 1.0))
    assert moves(before, after) == {"A": 1.0, "B": 8.0}


def test_a_change_without_money_is_a_change_of_no_size() -> None:
    before = of(row("A", "x", None), row("B", "x", 5.0), row("C", "x", None, status="no_data"), row("D", "x", 9.0))
    after = of(row("A", "x", None, units_upper=2.0), row("B", "x", 5.0, comparator="target"), row("C", "x", 3.0))
    assert moves(before, after) == {"A": 0.0, "B": 0.0, "C": 0.0, "D": 0.0}


def test_a_release_of_before_money_over_a_year_has_changes_of_no_size() -> None:
    rows = [row("A", "x", 100.0), row("B", "x", 7.0)]
    earlier: pa.Table = table("opportunities", rows).drop_columns(["cash_per_year_upper"])
    after = of(row("A", "x", 130.0), row("B", "x", 7.0))
    assert moves(Contents.of({"opportunities": earlier}), after) == {"A": 0.0}
    assert moves(Contents.of({}), after) == {"A": 0.0, "B": 0.0}
