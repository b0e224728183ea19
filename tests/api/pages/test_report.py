"""The report of a trust over HTTP: which gains have a chart, on how many sheets, and the foot of each."""

from typing import Any

import lxml.html
import pytest

from tests.support.api.published import RELEASE, Service


def report(service: Service, code: str = "RAA", **query: str) -> Any:
    answer = service.get(f"/trusts/{code}/report", query, accept="text/html")
    assert answer.status == 200, answer.text
    return lxml.html.fromstring(answer.text).xpath("//main")[0]


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


def sheets(main: Any) -> list[list[str]]:
    """The gains with a chart, by sheet."""
    found = main.xpath(".//section[@class='sheet']")
    return [[text(one) for one in sheet.xpath(".//section[@class='finding']/h2")] for sheet in found]


BIGGEST = ["Sickness absence", "Cleaning cost", "Non-clinical space", "Patients seen", "Finance cost", "Long stays"]


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("", [BIGGEST[:1], BIGGEST[1:3]]),
        ("1", [BIGGEST[:1]]),
        ("2", [BIGGEST[:1], BIGGEST[1:2]]),
        ("9", [BIGGEST[:1], BIGGEST[1:3], BIGGEST[3:5], BIGGEST[5:]]),
        ("1000", [BIGGEST[:1], BIGGEST[1:3], BIGGEST[3:5], BIGGEST[5:]]),
        ("many", [BIGGEST[:1], BIGGEST[1:3]]),
        ("0", [BIGGEST[:1]]),
    ],
)
def test_the_biggest_gains_by_sheet(service: Service, top: str, expected: list[list[str]]) -> None:
    assert sheets(report(service, top=top)) == expected


def test_the_offered_lengths_are_those_that_the_gains_fill(service: Service) -> None:
    chips = report(service).xpath(".//ul[contains(@class, 'chips')]//a")
    assert [text(one) for one in chips] == [
        "1 page the biggest gain", "2 pages the 3 biggest", "3 pages the 5 biggest", "4 pages the 7 biggest",
    ]  # fmt: skip
    assert [text(one) for one in chips if one.get("aria-current")] == ["2 pages the 3 biggest"]
    assert not report(service, "RAF").xpath(".//ul[contains(@class, 'chips')]//a[contains(@href, 'top=3')]")


def test_a_gain_has_its_sentence_chart_and_doubts(service: Service) -> None:
    finding = report(service).xpath(".//section[@class='finding']")[1]
    assert text(finding.xpath("./p")[0]) == (
        "£200,000 to £300,000 is what closing the gap to 5 other trusts in “Same type of estate” would be worth, "
        "April 2019 to March 2020. £200,000 would bring it to the median, £30 per m²; £300,000 to where the best "
        "quarter begins, £20 per m²."
    )
    (chart,) = finding.xpath(".//figure/svg")
    assert "This trust: £50 per m²." in chart.get("aria-label")
    doubts = text(finding.xpath("./p[@class='doubts']")[0])
    assert doubts.startswith("If any one of the 5 comparators is left out, the gain is between £150,000 and £325,000.")
    assert "Check this figure first" in doubts
    assert finding.xpath(".//a[contains(@href, 'cleaning_cost.svg')]")


def test_each_sheet_says_from_which_release_and_where_these_figures_stay(service: Service) -> None:
    feet = report(service).xpath(".//p[@class='sheet-foot']")
    assert len(feet) == 2
    for number, foot in enumerate(feet, start=1):
        words = text(foot)
        for part in (
            f"Release {RELEASE[:8]}, published 1 January 2025",
            "Do not add the gains up",
            f"Page {number} of 2",
        ):
            assert part in words
        (link,) = foot.xpath(".//a")
        assert link.get("href") == f"../../trusts/RAA/report?as_at={RELEASE}"
        assert text(link) == f"/trusts/RAA/report?as_at={RELEASE}"
    longer = report(service, top="5").xpath(".//p[@class='sheet-foot']//a")[0]
    assert text(longer) == f"/trusts/RAA/report?top=5&as_at={RELEASE}"


def test_what_has_no_gain_is_named_on_the_last_sheet(service: Service) -> None:
    rest = [text(one) for one in report(service).xpath(".//section[@class='sheet'][last()]/p[@class='doubts']")]
    assert rest == [
        "A WTE, whole-time equivalent, is the working time of one person in full-time work.",
        "As good as its benchmark, or better: Soft FM cost.",
        "No figure: Medicines.",
    ]


def test_a_trust_without_a_gain_has_one_sheet_that_says_so(service: Service) -> None:
    main = report(service, "RAH")
    assert sheets(main) == [[]]
    assert "No comparison shows a gain." in text(main)
    assert not main.xpath(".//ul[contains(@class, 'chips')]")
