"""The pages of all opportunities, and of one of them for all organisations."""

import lxml.html
import pytest

from tests.support.api.published import RELEASE, Service, opportunities
from tests.support.paths import needs_real_data


def page(service: Service, path: str, **query: str) -> lxml.html.HtmlElement:
    answer = service.get(path, query)
    assert answer.status == 200, answer.text
    return lxml.html.fromstring(answer.text)


def text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def rows(found: lxml.html.HtmlElement) -> list[list[str]]:
    return [[text(cell) for cell in row] for row in found.xpath("//table[@role='table']/tbody/tr")]


def priced() -> Service:
    """RAA's cleaning is £200,000 to £300,000 over a year, its place the 6th; RAF's £250,000 to £375,000, the 5th."""
    service = Service()
    standing = {
        "RAA": {"cash_per_year_lower": 200_000.0, "cash_per_year_upper": 300_000.0, "national_rank": 6, "quartile": 4},
        "RAF": {"cash_per_year_lower": 250_000.0, "cash_per_year_upper": 375_000.0, "national_rank": 5, "quartile": 3},
    }
    made = [
        row | (standing.get(row["trust_code"], {}) if row["opportunity_id"] == "cleaning_cost" else {})
        for row in opportunities()
    ]
    service.publish(opportunities=made)
    return service


GAINS = {
    "RAF": ["Saint F's NHS Trust", "£60", "5th", "£250,000 to £375,000"],
    "RAA": ["Saint A's NHS Trust Check the data first", "£50", "6th", "£200,000 to £300,000"],
    "RAG": ["Saint G's NHS Trust", "£9,999", "", "Implausible value"],
    "RAH": ["Saint H's NHS Trust", "", "", "No data"],
}


@pytest.fixture
def cleaning() -> Service:
    return priced()


def test_every_opportunity_is_listed_under_its_category(service: Service) -> None:
    found = page(service, "/opportunities")
    listed = [(text(one), one.get("href")) for one in found.xpath("//main//li/a")]
    known = service.get("/v1/opportunities").json()["opportunities"]
    assert sorted(listed) == sorted((one["title"], f"opportunities/{one['opportunity_id']}") for one in known)
    assert [text(one) for one in found.xpath("//main//h2")] == [
        "Beds", "Corporate", "Estates", "Medicines", "Outpatients", "Space", "Workforce"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("order", "codes"),
    [
        ("", ["RAF", "RAA", "RAG", "RAH"]),
        ("value", ["RAF", "RAA", "RAG", "RAH"]),
        ("name", ["RAA", "RAF", "RAG", "RAH"]),
    ],
)
def test_the_table_has_three_orders(cleaning: Service, order: str, codes: list[str]) -> None:
    found = page(cleaning, "/opportunities/cleaning_cost", order=order)
    assert rows(found) == [GAINS[code] for code in codes]
    links = found.xpath("//ul[@aria-label='Order']//a")
    assert [link.get("href").partition("order=")[2].partition("#")[0] for link in links] == ["gain", "value", "name"]
    (chosen,) = (link for link in links if link.get("aria-current"))
    assert f"order={order or 'gain'}" in chosen.get("href")


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"quartile": "4"}, ["RAA"]),
        ({"region": "North"}, ["RAA"]),
        ({"region": "S"}, ["RAF", "RAG", "RAH"]),
        ({"region": "S", "quartile": "3"}, ["RAF"]),
        ({"q": "saint g"}, ["RAG"]),
        ({"q": "rah"}, ["RAH"]),
        ({"compared": "better"}, []),
    ],
)
def test_filters_choose_rows(cleaning: Service, query: dict[str, str], codes: list[str]) -> None:
    found = page(cleaning, "/opportunities/cleaning_cost", **query)
    assert rows(found) == [GAINS[code] for code in codes]
    main = text(found.xpath("//main")[0])
    assert f"{len(codes)} of 4 trusts. Show all" in main
    assert ("None of the trusts fits what was chosen." in main) == (not codes)
    for name, value in query.items():
        chosen = found.xpath(f"//*[@name='{name}']//option[@selected]/@value | //input[@name='{name}']/@value")
        assert chosen in ([value], [])


@pytest.mark.parametrize(("number", "shown"), [("0", 4), ("00", 4), ("7", 4), ("9" * 5000, 4), ("-1", 4)])
def test_a_page_that_there_is_not_is_the_nearest(cleaning: Service, number: str, shown: int) -> None:
    assert len(rows(page(cleaning, "/opportunities/cleaning_cost", page=number))) == shown


def test_a_gain_is_that_of_a_year_as_in_the_list_of_one() -> None:
    per_year = {
        "RAA": {"cash_per_year_lower": 400_000.0, "cash_per_year_upper": 600_000.0},
        "RAF": {"cash_per_year_lower": 0.0, "cash_per_year_upper": 750_000.0},
    }
    service = Service()
    service.publish(
        opportunities=[
            row | per_year[row["trust_code"]]
            if row["opportunity_id"] == "cleaning_cost" and row["trust_code"] in per_year
            else row
            for row in opportunities()
        ]
    )
    of_all = {one[0][:7]: one[-1] for one in rows(page(service, "/opportunities/cleaning_cost"))}
    assert (of_all["Saint A"], of_all["Saint F"]) == ("£400,000 to £600,000", "up to £750,000")
    assert "£400,000 to £600,000" in text(page(service, "/trusts/RAA"))


def test_a_gain_without_money_or_gap_is_not_said_to_lack_money() -> None:
    """An older release has neither the money of a year nor the distance."""
    service = Service()
    service.publish()
    gains = {one[0][:7]: one[-1] for one in rows(page(service, "/opportunities/cleaning_cost"))}
    assert (gains["Saint A"], gains["Saint F"]) == ("Behind its benchmark", "Behind its benchmark")


def test_filters_are_those_that_the_answer_has(cleaning: Service) -> None:
    """No value has an interval, and all trusts are in one board, so neither is a filter."""
    found = page(cleaning, "/opportunities/cleaning_cost", as_at=RELEASE)
    assert [one for one in found.xpath("//main//form//*[@name]/@name") if one != "order"] == [
        "as_at", "q", "region", "quartile"
    ]  # fmt: skip
    assert [text(one) for one in found.xpath("//select[@name='region']/option")] == ["All", "North", "South"]


def test_the_spread_is_in_words_and_in_a_table(cleaning: Service) -> None:
    """10 to 70 of the seven that may be compared: quartiles 25 and 55, median 40."""
    found = page(cleaning, "/opportunities/cleaning_cost")
    assert found.xpath("//figure//svg[@role='img']/@aria-label") == [
        "7 trusts have values from £10 per m² to £70 per m². Half of them lie between £25 per m² and £55 per m²; the "
        "median is £40 per m²."
    ]
    assert "50% (the median)" in text(found.xpath("//figure//table")[0])


def test_an_opportunity_without_money_has_gaps_instead(service: Service) -> None:
    made = [
        row | ({"distance_lower": 0.1, "distance_upper": 0.1} if row["opportunity_id"] == "long_stays" else {})
        for row in opportunities()
    ]
    service.publish(opportunities=made)
    found = page(service, "/opportunities/long_stays")
    assert rows(found) == [["Saint A's NHS Trust", "40%", "", "10 percentage points"]]


def test_a_figure_that_may_not_be_compared_has_no_drawing(service: Service) -> None:
    found = page(service, "/opportunities/medicines_spend")
    assert "There is nothing to draw" in text(found.xpath("//main")[0])
    assert not found.xpath("//figure")


def test_an_opportunity_that_there_is_not_is_a_page_too(service: Service) -> None:
    assert service.get("/opportunities/cleaning").status == 404


@needs_real_data
def test_every_trust_of_the_real_files_is_in_the_table_once(real: Service) -> None:
    answer = real.get("/v1/opportunities/cleaning_cost", {"limit": "500"}).json()
    found = page(real, "/opportunities/cleaning_cost", order="value")
    links = found.xpath("//table[@role='table']//tbody//a/@href")
    assert sorted(links) == sorted(
        f"../trusts/{one['trust_code']}/opportunities/cleaning_cost" for one in answer["trusts"]
    )
    ranks = [one["national_rank"] for one in answer["trusts"] if one["national_rank"]]
    places = [int(row[2].rstrip("stndrh").replace(",", "")) for row in rows(found) if row[2]]
    assert places == sorted(ranks)
