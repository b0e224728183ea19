"""The real estates returns by site: the published sums of 2015-16, and 2,031 figures of 2023-24 that an independent
calculation gave."""

import csv
from collections import defaultdict
from typing import Any

import pytest

from functions.ingest.conform.conform import conform
from functions.peers.groups import peer_groups
from shared.facts.population import Population
from shared.keys import Slot
from shared.method.load import bundle, load
from shared.method.method import Method
from tests.oracles.real_files import ERIC, UNITS
from tests.support.conforming import conformed, files_of
from tests.support.curated import curated
from tests.support.paths import METHOD, REAL_DATA, needs_real_data
from tests.support.pipeline.estimated import Estimate, estimate
from tests.support.small_programme import opportunity_rows

pytestmark = needs_real_data

TODAY = REAL_DATA / "today" / "landing"
GOLDEN = REAL_DATA / "today" / "golden" / "eric_site_2023-24.csv"


@pytest.fixture(scope="module")
def rules() -> Method:
    return load(bundle(METHOD))


@pytest.fixture(scope="module")
def estimated(rules: Method) -> Estimate:
    facts = curated(TODAY, rules)
    return estimate(facts, peer_groups(facts, rules, Population(facts, rules.programme)), rules)


def test_figures_of_2023_24_are_the_golden_ones(estimated: Estimate) -> None:
    rows = opportunity_rows(estimated)
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for unit in estimated.units.to_pylist():
        counts[unit["trust_code"], unit["opportunity_id"]][unit["status"] != "counted"] += 1
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        golden = list(csv.DictReader(file))
    assert len(golden) == 2_031
    wrong = [row for row in golden if not _same(row, rows[row["trust_code"], row["opportunity_id"]])]
    assert wrong == []
    for row in golden:
        expected = [int(row["sites"]), int(row["sites_left_out"])]
        assert counts[row["trust_code"], row["opportunity_id"]] == expected, row


def _same(golden: dict[str, str], row: dict[str, Any]) -> bool:
    """Whether every figure is equal to one millionth."""
    numbers = ("value", "numerator", "denominator", "benchmark_lower", "benchmark_upper", "cash_lower", "cash_upper")
    equal = [
        (row[name] is None) if golden[name] == "" else row[name] == pytest.approx(float(golden[name]), 1e-6, 1e-6)
        for name in numbers
    ]
    fallback = "fallback_national" in row["flags"]
    return all(equal) and (row["comparator_count"], fallback) == (
        int(golden["comparator_count"]),
        golden["fallback"] not in ("", "0", "False", "false"),
    )


ADDED = [name for name, measure in ERIC.items() if not measure.endswith("_percent") and measure != "trust_type"]
ROUNDED = {("RYY", "Cleaning service cost"), ("RXM", "Pieces per annum")}
"""Where the published files themselves differ, by 4."""


def _table(path: str, delimiter: str, header: int) -> tuple[list[str], list[list[str]]]:
    (file,) = (REAL_DATA / path).glob("*.csv")
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=delimiter))
    return [UNITS.sub("", heading) for heading in rows[header]], rows[header + 1 :]


def _sums(headings: list[str], rows: list[list[str]]) -> dict[str, dict[str, float]]:
    """Organisation → heading → sum."""
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    code = headings.index("Organisation Code")
    at = {heading: headings.index(heading) for heading in ADDED}
    for row in rows:
        for heading, place in at.items():
            cell = row[place].strip().replace(",", "") if row[code].strip() else ""
            if cell.replace(".", "", 1).lstrip("-").isdigit():
                sums[row[code].strip()][heading] += float(cell)
    return sums


def test_sites_of_2015_16_add_up_to_the_returns_of_their_trusts() -> None:
    by_trust = _sums(*_table("landing/eric_trust/2015-16", "$", 1))
    by_site = _sums(*_table("today/landing/eric_site/2015-16", *_form_of_sites()))
    assert (len(by_trust), by_trust.keys()) == (238, by_site.keys())
    different = {
        (code, heading): by_site[code][heading] - amount
        for code, of in by_trust.items()
        for heading, amount in of.items()
        if abs(by_site[code][heading] - amount) > 0.5
    }
    assert different.keys() == ROUNDED
    assert {abs(each) for each in different.values()} == {4}


def _form_of_sites() -> tuple[str, int]:
    (file,) = (TODAY / "eric_site/2015-16").glob("*.csv")
    lines = file.read_text("utf-8-sig", errors="replace").splitlines()
    header = next(nth for nth, line in enumerate(lines) if "Organisation Code" in line)
    return ("$" if lines[header].count("$") > lines[header].count(",") else ","), header


def test_figures_of_2015_16_are_those_of_the_trust_file_but_for_the_sites_without_costs(estimated: Estimate) -> None:
    """Where all sites of a trust count, its sums are those of the published sites."""
    by_site = _sums(*_table("today/landing/eric_site/2015-16", *_form_of_sites()))
    rows = {
        row["trust_code"]: row
        for row in estimated.metrics.to_pylist()
        if (row["metric_id"], row["period_end"].year) == ("energy_cost", 2016) and row["value"] is not None
    }
    assert len(rows) > 200
    for code, row in rows.items():
        assert row["numerator"] == pytest.approx(by_site[code]["Energy costs (all energy supplies)"])
        assert row["denominator"] <= by_site[code]["Gross internal floor area"] + 0.5


@pytest.mark.parametrize("root", [REAL_DATA / "landing", TODAY])
def test_every_real_file_is_accepted(root: Any) -> None:
    paths = files_of(root)
    assert len(paths) >= 10
    rejected = [path for path in paths if conformed(root, path).table is None]
    assert rejected == []


def test_the_layout_of_2024_25_has_every_measure_that_figures_need(rules: Method) -> None:
    """A specimen: the header of that year and two sites."""
    body = (REAL_DATA / "today/reference/specimen_2024-25_header_and_2_sites.csv").read_bytes()
    found = conform(body, Slot("eric_site", "2024-25"), "specimen.csv", rules.datasets["eric_site"])
    assert found.table is not None, found.findings
    held = set(found.table["measure"].to_pylist())
    named = {name for metric in rules.metrics.values() for name in metric.measures() if name.startswith("eric_site.")}
    assert {name.partition(".")[2] for name in named} <= held
