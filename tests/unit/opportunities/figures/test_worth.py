"""Estimate on programmes small enough to work out by hand: windows, worth, ranks, and who has rows."""

from datetime import date

import pytest

from shared.tables import DISTRIBUTION, METRICS, OPPORTUNITIES, TOTALS, TREND, TRUSTS, UNITS
from tests.oracles.opportunities import Fact
from tests.support.small_programme import (
    CODES,
    TEN_TO_SEVENTY,
    everyone_near,
    figures,
    method,
    opportunity_rows,
    registered,
    rows_of,
    run,
    target,
    texts,
)

# ---- windows -----------------------------------------------------------------------------------------------------

ABSENCE = {"numerator": ["monthly.lost"], "denominator": ["monthly.held"]}
JANUARY, FEBRUARY, MARCH = [(date(2021, month, 1), date(2021, month, 28)) for month in (1, 2, 3)]
NATIONAL = {"comparator": "national"}


def months(lost: dict[tuple[date, date], dict[str, float | str]]) -> list[Fact]:
    """Days lost by month and trust, of 100 held by each."""
    return [
        row
        for days, cells in lost.items()
        for row in [
            *figures("lost", cells, "monthly", days),
            *figures("held", dict.fromkeys(cells, 100), "monthly", days),
        ]
    ]


def test_ratio_over_a_window_is_a_ratio_of_sums() -> None:
    facts = months({JANUARY: {"T01": 10}, FEBRUARY: {"T01": 20}})
    facts += figures("held", {"T01": 300}, "monthly", FEBRUARY)
    row = rows_of(facts, ABSENCE | {"window": {"months": 12}}, NATIONAL)["T01"]
    assert (row["numerator"], row["denominator"], row["value"]) == (30, 400, 0.075)
    assert (row["period_start"], row["period_end"]) == (JANUARY[0], FEBRUARY[1])


def test_trust_needs_every_month_of_the_window() -> None:
    facts = months({JANUARY: {"T01": 10, "T02": 1}, FEBRUARY: {"T01": 20}, MARCH: {"T01": 20, "T02": "missing"}})
    rows = rows_of(facts, ABSENCE | {"window": {"months": 3}}, NATIONAL)
    assert (rows["T01"]["numerator"], rows["T02"]["status"], rows["T02"]["numerator"]) == (50, "no_data", None)
    rows = rows_of(facts, ABSENCE | {"window": {"months": 3, "minimum_periods": 1}}, NATIONAL)
    assert (rows["T02"]["numerator"], rows["T02"]["denominator"]) == (1, 100)


def test_window_holds_the_newest_months_only() -> None:
    facts = months({JANUARY: {"T01": 10}, FEBRUARY: {"T01": 20}, MARCH: {"T01": 40}})
    row = rows_of(facts, ABSENCE | {"window": {"months": 2}}, NATIONAL)["T01"]
    assert (row["numerator"], row["period_start"]) == (60, FEBRUARY[0])


def test_window_with_too_few_months_held_is_none() -> None:
    facts = months({JANUARY: {"T01": 10}, FEBRUARY: {"T01": 20}}) + registered("T01")
    row = rows_of(facts, ABSENCE | {"window": {"months": 12, "at_least": 3}}, NATIONAL)["T01"]
    assert (row["status"], row["period_end"], row["numerator"]) == ("no_data", None, None)


def test_newest_period_without_figures_does_not_push_out_the_one_before() -> None:
    facts = months({JANUARY: {"T01": 10}, FEBRUARY: {"T01": "missing"}})
    assert rows_of(facts, ABSENCE, NATIONAL)["T01"]["period_end"] == JANUARY[1]


# ---- worth -------------------------------------------------------------------------------------------------------


def test_conversions_follow_their_routes_only() -> None:
    routes = {
        "activity": {"of": "cash", "divide_by": "piece", "unit": "pieces"},
        "staff": {"of": "cash", "divide_by": "wte", "unit": "WTE"},
    }
    row = rows_of(TEN_TO_SEVENTY, None, routes)["T05"]  # £150 to £275; a piece is £4, a WTE £50
    assert (row["activity_lower"], row["activity_upper"], row["activity_unit"]) == (37.5, 68.75, "pieces")
    assert (row["staff_lower"], row["staff_upper"]) == (3, 5.5)


def test_days_in_the_window_turn_days_into_staff_and_staff_into_annual_cash() -> None:
    facts = months({JANUARY: {code: 10 * number for number, code in enumerate(CODES, 1)}})
    routes = {
        "native": "staff",
        "staff": {"per_day": True, "unit": "WTE"},
        "cash": {"of": "staff", "times": "wte", "annual": True, "unit": "GBP per year"},
    }
    row = rows_of(facts, ABSENCE, NATIONAL | routes)["T05"]  # 50 days lost against 35 to 22.5, over 28 days
    assert (row["units_lower"], row["units_upper"]) == (pytest.approx(15), pytest.approx(27.5))
    assert row["staff_upper"] == pytest.approx(27.5 / 28)
    assert row["cash_upper"] == pytest.approx(27.5 / 28 * 50)


@pytest.mark.parametrize(
    ("window", "in_a_year"),
    [
        ((date(2019, 4, 1), date(2020, 3, 31)), 275),  # 366 days, and a year all the same
        ((date(2020, 4, 1), date(2021, 3, 31)), 275),
        ((date(2020, 2, 1), date(2020, 2, 29)), 275 * 365 / 29),
        ((date(2019, 4, 1), date(2020, 3, 30)), 275),  # 365 days, though not of whole months
        ((date(2018, 4, 1), date(2020, 3, 31)), 275 * 365 / 731),
    ],
)
def test_money_over_a_year_is_that_of_twelve_months_as_it_is(window: tuple[date, date], in_a_year: float) -> None:
    cells = {code: 100 * number for number, code in enumerate(CODES[:7], 1)}
    facts = figures("cost", cells, days=window) + figures("area", dict.fromkeys(cells, 10), days=window)
    row = rows_of(facts)["T05"]  # £50 per m2 against 35 to 22.5
    assert (row["cash_lower"], row["cash_upper"]) == (150, 275)
    assert row["cash_per_year_upper"] == pytest.approx(in_a_year, rel=1e-12)
    assert row["cash_per_year_lower"] == pytest.approx(in_a_year * 150 / 275, rel=1e-12)
    if in_a_year == 275:
        assert row["cash_per_year_upper"] == row["cash_upper"]


@pytest.mark.parametrize(("cell", "cash"), [(30, 3.0), ("missing", None), (0, None), ("not_applicable", None)])
def test_own_rate_that_is_missing_leaves_the_cash_missing(cell: float | str, cash: float | None) -> None:
    rate = {"title": "r", "numerator": ["estate.other"], "denominator": ["estate.area"], "unit": "GBP per m2"}
    opportunity = target(value=29) | {"native": None, "cash": {"own_rate": rate, "unit": "GBP"}}
    facts = TEN_TO_SEVENTY + figures("other", {"T03": cell})
    row = rows_of(facts, None, opportunity)["T03"]  # 1 over the target on 10 m2: 10 units at 30 / 10 each
    assert row["units_upper"] == 10
    assert row["cash_upper"] == (None if cash is None else 10 * cash)


def test_what_one_unit_comes_to_is_told_by_each_route() -> None:
    routes = {
        "activity": {"of": "cash", "divide_by": "piece", "unit": "pieces"},
        "staff": {"of": "cash", "divide_by": "wte", "unit": "WTE"},
    }
    for row in rows_of(TEN_TO_SEVENTY, None, routes).values():  # T01 is better than its benchmarks
        assert (row["cash_per_unit"], row["activity_per_unit"], row["staff_per_unit"]) == (1, 0.25, 0.02)
        for name in ("cash", "activity", "staff"):
            assert row[f"{name}_upper"] == row["units_upper"] * row[f"{name}_per_unit"]
            assert row[f"{name}_lower"] == row["units_lower"] * row[f"{name}_per_unit"]
    row = rows_of(TEN_TO_SEVENTY)["T05"]
    assert (row["cash_per_unit"], row["activity_per_unit"], row["staff_per_unit"]) == (1, None, None)


def test_own_rate_is_told_where_there_is_no_gap_and_nothing_where_a_part_of_it_is_missing() -> None:
    rate = {"title": "r", "numerator": ["estate.other"], "denominator": ["estate.area"], "unit": "GBP per m2"}
    opportunity = target(value=40) | {"native": None, "cash": {"own_rate": rate, "unit": "GBP"}}
    rows = rows_of(TEN_TO_SEVENTY + figures("other", {"T01": 30, "T02": "missing"}), None, opportunity)
    assert (rows["T01"]["gap_upper"], rows["T01"]["cash_upper"], rows["T01"]["cash_per_unit"]) == (0, 0, 3)
    assert (rows["T02"]["gap_upper"], rows["T02"]["cash_upper"], rows["T02"]["cash_per_unit"]) == (0, None, None)


def test_unit_per_day_of_the_window_is_that_of_each_window() -> None:
    facts = months({JANUARY: {"T05": 80}, (date(2021, 2, 1), date(2021, 2, 14)): {"T05": 80}})
    staff = {"native": "staff", "staff": {"per_day": True, "unit": "WTE"}, "cash": None}
    rows = run(facts, [], method({"cost": ABSENCE}, {"cost": NATIONAL | staff})).trend.to_pylist()
    assert [row["staff_per_unit"] for row in rows] == [1 / 28, 1 / 14]


# ---- ranks, flags, rows ------------------------------------------------------------------------------------------


def test_biggest_is_the_largest_in_a_year_and_ties_go_by_id() -> None:
    monthly, no_cash = {"metric": "monthly"}, {"metric": "monthly", "native": None, "cash": None}
    rules = method(
        {"cost": {}, "monthly": ABSENCE},
        {
            "b_year": target(value=40),
            "a_year": target(value=40),
            "month": target(value=0.1) | monthly,
            "no_cash_small": target(value=0.7) | no_cash,
            "no_cash_large": target(value=0.1) | no_cash,
            "none": target(value=1000),
        },
    )
    facts = TEN_TO_SEVENTY + months({JANUARY: {"T05": 80}})  # £100 in 365 days; £70 in 28 days
    rows = opportunity_rows(run(facts, [], rules))
    ranked = sorted((row["rank"], name) for (trust, name), row in rows.items() if trust == "T05" and row["rank"])
    assert [name for _, name in ranked] == ["month", "a_year", "b_year", "no_cash_large", "no_cash_small"]
    assert rows["T05", "none"]["rank"] is None


def test_trust_that_took_in_others_since_is_shown_as_it_was() -> None:
    def flags(day: date) -> list[str]:
        return rows_of(TEN_TO_SEVENTY + texts("heir", {"T02": "T05"}, "heirs", (day, day)))["T05"]["flags"]

    assert flags(date(2021, 4, 1)) == ["predecessor_form"]
    assert flags(date(2021, 3, 31)) == []


def test_every_trust_of_register_or_window_has_a_row_for_every_opportunity() -> None:
    facts = TEN_TO_SEVENTY + figures("cost", {"X99": 100, "T99": 100}) + figures("area", {"X99": 10, "T99": 10})
    facts += registered("T50", "T99") + registered("T60", region="W1")
    found = run(facts, everyone_near([*CODES, "X99"]), method({"cost": {}}, {"one": {}, "two": {}}))
    assert list(opportunity_rows(found)) == [(code, name) for code in [*CODES, "T50"] for name in ("one", "two")]
    assert opportunity_rows(found)["T50", "one"]["status"] == "no_data"
    assert opportunity_rows(found)["T05", "one"]["comparator_count"] == 6  # X99 is no trust, T99 somebody else's


def test_opportunity_whose_files_were_never_landed_says_so() -> None:
    row = rows_of(registered("T01"))["T01"]
    assert (row["status"], row["period_start"], row["flags"], row["comparator_count"]) == ("no_data", None, [], 0)


def test_nothing_landed_gives_empty_tables() -> None:
    found = run([], [], method())
    assert [table.num_rows for table in found] == [0] * 7


def test_tables_have_their_schemas_and_metrics_a_row_for_every_trust() -> None:
    found = run(TEN_TO_SEVENTY, everyone_near(CODES), method())
    assert [table.schema for table in found] == [METRICS, OPPORTUNITIES, TREND, DISTRIBUTION, TOTALS, UNITS, TRUSTS]
    assert [(row["trust_code"], row["status"]) for row in found.metrics.to_pylist()] == [(code, "ok") for code in CODES]
