"""Feedback on a page: about what the reader came from; what is wrong with it; when there was too much."""

import pytest

from functions.api.views.writes import feedback as of_api
from tests.support.api.published import RELEASE, Service
from tests.support.pages.visitors import Visitor

TEXT = "Our site closed in May."
SUBJECTS = [
    ("?opportunity=cleaning_cost&trust=RAA", "Cleaning cost, Saint A's NHS Trust",
     {"opportunity_id": "cleaning_cost", "trust_code": "RAA"}, "trusts/RAA/opportunities/cleaning_cost"),
    ("?trust=RAA", "Saint A's NHS Trust", {"trust_code": "RAA"}, "trusts/RAA"),
    ("?opportunity=seen_share", "Patients seen", {"opportunity_id": "seen_share"}, "opportunities/seen_share"),
    ("?method=all", "How figures are made", {"methodology": "all"}, "method"),
    ("?method=recommended", "Most similar trusts", {"methodology": "recommended"}, "method"),
    ("", "", {"methodology": "all"}, "./"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "words", "about", "back"), SUBJECTS)
def test_it_is_about_what_one_came_from(
    service: Service, query: str, words: str, about: dict[str, str], back: str
) -> None:
    form = Visitor(service).read(f"/feedback{query}")
    assert form.words("//p[@class='lead']") == ([f"About: {words}"] if words else [])
    sent = Visitor(service).send("/feedback", form.fields() | {"text": f" {TEXT}\n"})
    assert (sent.status, sent.words("//h1")) == (200, ["Thank you"])
    assert sent.find("//main//a/@href") == [back]
    (stored,) = service.as_caller("o", "operate").get("/v1/feedback").json()["feedback"]
    assert stored["about"] == {"opportunity_id": None, "trust_code": None, "methodology": None} | about
    assert (stored["text"], stored["release_id"], stored["who"]) == (TEXT, RELEASE, "someone@example.org")


def test_a_release_that_was_looked_at_goes_along(service: Service) -> None:
    service.publish("b" * 32, sequence=2)
    service.now = 10.0
    form = Visitor(service).read(f"/feedback?trust=RAA&as_at={RELEASE}")
    (action,) = form.find("//main//form/@action")
    assert action == f"feedback?as_at={RELEASE}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" \n", "Write what is wrong, unclear or missing."),
        ("x" * 4001, "Write at most 4,000 characters; these are 4,001."),
    ],
)
def test_what_cannot_be_sent_is_shown_again(service: Service, text: str, words: str) -> None:
    again = Visitor(service).send("/feedback", {"trust": "RAA", "text": text})
    assert again.status == 422
    assert again.words("//*[@role='alert']//a") == [words]
    assert again.find("//*[@role='alert']//a/@href") == ["#text"]
    assert again.words("//*[@id='text-error']") == [f"Error: {words}"]
    assert again.find("//textarea/@aria-describedby") == ["text-hint text-error"]
    assert again.fields()["trust"] == "RAA"
    assert again.words("//textarea") == [text.strip()]


def test_too_much_in_a_day_says_until_when_and_keeps_the_text(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_api, "A_DAY", 1)
    assert Visitor(service).send("/feedback", {"text": TEXT}).status == 200
    again = Visitor(service).send("/feedback", {"text": "And one more."})
    assert again.status == 429
    assert "Try again after midnight, UTC." in again.words("//*[@role='alert']")[0]
    assert again.words("//textarea") == ["And one more."]


def test_what_does_not_exist_is_not_found(service: Service) -> None:
    assert Visitor(service).read("/feedback?trust=UNKNOWN").status == 404


def test_operators_see_about_which_trust_it_is(service: Service) -> None:
    Visitor(service).send("/feedback", {"trust": "RAA", "text": TEXT})
    listed = Visitor(service, "operate").read("/operate/feedback")
    assert listed.words("//article/h2") == ["RAA"]
    assert listed.find("//article//a/@href") == [f"../trusts/RAA?as_at={RELEASE}"]
