"""The operators' start: what readers see, the preview, and what would change, worked out by hand."""

import pytest

from functions.ingest.judge_landed import store_receipt
from tests.support.api.published import NEXT, RELEASE, Service
from tests.support.api.receipts import receipt
from tests.support.pages.comparison import compare
from tests.support.pages.visitors import Visitor


@pytest.fixture
def service() -> Service:
    made = Service()
    made.publish()
    made.preview()
    return made


@pytest.fixture
def compared(service: Service) -> Visitor:
    """An operator, once the two releases are compared."""
    compare(service)
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


def test_the_newest_rejected_files_are_named_with_what_is_wrong(service: Service) -> None:
    operator = Visitor(service, "operate")
    assert "Files that were rejected None." in operator.read("/operate").words("//main")[0]
    for one in (
        *(receipt(place, f"d/201{place}-1{place + 1}/a.csv", accepted=False) for place in range(1, 5)),
        receipt(6, "d/2017-18/a.csv"),
    ):
        store_receipt(service.store, one)
    page = operator.read("/operate")
    rejected = page.words("//main//ul[1]/li[contains(., 'a.csv')]")
    assert [line.partition(",")[0] for line in rejected] == ["d/2014-15/a.csv", "d/2013-14/a.csv", "d/2012-13/a.csv"]
    assert rejected[0] == "d/2014-15/a.csv, 1 January 2025, 12:04 UTC. a.csv: =1+1 is no number."
