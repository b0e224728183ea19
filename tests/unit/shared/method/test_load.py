"""Loading a method: every fault is a sentence that names the file and the path, and nothing misspelt is ignored."""

from pathlib import Path

import pytest

from shared.method.load import MethodFaults, bundle, documents_json, from_json, load, method_id, parse
from shared.method.method import Document
from tests.support.paths import METHOD
from tests.support.pipeline.small import METHOD_TEXT


def faults_of(text: str) -> list[str]:
    with pytest.raises(MethodFaults) as caught:
        load(text)
    return list(caught.value.faults)


def test_the_shipped_method_has_every_opportunity_group_and_dataset_promised() -> None:
    method = load(bundle(METHOD))
    assert set(method.opportunities) >= {
        *("cleaning_cost", "hard_fm_cost", "soft_fm_cost", "maintenance_cost", "energy_cost", "water_sewage_cost"),
        *("waste_cost", "inpatient_food_cost", "laundry_cost", "portering_cost", "non_clinical_space"),
        *("empty_or_under_used_space", "sickness_absence", "outpatient_dna_first", "outpatient_dna_follow_up"),
        *("ae_over_four_hours", "theatre_cases_lost", "long_stay_bed_days", "day_case_rate", "finance_cost"),
        *("hr_cost", "payroll_cost", "pathology_cost", "imaging_cost", "top_medicines_savings"),
        *("procurement_price_variance", "agency_spend", "nursing_pay", "medical_pay"),
    }
    assert set(method.peer_groups) >= {"trust_peer_finder", "recommended", "estate_type", "national"}
    assert set(method.datasets) == {
        *("eric_site", "eric_trust", "eric_trust_profile", "sickness_absence", "ae_monthly", "outpatients_quarterly"),
        *("general_acute_beds", "ods_trusts", "ods_successors", "peer_lists", "trust_characteristics"),
        *("prices", "trust_measures"),
    }
    assert all(price.source for price in method.prices.values())


def test_documents_read_back_from_json_are_the_same_method() -> None:
    documents = parse(METHOD_TEXT)
    assert from_json(documents_json(documents)) == load(METHOD_TEXT)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("numerator: [work.cost]", "numerater: [work.cost]", ["metrics.cost.numerater: there is no such setting here"]),
        ("numerator: [work.cost]", "numerator: [work.costs]", ["metrics.yaml: metrics.cost", "'costs'", "area"]),
        ("metric: cost", "metric: coast", ["opportunities.yaml: opportunities.cost.metric", "'coast'"]),
        ("comparator: kind", "comparator: kinds", ["opportunities.yaml: opportunities.cost.comparator", "'kinds'"]),
        ("attribute: work.kind", "attribute: work.cost", ["peer_groups.yaml: peer_groups.kind", "text is needed"]),
        ("{measure: work.area,", "{measure: work.kind,", ["peer_groups.similar", "a number is needed"]),
        ("plausibility: {group: national}", "plausibility: {group: nobody}", ["metrics.cost.plausibility", "'nobody'"]),
        ("cash: {unit: GBP}", "cash: {times: gold, unit: GBP}", ["opportunities.cost.cash", "'gold'"]),
        ("metrics:\n  cost:", "metrix:\n  cost:", ["metrics.yaml: metrix: there is no such kind of document"]),
        ("    what: Compares cost.\n", "", ["opportunities.yaml: opportunities.cost.what: this is missing; add it"]),
    ],
)  # fmt: skip
def test_a_fault_names_file_path_and_remedy(was: str, now: str, said: list[str]) -> None:
    assert was in METHOD_TEXT
    faults = faults_of(METHOD_TEXT.replace(was, now))
    assert any(all(part in fault for part in said) for fault in faults), faults


def test_yaml_that_cannot_be_read_names_file_and_line() -> None:
    (fault,) = faults_of("--- # a/b.yaml\nmetrics:\n  x: [1\n")
    assert fault.startswith("a/b.yaml: line ")


def test_a_key_that_stands_twice_is_a_fault_not_the_last_of_the_two() -> None:
    (fault,) = faults_of("--- # prices.yaml\nprices:\n  wau: {value: 1}\n  wau: {value: 2}\n")
    assert "prices.yaml: line 4" in fault
    assert "'wau' is repeated" in fault


def test_an_id_defined_in_two_files_is_a_fault_that_names_both() -> None:
    metrics = METHOD_TEXT.split("--- # metrics.yaml\n")[1].split("--- # ")[0]
    faults = faults_of(f"{METHOD_TEXT}--- # more.yaml\n{metrics}")
    assert faults == ["more.yaml: metrics.cost: 'cost' is already defined in metrics.yaml; keep one of the two"]


def test_a_method_without_a_programme_says_so() -> None:
    assert "programme" in faults_of("--- # prices.yaml\nprices: {}\n")[0]


def test_bundling_an_empty_folder_says_what_a_method_is(tmp_path: Path) -> None:
    with pytest.raises(MethodFaults, match=r"\.yaml files"):
        bundle(tmp_path)


def test_bundle_names_every_file_and_loses_none(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.yaml").write_text("prices: {}", "utf-8")
    (tmp_path / "a.yaml").write_text("metrics: {}\n", "utf-8")
    assert parse(bundle(tmp_path)) == [Document("a.yaml", {"metrics": {}}), Document("b/x.yaml", {"prices": {}})]


def test_a_method_is_named_by_its_text() -> None:
    assert method_id(METHOD_TEXT) != method_id(METHOD_TEXT + " ")
