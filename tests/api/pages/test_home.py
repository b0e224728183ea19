"""The start: what this is, the search, organisations by their first attribute, and the newest release."""

import gzip
from copy import deepcopy
from typing import Any

import pytest

from functions.api.pages.views import home
from tests.support.api.later import LATER, later
from tests.support.api.programme import METHOD
from tests.support.api.published import RELEASE, Rows, Service, trusts
from tests.support.pages.visitors import Visitor

# RAA to RAD are of the North, RAE to RAH of the region S, which is called South. RZZ has closed, but nothing that the
# release knows took it over, so it is listed too.
NORTH = [f"Saint {letter}'s NHS Trust" for letter in "ABCD"]
SOUTH = [f"Saint {letter}'s NHS Trust" for letter in "EFGH"]


def with_levels(service: Service, monkeypatch: pytest.MonkeyPatch, rows: Rows) -> None:
    """Publish a release of practices and networks."""
    method = deepcopy(METHOD)
    programme = next(content["programme"] for _, content in method if "programme" in content)
    programme["population"]["levels"] = [
        {"id": "practice"},
        {"id": "network", "measure": "net", "organisation": {"one": "network", "many": "networks"}},
    ]
    monkeypatch.setattr("tests.support.api.published.METHOD", method)
    service.publish("b" * 32, sequence=2, trusts=rows)
    service.now = 10.0


def many(number: int, **more: Any) -> Rows:
    """As many trusts: every fourth of the region S, the others of the North."""
    one = trusts()[0]
    return [
        one | {"trust_code": f"R{place:05}", "trust_name": f"The practice of the long name number {place}",
               "attributes": {"region": "North" if place % 4 else "S"}} | more
        for place in range(number)
    ]  # fmt: skip


def test_all_trusts_are_folded_under_their_first_attribute(service: Service) -> None:
    page = Visitor(service).read("/")
    assert page.words("//h2")[0] == "9 trusts"
    assert page.words("//details/summary") == ["North 5", "South 4"]
    assert page.words("//details[1]//li") == ["RZZ", *NORTH]
    assert page.words("//details[2]//li") == SOUTH
    assert page.find("//details[2]//a/@href")[0] == "trusts/RAE"
    (form,) = page.find("//main//form")
    assert (form.get("action"), form.xpath(".//input[@type='search']/@name")) == ("trusts", ["q"])


def test_the_newest_release_leads_to_what_moved_most_since_the_one_before(service: Service) -> None:
    assert "Published 1 January 2025, 00:00 UTC. It is the first." in Visitor(service).read("/").words()[0]
    link = f"releases/{LATER}/changes?since={RELEASE}"
    page = Visitor(later()).read("/")
    assert page.words(f"//main//a[@href='{link}']") == ["What moved most since the release before it"]


def test_suppliers_and_operators_have_their_own_links_and_nobody_else(service: Service) -> None:
    links = "//main//a[@href='supply' or @href='operate']/@href"
    assert Visitor(service).read("/").find(links) == []
    assert Visitor(service, "supply:d").read("/").find(links) == ["supply"]
    assert Visitor(service, "operate").read("/").find(links) == ["operate"]


def test_each_level_has_its_own_list(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row | {"level": "network" if row["trust_code"] in ("RAA", "RAE") else "practice"} for row in trusts()]
    with_levels(service, monkeypatch, [row for row in rows if row["trust_code"] != "RZZ"])
    page = Visitor(service).read("/")
    assert page.words("//h2")[:2] == ["6 trusts", "2 networks"]
    assert page.words("//h2[2]/following-sibling::details//li") == [NORTH[0], SOUTH[0]]


def test_a_big_programme_is_only_counted(service: Service) -> None:
    service.publish("b" * 32, sequence=2, trusts=many(home.MOST_LISTED + 1))
    service.now = 10.0
    page = Visitor(service).read("/")
    # Of the numbers from 0 to 600, 151 are multiples of 4. The North is no name of the programme.
    assert page.words("//main/ul[1]/li") == ["All trusts 601", "South 151"]
    assert page.find("//main/ul[1]//a/@href") == ["trusts", "trusts?region=S"]
    assert not page.find("//details")
    assert Visitor(service).read("/trusts?region=S").words("//h2") == ["151 trusts"]


def test_the_longest_list_of_names_is_within_the_budget(service: Service) -> None:
    service.publish("b" * 32, sequence=2, trusts=many(home.MOST_LISTED))
    service.now = 10.0
    page = Visitor(service).read("/")
    assert len(page.find("//details//li")) == home.MOST_LISTED
    assert len(gzip.compress(page.body)) < 25_000


def test_a_big_programme_with_levels_counts_each(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    networks = [row | {"trust_code": f"N{row['trust_code']}"} for row in many(3, level="network")]
    with_levels(service, monkeypatch, [*many(home.MOST_LISTED, level="practice"), *networks])
    page = Visitor(service).read("/")
    assert page.words("//main/ul[1]/li") == ["All trusts 600", "South 150"]
    assert page.words("//main/ul[2]/li") == ["All networks 3"]
    assert page.find("//main/ul[2]//a/@href") == ["trusts?level=network"]
