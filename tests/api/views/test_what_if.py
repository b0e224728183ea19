"""What if: figures computed anew from what a caller supposes. Expected values are worked out in the comments."""

import json
from typing import Any

import pytest

from infra.local import gateway
from tests.support.api import published
from tests.support.api.programme import METHOD, OPPORTUNITIES
from tests.support.api.published import RELEASE, Service, opportunities

CLEANING = "/v1/trusts/RAA/opportunities/cleaning_cost/what-if"


def ask(service: Service, path: str = CLEANING, **supposed: Any) -> gateway.Response:
    return service.get(path, method="POST", body=json.dumps(supposed).encode())


def told(service: Service, path: str = CLEANING, **supposed: Any) -> dict[str, Any]:
    answer = ask(service, path, **supposed)
    assert answer.status == 200, answer.text
    figures: dict[str, Any] = answer.json()["supposed"]
    return figures


def test_supposing_nothing_gives_what_was_published(service: Service) -> None:
    for opportunity in (
        "cleaning_cost",
        "space_target",
        "seen_share",
        "sickness_absence",
        "finance_cost",
        "long_stays",
    ):
        answer = ask(service, f"/v1/trusts/RAA/opportunities/{opportunity}/what-if").json()
        as_published, supposed = answer["published"], answer["supposed"]
        for name in (
            "value",
            "benchmark_lower",
            "benchmark_upper",
            "units_lower",
            "units_upper",
            "cash_lower",
            "cash_upper",
            "activity_lower",
            "activity_upper",
            "staff_lower",
            "staff_upper",
            "unit",
            "status",
        ):
            if isinstance(as_published[name], float):
                assert supposed[name] == pytest.approx(as_published[name], rel=1e-12), (opportunity, name)
            else:
                assert supposed[name] == as_published[name], (opportunity, name)  # fmt: skip


def test_own_figures_are_held_against_the_published_benchmarks(service: Service) -> None:
    # £400,000 on 10,000 m² is £40; 10 and 20 above the benchmarks of 30 and 20.
    found = told(service, numerator=400_000)
    assert (found["value"], found["units_lower"], found["units_upper"]) == (40.0, 100_000.0, 200_000.0)
    # £500,000 on 20,000 m² is £25: only 5 above the ambitious one.
    found = told(service, denominator=20_000)
    assert (found["value"], found["units_lower"], found["cash_upper"]) == (25.0, 0.0, 100_000.0)
    assert told(service, numerator=100_000)["status"] == "at_or_better_than_benchmark"


def test_own_comparators_make_own_benchmarks(service: Service) -> None:
    # 10 and 20: the median is 15, the lower quartile 12.5.
    found = told(service, comparators=["rab", "RAC", "RAA"])
    assert [one["trust_code"] for one in found["comparators"]["trusts"]] == ["RAB", "RAC"]
    assert (found["benchmark_lower"], found["benchmark_upper"]) == (15.0, 12.5)
    assert (found["cash_lower"], found["cash_upper"]) == (350_000.0, 375_000.0)
    said = ask(service, CLEANING, comparators=["RAB", "RAC"]).json()["cautions"]
    assert "A benchmark from only 2 other trusts is unreliable." in said


def test_another_group_makes_other_benchmarks(service: Service) -> None:
    # Everyone else: 10, 20, 30, 40, 60, 70. Median 35; lower quartile at place 1.25: 22.5.
    found = told(service, group="national")
    assert (found["comparators"]["count"], found["benchmark_lower"], found["benchmark_upper"]) == (6, 35.0, 22.5)
    assert (found["cash_lower"], found["cash_upper"]) == (150_000.0, 275_000.0)


def test_a_target_replaces_both_benchmarks(service: Service) -> None:
    found = told(service, target=25)
    assert (found["benchmark_lower"], found["cash_lower"], found["cash_upper"]) == (25.0, 250_000.0, 250_000.0)
    assert found["comparators"] is None
    # Higher is better: 0.5 against 0.6 of 1,000 seen.
    found = told(service, "/v1/trusts/RAA/opportunities/seen_share/what-if", target=0.6)
    assert found["activity_upper"] == pytest.approx(100.0)
    assert found["cash_upper"] == pytest.approx(12_000.0)


def test_other_prices_change_what_depends_on_them_and_no_more(service: Service) -> None:
    # £300,000 at £7,000 a weighted activity unit instead of £3,500; staff stay 6 WTE.
    found = told(service, prices={"wau": 7000})
    assert found["activity_upper"] == pytest.approx(300_000 / 7000)
    assert (found["cash_upper"], found["staff_upper"]) == (300_000.0, pytest.approx(6.0))
    assert found["prices"] == {"wau": 7000.0, "wte": 50_000.0}
    # 25 WTE at £60,000.
    found = told(service, "/v1/trusts/RAA/opportunities/sickness_absence/what-if", prices={"wte": 60_000})
    assert (found["cash_upper"], found["staff_upper"]) == (pytest.approx(1_500_000.0), pytest.approx(25.0))


def test_a_trust_without_a_figure_can_give_its_own(service: Service) -> None:
    # RAH has no data; in its own type of estate it has no peers here, so it chooses: 10, 20, 30, 40 and 60, median 30.
    path = CLEANING.replace("RAA", "RAH")
    assert "Supply numerator (unit: GBP)" in ask(service, path, target=1).json()["detail"]
    everyone = ["RAB", "RAC", "RAD", "RAE", "RAF"]
    found = told(service, path, numerator=350_000, denominator=10_000, comparators=everyone)
    assert (found["value"], found["units_lower"], found["units_upper"]) == (35.0, 50_000.0, 150_000.0)


@pytest.fixture
def itself(monkeypatch: pytest.MonkeyPatch) -> Service:
    """The release of a method by which a trust is one of its own comparators: RAA's are 10, 20, 30, 40, 50 and 60, with
    a median of 35 and a lower quartile, at place 1.25, of 22.5."""
    both = {"including_itself": True, "positive_comparators": True}
    changed = {"opportunities": OPPORTUNITIES | {"cleaning_cost": OPPORTUNITIES["cleaning_cost"] | both}}
    content = [(name, changed if "opportunities" in part else part) for name, part in METHOD]
    monkeypatch.setattr(published, "METHOD", content)
    row = {
        "comparator_count": 6, "benchmark_lower": 35.0, "benchmark_upper": 22.5, "gap_lower": 15.0, "gap_upper": 27.5,
        "units_lower": 150_000.0, "units_upper": 275_000.0,
    }  # fmt: skip
    made = Service()
    raa = ("RAA", "cleaning_cost")
    made.publish(
        opportunities=[
            one | row if (one["trust_code"], one["opportunity_id"]) == raa else one for one in opportunities()
        ]
    )
    return made


def test_a_trust_that_is_its_own_comparator_is_one_with_the_supposed_value(itself: Service) -> None:
    # Nothing supposed: the published benchmarks.
    found = told(itself)
    assert (found["benchmark_lower"], found["benchmark_upper"], found["units_upper"]) == (35.0, 22.5, 275_000.0)
    assert found["words"].startswith("£50 per m² against the published benchmark: ")
    # £250,000 on 10,000 m² is £25. Of 10, 20, 25, 30, 40 and 60: 27.5, and at place 1.25 21.25.
    found = told(itself, numerator=250_000)
    assert {one["trust_code"]: one["value"] for one in found["comparators"]["trusts"]}["RAA"] == 25.0
    assert (found["comparators"]["count"], found["comparators"]["title"]) == (6, "Same type of estate")
    assert (found["benchmark_lower"], found["benchmark_upper"]) == (27.5, 21.25)
    assert (found["units_lower"], found["units_upper"]) == (0.0, 37_500.0)
    assert found["words"].startswith("£25 per m² against 6 trusts (itself included): ")
    # All: 10, 20, 25, 30, 40, 60 and 70. The median is 30; at place 1.5 is 22.5.
    found = told(itself, numerator=250_000, group="national")
    assert (found["comparators"]["count"], found["benchmark_lower"], found["benchmark_upper"]) == (7, 30.0, 22.5)


def test_chosen_comparators_have_the_trust_among_them_if_the_method_says_so(itself: Service) -> None:
    # 10, 20 and its own 50: 20, and at place 0.5 15.
    answer = ask(itself, comparators=["RAB", "RAC"]).json()
    assert [one["trust_code"] for one in answer["supposed"]["comparators"]["trusts"]] == ["RAB", "RAC", "RAA"]
    assert (answer["supposed"]["benchmark_lower"], answer["supposed"]["benchmark_upper"]) == (20.0, 15.0)
    assert "A benchmark from only 3 trusts (itself included) is unreliable." in answer["cautions"]
    assert "None of the trusts" in ask(itself, comparators=["RAA"]).json()["detail"]


def test_a_supposed_value_of_nothing_is_no_comparator_if_only_positive_ones_are(itself: Service) -> None:
    found = told(itself, numerator=0)
    assert (found["benchmark_lower"], found["benchmark_upper"], found["comparators"]["count"]) == (30.0, 20.0, 5)
    assert found["words"].startswith("£0 per m² against 5 other trusts: ")


@pytest.mark.parametrize(
    ("supposed", "field", "said"),
    [
        ({"numerator": "much"}, "numerator", "number"),
        ({"denominator": 0}, "denominator", "greater than or equal to 0.000000001"),
        ({"comparators": ["RAB", "RAG"]}, "comparators", "no comparable value for RAG"),
        ({"comparators": ["<script>"]}, "comparators", "no comparable value for some of the comparators"),
        ({"comparators": []}, "comparators", "at least 1"),
        ({"comparators": ["RAA"]}, "comparators", "None of the trusts"),
        ({"group": "nobody"}, "group", "The groups are: each_other, estate_type, landed, national, recommended"),
        ({"prices": {"appointment": 3}}, "prices", "It uses: wau, wte"),
        ({"prices": {"wau": -1}}, "prices", "greater than or equal to 0.000000001"),
        ({"target": 3, "group": "national"}, "", "only one of target, comparators and group"),
    ],
)
def test_what_cannot_be_supposed_is_a_problem_that_names_the_field(
    service: Service, supposed: dict[str, Any], field: str, said: str
) -> None:
    answer = ask(service, CLEANING, **supposed)
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["field"] == field
    assert said in answer.json()["detail"]
    assert "script" not in answer.text


def test_what_is_held_against_a_target_takes_a_target_only(service: Service) -> None:
    path = CLEANING.replace("cleaning_cost", "space_target")
    assert ask(service, path, comparators=["RAB"]).json()["field"] == "target"
    # 0.4 against 0.3 of 10,000 m², at £100 of its own.
    assert told(service, path, target=0.3)["cash_upper"] == pytest.approx(100_000.0)
    path = CLEANING.replace("cleaning_cost", "medicines_spend")
    assert "does not allow this figure to be compared" in ask(service, path).json()["detail"]


def test_bodies_that_are_none_are_problems(service: Service) -> None:
    for body, status in ((b"{", 422), (b"[]", 422), (b"\xff\xfe", 422), (b'{"x": 1}', 422), (b" " * 200_000, 413)):
        answer = service.get(CLEANING, method="POST", body=body)
        assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "numerator" in service.get(CLEANING, method="POST", body=b'{"x": 1}').json()["known"]


def test_nothing_is_stored_and_nobody_keeps_the_answer(service: Service) -> None:
    before = dict(service.store.objects)
    answer = ask(service, CLEANING, numerator=1)
    assert (answer.headers["cache-control"], answer.headers["x-release-id"]) == ("no-store", RELEASE)
    assert service.store.objects == before
    assert any("nothing was stored" in caution for caution in answer.json()["cautions"])


def test_an_old_code_is_led_to_its_successor_and_a_divided_one_asked_which(service: Service) -> None:
    assert ask(service, CLEANING.replace("RAA", "ROL"), numerator=400_000).json()["answered_for"] == "RAA"
    divided = ask(service, CLEANING.replace("RAA", "RSP"))
    suggested = [one["trust_code"] for one in divided.json()["suggestions"]]
    assert (divided.status, suggested) == (404, ["RAA", "RAB"])
