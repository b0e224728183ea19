"""A trust's opportunities, one with its receipt, and definitions with their national distribution."""

from typing import Any

import numpy as np
import pytest

from tests.support.api.published import CLEANING, FINANCE, SEEN, SICKNESS, Service

ALL = "/v1/trusts/RAA/opportunities"
RANKED = ["sickness_absence", "cleaning_cost", "space_target", "seen_share", "finance_cost", "long_stays"]
UNRANKED = ["medicines_spend", "soft_fm_cost"]


def ids(service: Service, **query: str) -> list[str]:
    return [row["opportunity_id"] for row in service.get(ALL, query).json()["opportunities"]]


def answer(service: Service, opportunity: str, code: str = "RAA") -> dict[str, Any]:
    body: dict[str, Any] = service.get(f"/v1/trusts/{code}/opportunities/{opportunity}").json()
    return body


def receipt(service: Service, opportunity: str, code: str = "RAA") -> dict[str, Any]:
    told: dict[str, Any] = answer(service, opportunity, code)["receipt"]
    return told


def sentences(told: dict[str, Any]) -> list[str]:
    return [step["words"] for step in told["steps"]]


# ---- the list ------------------------------------------------------------------------------------------------------


def test_the_default_is_the_ranked_subset_biggest_first(service: Service) -> None:
    assert ids(service) == RANKED


def test_every_row_can_be_had_with_the_unranked_last(service: Service) -> None:
    assert ids(service, status="all") == [*RANKED, *UNRANKED]


def test_status_category_and_comparator_filter(service: Service) -> None:
    assert ids(service, status="at_or_better_than_benchmark") == ["soft_fm_cost"]
    assert ids(service, status="opportunity, at_or_better_than_benchmark", category="estates") == [
        "cleaning_cost",
        "soft_fm_cost",
    ]
    assert ids(service, comparator="target") == ["space_target", "long_stays"]
    assert ids(service, status="no_data") == []


@pytest.mark.parametrize("query", [{"status": "fine"}, {"category": "catering"}, {"comparator": "neighbours"}])
def test_a_filter_that_names_nothing_there_is_is_refused(service: Service, query: dict[str, str]) -> None:
    refused = service.get(ALL, query)
    assert (refused.status, refused.json()["parameter"]) == (400, next(iter(query)))


def test_pages_of_a_trusts_opportunities_keep_their_order(service: Service) -> None:
    seen: list[str] = []
    query = {"status": "all", "limit": "2"}
    while True:
        body = service.get(ALL, query).json()
        assert body["total"] == 8
        seen += [row["opportunity_id"] for row in body["opportunities"]]
        if body["next_cursor"] is None:
            break
        query["cursor"] = body["next_cursor"]
    assert seen == [*RANKED, *UNRANKED]


def test_every_figure_of_a_row_has_its_unit(service: Service) -> None:
    row = service.get(ALL, {"category": "estates"}).json()["opportunities"][0]
    figures = {"value": "GBP per m2", "numerator": "GBP", "denominator": "m2", "cash": "GBP", "staff": "WTE"}
    assert {name: row[f"{name}_unit"] for name in figures} == figures
    assert (row["unit"], row["activity_unit"]) == ("GBP", "weighted activity units")
    assert (row["cash_lower"], row["cash_upper"]) == (200_000, 300_000)


def test_a_row_says_what_it_is_worth_and_what_to_beware_of(service: Service) -> None:
    rows = {row["opportunity_id"]: row for row in service.get(ALL, {"status": "all"}).json()["opportunities"]}
    assert {name: (row["gain"], row["gain_in_cash"]) for name, row in rows.items()} == {
        "sickness_absence": ("20 to 25 WTE", "£1m to £1.25m per year at an illustrative price"),
        "cleaning_cost": ("£200,000 to £300,000", None),
        "space_target": ("500 m²", "£50,000"),
        "seen_share": ("350 outpatient appointments", "£42,000"),
        "finance_cost": ("£20,000 to £40,000", None),
        "long_stays": ("100 bed days", None),
        "soft_fm_cost": (None, None),
        "medicines_spend": (None, None),
    }
    cleaning = rows["cleaning_cost"]
    assert cleaning["words"].endswith("Closing the gap would be worth £200,000 to £300,000.")
    assert cleaning["cautions"][0].startswith("Check this figure first")
    assert cleaning["overlaps"] == ["soft_fm_cost"]
    assert (cleaning["illustrative"], rows["seen_share"]["illustrative"]) == (["wte"], [])
    assert rows["soft_fm_cost"]["illustrative"] == []
    assert {name: (row["native"], row["illustrative_in"]) for name, row in rows.items() if row["gain"]} == {
        "sickness_absence": ("staff", ["cash"]), "cleaning_cost": ("cash", ["staff"]), "space_target": (None, []),
        "seen_share": ("activity", []), "finance_cost": ("cash", []), "long_stays": ("activity", []),
    }  # fmt: skip
    assert {name: row["compared_with"] for name, row in rows.items() if row["gain"]} == {
        "sickness_absence": "3 other trusts in “Most similar trusts”",
        "cleaning_cost": "5 other trusts in “Same type of estate”", "space_target": "a target",
        "seen_share": "all 3 other trusts with a value", "finance_cost": "all 5 other trusts with a value",
        "long_stays": "a target",
    }  # fmt: skip


def test_cautions_name_illustrative_prices_where_they_are_used_and_no_others(service: Service) -> None:
    told = service.get(ALL).json()["cautions"]
    assert "must not be added together" in told[0]
    assert "local data" in told[1]
    assert told[2:] == [
        "The price used is £50,000 per WTE and year. It is illustrative, not published. Source: a round figure."
    ]
    assert len(service.get(ALL, {"category": "outpatients"}).json()["cautions"]) == 2


def test_nothing_anywhere_is_a_sum_over_opportunities(service: Service) -> None:
    upper = [row["cash_upper"] for row in service.get(ALL).json()["opportunities"] if row["cash_upper"] is not None]
    for path in (ALL, "/v1/trusts/RAA", "/v1/opportunities", "/v1/categories"):
        for said in (f"{sum(upper):.0f}", f"{sum(upper):,.0f}", f"{sum(upper)}"):
            assert said not in service.get(path, {"status": "all"} if path == ALL else None).text


# ---- the receipt ---------------------------------------------------------------------------------------------------


def test_comparators_are_the_peers_of_the_window_with_a_value_and_never_the_trust_itself(service: Service) -> None:
    told = receipt(service, "cleaning_cost")["comparators"]
    assert [(one["trust_code"], one["value"]) for one in told["trusts"]] == [
        (f"RA{letter}", CLEANING[f"RA{letter}"]) for letter in "BCDEF"
    ]
    assert (told["count"], told["unit"]) == (5, "GBP per m2")
    assert (told["group_id"], told["period"]) == ("estate_type", "2019-20")
    told = receipt(service, "seen_share")["comparators"]
    assert {one["trust_code"] for one in told["trusts"]} == {"RAB", "RAC", "RAD"}
    told = receipt(service, "sickness_absence")["comparators"]
    assert {one["trust_code"] for one in told["trusts"]} == {"RAB", "RAC", "RAD"}
    assert (told["group_id"], told["period"]) == ("recommended", "2017")


def test_where_the_group_was_too_small_the_comparators_are_everyone_else(service: Service) -> None:
    told = receipt(service, "cleaning_cost", "RAF")
    assert [one["trust_code"] for one in told["comparators"]["trusts"]] == ["RAB", "RAC", "RAD", "RAE", "RAA", "RAJ"]
    assert told["comparators"]["group_id"] == "national"
    assert told["benchmarks_agree"]
    assert "compared with all trusts" in told["cautions"][0]


def test_benchmarks_come_again_from_the_comparators_listed(service: Service) -> None:
    steps = {step["step"]: step for step in receipt(service, "cleaning_cost")["steps"]}
    others = [CLEANING[f"RA{letter}"] for letter in "BCDEF"]
    assert steps["benchmark_lower"]["recomputed"] == pytest.approx(float(np.median(others)))
    assert steps["benchmark_upper"]["recomputed"] == pytest.approx(float(np.quantile(others, 0.25)))
    steps = {step["step"]: step for step in receipt(service, "seen_share")["steps"]}
    best = sorted((value for code, value in SEEN.items() if code != "RAA"), reverse=True)[:2]
    assert steps["benchmark_upper"]["recomputed"] == pytest.approx(sum(best) / 2)
    assert "benchmark_lower" not in steps
    steps = {step["step"]: step for step in receipt(service, "sickness_absence")["steps"]}
    near = [SICKNESS[code] for code in ("RAB", "RAC", "RAD")]
    assert steps["benchmark_upper"]["recomputed"] == pytest.approx(float(np.quantile(near, 0.25)))
    assert all(receipt(service, name)["benchmarks_agree"] for name in RANKED)


def test_rules_that_cross_give_the_more_modest_result_to_the_lower_end(service: Service) -> None:
    told = receipt(service, "finance_cost")
    others = [value for code, value in FINANCE.items() if code != "RAA"]
    steps = {step["step"]: step for step in told["steps"]}
    assert steps["benchmark_lower"]["recomputed"] == pytest.approx(float(np.quantile(others, 0.25)))
    assert steps["benchmark_upper"]["recomputed"] == pytest.approx(float(np.mean(others)))
    assert "modest benchmark is the 25th percentile" in steps["benchmark_lower"]["words"]
    assert told["benchmarks_agree"]


def test_a_published_benchmark_that_cannot_be_computed_again_is_not_to_be_used(service: Service) -> None:
    told = receipt(service, "soft_fm_cost")  # published.py gives it benchmarks that its comparators do not have
    assert not told["benchmarks_agree"]
    assert "Do not use this figure" in told["cautions"][0]


def test_the_receipt_reads_as_arithmetic(service: Service) -> None:
    told = receipt(service, "cleaning_cost")
    assert sentences(told) == [
        "Cleaning cost per occupied area, 1 April 2019 to 31 March 2020: £500,000 ÷ 10,000 m² = £50 per m².",
        "Compared with 5 other trusts that have a value (group: “Same type of estate”, 2019-20).",
        "The modest benchmark is the median of 5 other trusts: £30 per m².",
        "Gap: £50.000 per m² − £30.000 per m² = £20.00 per m².",
        "£20.00 per m² × 10,000 m² = £200,000.",
        "The ambitious benchmark is the 25th percentile (where the best quarter begins) of 5 other trusts, "
        "interpolated linearly: £20 per m².",
        "Gap: £50.000 per m² − £20.000 per m² = £30.00 per m².",
        "£30.00 per m² × 10,000 m² = £300,000.",
    ]
    assert [step["value"] for step in told["steps"]] == [50.0, 5.0, 30.0, 20.0, 200_000.0, 20.0, 30.0, 300_000.0]
    assert told["cautions"][0].startswith("Check this figure first")
    assert told["cautions"][1].startswith("The trust took over another organisation")
    assert told["overlaps"]["others"] == [{"opportunity_id": "soft_fm_cost", "title": "Soft FM cost"}]
    assert "must not be added together" in told["overlaps"]["words"]
    assert (told["overlaps"]["title"], told["overlaps"]["explanation"]) == ("Buildings", "One estate.")
    assert receipt(service, "finance_cost")["overlaps"]["title"] is None  # a group that the method does not declare
    assert "unrounded" in told["rounding"]


def test_a_scale_stands_in_the_sum_both_ways(service: Service) -> None:
    words = sentences(receipt(service, "finance_cost"))
    assert words[0].endswith("£120,000 ÷ £1,000,000 × 100 = £12 per £100 of income.")
    assert "£4.000 per £100 of income ÷ 100 × £1,000,000 = £40,000." in words


def test_no_gap_is_told_by_a_true_subtraction(service: Service) -> None:
    words = sentences(receipt(service, "soft_fm_cost"))
    assert words[3] == "Gap: £50.000 per m² − £60.000 per m² = −£10.00 per m², so there is no gap."
    assert words[4].startswith("The ambitious benchmark is")
    assert receipt(service, "soft_fm_cost")["equivalents"] == []


def test_a_higher_value_being_better_turns_the_gap_round(service: Service) -> None:
    assert sentences(receipt(service, "seen_share"))[2:] == [
        "The benchmark is the mean of the best 2 of 3 other trusts: 85%.",
        "Gap: 85.000% − 50.000% = 35.00 percentage points.",
        "35.00 percentage points × 1,000 appointments = 350 appointments.",
    ]


def test_a_receipt_owns_up_to_what_one_comparator_does_and_to_chance(service: Service) -> None:
    cleaning = receipt(service, "cleaning_cost")
    assert cleaning["robustness"]["units"] == {"low": 150_000, "high": 325_000, "unit": "GBP"}
    assert cleaning["robustness"]["words"] == (
        "If any one of the 5 comparators is left out, the gain is between £150,000 and £325,000."
    )
    assert cleaning["chance"] is None
    seen = answer(service, "seen_share")
    assert seen["opportunity"]["within_chance"] is False
    assert seen["receipt"]["chance"]["value"] == pytest.approx(
        {"low": 0.46907, "high": 0.53093, "unit": "share"}, abs=1e-5
    )
    assert receipt(service, "space_target")["robustness"] is None


def test_equivalents_are_labelled_and_name_their_prices(service: Service) -> None:
    told = receipt(service, "cleaning_cost")
    assert [(item["kind"], item["label"], item["price_ids"], item["illustrative"]) for item in told["equivalents"]] == [
        ("cash", "native", [], False),
        ("activity", "equivalent", ["wau"], False),
        ("staff", "equivalent", ["wte"], True),
    ]
    assert [item["words"] for item in told["equivalents"]] == [
        "As money: £200,000 to £300,000.",
        "As activity: £200,000 to £300,000 ÷ £3,500 per weighted activity unit = 57 to 86 weighted activity units. "
        "This is the same gain in another unit, not an additional gain.",
        "As staff: £200,000 to £300,000 ÷ £50,000 per WTE and year = 4 to 6 WTE. This is the same gain in another "
        "unit, not an additional gain.",
    ]
    assert [(price["price_id"], price["status"]) for price in told["prices"]] == [
        ("wau", "published"),
        ("wte", "illustrative"),
    ]
    assert told["prices"][0]["words"].startswith(
        "The price used is £3,500 per weighted activity unit at 2014-15 prices. It is"
    )


def test_the_way_to_an_equivalent_is_told_step_by_step(service: Service) -> None:
    staff, cash = (item["words"] for item in receipt(service, "sickness_absence")["equivalents"])
    assert staff == "As staff: 7,320 to 9,150 FTE days ÷ 366 days = 20 to 25 WTE."
    assert cash.startswith(
        "As money: 7,320 to 9,150 FTE days ÷ 366 days × £50,000 per WTE and year = £1,000,000 to £1,250,000 per year."
    )
    (cash,) = (item["words"] for item in receipt(service, "space_target")["equivalents"])
    assert cash.startswith("As money: 500 m² × £100 per m² (own cost of space) = £50,000.")


def test_a_target_has_no_comparators(service: Service) -> None:
    told = receipt(service, "space_target")
    assert told["comparators"] is None
    assert "The target is 35%." in sentences(told)
    assert told["benchmarks_agree"]


def test_a_trusts_own_target_says_which_measure_and_how_many_times_it(service: Service) -> None:
    told = receipt(service, "long_stays")
    said = "The target is 0.6 times the trust's own “long stay baseline”: 30%."
    assert said in sentences(told)
    assert told["benchmarks_agree"]


def test_what_may_not_be_compared_is_held_beside_nobody(service: Service) -> None:
    told = receipt(service, "medicines_spend")
    assert told["comparators"] is None
    assert "does not allow this figure to be compared" in told["summary"]
    body = service.get("/v1/opportunities/medicines_spend").json()
    assert body["distribution"] is None
    assert [(row["value"], row["comparable"]) for row in body["trusts"]] == [(9.0, False)]
    assert "does not allow this figure to be compared" in body["cautions"][1]


def test_a_row_that_was_not_compared_says_so(service: Service) -> None:
    assert "Not compared. There are no comparators with a value (group: “Same type of estate”" in " ".join(
        sentences(receipt(service, "cleaning_cost", "RAG"))
    )


def test_rows_without_a_gain_explain_themselves(service: Service) -> None:
    assert "missing, which is not the same as zero" in receipt(service, "cleaning_cost", "RAH")["summary"]
    told = receipt(service, "cleaning_cost", "RAG")
    assert "£9,999 per m²" in told["summary"]
    assert told["benchmarks_agree"]


def test_the_row_of_a_receipt_is_that_of_the_list(service: Service) -> None:
    for row in service.get(ALL, {"status": "all"}).json()["opportunities"]:
        assert answer(service, row["opportunity_id"])["opportunity"] == row


def test_an_unknown_opportunity_suggests_the_nearest(service: Service) -> None:
    nearest = {"opportunity_id": "cleaning_cost", "title": "Cleaning cost"}
    for path in (f"{ALL}/cleaning_costs", "/v1/opportunities/cleaning_costs"):
        refused = service.get(path)
        assert (refused.status, refused.json()["suggestions"][0]) == (404, nearest)
    assert service.get("/v1/trusts/RAB/opportunities/cleaning_cost").status == 404


# ---- definitions ---------------------------------------------------------------------------------------------------


def test_an_opportunity_tells_its_spread_over_the_values_that_may_be_compared(service: Service) -> None:
    body = service.get("/v1/opportunities/cleaning_cost").json()
    values = list(CLEANING.values())
    low, middle, high = (float(np.quantile(values, q)) for q in (0.25, 0.5, 0.75))
    assert body["distribution"] == {
        "n": 7,
        "unit": "GBP per m2",
        "min": 10.0,
        "lower_quartile": low,
        "median": middle,
        "upper_quartile": high,
        "max": 70.0,
        "deciles": [float(np.quantile(values, nth / 10)) for nth in range(1, 10)],
    }
    assert [(row["trust_code"], row["value"], row["comparable"]) for row in body["trusts"]] == [
        ("RAA", 50.0, True),
        ("RAF", 60.0, True),
        ("RAG", 9999.0, False),
        ("RAH", None, False),
    ]
    assert (body["unit"], body["numerator_unit"], body["denominator_unit"]) == ("GBP per m2", "GBP", "m2")
    assert [price["price_id"] for price in body["prices"]] == ["wau", "wte"]
    assert (body["period_start"], body["period_end"]) == ("2019-04-01", "2020-03-31")


def test_every_trusts_value_comes_in_pages_too(service: Service) -> None:
    first = service.get("/v1/opportunities/cleaning_cost", {"limit": "3"}).json()
    assert (len(first["trusts"]), first["total"]) == (3, 4)
    rest = service.get("/v1/opportunities/cleaning_cost", {"limit": "3", "cursor": first["next_cursor"]}).json()
    assert [row["trust_code"] for row in rest["trusts"]] == ["RAH"]
    assert rest["distribution"] == first["distribution"]


def test_the_lists_of_definitions(service: Service) -> None:
    body = service.get("/v1/opportunities").json()
    assert [item["opportunity_id"] for item in body["opportunities"]] == sorted([*RANKED, *UNRANKED])
    assert body["opportunities"][0]["upper"]["q"] == 0.25
    listed = service.get("/v1/categories").json()["categories"]
    names = ["beds", "corporate", "estates", "medicines", "outpatients", "space", "workforce"]
    assert [item["category"] for item in listed] == names
    assert [item["opportunity_id"] for item in listed[2]["opportunities"]] == ["cleaning_cost", "soft_fm_cost"]
    groups = service.get("/v1/peer-groups").json()["peer_groups"]
    assert [item["group_id"] for item in groups] == ["each_other", "estate_type", "landed", "national", "recommended"]
    assert [variable["label"] for variable in groups[4]["variables"]] == ["Deprivation", "Urban"]


def test_a_line_says_what_its_parts_are_called_and_what_its_benchmarks_are(service: Service) -> None:
    answer = service.get("/v1/trusts/RAA/opportunities", {"status": "all"}).json()["opportunities"]
    lines = {line["opportunity_id"]: line for line in answer}
    names = ("metric_title", "direction", "category_title", "comparator_title", "overlap_group_title")
    assert [lines["cleaning_cost"][name] for name in names] == [
        "Cleaning cost per occupied area", "lower_is_better", "Estates", "Same type of estate", "Buildings",
    ]  # fmt: skip
    assert [lines["seen_share"][name] for name in names] == [
        "Seen share", "higher_is_better", "Outpatients", "All trusts", None,
    ]  # fmt: skip
    rules = {name: (line["benchmark_lower_rule"], line["benchmark_upper_rule"]) for name, line in lines.items()}
    quarter = "the 25th percentile (where the best quarter begins) of 5 other trusts"
    assert rules["cleaning_cost"] == (
        "the median of 5 other trusts in “Same type of estate”", f"{quarter} in “Same type of estate”, "
        "interpolated linearly",
    )  # fmt: skip
    # The others' mean is 8 and their quantile 0.25 is 10: the rules cross.
    assert rules["finance_cost"] == (f"{quarter}, interpolated linearly", "the mean of 5 other trusts")
    assert rules["space_target"] == (None, "the target")
    assert rules["medicines_spend"] == (None, None)
    assert lines["space_target"]["comparator_title"] is None


def test_a_figure_says_what_its_sums_are(samples: Service) -> None:
    answer = samples.get("/v1/trusts/RIL/opportunities/cleaning_cost").json()
    assert (answer["numerator_title"], answer["denominator_title"]) == ("Cleaning service cost", "Occupied floor area")
