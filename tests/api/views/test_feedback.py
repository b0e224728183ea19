"""Feedback: kept, bounded, not too much of it, and told to those who run the programme only."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.api.handler import application
from functions.api.http.context import RequestContext
from functions.api.views.writes import feedback
from infra.local.stack import LocalStack
from infra.ops.replay import rebuild
from shared.aws.store import Conflict
from tests.support.api.asking import ask
from tests.support.api.published import NOW, RELEASE, MemoryStore, Service
from tests.support.pipeline.programme import deployed
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work

SAID = {"about": {"opportunity_id": "cleaning_cost", "trust_code": "RAA"}, "text": "Our site closed in May."}


def say(service: Service, text: str = "Hello", **about: Any) -> Any:
    return service.post("/v1/feedback", {"about": about or {"methodology": "all"}, "text": text})


def given(service: Service, **query: str) -> Any:
    return service.as_caller("an operator", "operate").get("/v1/feedback", query).json()


def later(service: Service, now: datetime) -> Service:
    service.app = application(
        service.releases, RequestContext(service.incoming, service.landing, service.store, lambda: now), open_read=True
    )
    return service


def test_what_is_said_is_kept_and_told_to_operators(service: Service) -> None:
    answer = service.as_caller("analyst", "read").post("/v1/feedback", SAID)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    (told,) = given(service)["feedback"]
    about = {"opportunity_id": "cleaning_cost", "trust_code": "RAA", "methodology": None}
    assert told == {
        "feedback_id": answer.json()["feedback_id"], "said_at": "2025-01-31T23:00:00Z", "who": "analyst",
        "release_id": RELEASE, "about": about, "text": "Our site closed in May.",
    }  # fmt: skip


@pytest.mark.parametrize(
    "about",
    [
        {"opportunity_id": "cleaning_cost"},
        {"opportunity_id": "cleaning_cost", "trust_code": "ROL"},
        {"trust_code": "RAA"},
        {"methodology": "all"},
        {"methodology": "sickness"},
        {"methodology": "recommended"},
    ],
)
def test_it_may_be_about_an_opportunity_a_trusts_or_an_entry_of_the_methodology(
    service: Service, about: dict[str, str]
) -> None:
    assert say(service, **about).status == 200


@pytest.mark.parametrize(
    ("about", "text", "status"),
    [
        ({"opportunity_id": "nothing"}, "x", 422),
        ({"methodology": "nothing"}, "x", 422),
        ({"opportunity_id": "cleaning_cost", "methodology": "all"}, "x", 422),
        ({"trust_code": "ZZZ"}, "x", 404),
        ({"trust_code": "RAA", "methodology": "all"}, "x", 422),
        ({"opportunity_id": "cleaning_cost", "trust_code": "ZZZ"}, "x", 404),
        ({"methodology": "all"}, "", 422),
        ({"methodology": "all"}, " \n", 422),
        ({"methodology": "all"}, "x" * 4001, 422),
        ({"methodology": "all"}, "x" * 100_000, 413),
    ],
)
def test_it_has_to_be_about_something_there_is_and_of_a_bounded_length(
    service: Service, about: dict[str, str], text: str, status: int
) -> None:
    assert say(service, text, **about).status == status
    assert given(service)["feedback"] == []


def test_a_caller_may_send_so_much_a_day_and_another_is_not_hindered(service: Service) -> None:
    service.as_caller("one")
    assert [say(service).status for _ in range(feedback.A_DAY + 1)] == [200] * feedback.A_DAY + [429]
    refused = say(service)
    # from 23:00 until midnight
    assert 3600 <= int(refused.headers["retry-after"]) <= 3601
    assert (refused.json()["status"], refused.headers["cache-control"]) == (429, "no-store")
    assert say(service.as_caller("two")).status == 200
    assert say(later(service, NOW + timedelta(hours=1)).as_caller("one")).status == 200


def test_callers_without_a_name_share_what_they_may_send(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "ANONYMOUS_A_DAY", 3)
    assert [say(service.as_caller("")).status for _ in range(4)] == [200, 200, 200, 429]
    assert say(service.as_caller("one")).status == 200
    kept = [json.loads(body) for name, body in service.store.objects.items() if name.startswith("feedback/")]
    assert sorted(str(one["who"]) for one in kept) == ["None", "None", "None", "one"]
    assert all("127.0.0.1" not in json.dumps(one) for one in kept)


def test_two_sent_at_the_same_moment_are_both_kept(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, racing = MemoryStore.swap, [True]

    def swap(store: MemoryStore, key: str, body: bytes, *rest: Any) -> None:
        if racing and racing.pop():
            whole(store, key, body, *rest)
            raise Conflict(key)
        whole(store, key, body, *rest)

    monkeypatch.setattr(MemoryStore, "swap", swap)
    assert say(service.as_caller("one")).json()["feedback_id"].endswith("-001")
    assert len(given(service)["feedback"]) == 2


def test_pages_hold_all_of_it_once_the_newest_day_first(service: Service) -> None:
    for day in range(3):
        for who in ("one", "two"):
            say(later(service, NOW + timedelta(days=day)).as_caller(who), f"day {day}")
    seen, query = [], {"limit": "4"}
    for _ in range(3):
        page = given(service, **query)
        seen += [one["text"] for one in page["feedback"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == ["day 2", "day 2", "day 1", "day 1", "day 0", "day 0"]


@pytest.mark.parametrize("query", [{"cursor": "WyJ4Il0"}, {"limit": "0"}, {"limit": "101"}, {"as_at": "2025-01-01"}])
def test_what_cannot_be_asked_is_refused(service: Service, query: dict[str, str]) -> None:
    assert service.as_caller("a", "operate").get("/v1/feedback", query).status == 400


def test_what_is_said_comes_back_as_text_and_nothing_else(service: Service) -> None:
    text = "<script>alert(1)</script> =cmd|' /C calc'!A0 \u202e"
    say(service.as_caller("one"), text)
    answer = service.as_caller("a", "operate").get("/v1/feedback")
    assert answer.json()["feedback"][0]["text"] == text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_it_is_about_the_release_that_was_read(service: Service) -> None:
    service.publish("b" * 32, sequence=2)
    service.now = 2.0
    answer = service.post("/v1/feedback", SAID, {"as_at": RELEASE})
    assert (answer.json()["release_id"], answer.headers["x-release-id"]) == (RELEASE, RELEASE)


def test_a_rebuild_of_the_data_bucket_leaves_what_was_said() -> None:
    """It is in no landing bucket, so nothing would bring it back."""
    with LocalStack({"Build": "1"}) as stack:
        for key, body in {
            "method/1/m.yaml": METHOD_TEXT.encode(),
            "roll/2024/a.csv": ROLL,
            "work/2025-01/a.csv": work(1),
        }.items():
            stack.land(key, body)
        stack.run_until_idle()
        body = {"about": {"opportunity_id": "cost"}, "text": "Keep this."}
        assert ask(stack, "POST", "/v1/feedback", body, scope="read").status == 200
        rebuild(
            deployed(stack), stack.outputs["DataBucketName"], show=lambda _: None, wait=lambda _: stack.run_until_idle()
        )
        told = ask(stack, "GET", "/v1/feedback", scope="operate").json()["feedback"]
        assert [one["text"] for one in told] == ["Keep this."]
