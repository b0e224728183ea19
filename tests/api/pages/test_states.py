"""Pages that stand in for another: each says what is the matter, and where to go."""

import pytest

from functions.api.pages.ask import Refused
from functions.api.pages.states import refused
from tests.support.api.published import RELEASE, Service
from tests.support.pages.visitors import Visitor

NOWHERE = "f" * 32


@pytest.mark.parametrize(
    ("address", "words", "nearest"),
    [
        ("/trusts/RAZ", "There is no trust RAZ in this release.", ("Saint H's NHS Trust (RAH)", "RAH")),
        ("/trusts/RAZ/peers", "There is no trust RAZ in this release.", ("Saint H's NHS Trust (RAH)", "trusts/RAH")),
        (
            "/trusts/RAA/opportunities/cleaning",
            "There is no opportunity cleaning in this release.",
            ("Cleaning cost", "cleaning_cost"),
        ),
        ("/opportunities/cleaning", "There is no opportunity cleaning in this release.", ("Cleaning cost", "")),
    ],
)
def test_what_does_not_exist_leads_to_the_nearest_names_and_the_search(
    service: Service, address: str, words: str, nearest: tuple[str, str]
) -> None:
    page = Visitor(service).read(address)
    assert page.status == 404
    assert page.words("//h1") == ["Not found"]
    assert page.words("//p[@class='lead']") == [words]
    name, end = nearest
    links = {
        text: str(one.get("href"))
        for one, text in zip(page.find("//main//li/a"), page.words("//main//li/a"), strict=True)
    }
    assert links[name].endswith(end)
    assert page.find("//main//form[@role='search']")


def test_the_nearest_opportunity_is_that_of_the_same_trust(service: Service) -> None:
    page = Visitor(service).read("/trusts/RAA/opportunities/cleaning")
    assert page.find("//main//li/a/@href") == ["../../../trusts/RAA/opportunities/cleaning_cost"]
    assert Visitor(service).read("/opportunities/cleaning").find("//main//li/a/@href") == [
        "../opportunities/cleaning_cost"
    ]


@pytest.mark.parametrize(("as_at", "status"), [(NOWHERE, 404), ("2020-01-01", 404), ("yesterday", 400)])
def test_a_page_of_an_unknown_release_links_to_pages_that_exist(service: Service, as_at: str, status: int) -> None:
    page = Visitor(service).read(f"/trusts/RAA?as_at={as_at}")
    assert page.status == status
    links = page.find("//a/@href")
    assert not [link for link in links if "as_at" in link]
    assert "../releases" in links
    assert not page.find("//*[@aria-label='Release']")
    assert page.words("//nav[@aria-label='Main']//li")[0] == "Trusts"


def test_an_unknown_release_has_a_page_too(service: Service) -> None:
    for address in (f"/releases/{NOWHERE}", f"/releases/{NOWHERE}/changes?since={RELEASE}"):
        page = Visitor(service).read(address)
        assert (page.status, page.words("//p[@class='lead']")) == (404, ["There is no release with that id."])


@pytest.mark.parametrize(("address", "who"), [("/operate", "operators"), ("/supply", "suppliers of data")])
def test_who_lacks_a_right_reads_which_and_who_can_help(service: Service, address: str, who: str) -> None:
    page = Visitor(service, "read", name="ann").read(address)
    assert page.status == 403
    (words,) = page.words()
    assert f"This page is for {who}, and you are not one of them." in words
    assert "You are signed in as ann. The team that runs this service can give you that right" in words


def test_while_the_figures_are_rebuilt_one_may_try_again() -> None:
    page = refused(Refused(503, {"detail": "The figures are temporarily unavailable. Try again in 30 seconds."}, 30))
    assert (page.status, page.retry_after, page.title) == (503, 30, "The figures are being prepared")


def test_after_a_fault_the_address_can_be_tried_again_with_its_query(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("functions.api.views.trusts.page", broken)
    page = Visitor(service).read("/trusts?q=a")
    assert page.status == 500
    assert page.words("//h1") == ["Something went wrong"]
    assert "trusts?q=a" in page.find("//main//a/@href")
    assert "secret" not in page.text


def test_a_refused_page_names_no_answers_that_it_was_made_of(service: Service) -> None:
    assert Visitor(service).read("/trusts").find("//*[@class='sources']")
    assert not Visitor(service).read("/trusts/RAZ").find("//*[@class='sources']")


def test_before_the_first_release_suppliers_are_shown_where_to_begin() -> None:
    page = Visitor(Service()).read("/")
    assert page.words("//h1") == ["Nothing has been published yet"]
    assert "supply" in page.find("//main//a/@href")
