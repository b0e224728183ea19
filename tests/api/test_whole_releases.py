"""Every figure of whole releases, made by the real flow, read through the API."""

import io
import re
from collections.abc import Iterator
from typing import Any

import lxml.html
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.support.api.published import MemoryStore, Service
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


BEFORE = "0" * 32


def without_gains(service: Service) -> Service:
    """The same API with an earlier release as well, BEFORE, in which every gain was nothing."""
    now, objects = service.releases.current().id, dict(service.store.objects)
    for key, body in service.store.objects.items():
        if now in key:
            objects[key.replace(now, BEFORE)] = (
                body.replace(now.encode(), BEFORE.encode()) if key.endswith("json") else body
            )
    (key,) = (key for key in objects if key.startswith("tables/opportunities/") and BEFORE in key)
    table = pq.read_table(io.BytesIO(objects[key]))
    for name in table.column_names:
        if re.fullmatch("(units|cash|activity|staff|cash_per_year)_(lower|upper)", name):
            place = table.column_names.index(name)
            table = table.set_column(place, table.schema.field(name), pc.multiply(table[name], 0.0))
    written = io.BytesIO()
    pq.write_table(table, written)
    store = MemoryStore()
    store.objects |= objects | {key: written.getvalue()}
    return Service(store)


@needs_real_data
@pytest.mark.parametrize("opportunity", ["cleaning_cost", "outpatient_dna_first"])
def test_a_gain_is_the_same_in_the_list_among_all_trusts_and_as_a_change(real: Service, opportunity: str) -> None:
    """Over a year of 366 days, and over a quarter. All three pages round to three figures."""
    service = without_gains(real)
    of_all = lxml.html.fromstring(service.get(f"/opportunities/{opportunity}").text)
    rows = of_all.xpath("//table[.//thead]//tbody/tr[.//a[contains(@href, 'trusts/')]][.//strong]")
    assert len(rows) > 50
    for row in rows[::10]:
        code = re.findall(r"trusts/(\w+)", row.xpath(".//a/@href")[0])[0]
        if service.get(f"/v1/trusts/{code}").json()["answered_for"] != code:
            continue  # it has merged since: its pages are those of its successor
        gain = " ".join(row.xpath("./td")[-1].text_content().split())
        path = f"trusts/{code}/opportunities/{opportunity}"
        listed = lxml.html.fromstring(service.get(f"/trusts/{code}").text)
        (own,) = listed.xpath(f"//table[contains(@class, 'gains')]//tr[.//a[contains(@href, '{path}')]]")
        assert own.xpath("./td")[0].text_content().split()[: len(gain.split())] == gain.split(), code
        changes = lxml.html.fromstring(service.get(f"/trusts/{code}/changes", {"since": BEFORE}).text)
        (moved,) = changes.xpath(f"//tbody/tr[.//a[contains(@href, '{path}')]]")
        largest = gain.rpartition(" ")[2]
        assert f"+{largest} over a year" in " ".join(moved.text_content().split()), code


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
