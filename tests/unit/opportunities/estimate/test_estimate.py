"""Estimate on programmes small enough to work out by hand: comparisons, statuses, plausibility, targets."""

from datetime import date
from typing import Any

import pytest

from tests.oracles.opportunities import Pair
from tests.support.small_programme import (
    ALIKE,
    AREA,
    CODES,
    TEN_TO_SEVENTY,
    YEAR,
    everyone_near,
    figures,
    rows_of,
    target,
    texts,
    with_cost,
)


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


def test_a_trust_whose_nearest_are_all_one_sided_has_too_few_comparators_and_not_no_group() -> None:
    pairs = [pair._replace(role="one_sided") if pair.trust == "T05" else pair for pair in everyone_near(CODES)]
    rows = rows_of(TEN_TO_SEVENTY, pairs=pairs)
    assert (rows["T05"]["status"], rows["T05"]["comparator_count"]) == ("insufficient_comparators", 0)
    assert rows["T04"]["comparator_count"] == 6


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
    row = rows_of(TEN_TO_SEVENTY + kinds, None, {"comparator": "kind"})["T07"]
    assert row["comparator_count"] == 6
    alone = texts("kind", dict.fromkeys(CODES, "A") | {"T07": "B"}) + kinds[len(CODES) :]
    row = rows_of(TEN_TO_SEVENTY + alone, None, {"comparator": "kind"})["T07"]
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
