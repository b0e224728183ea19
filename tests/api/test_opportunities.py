"""Opportunities: the ranked subset, filters, and the receipt, whose figures are worked out in published.py."""

import statistics
from typing import Any

import numpy as np
import pytest

from tests.api.published import CLEANING, ELSEWHERE, SEEN, Service

ALL = "/v1/trusts/RAA/opportunities"


def ids(service: Service, **query: str) -> list[str]:
    return [row["opportunity_id"] for row in service.get(ALL, query).json()["opportunities"]]


def test_by_default_the_biggest_come_first_and_nothing_else_comes(service: Service) -> None:
    assert ids(service) == ["seen_share", "cleaning_cost", "space_target"]


def test_filters_narrow(service: Service) -> None:
    assert ids(service, category="estates") == ["cleaning_cost"]
    assert ids(service, comparator="target") == ["space_target"]
    assert ids(service, status="all", category="estates") == ["cleaning_cost", "soft_fm_cost"]
    assert ids(service, status="at_or_better_than_benchmark") == ["soft_fm_cost"]
    assert ids(service, status="no_data") == []
    assert len(ids(service, status="opportunity, at_or_better_than_benchmark")) == 4


@pytest.mark.parametrize("query", [{"status": "good"}, {"category": "cats"}, {"comparator": "me"}])
def test_a_filter_that_names_nothing_there_is_is_a_fault(service: Service, query: dict[str, str]) -> None:
    answer = service.get(ALL, query)
    assert (answer.status, answer.json()["parameter"]) == (400, next(iter(query)))


def test_a_parameter_that_is_not_known_is_a_fault_not_an_answer_to_another_question(service: Service) -> None:
    answer = service.get(ALL, {"catgory": "estates"})
    assert answer.status == 400
    assert answer.json()["known"] == ["category", "comparator", "status"]


def test_a_list_says_that_prices_are_illustrative_and_that_nothing_may_be_added(service: Service) -> None:
    body = service.get(ALL).json()
    said = " ".join(body["cautions"])
    assert "must not be added together" in said
    assert "£50,000 per WTE at 2019-20 prices, is illustrative, not published: a round figure" in said
    assert "nobody" not in said
    row = body["opportunities"][1]
    assert (row["illustrative"], row["overlaps"], row["gain"]) == (["wte"], ["soft_fm_cost"], "£200,000 to £300,000")
    assert row["cautions"][0].startswith("Check this figure first")


def test_no_answer_holds_a_sum_over_opportunities(service: Service) -> None:
    sums = {300_000.0 + 42_000.0, 200_000.0 + 42_000.0}
    for path in (ALL, "/v1/trusts/RAA", "/v1/opportunities", "/v1/categories"):
        assert not sums & set(_numbers(service.get(path).json()))


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for item in value.values() for n in _numbers(item)]
    if isinstance(value, list):
        return [n for item in value for n in _numbers(item)]
    return [value] if isinstance(value, int | float) else []


def test_a_value_that_is_no_number_is_told_as_missing(service: Service) -> None:
    row = service.get(ALL).json()["opportunities"][2]
    assert (row["cash_upper"], row["gain"]) == (None, "500 m²")


def receipt(service: Service, opportunity_id: str, code: str = "RAA") -> dict[str, Any]:
    body: dict[str, Any] = service.get(f"/v1/trusts/{code}/opportunities/{opportunity_id}").json()["receipt"]
    return body


def test_the_receipt_compares_with_the_peers_of_that_period_that_have_a_value(service: Service) -> None:
    told = receipt(service, "cleaning_cost")
    assert {row["trust_code"]: row["value"] for row in told["comparators"]} == {
        k: v for k, v in CLEANING.items() if k != "RAA"
    }
    assert told["comparators"][0]["trust_name"] == "Saint B NHS Trust"


def test_the_receipt_computes_the_published_benchmarks_afresh(service: Service) -> None:
    others = [value for code, value in CLEANING.items() if code != "RAA"]
    steps = {step["step"]: step for step in receipt(service, "cleaning_cost")["steps"]}
    assert steps["benchmark_lower"]["recomputed"] == pytest.approx(statistics.median(others)) == 30.0
    assert steps["benchmark_upper"]["recomputed"] == pytest.approx(float(np.quantile(others, 0.25))) == 20.0
    best = sorted((value for code, value in SEEN.items() if code != "RAA"), reverse=True)[:2]
    steps = {step["step"]: step for step in receipt(service, "seen_share")["steps"]}
    assert steps["benchmark_upper"]["recomputed"] == pytest.approx(sum(best) / 2)
    assert "benchmark_lower" not in steps
    for name in ("cleaning_cost", "seen_share", "space_target"):
        assert receipt(service, name)["benchmarks_agree"]


def test_a_published_benchmark_that_cannot_be_computed_again_is_not_to_be_used(service: Service) -> None:
    told = receipt(service, "soft_fm_cost")  # published.py gives it benchmarks that its comparators do not have
    assert not told["benchmarks_agree"]
    assert "Do not use this figure" in told["cautions"][0]


def test_the_receipt_reads_as_arithmetic(service: Service) -> None:
    told = receipt(service, "cleaning_cost")
    assert [step["words"] for step in told["steps"]] == [
        "Cleaning cost per occupied area, 1 April 2019 to 31 March 2020: 500,000 ÷ 10,000 = £50.00 per m².",
        "Compared with 5 trusts with a value, never with itself: Same type of estate.",
        "The lower benchmark is the median of 5 trusts: £30.00 per m².",
        "Gap: £50.00 per m² − £30.00 per m² = £20.00 per m².",
        "£20.00 per m² × 10,000 = £200,000.",
        "The upper benchmark is the 25th percentile (the top quartile) of 5 trusts, interpolated linearly: "
        "£20.00 per m².",
        "Gap: £50.00 per m² − £20.00 per m² = £30.00 per m².",
        "£30.00 per m² × 10,000 = £300,000.",
    ]
    assert told["cautions"][0].startswith("Check this figure first")
    assert told["overlaps"]["with"] == [{"opportunity_id": "soft_fm_cost", "title": "Soft FM cost"}]
    assert "must not be added together" in told["overlaps"]["words"]
    assert "not rounded" in told["rounding"]


def test_equivalents_are_labelled_and_name_their_prices(service: Service) -> None:
    told = receipt(service, "cleaning_cost")
    assert [(item["kind"], item["label"], item["price_ids"], item["illustrative"]) for item in told["equivalents"]] == [
        ("cash", "native", [], False),
        ("activity", "equivalent", ["wau"], False),
        ("staff", "equivalent", ["wte"], True),
    ]
    assert told["equivalents"][2]["words"].startswith("Equivalent to 4 to 6 WTE")
    assert [price["status"] for price in told["prices"]] == ["published", "illustrative"]


def test_a_higher_value_being_better_turns_the_gap_round(service: Service) -> None:
    words = [step["words"] for step in receipt(service, "seen_share")["steps"]]
    assert words[2:] == [
        "The benchmark is the mean of the best 2 of 3 trusts: 85 %.",
        "Gap: 85 % − 50 % = 35 percentage points.",
        "35 percentage points × 1,000 = 350 appointments.",
    ]


def test_a_target_has_no_comparators(service: Service) -> None:
    told = receipt(service, "space_target")
    assert told["comparators"] == []
    assert "The benchmark is the target: 35 %." in [step["words"] for step in told["steps"]]


def test_rows_without_a_gain_explain_themselves(service: Service) -> None:
    assert "missing, which is not the same as zero" in receipt(service, "cleaning_cost", "RAH")["summary"]
    assert "£9,999 per m²" in receipt(service, "cleaning_cost", "RAG")["summary"]


def test_an_unknown_opportunity_suggests_the_nearest(service: Service) -> None:
    for path in (f"{ALL}/cleaning_costs", "/v1/opportunities/cleaning_costs"):
        answer = service.get(path)
        assert (answer.status, answer.json()["suggestions"][0]) == (404, "cleaning_cost")
    assert service.get("/v1/trusts/RAB/opportunities/cleaning_cost").status == 404


def test_an_opportunity_tells_its_spread_over_the_values_that_may_be_compared(service: Service) -> None:
    body = service.get("/v1/opportunities/cleaning_cost").json()
    values = list((CLEANING | ELSEWHERE).values())
    low, middle, high = (float(np.quantile(values, q)) for q in (0.25, 0.5, 0.75))
    assert body["distribution"] == {
        "n": 7,
        "min": 10.0,
        "lower_quartile": low,
        "median": middle,
        "upper_quartile": high,
        "max": 70.0,
    }
    assert [(row["trust_code"], row["value"]) for row in body["trusts"]] == [
        ("RAA", 50.0),
        ("RAG", 9999.0),
        ("RAH", None),
    ]


def test_the_lists_of_definitions(service: Service) -> None:
    listed = service.get("/v1/opportunities").json()["opportunities"]
    assert [item["opportunity_id"] for item in listed] == [
        "cleaning_cost",
        "seen_share",
        "soft_fm_cost",
        "space_target",
    ]
    assert [item["category"] for item in service.get("/v1/categories").json()["categories"]] == [
        "estates",
        "outpatients",
        "space",
    ]
    assert [item["group_id"] for item in service.get("/v1/peer-groups").json()["peer_groups"]] == [
        "estate_type",
        "recommended",
    ]
