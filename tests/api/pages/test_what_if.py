"""What if: the form with the published figures, and what the reader's own would make of them."""

from urllib.parse import parse_qsl, urlsplit

import lxml.html
import pytest
from lxml.html import HtmlElement

from tests.support.api.published import RELEASE, Service, opportunities

PATH = "/trusts/RAA/opportunities/cleaning_cost/what-if"
PUBLISHED = {"numerator": "500,000", "denominator": "10,000", "group": "", "trusts": "", "target": ""}


def main(service: Service, query: dict[str, str], status: int = 200, path: str = PATH) -> HtmlElement:
    page = service.get(path, query, accept="text/html")
    assert page.status == status
    return lxml.html.fromstring(page.text).xpath("//main")[0]


def words(element: HtmlElement, path: str) -> list[str]:
    return [" ".join(one.text_content().split()) for one in element.xpath(path)]


def both(page: HtmlElement) -> dict[str, tuple[str, str]]:
    """Published and supposed, by title."""
    return {row[0]: (row[1], row[2]) for tr in page.xpath(".//tbody/tr") if (row := [one.text_content() for one in tr])}


def test_the_form_has_the_published_figures_and_works_without_a_script(service: Service) -> None:
    for path in (PATH, PATH.removesuffix("/what-if")):
        page = main(service, {"as_at": RELEASE}, path=path)
        (form,) = page.xpath(".//form[@data-live='result']")
        up = "../" * (path.count("/") - 1)
        assert (form.get("action"), form.get("method")) == (f"{up}{PATH.lstrip('/')}", None)
        fields = {one.get("name"): one.get("value") for one in form.xpath(".//input")}
        assert fields == {
            "as_at": RELEASE, "numerator": "500,000", "denominator": "10,000", "trusts": "", "target": "",
            "price.wau": "3,500", "price.wte": "50,000",
        }  # fmt: skip
        for one in form.xpath(".//input[not(@type)] | .//select"):
            assert form.xpath(f".//label[@for='{one.get('id')}']")


@pytest.mark.parametrize("query", [{}, PUBLISHED, PUBLISHED | {"numerator": ""}])
def test_nothing_is_supposed_if_nothing_is_changed(service: Service, query: dict[str, str]) -> None:
    page = main(service, query)
    assert words(page, ".//div[@id='result']/p") == ["These are the published figures."]


def test_published_and_supposed_are_side_by_side(service: Service) -> None:
    page = main(service, PUBLISHED | {"numerator": "£400,000", "price.wte": "100,000"})
    shown = both(page)
    # £400,000 ÷ 10,000 m² = £40; 10 and 20 above the benchmarks. At £100,000 a WTE: 1 and 2.
    assert shown["Numerator"] == ("£500,000", "£400,000")
    assert shown["Cleaning cost per occupied area"] == ("£50 per m²", "£40 per m²")
    assert shown["Ambitious benchmark"] == ("£20 per m²", "£20 per m²")
    assert shown["Gain"] == ("£200,000 to £300,000", "£100,000 to £200,000")
    assert shown["As staff"] == ("4 to 6 WTE", "1 to 2 WTE")
    (result,) = page.xpath(".//div[@id='result']")
    assert result.get("data-status") == "£200,000 at most, £100,000 less than published"
    assert words(result, "./p")[0] == "With these figures the gain is at most £200,000: £100,000 less than published."
    assert "Your figures must cover the same period" in result.text_content()
    assert {"Published £50", "With your figures £40"} <= {text.strip() for text in result.xpath(".//svg//text()")}
    assert result.xpath(".//a[.='Back to the published figures']")
    (link,) = result.xpath(".//a[.='Link to this result']/@href")
    assert link.endswith(f"&as_at={RELEASE}")
    assert both(main(service, dict(parse_qsl(urlsplit(link).query)))) == shown


@pytest.mark.parametrize(
    ("query", "gain"),
    [
        ({"target": "25"}, "£250,000"),
        # 10, 20, 30, 40, 60 and 70: median 35, quantile 0.25 at place 1.25: 22.5.
        ({"group": "national"}, "£150,000 to £275,000"),
        # 10 and 20: 15 and 12.5.
        ({"trusts": "rab, RAC"}, "£350,000 to £375,000"),
    ],
)
def test_other_comparators_and_a_target(service: Service, query: dict[str, str], gain: str) -> None:
    assert both(main(service, PUBLISHED | query))["Gain"] == ("£200,000 to £300,000", gain)


def test_figures_that_are_better_than_the_benchmark(service: Service) -> None:
    page = main(service, {"numerator": "100,000"})
    assert words(page, ".//div[@id='result']/p")[0] == (
        "With these figures this trust is as good as its benchmark or better: £300,000 less than published."
    )
    assert both(page)["Gain"] == ("£200,000 to £300,000", "none")


@pytest.mark.parametrize(
    ("query", "field", "error"),
    [
        ({"numerator": "£7.2m"}, "numerator", "Write all digits: 7,200,000 instead of £7.2m."),
        ({"denominator": "0"}, "denominator", "Write a number above 0."),
        ({"target": "low"}, "target", "Write a number in digits"),
        ({"price.wte": "-1"}, "price-wte", "Write a number above 0."),
        ({"group": "national", "target": "25"}, "target", "Choose one of the three"),
        ({"group": "national", "trusts": "RAB"}, "trusts", "Choose one of the three"),
        ({"trusts": "RXX"}, "trusts", "There is no comparable value for some of the comparators."),
        ({"group": "nothing"}, "trusts", "There is no such peer group."),
        ({"numerator": "9" * 20}, "numerator", "less than or equal to"),
    ],
)
def test_an_error_is_linked_to_its_field(service: Service, query: dict[str, str], field: str, error: str) -> None:
    page = main(service, PUBLISHED | query, 422)
    (summary,) = page.xpath("./div[@data-focus]")
    (link,) = summary.xpath(".//li/a")
    assert link.get("href") == f"#{field}"
    assert error in link.text_content()
    (box,) = page.xpath(f".//input[@id='{field}']")
    assert error in page.xpath(f".//*[@id='{field}-error']")[0].text_content()
    assert f"{field}-error" in box.get("aria-describedby").split()
    assert all(one.get("open") is not None for one in box.iterancestors("details"))
    assert error in page.xpath(".//div[@id='result']/@data-status")[0]
    assert box.get("value") == query.get(field.replace("-", "."), "")


def test_where_nothing_is_published_both_figures_are_needed(service: Service) -> None:
    path = PATH.replace("RAA", "RAH")
    page = main(service, {"numerator": "400,000"}, 422, path)
    assert page.xpath("./div[@data-focus]//a/@href") == ["#denominator"]
    page = main(service, {"numerator": "400,000", "denominator": "10,000", "target": "30"}, path=path)
    assert both(page)["Gain"] == ("no figure", "£100,000")


def test_a_gain_that_cannot_be_expressed_in_its_own_way_is_in_units() -> None:
    """9 of 100 days against a target of 4%: 5 days, of which no working time is known."""
    nothing = {"status": "no_data", "rank": None, "value": None, "numerator": None, "denominator": None}
    nothing |= dict.fromkeys(("staff_per_unit", "cash_per_unit", "period_start", "period_end"))
    nothing |= {
        f"{name}_{end}": None for name in ("benchmark", "gap", "units", "cash", "staff") for end in ("lower", "upper")
    }
    service = Service()
    service.publish(
        opportunities=[
            row | (nothing if row["opportunity_id"] == "sickness_absence" else {}) for row in opportunities()
        ]
    )
    path = "/trusts/RAA/opportunities/sickness_absence/what-if"
    page = main(service, {"numerator": "9", "denominator": "100", "target": "4"}, path=path)
    assert both(page)["Gain"] == ("no figure", "5 FTE days")
    lead = words(page, ".//div[@id='result']/p[@class='lead']")
    assert lead == ["With these figures the gain is at most 5 FTE days: there is no published gain."]


def test_what_has_a_target_or_may_not_be_compared_takes_a_target_alone(service: Service) -> None:
    for name in ("space_target", "medicines_spend"):
        path = PATH.replace("cleaning_cost", name)
        page = main(service, {}, path=path)
        assert page.xpath(".//input[@id='target']")
        assert not page.xpath(".//select")
    # 40% of 10,000 m² against 30%: 1,000 m².
    page = main(service, {"target": "30%"}, path=PATH.replace("cleaning_cost", "space_target"))
    assert both(page)["Gain"] == ("500 m²", "1,000 m²")


def test_a_divided_organisation_leads_to_its_successors(service: Service) -> None:
    page = main(service, {}, path=PATH.replace("RAA", "RSP"))
    assert len(page.xpath(".//li/a")) == 2
