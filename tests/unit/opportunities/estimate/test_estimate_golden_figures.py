"""The real files: the figures measured for the method by an independent calculation, and the oracle on every row."""

from typing import Any

import pytest

from functions.peers.groups import peer_groups
from shared.facts.population import Population
from shared.method.load import bundle, load
from shared.method.method import Method
from tests.oracles import real_files
from tests.oracles.opportunities import Programme
from tests.support.agreement import assert_agrees
from tests.support.curated import curated
from tests.support.paths import METHOD, REAL_DATA, needs_real_data
from tests.support.pipeline.estimated import Estimate, estimate
from tests.support.real_facts import with_published_peers
from tests.support.small_programme import opportunity_rows

pytestmark = needs_real_data


@pytest.fixture(scope="module")
def rules() -> Method:
    return with_published_peers(load(bundle(METHOD)))


@pytest.fixture(scope="module")
def estimated(rules: Method) -> Estimate:
    facts = curated(REAL_DATA / "landing", rules)
    return estimate(facts, peer_groups(facts, rules, Population(facts, rules.programme)), rules)


@pytest.fixture(scope="module")
def rows(estimated: Estimate) -> dict[tuple[str, str], dict[str, Any]]:
    return opportunity_rows(estimated)


@pytest.mark.parametrize(
    ("trust", "name", "value", "comparators", "lower", "upper", "cash_lower", "cash_upper"),
    [
        ("RDU", "cleaning_cost", "67.727", 31, "39.533", "32.850", "4,211,561", "5,209,755"),
        ("RAJ", "cleaning_cost", "39.533", 31, "40.090", "32.850", "0", "617,757"),
        ("RDU", "energy_cost", "27.417", 31, "22.435", "19.426", "766,838", "1,229,809"),
        ("RAJ", "laundry_cost", "0.331", 31, "0.347", "0.273", "0", "161,601"),
    ],
)
def test_estates_figures_are_the_golden_ones(
    rows: dict[tuple[str, str], dict[str, Any]],
    trust: str, name: str, value: str, comparators: int, lower: str, upper: str, cash_lower: str, cash_upper: str,
) -> None:  # fmt: skip
    row = rows[trust, name]
    assert row["status"] == "opportunity"
    assert (row["comparator"], row["comparator_count"]) == ("estate_type", comparators)
    printed = [f"{row[column]:.3f}" for column in ("value", "benchmark_lower", "benchmark_upper")]
    assert printed == [value, lower, upper]
    assert [f"{row[column]:,.0f}" for column in ("cash_lower", "cash_upper")] == [cash_lower, cash_upper]


def test_sickness_figures_are_the_golden_ones(rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    row = rows["R0A", "sickness_absence"]
    assert (f"{row['value']:.4f}", row["comparator_count"]) == ("0.0582", 10)
    assert [f"{row[f'staff_{end}']:.2f}" for end in ("lower", "upper")] == ["254.17", "328.08"]
    row = rows["RXR", "sickness_absence"]
    assert [f"{row[f'staff_{end}']:.2f}" for end in ("lower", "upper")] == ["4.50", "35.42"]
    results = [row for (_, name), row in rows.items() if name == "sickness_absence" and row["staff_upper"] is not None]
    assert len(results) == 189


def test_nothing_reported_is_no_value_and_nobodys_comparator(
    estimated: Estimate, rows: dict[tuple[str, str], dict[str, Any]]
) -> None:
    row = rows["RYX", "cleaning_cost"]
    assert (row["status"], row["numerator"], row["denominator"], row["value"]) == ("no_data", 0, 25_180, None)
    statuses = {(r["trust_code"], r["metric_id"]): r["status"] for r in estimated.metrics.to_pylist()}
    assert statuses["RYX", "cleaning_cost"] == "no_data"
    types = {f.code: f.text for f in real_files.facts(REAL_DATA / "landing") if f.measure == "trust_type"}
    alike = {code for code, kind in types.items() if kind == types["RYX"]} - {"RYX"}
    assert {rows[code, "cleaning_cost"]["comparator_count"] for code in alike} == {len(alike) - 1}


def test_known_slips_are_implausible(rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert rows["RXR", "waste_cost"]["status"] == "implausible"
    assert rows["RNK", "laundry_cost"]["status"] == "implausible"
    assert rows["RXR", "waste_cost"]["cash_upper"] is None


def test_every_row_agrees_with_an_independent_reading_and_the_oracle(estimated: Estimate, rules: Method) -> None:
    facts = real_files.facts(REAL_DATA / "landing")
    assert_agrees(estimated, Programme(facts, real_files.peers(REAL_DATA), rules))
