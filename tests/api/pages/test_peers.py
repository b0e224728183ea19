"""The pages of peers and of a pair: their figures are those of the answers, in words."""

import lxml.html
import pytest

from tests.support.api.published import RELEASE, Service

Table = list[list[str]]


def page(service: Service, path: str, **query: str) -> lxml.html.HtmlElement:
    answer = service.get(path, query)
    assert answer.status == 200, answer.text
    return lxml.html.fromstring(answer.text)


def text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def rows(found: lxml.html.HtmlElement) -> Table:
    """The rows of the first table: the first cell, and what the cells with a heading say."""
    return [
        [text(row[0]), *(text(cell) for cell in row.xpath("td[@data-label]"))]
        for row in found.xpath("//table//tbody/tr")
    ]


def test_peers_are_listed_the_nearest_first_and_runners_up_after_them(service: Service) -> None:
    """Distances are half of the rank; RAC stays a peer in 0.4 of the draws, the others in 0.9."""
    found = page(service, "/trusts/RAA/peers")
    assert text(found.xpath("//h1")[0]) == "Peers of Saint A's NHS Trust"
    listed = rows(found)
    assert [row[:3] for row in listed] == [
        ["Saint B's NHS Trust", "0.5", "in 180 of 200 tries"],
        ["Saint C's NHS Trust", "1", "in 80 of 200 tries"],
        ["Saint D's NHS Trust", "1.5", "in 180 of 200 tries"],
        ["Next, if one drops out"],
        ["Saint E's NHS Trust", "2", "in 180 of 200 tries"],
    ]
    assert listed[0][3].startswith("Urban (75%), Deprivation (25%). Side by side with Saint B's NHS Trust")
    explanation = service.get("/v1/trusts/RAA/peers").json()["explanation"]
    assert explanation in text(found.xpath("//main")[0])


def test_bars_are_as_long_as_distances(service: Service) -> None:
    found = page(service, "/trusts/RAA/peers")
    widths = found.xpath("//td[contains(@class, 'bar')]//*[contains(@class, 'c-plain')]/@width")
    assert [float(width.rstrip("%")) for width in widths] == pytest.approx([25.0, 50.0, 75.0, 100.0])


def test_a_group_without_distances_is_a_list_of_names(service: Service) -> None:
    found = page(service, "/trusts/RAA/peers", group="estate_type", period="2018-19")
    names = [text(one) for one in found.xpath("//ul[@class='columns']/li")]
    assert names == ["RAJ", "Saint B's NHS Trust", "Saint C's NHS Trust"]
    assert not found.xpath("//table")
    assert [text(one) for one in found.xpath("//*[@aria-current='true']")] == ["Same type of estate", "2018-19"]


def test_those_that_are_near_and_have_nearer_ones_are_a_list_of_their_own(service: Service) -> None:
    listed = rows(page(service, "/trusts/RAA/peers", group="each_other"))
    assert [row[0] for row in listed] == [
        "Saint B's NHS Trust", "Near, but each has trusts that are nearer to it", "Saint D's NHS Trust"
    ]  # fmt: skip


def test_the_nation_is_a_sentence(service: Service) -> None:
    found = page(service, "/trusts/RAA/peers", group="national")
    assert "Nationally, a trust is compared with all other trusts" in text(found.xpath("//main")[0])
    assert not found.xpath("//table | //main//input[@name='other']")


def test_a_divided_trust_leads_to_its_successors(service: Service) -> None:
    found = page(service, "/trusts/RSP/peers", group="estate_type")
    assert [(text(one), one.get("href")) for one in found.xpath("//main//li/a")] == [
        ("Peers of Saint A's NHS Trust", "../../trusts/RAA/peers?group=estate_type"),
        ("Peers of Saint B's NHS Trust", "../../trusts/RAB/peers?group=estate_type"),
    ]


@pytest.mark.parametrize(("words", "code"), [("raf", "RAF"), ("saint f", "RAF"), ("ROL", "ROL")])
def test_the_search_leads_to_the_pair(service: Service, words: str, code: str) -> None:
    answer = service.get("/trusts/RAA/peers", {"other": words, "group": "landed", "as_at": RELEASE})
    assert answer.status == 303
    assert answer.headers["location"] == f"../../trusts/RAA/peers/{code}?group=landed&as_at={RELEASE}"


def test_a_search_with_several_hits_lists_them(service: Service) -> None:
    found = page(service, "/trusts/RAA/peers", other="saint")
    hits = found.xpath("//ul[@class='results']/li/a/@href")
    assert hits == [f"../../trusts/RAA/peers/RA{letter}" for letter in "ABCDEFGH"]
    assert found.xpath("//input[@id='other']/@value") == ["saint"]


def test_a_search_without_a_hit_says_what_to_try(service: Service) -> None:
    found = page(service, "/trusts/RAA/peers", other="nothing like it")
    assert "No trust matches “nothing like it”." in text(found.xpath("//section[@id='why']")[0])


def test_a_pair_has_the_answers_sentence_and_both_values(service: Service) -> None:
    """Urban is three quarters of the distance, deprivation a quarter; both are 50 for RAF and 0 for RAA."""
    found = page(service, "/trusts/RAA/peers/RAF")
    assert text(found.xpath("//h1")[0]) == "Why Saint F's NHS Trust is not a peer of Saint A's NHS Trust"
    assert text(found.xpath("//p[@class='lead']")[0]) == service.get("/v1/trusts/RAA/peers/RAF").json()["explanation"]
    assert rows(found) == [["Urban", "0", "50", "75%"], ["Deprivation", "0", "50", "25%"]]
    drawing = found.xpath("//figure//svg[@role='img']/@aria-label")
    assert drawing == [
        "The distances of 5 trusts, from 0.5 to 2.5. The last peer, Saint D's NHS Trust, is at 1.5. "
        "Saint F's NHS Trust is at 2.5."
    ]  # fmt: skip
    assert "../../../trusts/RAF/peers/RAA" in found.xpath("//a/@href")


@pytest.mark.parametrize(
    ("other", "title"),
    [
        ("RAB", "Why Saint B's NHS Trust is a peer of Saint A's NHS Trust"),
        ("RAG", "Why Saint G's NHS Trust is not a peer of Saint A's NHS Trust"),
        ("RAA", "Saint A's NHS Trust and Saint A's NHS Trust"),
    ],
)
def test_the_heading_of_a_pair_says_which_it_is(service: Service, other: str, title: str) -> None:
    assert text(page(service, f"/trusts/RAA/peers/{other}").xpath("//h1")[0]) == title


def test_a_peer_says_how_often_it_stays_one(service: Service) -> None:
    main = text(page(service, "/trusts/RAA/peers/RAC").xpath("//main")[0])
    assert "It stays a peer in 80 of 200 tries when all characteristics are about 1% out." in main


def test_one_that_was_taken_over_leads_to_its_successors(service: Service) -> None:
    found = page(service, "/trusts/RAC/peers/RSP")
    assert found.xpath("//main//ul/li/a[contains(., 'which took over')]/@href") == [
        "../../../trusts/RAC/peers/RAA", "../../../trusts/RAC/peers/RAB"
    ]  # fmt: skip


def test_a_pair_that_there_is_not_is_a_page_too(service: Service) -> None:
    assert service.get("/trusts/RAA/peers/RAX").status == 404
    assert service.get("/trusts/RAA/peers", {"group": "friends"}).status == 400
