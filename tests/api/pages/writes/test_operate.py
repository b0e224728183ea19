"""The operators' start: what readers see, the preview, and what would change, worked out by hand."""

import json
from typing import Any

import pytest

from shared import keys
from tests.support.api.published import NEXT, RELEASE, Service
from tests.support.api.visitors import Visitor

NO_SPREAD: dict[str, Any] = dict.fromkeys(("minimum", "lower_quartile", "median", "upper_quartile", "maximum"))


def distribution(gains: int, cash: float | None, units: float | None = None, unit: str = "GBP") -> dict[str, Any]:
    def spread(median: float | None) -> dict[str, Any]:
        return NO_SPREAD | {"n": gains, "median": median}

    return {
        "period_start": None, "period_end": None, "statuses": {"no_data": 1, "opportunity": gains}, "compared": gains,
        "value": spread(None), "unit": unit, "units_upper": spread(units), "cash_upper": spread(cash),
    }  # fmt: skip


def figure(lower: float, upper: float, status: str = "opportunity") -> dict[str, Any]:
    return {
        "status": status, "period_start": None, "period_end": None, "cash_lower": lower, "cash_upper": upper,
        "share_lower": None, "share_upper": None,
    }  # fmt: skip


def change(kind: str, code: str, opportunity: str, before: Any, after: Any) -> dict[str, Any]:
    names = {"trust_code": code, "trust_name": None, "opportunity_id": opportunity, "sentence": ""}
    return names | {"kind": kind, "before": before, "after": after}


GONE = figure(0.0, 0.0, "at_or_better_than_benchmark")
CHANGES = [
    change("moves", "RAA", "cleaning_cost", figure(2e5, 3e5), figure(2e5, 4.1e6)),
    change("moves", "RAF", "cleaning_cost", figure(5e5, 9e5), figure(3e5, 9e5)),
    change("vanishes", "RAA", "finance_cost", figure(2e4, 4e4), GONE),
    change("appears", "RAB", "cleaning_cost", None, figure(1e5, 1e5)),
]
PEER = {
    "group_id": "estate_type", "trust_code": "RAA", "period_before": None, "period_after": "2019-20",
    "came": ["RAJ"], "came_count": 1, "went": ["RAB", "RAC"], "went_count": 30, "sentence": "",
}  # fmt: skip
FOUND = {"severity": "warning", "rule": "drift", "dataset": "d", "period": "2019-20", "message": "<b>Ten times</b>."}
COMPARISON = {
    "currency": "GBP",
    "current": {"release_id": RELEASE, "method_id": "d" * 32, "build": 1},
    "preview": {"release_id": NEXT, "method_id": "c" * 32, "build": 1},
    "impact": {
        "at_least": 100_000.0, "share_at_least": 0.01, "summary": ["Opportunities that move: 2."],
        "counts": {
            "trusts_with_other_peers": 1, "peer_sets": 1, "appear": 1, "vanish": 1, "move": 5, "findings_appear": 1,
            "findings_vanish": 0,
        },
        "opportunities": CHANGES, "peers": [PEER], "findings": [FOUND | {"kind": "appears"}],
    },
    "opportunities": [
        {"opportunity_id": "cleaning_cost", "before": distribution(2, 6e5), "after": distribution(3, 1.234e6)},
        {"opportunity_id": "finance_cost", "before": distribution(1, 4e4), "after": distribution(0, None)},
        {"opportunity_id": "long_stays", "before": None, "after": distribution(1, None, 100.0, "bed days")},
        {"opportunity_id": "seen_share", "before": distribution(1, 42e3), "after": distribution(1, 42e3)},
    ],
}  # fmt: skip


@pytest.fixture
def service() -> Service:
    made = Service()
    made.publish()
    made.preview()
    return made


@pytest.fixture
def compared(service: Service) -> Visitor:
    """An operator, once the two releases are compared."""
    service.store.put(keys.comparison(RELEASE, NEXT), json.dumps(COMPARISON).encode())
    return Visitor(service, "operate")


def test_what_readers_see_and_the_preview_stand_next_to_each_other(service: Service) -> None:
    page = Visitor(service, "operate").read("/operate")
    readers, preview = page.words("//section[@class='panel']")
    assert readers.startswith("Readers see Release aaaaaaaa, since 1 January 2025, 00:00 UTC. It was published")
    assert preview.startswith("Preview Release eeeeeeee, ready since 2 January 2025, 00:00 UTC.")
    assert "The two releases are still being compared. Try again in a minute." in preview
    assert f"./trusts?as_at={NEXT}" in [f"./{one}" for one in page.find("//section//a/@href")]
    assert not page.find("//table")


def test_without_a_preview_the_page_says_how_to_get_one(service: Service) -> None:
    alone = Service()
    alone.publish()
    page = Visitor(alone, "operate").read("/operate")
    assert (
        "There is no preview: land another method than the current one and wait until it is accepted."
        in page.words("//section[@class='panel']")[1]
    )
    assert not page.find("//a[contains(@href, 'promote')]")


def test_opportunities_are_counted_by_how_they_change(compared: Visitor) -> None:
    page = compared.read("/operate")
    assert page.rows("Those that change") == [
        ["Cleaning cost", "2 → 3", "1", "–", "1", "1", "£600,000 → £1.23m"],
        ["Finance cost", "1 → 0", "–", "1", "–", "–", "£40,000 → no gain"],
        ["Long stays", "0 → 1", "–", "–", "–", "–", "not there → 100 bed days"],
    ]
    (caption,) = [one for one in page.words("//caption") if one.startswith("Those that change")]
    assert "changes of more than £100,000" in caption
    assert "of 7 such changes, the 4 largest" in caption
    assert "1 opportunity does not change." in page.words("//main/p")


def test_each_trust_leads_to_its_changes_and_to_its_page_in_the_preview(compared: Visitor) -> None:
    page = compared.read("/operate")
    assert page.rows("The number of changes")[:2] == [
        ["Saint A's NHS Trust", "2", "Cleaning cost", "£200,000 to £300,000", "£200,000 to £4.1m",
         "In the preview: Saint A's NHS Trust"],
        ["Saint F's NHS Trust", "1", "Cleaning cost", "£500,000 to £900,000", "£300,000 to £900,000",
         "In the preview: Saint F's NHS Trust"],
    ]  # fmt: skip
    links = page.find("//table//a/@href")
    assert f"trusts/RAA/changes?since={RELEASE}&as_at={NEXT}" in links
    assert f"trusts/RAA?as_at={NEXT}" in links
    assert f"trusts/RAA/peers?group=estate_type&as_at={NEXT}" in links
    assert f"releases/{NEXT}/changes?since={RELEASE}" in page.find("//main//a/@href")


def test_peers_and_findings_that_change_are_listed(compared: Visitor) -> None:
    page = compared.read("/operate")
    assert page.rows("Who would have other peers") == [
        ["Saint A's NHS Trust", "Same type of estate, 2019-20", "RAJ", "RAB, RAC and 28 more"]
    ]
    assert "New <b>Ten times</b>." in page.words("//main//li")


def test_feedback_is_text_about_something_that_can_be_opened(service: Service) -> None:
    text = "Why?\n<script>x</script> & http://example.org/"
    body = {"about": {"opportunity_id": "cleaning_cost", "trust_code": "RAA"}, "text": text}
    assert service.post("/v1/feedback", body).status == 200
    assert service.post("/v1/feedback", {"about": {"methodology": "all"}, "text": "Fine."}).status == 200
    operator = Visitor(service, "operate")
    page = operator.read("/operate/feedback")
    quoted = page.find("//blockquote")
    assert {one.text_content() for one in quoted} == {text, "Fine."}
    assert not page.find("//blockquote//*")
    assert set(page.words("//article/h2")) == {"Cleaning cost, RAA", "The site and its method"}
    assert f"../trusts/RAA/opportunities/cleaning_cost?as_at={RELEASE}" in page.find("//article//a/@href")
    first = operator.read("/operate/feedback?limit=1")
    (more,) = first.find("//nav[@class='pager']/a/@href")
    rest = operator.read(f"/operate/{more.removeprefix('../operate/')}")
    assert {one.text_content() for one in [*first.find("//blockquote"), *rest.find("//blockquote")]} == {text, "Fine."}


def test_no_feedback_is_said(service: Service) -> None:
    assert "There is no feedback yet." in Visitor(service, "operate").read("/operate/feedback").words("//main")[0]
