"""Estimate on programmes small enough to work out by hand."""

from datetime import date
from typing import Any

import pytest

from shared.tables import METRICS, OPPORTUNITIES, TRUSTS
from tests.oracles.opportunities import Fact, Pair
from tests.unit.little import (
    LABEL,
    YEAR,
    everyone_near,
    figures,
    method,
    opportunity_rows,
    registered,
    run,
    texts,
)

CODES = [f"T0{number}" for number in range(1, 8)]
AREA = figures("area", dict.fromkeys(CODES, 10))
TEN_TO_SEVENTY = figures("cost", {code: 100 * number for number, code in enumerate(CODES, 1)}) + AREA
"""Values of 10, 20, … 70 GBP per m2, each on 10 m2."""

ALIKE = [Pair("kind", one, other, "peer", LABEL) for one in CODES for other in CODES if one != other]


def target(**rule: Any) -> dict[str, Any]:
    """Settings of an opportunity against a target."""
    return {"comparator": "target", "lower": None, "upper": {"rule": "target", **rule}}


def rows_of(
    facts: list[Fact],
    metric: dict[str, Any] | None = None,
    opportunity: dict[str, Any] | None = None,
    pairs: list[Pair] | None = None,
) -> dict[str, dict[str, Any]]:
    """Trust → row of the one opportunity."""
    rules = method({"cost": metric or {}}, {"cost": opportunity or {}})
    found = run(facts, everyone_near(CODES) if pairs is None else pairs, rules)
    return {trust: row for (trust, _), row in opportunity_rows(found).items()}


def with_cost(trust: str, cell: float | str) -> list[Fact]:
    return [*TEN_TO_SEVENTY, *figures("cost", {trust: cell})]


def test_gap_is_to_the_peers_without_the_trust_itself() -> None:
    row = rows_of(TEN_TO_SEVENTY)["T05"]  # others: 10, 20, 30, 40, 60, 70
    assert (row["value"], row["numerator"], row["denominator"]) == (50, 500, 10)
    assert (row["benchmark_lower"], row["benchmark_upper"]) == (35, 22.5)
    assert (row["gap_lower"], row["gap_upper"]) == (15, 27.5)
    assert (row["units_lower"], row["units_upper"], row["unit"]) == (150, 275, "GBP")
    assert (row["cash_lower"], row["cash_upper"], row["rank"]) == (150, 275, 1)
    assert (row["status"], row["comparator"], row["comparator_count"], row["flags"]) == ("opportunity", "near", 6, [])
    assert (row["period_start"], row["period_end"]) == YEAR
    assert row["activity_lower"] is row["staff_upper"] is None


def test_gap_to_a_better_benchmark_is_clipped_for_each_trust() -> None:
    row = rows_of(TEN_TO_SEVENTY)["T03"]  # others: 10, 20, 40, 50, 60, 70
    assert (row["gap_lower"], row["gap_upper"], row["status"]) == (0, 5, "opportunity")
    row = rows_of(TEN_TO_SEVENTY)["T01"]
    assert (row["gap_upper"], row["cash_upper"], row["rank"]) == (0, 0, None)
    assert row["status"] == "at_or_better_than_benchmark"


def test_higher_is_better_turns_the_gap_around() -> None:
    best = {"lower": {"rule": "median"}, "upper": {"rule": "quantile", "q": 0.75}}
    row = rows_of(TEN_TO_SEVENTY, {"direction": "higher_is_better"}, best)["T03"]  # others: 10, 20, 40, 50, 60, 70
    assert (row["benchmark_lower"], row["benchmark_upper"]) == (45, 57.5)
    assert (row["gap_lower"], row["gap_upper"]) == (15, 27.5)


@pytest.mark.parametrize(
    ("rule", "direction", "benchmark"),
    [
        ({"rule": "mean"}, "lower_is_better", 230 / 6),
        ({"rule": "mean_of_best", "n": 2}, "lower_is_better", 15),
        ({"rule": "mean_of_best", "n": 2}, "higher_is_better", 65),
        ({"rule": "mean_of_best", "n": 20}, "lower_is_better", 230 / 6),
        ({"rule": "median"}, "lower_is_better", 35),
    ],
)
@pytest.mark.parametrize("comparator", ["near", "national", "all_trusts"])
def test_single_benchmarks(rule: dict[str, Any], direction: str, benchmark: float, comparator: str) -> None:
    opportunity = {"lower": None, "upper": rule, "comparator": comparator}
    row = rows_of(TEN_TO_SEVENTY, {"direction": direction}, opportunity)["T05"]
    assert row["benchmark_lower"] == row["benchmark_upper"] == pytest.approx(benchmark)
    assert row["gap_lower"] == row["gap_upper"]
    assert row["flags"] == ["single_value"]


def test_where_benchmarks_cross_the_modest_one_is_lower() -> None:
    facts = with_cost("T01", 1)  # others of T07: 0.1, 20, 30, 40, 50, 60, mean 33.35, median 35
    row = rows_of(facts, None, {"lower": {"rule": "mean"}, "upper": {"rule": "median"}})["T07"]
    assert row["benchmark_lower"] == 35
    assert row["benchmark_upper"] == pytest.approx(200.1 / 6)
    assert row["gap_lower"] < row["gap_upper"]


def test_scale_multiplies_the_value_and_leaves_the_money_alone() -> None:
    plain, scaled = rows_of(TEN_TO_SEVENTY)["T05"], rows_of(TEN_TO_SEVENTY, {"scale": 1000})["T05"]
    assert (scaled["value"], scaled["benchmark_lower"], scaled["gap_upper"]) == (50_000, 35_000, 27_500)
    assert scaled["cash_upper"] == plain["cash_upper"]


def test_terms_are_weighted_and_multiplied() -> None:
    share = {
        "numerator": [{"measure": "estate.cost", "times": 0.01, "of": "estate.area"}, "estate.other"],
        "denominator": ["estate.area", "estate.other"],
    }
    facts = figures("cost", {"T01": 50}) + figures("area", {"T01": 10}) + figures("other", {"T01": 2})
    row = rows_of(facts, share, target(value=0.25))["T01"]
    assert row["numerator"] == pytest.approx(0.01 * 50 * 10 + 2)
    assert (row["denominator"], row["value"]) == (12, pytest.approx(7 / 12))


# ---- statuses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "status"),
    [("not_applicable", "not_applicable"), ("missing", "no_data"), ("suppressed", "no_data"), (0, "no_data")],
)
def test_what_is_no_figure_has_no_value_and_is_no_comparator(cell: float | str, status: str) -> None:
    rows = rows_of(with_cost("T01", cell), {"zero_numerator": "missing"})
    assert (rows["T01"]["status"], rows["T01"]["value"], rows["T01"]["benchmark_upper"]) == (status, None, None)
    assert rows["T05"]["comparator_count"] == 5
    assert rows["T05"]["benchmark_lower"] == 40


def test_zero_is_a_value_where_the_method_says_so() -> None:
    rows = rows_of(with_cost("T01", 0))
    assert (rows["T01"]["value"], rows["T01"]["status"]) == (0, "at_or_better_than_benchmark")
    assert rows["T05"]["comparator_count"] == 6


@pytest.mark.parametrize("area", [0, -5])
def test_nothing_is_divided_by_what_is_no_size(area: float) -> None:
    row = rows_of([*TEN_TO_SEVENTY, *figures("area", {"T01": area})])["T01"]
    assert (row["status"], row["value"], row["denominator"]) == ("no_data", None, area)


def test_sum_with_a_missing_part_is_missing() -> None:
    others = figures("other", {**dict.fromkeys(CODES, 5), "T02": "missing"})
    rows = rows_of(TEN_TO_SEVENTY + others, {"numerator": ["estate.cost", "estate.other"]})
    assert (rows["T02"]["status"], rows["T02"]["numerator"]) == ("no_data", None)
    assert rows["T01"]["value"] == 10.5


def test_small_denominator_is_shown_but_neither_compared_nor_a_comparator() -> None:
    rows = rows_of([*TEN_TO_SEVENTY, *figures("area", {"T07": 9})], {"minimum_denominator": 10})
    assert (rows["T07"]["status"], rows["T07"]["gap_upper"], rows["T07"]["cash_upper"]) == ("below_minimum", None, None)
    assert rows["T07"]["value"] == pytest.approx(700 / 9)
    assert rows["T05"]["comparator_count"] == 5


def test_metric_that_may_not_be_compared_shows_its_value_only() -> None:
    row = rows_of(TEN_TO_SEVENTY, {"comparable": False})["T05"]
    assert (row["status"], row["value"], row["benchmark_lower"]) == ("not_comparable", 50, None)


def test_trust_without_peers_has_no_peer_set() -> None:
    pairs = [pair for pair in everyone_near(CODES) if pair.trust != "T05"]
    row = rows_of(TEN_TO_SEVENTY, pairs=pairs)["T05"]
    assert (row["status"], row["comparator_count"]) == ("no_peer_set", 0)


def test_runners_up_are_no_comparators() -> None:
    pairs = [pair._replace(role="runner_up") if pair.peer == "T01" else pair for pair in everyone_near(CODES)]
    assert rows_of(TEN_TO_SEVENTY, pairs=pairs)["T05"]["comparator_count"] == 5


def test_peer_listed_twice_counts_once() -> None:
    assert rows_of(TEN_TO_SEVENTY, pairs=everyone_near(CODES) * 2)["T05"]["comparator_count"] == 6


FEW = [*(Pair("near", "T07", peer) for peer in CODES[:4]), *everyone_near(CODES[:6])]


def test_four_comparators_are_insufficient() -> None:
    row = rows_of(TEN_TO_SEVENTY, pairs=FEW)["T07"]
    assert (row["status"], row["comparator_count"], row["benchmark_lower"]) == ("insufficient_comparators", 4, None)
    assert rows_of(TEN_TO_SEVENTY, pairs=FEW)["T01"]["status"] == "at_or_better_than_benchmark"


def test_fallback_compares_with_everyone_and_says_so() -> None:
    row = rows_of(TEN_TO_SEVENTY, None, {"fallback": "national"}, FEW)["T07"]
    assert (row["status"], row["comparator"], row["comparator_count"]) == ("opportunity", "national", 6)
    assert row["flags"] == ["fallback_national"]
    assert row["benchmark_lower"] == 35


def test_fallback_too_small_is_no_fallback() -> None:
    facts = [row for row in TEN_TO_SEVENTY if row.code < "T05"]
    row = rows_of(facts, None, {"fallback": "national"}, everyone_near(CODES[:3]))["T01"]
    assert (row["status"], row["comparator"], row["comparator_count"]) == ("insufficient_comparators", "near", 2)


def test_being_alone_in_a_type_falls_back_but_having_none_is_no_peer_set() -> None:
    kinds = dict.fromkeys(CODES[:5], "A") | {"T06": "B"}
    pairs = [pair for pair in ALIKE if {pair.trust, pair.peer} <= set(CODES[:5])]
    facts = TEN_TO_SEVENTY + texts("kind", kinds)
    rows = rows_of(facts, None, {"comparator": "kind", "fallback": "national"}, pairs)
    assert (rows["T06"]["status"], rows["T06"]["flags"]) == ("opportunity", ["fallback_national"])
    assert rows["T07"]["status"] == "no_peer_set"


def test_type_is_that_of_the_metrics_own_period() -> None:
    before = (date(2019, 4, 1), date(2020, 3, 31))
    kinds = texts("kind", dict.fromkeys(CODES, "A")) + texts("kind", dict.fromkeys(CODES, "B"), days=before)
    stale = [pair._replace(period="2019", peer="T01") for pair in ALIKE if pair.trust == "T07"]
    row = rows_of(TEN_TO_SEVENTY + kinds, None, {"comparator": "kind"}, ALIKE + stale)["T07"]
    assert row["comparator_count"] == 6
    row = rows_of(TEN_TO_SEVENTY + kinds, None, {"comparator": "kind"}, stale)["T07"]
    assert (row["status"], row["comparator_count"]) == ("insufficient_comparators", 0)


# ---- plausibility ------------------------------------------------------------------------------------------------


def plausible(cost: float, kinds: str = "AAAAAAA") -> dict[str, dict[str, Any]]:
    facts = figures("cost", {**dict.fromkeys(CODES[1:], 100), "T01": cost}) + AREA
    alike = [pair for pair in ALIKE if kinds[CODES.index(pair.trust)] == kinds[CODES.index(pair.peer)]]
    typed = texts("kind", dict(zip(CODES, kinds, strict=True)))
    return rows_of(facts + typed, {"plausibility": {"group": "kind"}}, {"comparator": "national"}, alike)


@pytest.mark.parametrize(
    ("cost", "status", "flags"),
    [
        (1001, "implausible", []),
        (1000, "opportunity", ["check_data"]),
        (301, "opportunity", ["check_data"]),
        (300, "opportunity", []),
        (20, "at_or_better_than_benchmark", []),
        (19, "at_or_better_than_benchmark", ["check_data"]),
        (10, "at_or_better_than_benchmark", ["check_data"]),
        (9.9, "implausible", []),
        (-100, "implausible", []),
    ],
)
def test_value_far_from_the_median_of_its_group(cost: float, status: str, flags: list[str]) -> None:
    row = plausible(cost)["T01"]
    assert (row["status"], row["flags"]) == (status, flags)
    assert row["value"] == cost / 10


def test_implausible_value_is_nobodys_comparator() -> None:
    rows = plausible(5000)
    assert rows["T02"]["comparator_count"] == 5
    assert rows["T01"]["gap_upper"] is None


def test_small_group_is_judged_by_everyone() -> None:
    assert plausible(1001, "AABBBBB")["T01"]["status"] == "implausible"


def test_median_of_zero_judges_nobody() -> None:
    facts = figures("cost", {**dict.fromkeys(CODES[1:], 0), "T01": 100}) + AREA
    row = rows_of(facts, {"plausibility": {"group": "national"}})["T01"]
    assert (row["status"], row["flags"]) == ("opportunity", [])


def test_proportion_outside_its_natural_range_is_implausible() -> None:
    facts = figures("cost", {"T01": 10, "T02": 11}) + AREA
    rows = rows_of(facts, {"plausibility": {"minimum": 0, "maximum": 1}}, target(value=0.5))
    assert (rows["T01"]["status"], rows["T02"]["status"]) == ("opportunity", "implausible")


# ---- targets -----------------------------------------------------------------------------------------------------


def test_constant_target_compares_with_nobody() -> None:
    rows = rows_of(TEN_TO_SEVENTY, None, target(value=25), [])
    assert (rows["T03"]["benchmark_lower"], rows["T03"]["cash_upper"]) == (25, 50)
    assert (rows["T03"]["comparator"], rows["T03"]["comparator_count"]) == ("target", 0)
    assert rows["T02"]["status"] == "at_or_better_than_benchmark"


def test_own_target_is_a_measure_of_the_trust_itself() -> None:
    stated = figures("target", {"T03": 50, "T04": "missing", "T05": "not_applicable"})
    own = target(measure="estate.target", times=0.5)
    rows = rows_of(TEN_TO_SEVENTY + stated, None, own)
    assert (rows["T03"]["benchmark_upper"], rows["T03"]["gap_upper"]) == (25, 5)
    assert [rows[code]["status"] for code in ("T04", "T05", "T06")] == ["no_data", "not_applicable", "no_data"]


def test_own_target_is_the_newest_one_begun() -> None:
    years = {year: (date(year, 4, 1), date(year + 1, 3, 31)) for year in (2018, 2019, 2021)}
    stated = [row for year, days in years.items() for row in figures("target", {"T03": year - 2000}, days=days)]
    assert rows_of(TEN_TO_SEVENTY + stated, None, target(measure="estate.target"))["T03"]["benchmark_upper"] == 19


def test_rounding_of_binary_fractions_is_no_gap() -> None:
    share = {"numerator": [{"measure": "estate.cost", "times": 0.01, "of": "estate.area"}]}
    facts = figures("cost", {"T01": 9}) + figures("area", {"T01": 3})
    assert 0.01 * 9 * 3 / 3 > 0.09
    assert rows_of(facts, share, target(value=0.09))["T01"]["status"] == "at_or_better_than_benchmark"


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


@pytest.mark.parametrize(("cell", "cash"), [(30, 3.0), ("missing", None), (0, None), ("not_applicable", None)])
def test_own_rate_that_is_missing_leaves_the_cash_missing(cell: float | str, cash: float | None) -> None:
    rate = {"title": "r", "numerator": ["estate.other"], "denominator": ["estate.area"], "unit": "GBP per m2"}
    opportunity = target(value=29) | {"native": None, "cash": {"own_rate": rate, "unit": "GBP"}}
    facts = TEN_TO_SEVENTY + figures("other", {"T03": cell})
    row = rows_of(facts, None, opportunity)["T03"]  # 1 over the target on 10 m2: 10 units at 30 / 10 each
    assert row["units_upper"] == 10
    assert row["cash_upper"] == (None if cash is None else 10 * cash)


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
    assert [table.num_rows for table in found] == [0, 0, 0]


def test_tables_have_their_schemas_and_metrics_a_row_for_every_trust() -> None:
    found = run(TEN_TO_SEVENTY, everyone_near(CODES), method())
    assert [table.schema for table in found] == [METRICS, OPPORTUNITIES, TRUSTS]
    assert [(row["trust_code"], row["status"]) for row in found.metrics.to_pylist()] == [(code, "ok") for code in CODES]
