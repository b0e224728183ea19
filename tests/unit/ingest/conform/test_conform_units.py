"""Files whose rows are about units below an organisation, and measures that are derived from the columns of a row."""

from typing import Any

import pytest

from functions.ingest.conform.conform import Conformed
from shared.method.contracts import Dataset
from tests.support.conforming import GIVEN, body, contract, read, rules

HEADER = "Code,Site,Type,Gas (£),Oil (£),Total (£),Floor (m²),Empty (%)"
WITH_UNITS: dict[str, Any] = {
    "families": [
        {"ending": "(£)", "unit": "GBP"},
        {"ending": "(m²)", "unit": "m2", "minimum": 0},
        {"ending": "(%)", "unit": "percent"},
    ],
    "totals": [],
    "unit": {"heading": "Site", "called": "site", "plural": "sites"},
    "measures": {
        "kind": {"heading": "Type", "type": "text"},
        "gas": {"heading": "Gas (£)", "quiet": True},
        "oil": {"heading": "Oil (£)", "quiet": True},
        "chp": {"heading": "CHP (£)", "quiet": True},
        "total": {"heading": "Total (£)", "quiet": True},
        "floor": {"heading": "Floor (m²)"},
        "empty": {"heading": "Empty (%)", "share_of": "floor", "quiet": True},
    },
    "derived": {
        "energy": {
            "title": "Energy",
            "unit": "GBP",
            "ways": [{"sum": ["total"]}, {"sum": ["gas", "oil"], "also": ["chp"]}],
            "covers": ["* fuel*(£)"],
        },
        "empty_area": {"title": "Empty area", "unit": "m2", "ways": [{"sum": ["empty"], "times": 0.01, "of": "floor"}]},
    },
    "checks": {},
}


def sites(**changes: Any) -> Dataset:
    return contract(**WITH_UNITS | changes)


def landed(*rows: str, header: str = HEADER, **changes: Any) -> Conformed:
    return read(body(*rows, header=header), sites(**changes))


def cells(result: Conformed, measure: str) -> dict[tuple[str, str], Any]:
    """(code, unit) → value, or state where there is none."""
    assert result.table is not None, [finding.message for finding in result.findings.detail]
    return {
        (row["code"], row["unit"]): row["state"] if row["value"] is None else row["value"]
        for row in result.table.to_pylist()
        if row["measure"] == measure
    }


def test_rows_are_about_a_unit_of_an_organisation() -> None:
    found = landed("RAA, s1 ,A,1,2,,10,0", "RAA,S2,A,3,4,,20,0", "RBB,S1,B,5,6,,30,0")
    assert cells(found, "gas") == {("RAA", "S1"): 1, ("RAA", "S2"): 3, ("RBB", "S1"): 5}
    assert (found.codes, found.rows_read) == (2, 3)


def test_a_unit_that_is_repeated_or_missing_is_told() -> None:
    repeated = landed("RAA,S1,A,1,2,,10,0", "RAA,S1,A,1,2,,10,0")
    assert [each[:3] for each in rules(repeated)] == [("error", "duplicate_row", 3)]
    assert "S1 of RAA is in row 2 already" in repeated.findings.detail[0].message
    assert rules(landed("RAA,,A,1,2,,10,0")) == [("error", "no_unit", 2, "Site")]


def test_an_attribute_of_the_organisation_is_the_same_in_all_its_rows() -> None:
    found = landed("RAA,S1,A,1,2,,10,0", "RBB,S1,C,1,2,,10,0", "RAA,S2,B,1,2,,10,0", "RAA,S3,A,1,2,,10,0")
    assert rules(found) == [("error", "differs_by_unit", 4, "Type")]
    assert "RAA has 'B' here and 'A' in row 2" in found.findings.detail[0].message
    own = {"kind": {"heading": "Type", "type": "text", "of_unit": True}}
    allowed = landed("RAA,S1,A,1,2,,10,0", "RAA,S2,B,1,2,,10,0", measures=WITH_UNITS["measures"] | own)
    assert rules(allowed) == []


@pytest.mark.parametrize(
    ("row", "energy"),
    [
        ("RAA,S1,A,1000,200,7,10,0", 7),  # the first way that the file has the columns for, whatever the others say
        ("RAA,S1,A,1000,200,,10,0", "missing"),
        ("RAA,S1,A,1000,200,Not Applicable,10,0", "not_applicable"),
        ("RAA,S1,A,1000,200,*,10,0", "suppressed"),
    ],
)
def test_the_first_way_whose_columns_the_file_has_is_taken(row: str, energy: Any) -> None:
    assert cells(landed(row), "energy") == {("RAA", "S1"): energy}


@pytest.mark.parametrize(
    ("gas", "oil", "energy"),
    [
        ("1000", "200", 1200),
        ("-1000", "200", -800),
        ("1000", "Not Applicable", 1000),
        ("Not Applicable", "Not Applicable", "not_applicable"),
        ("1000", "", "missing"),
        ("Not Applicable", "", "missing"),
        ("1000", "*", "suppressed"),
    ],
)
def test_parts_that_do_not_apply_are_left_out_and_a_missing_part_makes_the_sum_missing(
    gas: str, oil: str, energy: Any
) -> None:
    found = landed(f"RAA,S1,A,{gas},{oil},10,0", header=HEADER.replace("Total (£),", ""))
    assert cells(found, "energy") == {("RAA", "S1"): energy}


def test_a_part_that_some_files_have_is_added_where_it_is() -> None:
    header = HEADER.replace("Total (£)", "CHP (£)")
    assert cells(landed("RAA,S1,A,1,2,4,10,0", header=header), "energy") == {("RAA", "S1"): 7}


def test_a_stated_total_may_stand_next_to_its_parts() -> None:
    """Gas belongs to the covered headings here, and the total has it already."""
    energy = {"title": "Energy", "unit": "GBP", "ways": [{"sum": ["total"]}], "covers": ["gas*(£)"]}
    found = landed("RAA,S1,A,1000,200,1200,10,0", derived={"energy": energy})
    assert (rules(found), cells(found, "energy")) == ([], {("RAA", "S1"): 1200})


def test_a_dash_in_a_heading_is_a_hyphen() -> None:
    measures = WITH_UNITS["measures"] | {"gas": {"heading": "Gas - all (£)"}}
    header = HEADER.replace("Gas (£)", "Gas \u2013 all (£)")
    assert cells(landed("RAA,S1,A,1,2,,10,0", header=header, measures=measures), "gas") == {("RAA", "S1"): 1}


def test_a_percentage_of_an_area_becomes_an_area() -> None:
    found = landed("RAA,S1,A,1,2,,250,2.4", "RAA,S2,A,1,2,,,2.4", "RAA,S3,A,1,2,,250,Not Applicable")
    expected = {("RAA", "S1"): pytest.approx(6.0), ("RAA", "S2"): "missing", ("RAA", "S3"): "not_applicable"}
    assert cells(found, "empty_area") == expected


def test_a_column_that_belongs_to_the_sum_and_is_not_named_stops_it() -> None:
    header = HEADER.replace("Total (£)", "Other fuels (£)")
    found = landed("RAA,S1,A,1,2,400,10,0", header=header)
    assert rules(found) == [("warning", "unknown_part", 1, None)]
    assert "'Other fuels (£)' seems to be part of energy" in found.findings.detail[0].message
    assert cells(found, "energy") == {}


def test_a_sum_for_which_the_file_lacks_columns_is_told() -> None:
    header = HEADER.replace("Oil (£)", "Oils (£)").replace("Total (£)", "Other (£)")
    found = landed("RAA,S1,A,1,2,400,10,0", header=header)
    assert rules(found) == [("warning", "no_way", 1, None)]
    assert (
        "Energy cannot be computed, since the file lacks 'Oil (£)' (did you mean 'Oils (£)'?)"
        in found.findings.detail[0].message
    )
    assert "figures computed from energy will have no data" in found.findings.detail[0].message
    assert cells(found, "energy") == {}


def test_warnings_about_a_part_are_warnings_about_what_is_computed_from_it() -> None:
    """Percentages written as parts of 1 make the area a hundred times too small."""
    found = landed(*(f"RA{nth:02},S1,A,1000,200,,1000,0.05" for nth in range(25)))
    assert ("warning", "percent_scale", None, "Empty (%)") in rules(found)
    assert found.table is not None
    warned = {row["measure"] for row in found.table.to_pylist() if row["warnings"] == ["percent_scale"]}
    assert warned == {"empty", "empty_area"}


def test_the_total_of_one_organisation_is_not_one_of_its_units() -> None:
    units = ["RAA,S1,A,1000,200,,10,0", "RAA,S2,A,3000,500,,30,0", "RBB,S1,A,7,9,,11,0"]
    found = landed(*units[:2], "RAA,ALL,A,4000,700,,40,0", units[2])
    assert rules(found) == [("warning", "looks_like_total", 4, "Code")]
    assert "the row of 'ALL' of RAA looks like a total" in found.findings.detail[0].message
    assert cells(found, "gas") == {("RAA", "S1"): 1000, ("RAA", "S2"): 3000, ("RBB", "S1"): 7}
    named = landed(*units[:2], "RAA,Total,A,4000,701,,40,0", units[2], totals=["Total"])
    assert (rules(named), cells(named, "gas")) == ([], cells(found, "gas"))


def test_attributes_differ_by_more_than_capitals() -> None:
    assert rules(landed("RAA,S1,Acute,1,2,,10,0", "RAA,S2,ACUTE,1,2,,10,0")) == []


def test_square_metres_may_be_written_without_the_sign() -> None:
    found = landed("RAA,S1,A,1,2,,10,0", header=HEADER.replace("m²", "m2"))
    assert cells(found, "floor") == {("RAA", "S1"): 10}


TRUSTS, SITES = "Code,Type,Gas (£),Oil (£),Floor (m²)", HEADER
BY_TRUST = [{"having": "Site", "datasets": ["sites"], "because": "The file has a row for each site."}]
BY_SITE = [{"lacking": "Site", "datasets": ["trusts", "profile"], "because": "No column 'Site'."}]


def test_a_file_of_sites_landed_as_one_of_trusts_is_told_so_in_one_sentence() -> None:
    rows = [f"RAA,S{nth},A,1,2,,10,0" for nth in range(300)]
    by_trust = Dataset.model_validate(GIVEN | {"elsewhere": BY_TRUST})
    (told,) = read(body(*rows, header=SITES), by_trust).findings.detail
    assert (told.severity, told.rule) == ("error", "other_dataset")
    assert "The file has a row for each site. Land it as sites, or land a file of estates here." in told.message


def test_a_file_of_trusts_landed_as_one_of_sites_is_told_so_in_one_sentence() -> None:
    (told,) = landed("RAA,A,1,2,10", header=TRUSTS, elsewhere=BY_SITE).findings.detail
    assert told.rule == "other_dataset"
    assert "Land it as trusts or profile" in told.message
    mistyped = landed("RAA,S1,A,1,2,,10,0", header=HEADER.replace("Site", "Sites"), elsewhere=BY_SITE)
    assert ("error", "missing_column", 1, None) in rules(mistyped)
    assert "did you mean 'Sites'?" in mistyped.findings.detail[0].message
