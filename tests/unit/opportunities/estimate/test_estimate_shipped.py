"""The method as shipped: units that fit, sentences where readers need them, and every status in the samples."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from functions.peers.groups import peer_groups
from shared.facts.population import Population
from shared.method.gate.references import measure_of
from shared.method.load import bundle, load
from shared.method.measures import Term
from shared.method.method import Method
from tests.support.curated import curated
from tests.support.paths import METHOD, SAMPLES
from tests.support.pipeline.estimated import estimate
from tests.support.small_programme import opportunity_rows

STATUSES = {
    *("opportunity", "at_or_better_than_benchmark", "no_data", "not_applicable", "below_minimum"),
    *("insufficient_comparators", "not_comparable", "implausible", "no_peer_set"),
}


@pytest.fixture(scope="module")
def rules() -> Method:
    return load(bundle(METHOD))


@pytest.fixture(scope="module")
def rows(rules: Method) -> dict[tuple[str, str], dict[str, Any]]:
    facts = curated(SAMPLES, rules)
    return opportunity_rows(estimate(facts, peer_groups(facts, rules, Population(facts, rules.programme)), rules))


def unit_of(rules: Method, name: str) -> str:
    measure = measure_of(rules, name)
    assert measure is not None
    return str(measure.unit)


def units_of(rules: Method, terms: tuple[Term, ...]) -> Iterator[str]:
    for term in terms:
        units = [unit_of(rules, name) for name in term.measures]
        if units[0] == "percent" and term.times == 0.01:  # a percentage of another measure is in that one's unit
            units = units[1:]
        yield " ".join(units)


def test_units_of_metrics_are_those_of_their_measures(rules: Method) -> None:
    for name, metric in rules.metrics.items():
        assert {*units_of(rules, metric.numerator)} == {metric.numerator_unit}, name
        assert {*units_of(rules, metric.denominator)} == {metric.denominator_unit}, name
        plain = metric.unit == "share" and metric.numerator_unit == metric.denominator_unit and metric.scale == 1
        of_income = metric.unit == "GBP per £100m of income" and metric.scale == 100_000_000
        assert plain or of_income or metric.unit == f"{metric.numerator_unit} per {metric.denominator_unit}", name


def test_opportunities_are_in_the_unit_of_their_metrics_numerator(rules: Method) -> None:
    for name, opportunity in rules.opportunities.items():
        assert opportunity.unit.rstrip("s") == rules.metrics[opportunity.metric].numerator_unit, name


def test_quantiles_stand_on_the_good_side(rules: Method) -> None:
    for name, opportunity in rules.opportunities.items():
        better_is_less = rules.metrics[opportunity.metric].lower_is_better
        for rule in opportunity.rules:
            assert rule.q is None or (rule.q < 0.5) == better_is_less, name


def test_every_opportunity_is_explained_in_sentences(rules: Method) -> None:
    for name, opportunity in rules.opportunities.items():
        for text in (opportunity.what, opportunity.why, opportunity.explanation):
            assert text.endswith("."), name
        assert opportunity.overlap_group, name


def test_prices_are_the_published_ones_and_what_is_assumed_is_illustrative(rules: Method) -> None:
    assumed = {name for name, price in rules.prices.items() if price.status == "illustrative"}
    assert assumed == {"wte_cost", "theatre_case", "night_in_hospital"}
    assert rules.prices["theatre_case"].value == rules.prices["day_case"].value == 738
    assert rules.prices["night_in_hospital"].value == rules.prices["excess_bed_day"].value == 313
    assert rules.prices["wau"].value == 3500
    assert rules.prices["outpatient_attendance"].value == 120


def test_samples_show_every_status_and_an_opportunity_of_every_kind(
    rules: Method, rows: dict[tuple[str, str], dict[str, Any]]
) -> None:
    assert {row["status"] for row in rows.values()} == STATUSES
    found = Counter(name for (_, name), row in rows.items() if row["status"] == "opportunity")
    assert found.keys() == rules.opportunities.keys() - {"high_cost_medicines_spend"}


@pytest.mark.parametrize(
    ("trust", "name", "status", "flag"),
    [
        ("RIE", "cleaning_cost", "no_data", None),
        ("RIT", "energy_cost", "no_data", None),
        ("RIY", "sickness_absence", "no_data", None),
        ("RO2", "outpatient_dna_first", "no_data", None),
        ("RSI", "cleaning_cost", "no_data", None),
        ("RO3", "portering_cost", "not_applicable", None),
        ("RIU", "waste_cost", "implausible", None),
        ("ROR", "laundry_cost", "below_minimum", None),
        ("ROV", "outpatient_dna_first", "below_minimum", None),
        ("RIA", "high_cost_medicines_spend", "not_comparable", None),
        ("GIO2S", "sickness_absence", "no_peer_set", None),
        ("ROV", "sickness_absence", "insufficient_comparators", None),
        ("TAO", "energy_cost", None, "fallback_national"),
        ("RIF", "portering_cost", None, "check_data"),
        ("ROQ", "portering_cost", None, "check_data"),
        ("RIX", "energy_cost", None, "predecessor_form"),
        ("RIA", "ae_over_four_hours", None, "single_value"),
        ("RI8", "empty_or_under_used_space", "at_or_better_than_benchmark", None),
    ],
)
def test_samples_show_what_their_readme_promises(
    rows: dict[tuple[str, str], dict[str, Any]], trust: str, name: str, status: str | None, flag: str | None
) -> None:
    row = rows[trust, name]
    assert status in (None, row["status"])
    assert flag is None or flag in row["flags"]


def test_nothing_is_flagged_that_the_samples_readme_does_not_name(
    rows: dict[tuple[str, str], dict[str, Any]],
) -> None:
    def flagged(flag: str) -> set[str]:
        return {trust for (trust, _), row in rows.items() if flag in row["flags"]}

    assert flagged("predecessor_form") == {"RIX"}
    assert flagged("check_data") == {"RIF", "ROQ"}
    assert flagged("fallback_national") == {"RO9", "RAI", "RBI", "TAI", "TAO"}
