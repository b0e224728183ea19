"""Releases over time: what changed between two of them, and how one figure went. Expected values: in the comments."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.api.later import LATER, later
from tests.support.api.published import END, NEXT, RELEASE, Service, opportunities


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


def moved() -> Service:
    """Two releases with money over a year. RAA's cleaning goes from £300,000 to £250,000 and RAF's from £300,000 to
    £420,000; RAH's value, which was missing, is now implausible."""
    service = Service()
    before = [row | {"cash_per_year_upper": row.get("cash_upper")} for row in opportunities()]
    amounts = {("RAA", "cleaning_cost"): 250_000.0, ("RAF", "cleaning_cost"): 420_000.0}
    after = []
    for row in before:
        amount = amounts.get((row["trust_code"], row["opportunity_id"]))
        status = {"status": "implausible"} if row["trust_code"] == "RAH" else {}
        after.append(row | (status if amount is None else {"cash_upper": amount, "cash_per_year_upper": amount}))
    service.publish(opportunities=before)
    service.publish(LATER, sequence=2, opportunities=after)
    return service


def test_changes_can_be_in_order_of_their_size_and_without_those_in_which_nothing_changed() -> None:
    service, query = moved(), {"since": RELEASE, "order": "move", "changed": "true", "limit": "2"}
    first = service.get(f"/v1/releases/{LATER}/changes", query).json()
    assert [trust["trust_code"] for trust in first["trusts"]] == ["RAF", "RAA"]
    assert [trust["changes"][0]["cash_per_year_change"] for trust in first["trusts"]] == [120_000.0, -50_000.0]
    rest = service.get(f"/v1/releases/{LATER}/changes", query | {"cursor": first["next_cursor"]}).json()
    assert ([trust["trust_code"] for trust in rest["trusts"]], rest["next_cursor"], rest["total"]) == (["RAH"], None, 3)
    assert rest["trusts"][0]["changes"][0]["cash_per_year_change"] is None


def test_those_in_which_nothing_changed_come_last() -> None:
    told = moved().get(f"/v1/releases/{LATER}/changes", {"since": RELEASE, "order": "move", "limit": "50"}).json()
    codes = [trust["trust_code"] for trust in told["trusts"]]
    assert (codes[:4], codes[4:], told["total"]) == (["RAF", "RAA", "RAH", "RAB"], sorted(codes[4:]), len(codes))


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
    suggested = service.get("/v1/trusts/RAA/opportunities/cleaning_cosst/trend").json()["suggestions"]
    assert suggested[0] == {"opportunity_id": "cleaning_cost", "title": "Cleaning cost"}
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


def published(service: Service, path: str, **query: str) -> str | None:
    answer = service.get(path, query)
    assert answer.status == 200, answer.text
    return answer.headers.get("x-release-published")


def test_every_answer_of_a_release_says_when_that_was_published() -> None:
    service = later()
    for path in ("/v1/trusts", "/v1/trusts/RAA/opportunities", "/v1/methodology", "/v1/releases/current"):
        assert published(service, path) == "2025-01-02T00:00:00Z"
        assert published(service, path, as_at=RELEASE) == "2025-01-01T00:00:00Z"
        assert published(service, path, as_at="2025-01-01") == "2025-01-01T00:00:00Z"
    assert published(service, f"/v1/releases/{RELEASE}/tables/trusts.csv") == "2025-01-01T00:00:00Z"
    assert published(service, f"/v1/releases/{LATER}/tables/trusts.csv") == "2025-01-02T00:00:00Z"
    what_if = service.post("/v1/trusts/RAA/opportunities/cleaning_cost/what-if", {"target": 10.0})
    assert what_if.headers["x-release-published"] == "2025-01-02T00:00:00Z"
    assert "x-release-published" not in service.get("/v1/trusts/NONE").headers


def test_an_answer_about_a_release_in_the_path_names_that_one() -> None:
    service = later()
    for release_id, moment in ((RELEASE, "2025-01-01T00:00:00Z"), (LATER, "2025-01-02T00:00:00Z")):
        one = service.get(f"/v1/releases/{release_id}")
        assert (one.headers["x-release-id"], one.headers["x-release-published"]) == (release_id, moment)
        assert one.json()["published_at"] == moment
        changes = service.get(f"/v1/releases/{release_id}/changes", {"since": RELEASE, "trust": "RAA"})
        assert (changes.headers["x-release-id"], changes.headers["x-release-published"]) == (release_id, moment)


def test_a_release_that_was_never_current_was_not_published(service: Service) -> None:
    service.preview()
    for path in ("/v1/trusts", "/v1/trusts/RAA/opportunities/cleaning_cost"):
        answer = service.get(path, {"as_at": NEXT})
        assert (answer.headers["x-release-id"], "x-release-published" in answer.headers) == (NEXT, False)
    assert service.get(f"/v1/releases/{NEXT}").json()["published_at"] is None
    assert "x-release-published" not in service.get(f"/v1/releases/{NEXT}/tables/trusts.csv").headers


def test_a_release_that_was_current_twice_was_published_when_it_last_became_so() -> None:
    service = later()
    first = service.get(f"/v1/releases/{RELEASE}")
    figures = service.get("/v1/trusts/RAA/opportunities", {"as_at": RELEASE})
    service.publish(sequence=4)
    service.now += 10.0  # the pointer is no longer remembered
    assert published(service, "/v1/trusts") == "2025-01-04T00:00:00Z"
    assert published(service, "/v1/trusts", as_at=RELEASE) == "2025-01-04T00:00:00Z"
    assert published(service, "/v1/trusts", as_at=LATER) == "2025-01-02T00:00:00Z"
    # On those days other publications were in force.
    assert published(service, "/v1/trusts", as_at="2025-01-01") == "2025-01-01T00:00:00Z"
    assert published(service, "/v1/trusts", as_at="2025-01-03") == "2025-01-02T00:00:00Z"
    assert published(service, "/v1/trusts", as_at="2025-01-04") == "2025-01-04T00:00:00Z"
    # Figures are the same, so a client keeps them, and the header is up to date; this field is not the same.
    kept = service.get("/v1/trusts/RAA/opportunities", if_none_match=figures.headers["etag"])
    assert (kept.status, kept.headers["x-release-published"]) == (304, "2025-01-04T00:00:00Z")
    again = service.get(f"/v1/releases/{RELEASE}", if_none_match=first.headers["etag"])
    assert (again.status, again.json()["published_at"]) == (200, "2025-01-04T00:00:00Z")


def test_pages_of_a_release_that_was_replaced_say_when_it_was_published(service: Service) -> None:
    first = service.get("/v1/trusts", {"limit": "2"})
    service.publish(LATER, sequence=2)
    service.now += 10.0
    rest = service.get("/v1/trusts", {"limit": "2", "cursor": first.json()["next_cursor"]})
    assert (rest.headers["x-release-id"], rest.headers["x-release-published"]) == (RELEASE, "2025-01-01T00:00:00Z")


def test_history_is_searched_once_for_a_release_until_another_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    service, listed = later(), []
    names = service.store.names

    def counted(prefix: str, after: str = "") -> Iterator[str]:
        listed.append(prefix)
        return names(prefix, after)

    monkeypatch.setattr(service.store, "names", counted)
    for _ in range(3):
        published(service, "/v1/trusts")
    assert not listed  # the pointer has the time of the current release
    for _ in range(3):
        published(service, "/v1/trusts", as_at=RELEASE)
    assert len(listed) == 1
    service.publish("c" * 32, sequence=3)
    service.now += 10.0
    published(service, "/v1/trusts", as_at=RELEASE)
    assert len(listed) == 2
