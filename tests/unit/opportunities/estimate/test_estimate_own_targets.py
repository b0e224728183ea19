"""Targets that a trust's own figures set: what it states, and so many per cent better than what it once had."""

from datetime import date
from typing import Any

import pytest

from tests.oracles.opportunities import Fact
from tests.support.small_programme import (
    CODES,
    TEN_TO_SEVENTY,
    YEAR,
    figures,
    method,
    opportunity_rows,
    rows_of,
    run,
    target,
)

BASE = (date(2017, 4, 1), date(2018, 3, 31))
BETWEEN = (date(2018, 4, 1), date(2019, 3, 31))
BASELINE = {"financial_year": "2017-18"}


def year(days: tuple[date, date], per_m2: dict[str, float | str]) -> list[Fact]:
    """Costs per m2, each on 10 m2."""
    cost: dict[str, float | str] = {code: cell if isinstance(cell, str) else 10 * cell for code, cell in per_m2.items()}
    return figures("cost", cost, days=days) + figures("area", dict.fromkeys(per_m2, 10), days=days)


ONCE = year(BASE, {"T03": 45, "T04": 80, "T05": 40, "T06": "missing"})
"""Now they are at 30, 40, 50 and 60."""


def test_forty_percent_below_its_own_2017_18_value() -> None:
    rows = rows_of(TEN_TO_SEVENTY + ONCE, None, target(period=BASELINE, percent_off=40), [])
    assert (rows["T03"]["benchmark_upper"], rows["T03"]["gap_upper"], rows["T03"]["cash_upper"]) == (27, 3, 30)
    assert (rows["T04"]["benchmark_upper"], rows["T04"]["status"]) == (48, "at_or_better_than_benchmark")
    assert (rows["T05"]["benchmark_upper"], rows["T05"]["gap_upper"]) == (24, 26)
    assert (rows["T05"]["comparator"], rows["T05"]["comparator_count"], rows["T05"]["flags"]) == (
        "target", 0, ["single_value"],
    )  # fmt: skip


def test_trust_without_a_figure_then_has_no_target() -> None:
    rows = rows_of(TEN_TO_SEVENTY + ONCE, None, target(period=BASELINE, percent_off=40), [])
    assert [(rows[code]["status"], rows[code]["value"]) for code in ("T06", "T07")] == [
        ("no_data", 60),
        ("no_data", 70),
    ]


def test_where_higher_is_better_the_target_is_above() -> None:
    rows = rows_of(
        TEN_TO_SEVENTY + ONCE, {"direction": "higher_is_better"}, target(period=BASELINE, percent_off=40), []
    )
    assert (rows["T03"]["benchmark_upper"], rows["T03"]["gap_upper"]) == (pytest.approx(63), pytest.approx(33))
    assert (rows["T05"]["benchmark_upper"], rows["T05"]["gap_upper"]) == (pytest.approx(56), pytest.approx(6))


def test_its_own_value_itself_is_a_target_too() -> None:
    assert rows_of(TEN_TO_SEVENTY + ONCE, None, target(period=BASELINE), [])["T05"]["gap_upper"] == 10


def test_percentage_off_a_baseline_that_was_landed() -> None:
    stated = figures("target", {"T03": 50})
    row = rows_of(TEN_TO_SEVENTY + stated, None, target(measure="estate.target", percent_off=60), [])["T03"]
    assert (row["benchmark_upper"], row["gap_upper"]) == (20, 10)
    row = rows_of(TEN_TO_SEVENTY + stated, None, target(measure="estate.target", times=0.5, percent_off=60), [])["T03"]
    assert (row["benchmark_upper"], row["gap_upper"]) == (10, 20)


def test_modest_and_ambitious_share_of_one_baseline() -> None:
    ends = {
        "lower": {"rule": "target", "period": BASELINE, "percent_off": 20},
        "upper": {"rule": "target", "period": BASELINE, "percent_off": 40},
    }
    row = rows_of(TEN_TO_SEVENTY + ONCE, None, {"comparator": "target"} | ends, [])["T05"]
    assert (row["benchmark_lower"], row["benchmark_upper"]) == (32, 24)
    assert (row["gap_lower"], row["gap_upper"], row["flags"]) == (18, 26, [])


def points(facts: list[Fact], metric: dict[str, Any], named: dict[str, Any]) -> list[tuple[date, str, float | None]]:
    """T05's status and target in each window."""
    rules = method({"cost": metric}, {"cost": target(period=named, percent_off=40)})
    rows = [row for row in run(facts, [], rules).trend.to_pylist() if row["trust_code"] == "T05"]
    return [(row["period_end"], row["status"], row["benchmark_upper"]) for row in rows]


def test_baseline_counts_from_its_own_end_on() -> None:
    earlier = (date(2016, 4, 1), date(2017, 3, 31))
    facts = TEN_TO_SEVENTY + ONCE + year(BETWEEN, {"T05": 20}) + year(earlier, {"T05": 90})
    assert points(facts, {}, BASELINE) == [
        (earlier[1], "no_data", None),
        (BASE[1], "opportunity", 24),
        (BETWEEN[1], "at_or_better_than_benchmark", 24),
        (YEAR[1], "opportunity", 24),
    ]


def test_baseline_that_is_not_believed_sets_no_target() -> None:
    others = year(BASE, {**dict.fromkeys(CODES, 40), "T05": 4000})
    found = points(TEN_TO_SEVENTY + others, {"plausibility": {"group": "national"}}, BASELINE)
    assert [row[1:] for row in found] == [("no_data", None)] * 2
    small = year(BASE, {"T05": 40}) + figures("area", {"T05": 3}, days=BASE)
    found = points(TEN_TO_SEVENTY + small, {"minimum_denominator": 5}, BASELINE)
    assert [row[1:] for row in found] == [("no_data", None)] * 2


ABSENCE: dict[str, Any] = {"numerator": ["monthly.lost"], "denominator": ["monthly.held"], "window": {"months": 2}}


def months(lost: list[int]) -> list[Fact]:
    days = [(date(2020, 4, 1), date(2020, 4, 30)), (date(2020, 5, 1), date(2020, 5, 31)),
            (date(2020, 6, 1), date(2020, 6, 30)), (date(2020, 7, 1), date(2020, 7, 31))]  # fmt: skip
    return [
        row
        for number, period in zip(lost, days, strict=False)
        for row in (*figures("lost", {"T05": number}, "monthly", period),
                    *figures("held", {"T05": 100}, "monthly", period))
    ]  # fmt: skip


def test_baseline_of_months_needs_every_day_of_the_period() -> None:
    (_, _, target_then), (_, status, target_now) = points(months([10, 20, 30, 40]), ABSENCE, {"quarter": "2020-21-Q1"})[
        -2:
    ]
    assert target_then == target_now == pytest.approx(0.6 * 60 / 300)
    assert status == "opportunity"
    assert {row[1] for row in points(months([10, 20]), ABSENCE, {"quarter": "2020-21-Q1"})} == {"no_data"}


def test_one_month_is_a_baseline_of_a_window_of_many() -> None:
    window = ABSENCE | {"window": {"months": 3, "minimum_periods": 2}}
    assert points(months([10, 20, 30, 40]), window, {"month": "2020-04"})[-1][2] == pytest.approx(0.06)


def test_gap_to_the_baseline_of_a_newest_window_is_in_the_release() -> None:
    found = run(TEN_TO_SEVENTY + ONCE, [], method(None, {"cost": target(period=BASELINE, percent_off=40)}))
    row = opportunity_rows(found)["T05", "cost"]
    assert (row["period_end"], row["cash_upper"], row["rank"]) == (YEAR[1], 260, 1)
