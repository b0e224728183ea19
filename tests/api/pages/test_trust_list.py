"""The list of a trust's opportunities over HTTP: its figures are those of the answers; filters, states, files."""

from typing import Any

import lxml.html
import pytest

from tests.support.api.published import AT, RELEASE, Rows, Service, opportunities, trusts

QUARTER = 365 / 91
# Of seven values 50 is 5th, in the third quarter. £200,000 and £300,000 in a financial year of 366 days.
STANDS: dict[str, dict[str, Any]] = {
    "cleaning_cost": {"national_rank": 5, "national_of": 7, "quartile": 3, "robust_low": 0.0},
    "finance_cost": {"national_rank": 7, "national_of": 7, "quartile": 4},
    # In a quarter: 350 appointments and £42,000, £168,462 over a year.
    "seen_share": {
        "period_start": AT["period_start"].replace(year=2020, month=1), "quartile": 4, "within_chance": True,
        "cash_per_year_lower": 42_000 * QUARTER, "cash_per_year_upper": 42_000 * QUARTER,
    },
    # 50 against 55: £5 a square metre ahead, of 10,000 m².
    "soft_fm_cost": {
        "national_rank": 1, "national_of": 7, "quartile": 1, "compared": "similar", "distance_lower": -10.0,
        "distance_upper": -5.0, "distance_cash_lower": -100_000.0, "distance_cash_upper": -50_000.0,
    },
}  # fmt: skip


def with_standing() -> Rows:
    made = []
    for row in opportunities():
        years = {f"cash_per_year_{end}": row.get(f"cash_{end}") for end in ("lower", "upper")}
        stands = STANDS.get(row["opportunity_id"], {}) if row["trust_code"] == "RAA" else {}
        made.append(row | years | stands)
    return made


@pytest.fixture(scope="module")
def listed() -> Service:
    made = Service()
    made.publish(opportunities=with_standing())
    return made


def page(service: Service, path: str = "/trusts/RAA", **query: str) -> Any:
    answer = service.get(path, query, accept="text/html")
    assert answer.status == 200, answer.text
    return lxml.html.fromstring(answer.text).xpath("//main")[0]


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


def gains(main: Any) -> list[tuple[str, str]]:
    """Title and figures of each row of the table of gains."""
    rows = main.xpath("//table[contains(@class, 'gains')]/tbody/tr")
    return [(text(row.xpath(".//a")[0]), text(row.xpath("./td")[0])) for row in rows]


def chips(main: Any, address: str) -> list[tuple[str, bool]]:
    """The choices whose addresses have a text, or have had it taken out, and whether each is the current one."""
    found = main.xpath(f"//ul[contains(@class, 'chips')][.//a[contains(@href, '{address}')]]//a")
    return [(text(one), one.get("aria-current") == "true") for one in found]


def test_the_rows_are_those_of_the_answer_by_a_years_money(listed: Service) -> None:
    main = page(listed)
    assert gains(main) == [
        ("Sickness absence", "£1m to £1.25m 20 to 25 WTE"),
        ("Cleaning cost", "£200,000 to £300,000"),
        ("Patients seen", "£168,000 350 outpatient appointments in 3 months"),
        ("Non-clinical space", "£50,000 500 m²"),
        ("Finance cost", "£20,000 to £40,000"),
        ("Long stays", "not counted in money 100 bed days"),
    ]
    heading = main.xpath("//table[contains(@class, 'gains')]/thead//th")
    assert [text(one) for one in heading][:2] == ["Opportunity, biggest first", "Closing the gap is worth, over a year"]
    caption = main.xpath("//table[contains(@class, 'gains')]/caption")[0]
    assert text(caption) == "April 2019 to March 2020, unless a row says otherwise"


def test_the_first_sentence_and_the_one_caution(listed: Service) -> None:
    main = page(listed)
    assert text(main.xpath("h1")[0]) == "Saint A's NHS Trust"
    assert text(main.xpath("p[@class='caption']")[0]) == "RAA · ACUTE · Region North · Board Q1"
    assert text(main.xpath("p[@class='lead']")[0]) == (
        "6 comparisons show a gain; the biggest is sickness absence, worth £1m to £1.25m a year. "
        "In 1 other the trust is as good as its benchmark or better. 1 has no figure."
    )
    assert [text(one) for one in main.xpath(".//*[@class='caution']")] == [
        "Do not add these up. They overlap: the same money, activity or time can be counted in several."
    ]


def test_each_row_says_against_whom_and_has_its_marks(listed: Service) -> None:
    rows = page(listed).xpath("//table[contains(@class, 'gains')]/tbody/tr/th")
    said = {text(row.xpath(".//a")[0]): [text(one) for one in row.xpath("./span[1] | .//*[contains(@class, 'mark ')]")]
            for row in rows}  # fmt: skip
    assert said["Sickness absence"] == ["against 3 other trusts in “Most similar trusts”", "Illustrative price"]
    assert said["Patients seen"] == [
        "against all 3 other trusts with a value, January to March 2020", "May be chance"
    ]  # fmt: skip
    assert said["Non-clinical space"] == ["against a target"]
    marks = rows[1].xpath(".//*[contains(concat(' ', @class, ' '), ' mark ')]")
    assert [text(one) for one in marks] == [
        "Vanishes without one comparator",
        "Check the data first",
        "Before a merger",
    ]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"category": "estates"}, ["Cleaning cost"]),
        ({"comparator": "target"}, ["Non-clinical space", "Long stays"]),
        ({"quartile": "4"}, ["Patients seen", "Finance cost"]),
        ({"quartile": "4", "chance": "hide"}, ["Finance cost"]),
        ({"chance": "only"}, ["Patients seen"]),
        ({"show": "staff"}, ["Sickness absence", "Cleaning cost"]),
    ],
)
def test_filters_and_files_have_the_same_rows(listed: Service, query: dict[str, str], titles: list[str]) -> None:
    main = page(listed, **query)
    assert [title for title, _ in gains(main)][: len(titles)] == titles
    (file,) = main.xpath("//a[contains(@href, 'opportunities.csv')]/@href")
    path, _, parameters = file.removeprefix("..").partition("?")
    csv = listed.get(path, dict(one.split("=") for one in parameters.split("&"))).text.splitlines()
    named = [one for one in csv if any(f",{title}," in one and ",opportunity," in one for title in titles)]
    assert len(named) == len(titles)
    if "show" not in query:
        assert len(gains(main)) == len(titles)
        assert len([one for one in csv if ",opportunity," in one]) == len(titles)


def test_a_filters_choices_are_links_with_counts_and_the_chosen_one_is_current(listed: Service) -> None:
    quarters = chips(page(listed, quartile="4", category="outpatients"), "quartile=1")
    assert quarters == [
        ("All 1", False), ("Best quarter 0", False), ("Second best quarter 0", False), ("Third best quarter 0", False),
        ("Worst quarter 1", True),
    ]  # fmt: skip
    plain = chips(page(listed), "category=beds")
    assert plain[0] == ("All 6", True)
    assert ("Beds 1", False) in plain
    links = page(listed, quartile="4", show="staff").xpath("//a[contains(@href, 'category=estates')]/@href")
    assert links == ["../trusts/RAA?quartile=4&show=staff&category=estates"]


def test_filters_that_leave_nothing_say_so(listed: Service) -> None:
    main = page(listed, category="catering")
    assert gains(main) == []
    assert text(main.xpath(".//*[@class='empty']")[0]) == "The filters leave out all 6 gains. Show all"


def test_staff_and_activity(listed: Service) -> None:
    staff = page(listed, show="staff")
    assert gains(staff)[:3] == [
        ("Sickness absence", "20 to 25 WTE"), ("Cleaning cost", "4 to 6 WTE"),
        ("Non-clinical space", "not counted in staff"),
    ]  # fmt: skip
    assert staff.xpath("//table[contains(@class, 'gains')]/thead//svg")
    activity = page(listed, show="activity")
    assert ("Patients seen", "350 outpatient appointments") in gains(activity)
    assert not activity.xpath("//table[contains(@class, 'gains')]//svg")
    current = [text(one) for one in activity.xpath("//*[@class='segments']//a[@aria-current]")]
    assert current == ["Activity"]


def test_a_figure_that_is_ahead_has_its_distance_and_where_it_stands(listed: Service) -> None:
    (row,) = page(listed).xpath("//table[contains(@class, 'ahead')]/tbody/tr")
    assert [text(one) for one in row.xpath("./td")] == [
        "£50 per m²",
        "£5 per m² ahead of its ambitious benchmark, £55 per m², at which it would spend £50,000 more a year "
        "May be chance",
        "Best quarter, 1st of 7",
    ]


def test_what_has_no_figure_has_a_reason(listed: Service) -> None:
    main = page(listed)
    reason = main.xpath("//h2[@id='missing']/following-sibling::h3")[0]
    assert (
        text(reason) == "The trust had £9 per WAU. The method does not allow this figure to be compared between trusts."
    )
    assert text(reason.getnext()) == "Medicines"


def test_the_key_explains_what_is_on_the_page_and_nothing_else(listed: Service) -> None:
    keys = [text(one) for one in page(listed).xpath("//*[@class='meanings']//dt")]
    assert keys == [
        "Over a year", "WTE", "Illustrative price", "Vanishes without one comparator", "Check the data first",
        "Before a merger", "May be chance",
    ]  # fmt: skip
    assert page(listed, category="corporate").xpath("//*[@class='meanings']//dt") == []


def test_a_release_without_a_years_money_shows_that_of_the_period(service: Service) -> None:
    main = page(service)
    assert gains(main)[0] == ("Sickness absence", "£1m to £1.25m per year 20 to 25 WTE")
    heading = main.xpath("//table[contains(@class, 'gains')]/thead//th")[1]
    assert text(heading) == "Closing the gap is worth"


def test_the_code_of_a_trust_that_merged_leads_to_its_successor_and_says_when(listed: Service) -> None:
    main = page(listed, "/trusts/ROL")
    assert text(main.xpath("h1")[0]) == "Saint A's NHS Trust"
    banner = text(main.xpath(".//*[@class='banner']")[0])
    assert banner == "ROL is now part of RAA. This answer is for RAA. ROL closed on 31 March 2018."
    assert len(gains(main)) == 6


def test_a_divided_trust_leads_to_each_of_its_successors(listed: Service) -> None:
    main = page(listed, "/trusts/RSP")
    assert [(text(one), one.get("href")) for one in main.xpath(".//a")] == [
        ("Saint A's NHS Trust", "../trusts/RAA"), ("Saint B's NHS Trust", "../trusts/RAB"),
    ]  # fmt: skip
    assert "It closed on 31 March 2018." in text(main)
    assert listed.get("/trusts/RSP/report").headers["location"] == "../../trusts/RSP"


def test_a_trust_without_a_gain_has_the_sentence_and_the_other_tables(listed: Service) -> None:
    main = page(listed, "/trusts/RAH")
    assert text(main.xpath("p[@class='lead']")[0]) == "No comparison shows a gain. 1 has no figure."
    assert not main.xpath(".//*[@class='caution'] | .//*[@class='filters']")
    assert (
        text(page(listed, "/trusts/RAB").xpath("p[@class='lead']")[0])
        == "This release compares nothing for this trust."
    )


def test_a_trust_without_a_name_is_its_code_and_one_that_closed_says_when(listed: Service) -> None:
    main = page(listed, "/trusts/RZZ")
    assert text(main.xpath("h1")[0]) == "RZZ"
    assert "Closed on 31 March 2018." in text(main)


def test_an_unknown_code_is_not_found(listed: Service) -> None:
    assert listed.get("/trusts/UNKNOWN", accept="text/html").status == 404
    assert listed.get("/trusts/UNKNOWN/report", accept="text/html").status == 404


def test_links_stay_with_the_release_of_the_address(listed: Service) -> None:
    links = page(listed, as_at=RELEASE, show="staff").xpath(".//a/@href")
    assert all(f"as_at={RELEASE}" in one for one in links if not one.startswith("#"))
    assert "../trusts/RAA/opportunities/cleaning_cost?as_at=" + RELEASE in links


def test_the_bars_are_a_file_with_title_source_and_release(listed: Service) -> None:
    file = listed.get("/trusts/RAA.svg", {"category": "estates"})
    assert (file.status, file.headers["content-type"]) == (200, "image/svg+xml")
    words = text(lxml.html.fromstring(file.text))
    for part in (
        "Saint A's NHS Trust: closing the gap is worth, over a year", "Cleaning cost: £200,000 to £300,000",
        "Do not add these up. Source: Name, April 2019 to March 2020",
        f"release {RELEASE[:8]}, published 1 January 2025",
    ):  # fmt: skip
        assert part in words
    assert "Sickness" not in words
    assert listed.get("/trusts/RAA.svg", {"show": "activity"}, accept="text/html").status == 404
    assert listed.get("/trusts/RSP.svg", accept="text/html").status == 404


def test_members_of_a_level_and_what_a_trust_belongs_to() -> None:
    made = Service()
    rows = [row | {"level": "practice", "belongs_to": [("network", "RAH")]} if row["trust_code"] == "RAA" else row
            for row in trusts()]  # fmt: skip
    made.publish(trusts=rows)
    assert "Belongs to Saint H's NHS Trust" in text(page(made))
