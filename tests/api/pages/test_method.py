"""The pages of the method: how figures are made, peer groups and prices."""

from copy import deepcopy

import pytest

from tests.support.api.programme import METHOD
from tests.support.api.published import RELEASE, Service
from tests.support.pages.visitors import Read, Visitor


@pytest.fixture
def visitor(service: Service) -> Visitor:
    return Visitor(service)


def of_method(service: Service, monkeypatch: pytest.MonkeyPatch, part: str, entries: object) -> Visitor:
    """A visitor to a release whose method has other entries in one part."""
    method = [(path, {part: entries} if part in content else content) for path, content in deepcopy(METHOD)]
    monkeypatch.setattr("tests.support.api.published.METHOD", method)
    service.publish("b" * 32, sequence=2)
    service.now = 10.0
    return Visitor(service)


def test_the_method_has_its_steps_and_every_opportunity_with_what_it_is_compared_with(visitor: Visitor) -> None:
    page = visitor.read("/method")
    assert [step.split(".")[0] for step in page.words("//main/ol/li")] == [
        "Value", "Comparators", "Benchmarks", "Gap", "Worth", "Standing", "Uncertainty"
    ]  # fmt: skip
    assert page.rows("Opportunities") == [
        ["Beds"], ["Long stays", "A target of its own", "bed days"],
        ["Corporate"], ["Finance cost", "All trusts", "£"],
        ["Estates"], ["Cleaning cost", "Same type of estate", "£"], ["Soft FM cost", "Same type of estate", "£"],
        ["Medicines"], ["Medicines", "Shown, not compared", "£"],
        ["Outpatients"], ["Patients seen", "All trusts", "appointments"],
        ["Space"], ["Non-clinical space", "A target of 35%", "m²"],
        ["Workforce"], ["Sickness absence", "Most similar trusts", "FTE days"],
    ]  # fmt: skip
    assert "opportunities/cleaning_cost" in page.find("//table//a/@href")
    assert "3 of 3 prices are used. 1 is illustrative" in page.words()[0]
    assert page.rows("Datasets") == [["D", "Here", "None"]]


def test_its_links_keep_the_release(visitor: Visitor) -> None:
    links = visitor.read(f"/method?as_at={RELEASE}").find("//main//a[starts-with(@href, 'method/')]/@href")
    assert f"method/prices?as_at={RELEASE}" in links
    assert all(link.endswith(f"?as_at={RELEASE}") for link in links)


def test_an_overlap_group_names_its_opportunities(visitor: Visitor) -> None:
    (group,) = visitor.read("/method").find("//h2[@id='overlaps']/following-sibling::dl[1]/div")
    assert " ".join(group.text_content().split()) == "Buildings One estate. In it: Cleaning cost, Soft FM cost"


def test_a_peer_group_says_how_its_peers_are_chosen_and_who_uses_it(visitor: Visitor) -> None:
    page = visitor.read("/method/peers/recommended")
    assert "The 3 nearest by 2 characteristics, and 1 runner-up" in page.words()[0]
    assert "All have the same weight. Each is compared in standard deviations from the mean." in page.words()[0]
    assert page.rows("The distance") == [["Deprivation", "c.deprivation"], ["Urban", "c.urban"]]
    assert "../../opportunities/sickness_absence" in page.find("//main//a/@href")
    assert "the same “type” (d.type)" in visitor.read("/method/peers/estate_type").words()[0]


def test_weights_and_treatments_that_differ_are_said_of_each(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = [
        {"measure": "c.urban", "label": "Urban", "scale": "none"},
        {"measure": "c.size", "label": "Size", "weight": 3, "transform": "log1p", "cap": 2},
        {"measure": "c.age", "label": "Age", "weight": 1, "cap": 4, "cap_when": "before", "cap_side": "upper",
         "transform": "sqrt", "scale": "range"},
    ]  # fmt: skip
    group = {"kind": "nearest", "title": "T", "explanation": "E", "source": "S", "k": 3, "variables": variables}
    groups = {name: deepcopy(group) for name in ("recommended", "estate_type")}
    page = of_method(service, monkeypatch, "peer_groups", groups).read("/method/peers/recommended")
    assert page.rows("The distance") == [
        ["Size", "3", "60%", "Its logarithm, then at most 2 standard deviations from the mean, then in standard "
         "deviations from the mean", "c.size"],
        ["Urban", "1", "20%", "As it is", "c.urban"],
        ["Age", "1", "20%", "At most 4 standard deviations above the mean, then its square root, then from 0 to 1 "
         "over its range", "c.age"],
    ]  # fmt: skip


def test_every_price_has_its_amount_source_and_year_and_says_if_it_is_illustrative(visitor: Visitor) -> None:
    assert visitor.read("/method/prices").rows("Prices") == [
        ["GBP per attendance", "£120 per attendance, at 2016-17 prices", "Reference costs", "Patients seen"],
        ["GBP per weighted activity unit", "£3,500 per weighted activity unit, at 2014-15 prices", "Carter review",
         "Cleaning cost"],
        ["GBP per WTE and year Illustrative price", "£50,000 per WTE and year", "a round figure",
         "Cleaning cost, Sickness absence, Soft FM cost"],
    ]  # fmt: skip


def test_a_method_without_opportunities_or_prices_says_so(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    method = [one for one in deepcopy(METHOD) if not {"opportunities", "prices", "overlap_groups"} & one[1].keys()]
    monkeypatch.setattr("tests.support.api.published.METHOD", method)
    service.publish("b" * 32, sequence=2, opportunities=[])
    service.now = 10.0
    visitor = Visitor(service)
    page = visitor.read("/method")
    assert page.status == 200
    assert "has no opportunities" in page.words()[0]
    assert not page.find("//*[@id='overlaps']")
    assert "has no prices" in visitor.read("/method/prices").words()[0]


def test_an_unknown_peer_group_is_not_found(visitor: Visitor) -> None:
    page: Read = visitor.read("/method/peers/nothing")
    assert page.status == 404
    assert page.words("//h1") == ["Not found"]
