"""Every figure of whole releases, made by the real flow, read through the API."""

import re
from collections.abc import Iterator
from typing import Any

import lxml.html
import pytest

from tests.support.api.published import Service
from tests.support.paths import needs_real_data

BENCHMARKED = {"opportunity", "at_or_better_than_benchmark"}


@pytest.fixture(params=["samples", pytest.param("real", marks=needs_real_data)])
def release(request: pytest.FixtureRequest) -> Service:
    made: Service = request.getfixturevalue(request.param)
    return made


def rows(service: Service) -> Iterator[dict[str, Any]]:
    for code, trust in service.releases.current().trusts.items():
        body = service.get(f"/v1/trusts/{code}/opportunities", {"status": "all", "limit": "500"}).json()
        assert body["next_cursor"] is None
        if body["answered_for"] == trust["trust_code"]:
            yield from body["opportunities"]


def test_every_benchmark_comes_again_from_the_comparators_that_are_listed(release: Service) -> None:
    checked = 0
    for row in rows(release):
        path = f"/v1/trusts/{row['trust_code']}/opportunities/{row['opportunity_id']}"
        told = release.get(path).json()["receipt"]
        assert told["benchmarks_agree"], path
        if row["status"] in BENCHMARKED:
            listed = told["comparators"]
            assert (listed["count"] if listed else 0) == row["comparator_count"], path
            codes = [one["trust_code"] for one in listed["trusts"]] if listed else []
            assert row["trust_code"] not in codes
            assert len(codes) == len(set(codes))
            checked += 1
    assert checked > 500


def test_every_row_says_what_it_says_in_plain_words(release: Service) -> None:
    for row in rows(release):
        said = " ".join([row["words"], row["gain"] or "", row["gain_in_cash"] or "", *row["cautions"]])
        assert not re.search(r"\b(None|nan|inf|e[+-]\d+)\b|Flag:", said), said
        assert (row["gain"] is None) == (row["status"] != "opportunity")
        assert row["words"].endswith(".")


@needs_real_data
@pytest.mark.parametrize(
    ("trust", "opportunity", "value", "count", "lower", "upper", "cash_lower", "cash_upper"),
    [  # method.md, section 5
        ("RDU", "cleaning_cost", "67.727", 31, "39.533", "32.850", "4,211,561", "5,209,755"),
        ("RAJ", "cleaning_cost", "39.533", 31, "40.090", "32.850", "0", "617,757"),
        ("RDU", "energy_cost", "27.417", 31, "22.435", "19.426", "766,838", "1,229,809"),
        ("RAJ", "laundry_cost", "0.331", 31, "0.347", "0.273", "0", "161,601"),
    ],
)
def test_golden_figures_are_answered_to_the_printed_digit(
    real: Service, trust: str, opportunity: str, value: str, count: int, lower: str, upper: str,
    cash_lower: str, cash_upper: str,
) -> None:  # fmt: skip
    body = real.get(f"/v1/trusts/{trust}/opportunities/{opportunity}").json()
    row, told = body["opportunity"], body["receipt"]
    assert [f"{row[name]:.3f}" for name in ("value", "benchmark_lower", "benchmark_upper")] == [value, lower, upper]
    assert [f"{row[name]:,.0f}" for name in ("cash_lower", "cash_upper")] == [cash_lower, cash_upper]
    assert told["comparators"]["count"] == count
    assert f"= £{cash_upper}." in " ".join(step["words"] for step in told["steps"])


@needs_real_data
@pytest.mark.parametrize(
    ("trust", "title", "gain"),
    [("RDU", "Cleaning cost", "£4.21m to £5.21m"), ("RAJ", "Cleaning cost", "up to £618,000"),
     ("RDU", "Energy cost", "£767,000 to £1.23m"), ("RAJ", "Laundry and linen cost", "up to £162,000")],
)  # fmt: skip
def test_golden_figures_are_those_of_the_trusts_page(real: Service, trust: str, title: str, gain: str) -> None:
    page = lxml.html.fromstring(real.get(f"/trusts/{trust}").text)
    (row,) = page.xpath(f"//table[contains(@class, 'gains')]//tr[.//a[text()='{title}']]")
    assert row.xpath("./td")[0].text_content().split() == gain.split()


def test_pages_of_trusts_read(release: Service) -> None:
    for code in [*release.releases.current().trusts][::5]:
        page = release.get(f"/trusts/{code}")
        assert page.status == 200
        words = lxml.html.fromstring(page.text).xpath("//main")[0].text_content()
        assert not re.search(r"\b(None|nan|inf|Undefined|e[+-]\d+)\b|Flag:", words), code


@needs_real_data
def test_a_cost_of_nought_on_floor_that_is_used_is_no_figure(real: Service) -> None:
    told = real.get("/v1/trusts/RYX/opportunities/cleaning_cost").json()["receipt"]
    assert "reports £0 for 25,180 m²" in told["summary"]
    assert all(
        "RYX" not in [one["trust_code"] for one in (row or {"trusts": []})["trusts"]]
        for code in ("RDU", "RV3", "RRE")
        for row in [real.get(f"/v1/trusts/{code}/opportunities/cleaning_cost").json()["receipt"]["comparators"]]
    )


@needs_real_data
def test_a_split_trust_names_both_of_its_successors(real: Service) -> None:
    body = real.get("/v1/trusts/RW6").json()
    assert (body["answered_for"], [one["trust_code"] for one in body["successors"]]) == (None, ["R0A", "RM3"])
