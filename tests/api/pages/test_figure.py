"""The page of one opportunity: every figure on it is that of the answers."""

import csv
import io
import statistics
from datetime import date
from typing import Any
from xml.etree import ElementTree

import lxml.html
import pytest
from lxml.html import HtmlElement

from tests.support.api.published import CLEANING, RELEASE, Rows, Service, metrics, opportunities, trend

CLEAN = "/trusts/RAA/opportunities/cleaning_cost"
RESULTS = ("_lower", "_upper", "_low", "_high")


def main(service: Service, path: str, query: dict[str, str] | None = None, status: int = 200) -> HtmlElement:
    page = service.get(path, query, accept="text/html")
    assert page.status == status
    return lxml.html.fromstring(page.text).xpath("//main")[0]


def words(element: HtmlElement, path: str) -> list[str]:
    return [" ".join(one.text_content().split()) for one in element.xpath(path)]


def under(page: HtmlElement, heading: str) -> str:
    """The text between an h2 and the next."""
    parts = []
    for one in page.xpath(f".//h2[normalize-space()='{heading}']/following-sibling::*"):
        if one.tag == "h2":
            break
        parts.append(" ".join(one.text_content().split()))
    return " ".join(parts)


def rows(page: HtmlElement, caption: str) -> list[list[str]]:
    return [
        [" ".join(cell.text_content().split()) for cell in row]
        for row in page.xpath(f".//table[caption[contains(normalize-space(), '{caption}')]]/tbody/tr")
    ]


def changed(name: str, **fields: Any) -> Rows:
    """The rows of the release, one of them with other fields."""
    own = ("RAA", name)
    return [row | fields if (row["trust_code"], row["opportunity_id"]) == own else row for row in opportunities()]


def with_rows(made: Rows, **other: Rows) -> Service:
    service = Service()
    service.publish(opportunities=made, trend=trend(made), **other)
    return service


def test_the_gain_is_large_and_said_in_one_sentence(service: Service) -> None:
    page = main(service, CLEAN)
    assert words(page, ".//h1") == ["Cleaning cost"]
    assert words(page, ".//p[@class='headline']") == ["£200,000 to £300,000"]
    text = " ".join(words(page, "./p"))
    assert (
        "is what closing the gap to 5 other trusts in “Same type of estate” would be worth, April 2019 to March 2020."
        in text
    )
    assert (
        "£200,000 would bring it to the median, £30 per m²; £300,000 to where the best quarter begins, £20 per m²."
        in text
    )
    assert words(page, ".//dl[@class='same']/div") == [
        "The same as activity57 to 86 weighted activity units",
        "The same as staff4 to 6 WTE Illustrative price",
    ]
    assert "A WTE, whole-time equivalent," in text


def test_what_to_beware_of_is_a_word_and_a_sentence(service: Service) -> None:
    page = main(service, CLEAN)
    assert words(page, ".//p[@class='marks']/span") == ["Check the data first", "Before a merger"]
    answer = service.get(f"/v1{CLEAN}").json()
    assert words(page, ".//div[@class='caution']/p") == answer["receipt"]["cautions"]
    shaky = main(with_rows(changed("cleaning_cost", flags=["fallback_national"], robust_low=0.0)), CLEAN)
    assert words(shaky, ".//p[@class='marks']/span") == ["Vanishes without one comparator", "Compared with all trusts"]


def test_the_sum_leads_from_the_value_to_the_gain(service: Service) -> None:
    page = main(service, CLEAN)
    assert rows(page, "The sum") == [
        ["This trust£500,000 ÷ 10,000 m²", "£50 per m²", "£50 per m²"],
        [
            "BenchmarkMedian, and 25th percentile (where the best quarter begins), of 5 other trusts in “Same type of "
            "estate”",
            "£30 per m²",
            "£20 per m²",
        ],
        ["Gap", "£20.00 per m²", "£30.00 per m²"],
        ["Times what it has", "× 10,000 m²", "× 10,000 m²"],
        ["Worth", "£200,000", "£300,000"],
    ]
    # 7,320 and 9,150 FTE days are a fiftieth and a fortieth of 366,000; the year has 366 days.
    assert rows(main(service, "/trusts/RAA/opportunities/sickness_absence"), "The sum")[3:] == [
        ["Times what it has", "× 366,000 FTE days", "× 366,000 FTE days"],
        ["Comes to", "7,320 FTE days", "9,150 FTE days"],
        ["Worth÷ 366 days", "20 WTE", "25 WTE"],
    ]
    # £ per £100: 2 and 4 of £1,000,000 ÷ 100.
    assert rows(main(service, "/trusts/RAA/opportunities/finance_cost"), "The sum")[3:] == [
        ["Times what it has", "× £1,000,000 ÷ 100", "× £1,000,000 ÷ 100"],
        ["Worth", "£20,000", "£40,000"],
    ]


def test_comparators_are_in_a_table_best_first_with_links(service: Service) -> None:
    page = main(service, CLEAN)
    assert rows(page, "its comparators") == [
        ["Saint B's NHS Trust", "£10"], ["Saint C's NHS Trust", "£20"],
        ["Saint D's NHS Trust", "£30"], ["Saint E's NHS Trust", "£40"],
        ["Saint A's NHS Trust (this trust)", "£50"], ["Saint F's NHS Trust", "£60"],
    ]  # fmt: skip
    assert words(page, ".//tr[@class='me']/th")[0] == "Saint A's NHS Trust (this trust)"
    link = page.xpath('.//a[normalize-space()="Saint B\'s NHS Trust"]/@href')
    assert link == ["../../../trusts/RAB/opportunities/cleaning_cost"]
    higher = main(service, "/trusts/RAA/opportunities/seen_share")
    assert [row[1] for row in rows(higher, "its comparators")] == ["90%", "80%", "70%", "50%"]


def test_tenths_of_all_say_where_it_stands() -> None:
    made = changed("cleaning_cost", national_rank=5, national_of=7, percentile=33.3, quartile=3)
    page = main(with_rows(made), CLEAN)
    assert "The trust's rank is 5th of 7 trusts (1st is best), in the third best quarter." in under(
        page, "Where it stands"
    )
    shown = rows(page, "7 trusts")
    expected = statistics.quantiles(CLEANING.values(), n=10, method="inclusive")
    assert [float(value[1:]) for label, value in shown if "this good" in label] == pytest.approx(expected)
    assert shown[0] == ["The best", "£10"]
    assert shown[-1] == ["The last", "£70"]
    assert shown[7] == ["This trust, 5th of 7", "£50"]  # between £46, six tenths, and £52


def test_a_value_that_is_ahead_says_by_how_much_and_what_the_benchmark_would_cost() -> None:
    ahead: dict[str, Any] = {
        "distance_lower": -10.0, "distance_upper": -5.0, "distance_cash_lower": -100_000.0,
        "distance_cash_upper": -50_000.0, "national_rank": 5, "national_of": 7, "percentile": 33.3, "quartile": 3,
    }  # fmt: skip
    page = main(with_rows(changed("soft_fm_cost", **ahead)), "/trusts/RAA/opportunities/soft_fm_cost")
    assert words(page, ".//p[@class='headline']") == ["No gain: as good as its benchmark or better"]
    assert rows(page, "The sum")[2:] == [
        ["Better than that by", "£10 per m²", "£5 per m²"],
        ["At the benchmark it would spend that much more", "£100,000", "£50,000"],
    ]
    standing = under(page, "Where it stands")
    assert (
        "It is £5 per m² ahead of its ambitious benchmark. At the benchmark it would spend £50,000 more from"
        in standing
    )
    assert "£5 per m² better than the ambitious benchmark" in " ".join(page.xpath(".//svg//text()"))


def test_a_shorter_period_says_what_the_gain_is_over_a_year() -> None:
    quarter: dict[str, Any] = {
        "period_start": date(2020, 1, 1), "period_end": date(2020, 3, 31), "cash_per_year_lower": 168_923.0,
        "cash_per_year_upper": 168_923.0,
    }  # fmt: skip
    path = "/trusts/RAA/opportunities/seen_share"
    page = main(with_rows(changed("seen_share", **quarter)), path)
    assert words(page, ".//p[@class='headline']") == ["350 outpatient appointments"]
    assert words(page, ".//dl[@class='same']/div") == [
        "The same as money£42,000",
        "As money, over a year at this rate£169,000",
    ]
    of_a_year = main(with_rows(changed("seen_share", cash_per_year_lower=41_885.0, cash_per_year_upper=41_885.0)), path)
    assert words(of_a_year, ".//dl[@class='same']/div") == ["The same as money£42,000"]


@pytest.mark.parametrize(
    ("status", "headline", "fields"),
    [
        ("no_data", "No figure", {"value": None, "numerator": None, "denominator": None}),
        ("not_applicable", "No figure", {"value": None, "numerator": None, "denominator": None}),
        ("implausible", "Not used: check the data first", {"value": 9999.0}),
        ("below_minimum", "Not compared", {"denominator": 900.0}),
        ("not_comparable", "Not compared", {}),
        ("no_peer_set", "Not compared", {}),
        ("insufficient_comparators", "Not compared", {"comparator_count": 1}),
    ],
)
def test_every_status_has_a_page_with_its_reason(status: str, headline: str, fields: dict[str, Any]) -> None:
    results = {name: None for name in opportunities()[0] if name.endswith(RESULTS)}
    service = with_rows(changed("cleaning_cost", status=status, rank=None, **results, **fields))
    page = main(service, CLEAN)
    assert words(page, ".//p[@class='headline']") == [headline]
    line = service.get(f"/v1{CLEAN}").json()["opportunity"]
    assert line["words"] in words(page, "./p")
    assert not page.xpath(".//tr[contains(@class, 'total')]")


def test_a_gain_that_would_cost_says_so() -> None:
    dear = {"cash_lower": -70.0, "cash_upper": -70.0}
    page = main(with_rows(changed("cleaning_cost", **dear)), CLEAN)
    assert words(page, ".//p[@class='headline']") == ["£70"]
    assert "would cost, April 2019" in " ".join(words(page, "./p"))
    assert rows(page, "The sum")[-1] == ["Costs more by", "£70", "£70"]


def test_a_target_is_one_line_and_one_column(service: Service) -> None:
    page = main(service, "/trusts/RAA/opportunities/space_target")
    assert words(page, ".//p[@class='headline']") == ["500 m²"]
    assert "is what reaching its target would be worth" in " ".join(words(page, "./p"))
    assert [row[-1] for row in rows(page, "The sum")] == [
        "40%", "35%", "5.000 percentage points", "× 10,000 m²", "500 m²",
    ]  # fmt: skip
    assert "Target 35%" in page.xpath(".//svg//text()")


def test_chance_and_comparators_say_how_sure_it_is(service: Service) -> None:
    receipt = service.get("/v1/trusts/RAA/opportunities/seen_share").json()["receipt"]
    page = main(service, "/trusts/RAA/opportunities/seen_share")
    assert receipt["chance"]["words"] in under(page, "How sure it is")
    assert "May be chance" not in page.text_content()
    chance = with_rows(changed("seen_share", within_chance=True, compared="similar", distance_upper=0.35))
    doubtful = main(chance, "/trusts/RAA/opportunities/seen_share")
    assert words(doubtful, ".//p[@class='marks']/span") == ["May be chance"]
    assert "chance allowed for: similar." in under(doubtful, "How sure it is")
    robust = under(main(service, CLEAN), "How sure it is")
    assert "If any one of the 5 comparators is left out, the gain is between £150,000 and £325,000." in robust


def test_the_trend_marks_what_cannot_be_compared(service: Service) -> None:
    page = main(service, CLEAN)
    assert rows(page, "over time") == [
        ["2019–20", "£50", "£30", "£20", "£200,000 to £300,000"],
        ["2018–19 Took over another trust · other type", "£45", "£30", "£20",
         "£200,000 to £300,000"],
        ["2017–18", "£44", "£30", "£20", "£200,000 to £300,000"],
    ]  # fmt: skip
    assert "Over time" not in words(main(service, "/trusts/RAA/opportunities/finance_cost"), ".//h2")


def of_units() -> Service:
    shared = {"trust_code": "RAA", "opportunity_id": "cleaning_cost", "unit": "GBP"}
    units = [
        shared | {
            "unit_code": "S1", "unit_name": "North", "status": "counted", "value": 80.0, "denominator": 5_000.0,
            "units_lower": 250_000.0, "units_upper": 300_000.0, "cash_lower": 250_000.0, "cash_upper": 300_000.0,
        },
        shared | {
            "unit_code": "S2", "unit_name": "South", "status": "counted", "value": 20.0, "denominator": 4_000.0,
            "units_lower": 0.0, "units_upper": 0.0, "cash_lower": 0.0, "cash_upper": 0.0,
        },
        shared | {"unit_code": "S3", "unit_name": "Leased", "status": "not_collected", "denominator": 1_000.0},
    ]  # fmt: skip
    service = Service()
    service.publish(units=units, metrics=[row | {"sources": ["d"]} for row in metrics()])
    return service


def test_the_units_behind_a_figure_are_a_drawing_and_a_table() -> None:
    page = main(of_units(), CLEAN)
    assert rows(page, "What it would be worth to bring each") == [
        ["North", "£80 per m²", "50%", "£250,000", "£300,000"],
        ["South", "£20 per m²", "40%", "none", "none"],
        ["Leased Not counted: no figure of its own", "", "10%", "", ""],
    ]
    (drawn,) = page.xpath(".//h2[.='The units behind it']/following-sibling::figure[1]/svg")
    assert {"North", "South", "£300,000"} <= set(drawn.xpath(".//text()"))


def test_the_next_bigger_and_the_next_smaller(service: Service) -> None:
    page = main(service, CLEAN)
    assert words(page, ".//nav[@class='neighbours']/a") == ["BiggerSickness absence", "SmallerNon-clinical space"]
    alone = main(service, "/trusts/RAH/opportunities/cleaning_cost")
    assert words(alone, ".//nav[@class='neighbours']/a") == ["All opportunities of Saint H's NHS Trust"]


def test_links_lead_to_what_a_figure_is_made_of(service: Service) -> None:
    links = main(service, CLEAN, {"as_at": RELEASE}).xpath(".//a/@href")
    pin = f"as_at={RELEASE}"
    assert {
        f"../../../trusts/RAA/peers?group=estate_type&{pin}", f"../../../method/prices?{pin}",
        f"../../../trusts/RAA/opportunities/soft_fm_cost?{pin}", f"../../../opportunities/cleaning_cost?{pin}",
        f"../../../feedback?opportunity=cleaning_cost&trust=RAA&{pin}",
        f"../../../trusts/RAA/opportunities/cleaning_cost.csv?{pin}",
        f"../../../trusts/RAA/opportunities/cleaning_cost.svg?chart=trend&{pin}",
    } <= set(links)  # fmt: skip


def test_codes_of_closed_and_unknown_organisations(service: Service) -> None:
    divided = main(service, "/trusts/RSP/opportunities/cleaning_cost")
    assert divided.xpath(".//li/a/@href") == [
        f"../../../trusts/{code}/opportunities/cleaning_cost" for code in ("RAA", "RAB")
    ]
    old = main(service, "/trusts/ROL/opportunities/cleaning_cost")
    assert words(old, ".//div[@class='banner']/p") == [service.get("/v1/trusts/ROL").json()["words"]]
    assert words(old, ".//h1") == ["Cleaning cost"]
    main(service, "/trusts/RAA/opportunities/nothing", status=404)
    main(service, "/trusts/UNKNOWN/opportunities/cleaning_cost", status=404)


@pytest.mark.parametrize("kind", ["strip", "sites", "doubt", "trend"])
def test_every_drawing_is_a_file_with_title_source_and_release(kind: str) -> None:
    answer = of_units().get(f"{CLEAN}.svg", {"chart": kind})
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    name = "RAA-cleaning_cost.svg" if kind == "strip" else f"RAA-cleaning_cost-{kind}.svg"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    text = " ".join(ElementTree.fromstring(answer.text).itertext())
    assert "Saint A's NHS Trust. Clean" in text
    assert "Source: Here, 2019–20" in text
    assert f"release {RELEASE[:8]}, published 1 January 2025" in text


def test_a_drawing_that_a_figure_has_not_is_not_found(service: Service) -> None:
    for path, chart in ((CLEAN, "sites"), (CLEAN, "nothing"), ("/trusts/RAH/opportunities/cleaning_cost", "strip")):
        for ending in (".svg", ".csv"):
            assert service.get(f"{path}{ending}", {"chart": chart}, accept="text/html").status == 404


def csv_rows(service: Service, kind: str) -> list[dict[str, str]]:
    answer = service.get(f"{CLEAN}.csv", {"chart": kind})
    assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_what_a_drawing_shows_is_a_file_too() -> None:
    service = of_units()
    roles = {row["trust_code"] or row["role"]: (row["role"], float(row["value"])) for row in csv_rows(service, "strip")}
    assert roles["modest_benchmark"] == ("modest_benchmark", 30)
    assert roles["ambitious_benchmark"] == ("ambitious_benchmark", 20)
    assert roles["RAA"] == ("this", 50)
    # RAF is of the same type; it has a row of its own, with another benchmark.
    assert roles["RAF"] == ("comparator", 60)
    assert [float(row["value"] or 0) for row in csv_rows(service, "sites")] == [80, 20, 0]
    (moved,) = csv_rows(service, "doubt")
    assert (float(moved["robust_low"]), float(moved["robust_high"])) == (150_000, 325_000)
    assert {row["release_id"] for row in csv_rows(service, "strip")} == {RELEASE}
    led = service.get(f"{CLEAN}.csv", {"chart": "trend", "as_at": RELEASE})
    assert led.headers["location"] == f"../../../files/trusts/RAA/opportunities/cleaning_cost/trend.csv?as_at={RELEASE}"
