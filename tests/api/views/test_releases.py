"""Releases over time: what changed between two of them, and how one figure went. Expected values: in the comments."""

from typing import Any

from tests.support.api.published import END, RELEASE, Service, opportunities

LATER = "b" * 32


def later() -> Service:
    """A second release in which RAA spent £450,000 on cleaning, not £500,000: 45 against 30 and 20."""
    service = Service()
    service.publish()
    changed = [
        row | {"value": 45.0, "numerator": 450_000.0, "gap_lower": 15.0, "gap_upper": 25.0, "units_lower": 150_000.0,
               "units_upper": 250_000.0, "cash_lower": 150_000.0, "cash_upper": 250_000.0,
               "activity_lower": 150_000 / 3500, "activity_upper": 250_000 / 3500, "staff_lower": 3.0,
               "staff_upper": 5.0}
        if (row["trust_code"], row["opportunity_id"]) == ("RAA", "cleaning_cost")
        else row
        for row in opportunities()
    ]  # fmt: skip
    service.publish(LATER, sequence=2, opportunities=changed)
    return service


def test_a_change_says_what_it_came_from() -> None:
    service = later()
    answer = service.get(f"/v1/releases/{LATER}/changes", {"since": RELEASE, "trust": "RAA"})
    told = answer.json()
    assert (told["since"], told["release_id"], told["total"]) == (RELEASE, LATER, 1)
    (change,) = told["trusts"][0]["changes"]
    cash: dict[str, Any] = next(one for one in change["figures"] if one["figure"] == "cash_upper")
    assert (change["opportunity_id"], cash["before"], cash["after"]) == ("cleaning_cost", 300_000.0, 250_000.0)
    assert cash["parts"] == {
        "own_value": -50_000.0, "benchmark_moved": 0.0, "comparators_changed": 0.0, "method_changed": 0.0
    }  # fmt: skip
    assert change["sentence"].startswith("Down £50,000 to £250,000")
    assert answer.headers["x-release-id"] == LATER


def test_changes_of_everyone_come_a_page_of_trusts_at_a_time() -> None:
    service = later()
    query, seen = {"since": RELEASE, "limit": "3"}, []
    while True:
        told = service.get(f"/v1/releases/{LATER}/changes", query).json()
        seen += [(trust["trust_code"], len(trust["changes"])) for trust in told["trusts"]]
        if told["next_cursor"] is None:
            break
        query["cursor"] = told["next_cursor"]
    assert len(seen) == told["total"] == len(set(seen))
    assert [code for code, changes in seen if changes] == ["RAA"]


def test_nothing_changed_between_a_release_and_itself() -> None:
    told = later().get(f"/v1/releases/{LATER}/changes", {"since": LATER}).json()
    assert not any(trust["changes"] for trust in told["trusts"])


def test_changes_since_no_release_or_none_that_is_known_are_problems() -> None:
    service = later()
    assert service.get(f"/v1/releases/{LATER}/changes").status == 400
    assert service.get(f"/v1/releases/{LATER}/changes", {"since": "current"}).status == 400
    assert service.get(f"/v1/releases/{LATER}/changes", {"since": "c" * 32}).status == 404


def test_a_trend_runs_from_the_oldest_window_to_the_newest_and_marks_its_breaks(service: Service) -> None:
    told = service.get("/v1/trusts/RAA/opportunities/cleaning_cost/trend").json()
    assert [(point["period_end"], point["value"], point["breaks"]) for point in told["points"]] == [
        ("2018-03-31", 44.0, []),
        ("2019-03-31", 45.0, ["merged", "type_changed"]),
        (END.isoformat(), 50.0, []),
    ]
    assert (told["unit"], told["value_unit"], told["cash_unit"]) == ("GBP", "GBP per m2", "GBP")
    assert any("taken over another" in caution for caution in told["cautions"])
    first = service.get("/v1/trusts/RAA/opportunities/cleaning_cost/trend", {"limit": "1"}).json()
    assert (first["points"][0]["value"], first["total"]) == (44.0, 3)
    rest = service.get("/v1/trusts/RAA/opportunities/cleaning_cost/trend", {"cursor": first["next_cursor"]}).json()
    assert [point["value"] for point in rest["points"]] == [45.0, 50.0]


def test_a_trend_of_an_unknown_opportunity_is_a_problem_and_of_no_windows_empty(service: Service) -> None:
    assert service.get("/v1/trusts/RAA/opportunities/cleaning_cosst/trend").json()["suggestions"][0] == "cleaning_cost"
    assert service.get("/v1/trusts/RAB/opportunities/cleaning_cost/trend").json()["points"] == []


def test_the_methodology_holds_every_definition(service: Service) -> None:
    told = service.get("/v1/methodology").json()
    assert told["method_id"] == "m" * 32
    assert len(told["opportunities"]) == 8
    assert {one["opportunity_id"] for one in told["opportunities"]} >= {"cleaning_cost", "long_stays"}
    assert all(one["metric"] in told["metrics"] for one in told["opportunities"])
    assert {one["price_id"] for one in told["prices"]} == {"wau", "wte", "appointment"}


def test_what_readers_saw_is_listed_the_newest_first_a_page_at_a_time() -> None:
    service = Service()
    for sequence, letter in enumerate("abcd", start=1):
        service.publish(letter * 32, sequence)
    told = service.get("/v1/releases", {"limit": "3"})
    first = told.json()
    assert [(one["sequence"], one["release_id"][0]) for one in first["releases"]] == [(4, "d"), (3, "c"), (2, "b")]
    assert first["releases"][0]["published_at"] == "2025-01-04T00:00:00Z"
    assert f"cursor={first['next_cursor']}" in told.headers["link"]
    rest = service.get("/v1/releases", {"limit": "3", "cursor": first["next_cursor"]}).json()
    assert ([one["release_id"][0] for one in rest["releases"]], rest["next_cursor"]) == (["a"], None)
    for wrong in ("x", "WyJhIl0", "W10"):
        assert service.get("/v1/releases", {"cursor": wrong}).status == 400


def test_a_day_is_answered_from_what_was_shown_at_its_end() -> None:
    service = Service()
    for sequence, letter in enumerate("abcd", start=1):
        service.publish(letter * 32, sequence)
    for day, letter in (("2025-01-01", "a"), ("2025-01-03", "c"), ("2031-12-31", "d")):
        assert service.get("/v1/trusts", {"as_at": day}).headers["x-release-id"] == letter * 32
    assert service.get("/v1/trusts", {"as_at": "2024-12-31"}).status == 404
    assert service.get("/v1/trusts", {"as_at": "2025-02-30"}).status == 400


def test_a_release_that_is_current_again_is_a_new_item_which_a_reader_of_the_list_gets() -> None:
    service = later()
    service.publish()
    first = service.get("/v1/releases")
    service.publish(LATER, sequence=3)
    service.publish(sequence=4)
    service.now += 10.0  # the pointer is no longer remembered
    again = service.get("/v1/releases", if_none_match=first.headers["etag"])
    assert again.status == 200
    assert again.json()["releases"][0]["sequence"] == 4
