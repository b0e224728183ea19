"""One figure with the units below the trust, such as sites, that it is made of."""

import csv
import json
from typing import Any

import pytest

from shared.content import to_json
from tests.support.api.published import AT, NEXT, Rows, Service, metrics
from tests.support.paths import SAMPLES

FIGURE = "/v1/trusts/RAA/opportunities/cleaning_cost"


def unit(code: str, status: str, numerator: float | None, denominator: float | None, **given: Any) -> dict[str, Any]:
    """A unit of RAA's cleaning cost: 50 against benchmarks of 30 and 20."""
    key = {"trust_code": "RAA", "opportunity_id": "cleaning_cost", "metric_id": "cleaning", "unit_code": code}
    return AT | key | {"status": status, "numerator": numerator, "denominator": denominator} | given


# S1 is at 80: 50 and 60 too much on each of 5,000 m2. S2 is at 20, the ambitious benchmark.
UNITS: Rows = [
    unit("S2", "counted", 100_000, 5_000, value=20.0, units_lower=0.0, units_upper=0.0, cash_lower=0.0, cash_upper=0.0),
    unit(
        "S1", "counted", 400_000, 5_000, value=80.0, units_lower=250_000.0, units_upper=300_000.0,
        cash_lower=250_000.0, cash_upper=300_000.0, unit_name="NORTH HOSPITAL", unit_type="General acute hospital",
    ),
    unit("S3", "not_collected", None, 2_000, unit_name="LEASED CLINIC"),
    unit("S4", "not_collected", None, 500),
    unit("S5", "no_denominator", 10, None),
]  # fmt: skip


@pytest.fixture
def by_unit(service: Service) -> Service:
    sources = [row | {"sources": ["estate_sites"]} for row in metrics()]
    service.publish(NEXT, sequence=2, units=UNITS, metrics=sources)
    service.now += 10.0  # the pointer is no longer remembered
    return service


def test_units_are_listed_with_the_largest_possible_gain_first(by_unit: Service) -> None:
    told = by_unit.get(FIGURE).json()["units"]
    assert [one["unit_code"] for one in told["units"]] == ["S1", "S2", "S3", "S4", "S5"]
    first, second, third = told["units"][:3]
    assert (first["unit_name"], first["unit_type"], first["value"]) == ("NORTH HOSPITAL", "General acute hospital", 80)
    assert (first["units_lower"], first["cash_upper"]) == (250_000, 300_000)
    assert (second["units_upper"], third["value"], third["units_upper"]) == (0, None, None)


def test_how_many_units_count_and_why_others_do_not(by_unit: Service) -> None:
    told = by_unit.get(FIGURE).json()["units"]
    assert (told["total"], told["counted"]) == (5, 2)
    assert told["left_out"] == {"not_collected": 2, "no_denominator": 1}
    assert told["denominator_counted"] == pytest.approx(10_000 / 12_500)
    assert told["words"].startswith("The figure is made of 2 of 5 units.")
    assert (
        "Of the other 3, 2 have no figure of their own and 1 has no denominator; they are in neither sum."
        in told["words"]
    )
    assert told["words"].endswith(
        "The largest possible gain is £300,000, at NORTH HOSPITAL: it has £80 per m², and the trust's ambitious "
        "benchmark is £20 per m²."
    )


def test_the_calculation_says_how_many_units_count(by_unit: Service) -> None:
    answer = by_unit.get(FIGURE).json()
    steps = answer["receipt"]["steps"]
    assert [step["step"] for step in steps[:3]] == ["value", "units", "comparators"]
    assert (steps[1]["words"], steps[1]["value"]) == (answer["units"]["words"], 2)


def test_a_trust_that_lacks_data_of_a_unit_is_told_why_it_has_no_value(service: Service) -> None:
    rows = [row | {"trust_code": "RAH"} for row in [*UNITS[:2], unit("S9", "missing", None, 100)]]
    service.publish(NEXT, sequence=2, units=rows)
    service.now += 10.0
    told = service.get("/v1/trusts/RAH/opportunities/cleaning_cost").json()
    assert told["units"]["words"] == "The trust has no value, because 1 of its 3 units lacks a part of its data."


def test_sites_of_the_samples_are_those_of_their_file(samples: Service) -> None:
    """RIA's cleaning: the sites with a cost, added up from the landed file by the csv module alone."""
    (file,) = (SAMPLES / "eric_site/2024-25").glob("*.csv")
    with file.open(encoding="cp1252", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["Trust Code"] == "RIA"]
    costs = {row["Site Code"]: row["Cleaning service cost (£)"] for row in rows}
    counted = {code: int(cost) for code, cost in costs.items() if cost.isdigit() and cost != "0"}
    told = samples.get("/v1/trusts/RIA/opportunities/cleaning_cost").json()
    assert told["units"]["total"] == len(rows)
    assert {one["unit_code"]: one["numerator"] for one in told["units"]["units"][: len(counted)]} == counted
    assert told["opportunity"]["numerator"] == sum(counted.values())
    assert told["sources"] == ["eric_site"]
    assert told["units"]["words"].startswith(f"The figure is made of {len(counted)} of {len(rows)} sites.")


def test_the_datasets_of_a_figure_are_named(by_unit: Service) -> None:
    assert by_unit.get(FIGURE).json()["sources"] == ["estate_sites"]


def test_a_figure_of_whole_trusts_has_no_units(service: Service) -> None:
    told = service.get(FIGURE).json()
    assert (told["units"], told["sources"]) == (None, [])


def test_a_release_of_before_there_were_units_is_still_answered(service: Service) -> None:
    objects = service.store.objects
    for key in [key for key in objects if "/units." in key or "/units/" in key]:
        del objects[key]
    (place,) = (key for key in objects if key.endswith("manifest.json"))
    manifest = json.loads(objects[place])
    outputs = [one for one in manifest["outputs"] if one["name"] != "units"]
    assert len(outputs) == len(manifest["outputs"]) - 1
    objects[place] = to_json(manifest | {"outputs": outputs})
    assert service.get(FIGURE).json()["units"] is None
