"""The contracts of datasets as answers: what a supplier's file must have. Expected values: from the contracts' YAML."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.api.published import Service
from tests.support.paths import CHECKOUT, SAMPLES

CONTRACTS: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text("utf-8"))["dataset"]
    for path in sorted((CHECKOUT / "method" / "datasets").glob("*.yaml"))
}


def landed(dataset: str) -> list[str]:
    """The periods of the sample files, by their folders."""
    folder: Path = SAMPLES / dataset
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.exists() else []


def test_every_dataset_is_listed_with_its_source_and_its_periods(samples: Service) -> None:
    answer = samples.get("/v1/datasets")
    listed = {one["dataset"]: one for one in answer.json()["datasets"]}
    assert [*listed] == sorted(one["id"] for one in CONTRACTS.values())
    for name, one in listed.items():
        contract = next(each for each in CONTRACTS.values() if each["id"] == name)
        assert [one[field] for field in ("title", "source", "licence")] == [
            contract[field] for field in ("title", "source", "licence")
        ]
        assert one["scope"] == f"supply:{name}"
        assert [period["period"] for period in one["periods"]] == landed(name)
    assert any(one["periods"] for one in listed.values())
    assert "x-release-published" in answer.headers


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: str(contract["id"]))
def test_a_contract_has_every_column_with_its_unit(samples: Service, contract: dict[str, Any]) -> None:
    answer = samples.get(f"/v1/datasets/{contract['id']}").json()
    columns = {one["column"]: one for one in answer["columns"]}
    assert {*contract["measures"]} <= {*columns}
    assert (columns["code"]["heading"], columns["code"]["required"]) == (contract["code"].get("heading"), "yes")
    for name, measure in contract["measures"].items():
        column = columns[name]
        assert column["heading"] == (None if "long" in contract else measure.get("heading")), name
        assert column["aliases"] == ([] if "long" in contract else measure.get("aliases", []))
        if "unit" in measure:
            assert column["unit"] == measure["unit"]
    assert {one["rule"] for one in answer["checks"]} == {*contract.get("checks", {})}
    assert {one["measure"] for one in answer["derived"]} == {*contract.get("derived", {})}
    assert answer["markers"] == contract.get("markers", {})
    assert answer["period"]["kind"] == contract["period"]["kind"]


def test_a_dataset_of_units_says_what_a_row_is_about_and_how_it_is_checked(samples: Service) -> None:
    answer = samples.get("/v1/datasets/eric_site").json()
    assert answer["land_as"] == "eric_site/<period>/<file>"
    assert answer["row_unit"] == {"called": "site", "plural": "sites"}
    assert answer["period"] | {"column": None} == {
        "kind": "financial_year", "example": "2015-16", "year_starts": 4, "column": None, "formats": [],
    }  # fmt: skip
    columns = {one["column"]: one for one in answer["columns"]}
    cleaning = columns["cleaning_service_cost"]
    assert (cleaning["heading"], cleaning["holds"], cleaning["unit"]) == ("Cleaning service cost (£)", "number", "GBP")
    area = next(one for one in answer["derived"] if one["measure"] == "occupied_floor_area")
    assert (area["title"], area["unit"]) == ("Occupied floor area", "m2")
    assert all(one["severity"] in ("error", "warning") and one["reason"] for one in answer["checks"])
    assert answer["rows"] == "one"


def test_a_dataset_that_there_is_not_is_a_problem_with_similar_names(samples: Service) -> None:
    refused = samples.get("/v1/datasets/eric_sites")
    assert (refused.status, refused.json()["suggestions"][0]) == (404, "eric_site")


def test_contracts_are_those_of_the_release(service: Service) -> None:
    answer = service.get("/v1/datasets").json()["datasets"]
    assert [(one["dataset"], one["title"], one["periods"]) for one in answer] == [("d", "D", [])]
    assert service.get("/v1/datasets/d").json()["columns"][1]["unit"] == "GBP"
