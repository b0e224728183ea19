"""What conform makes of ordinary files, and what it says of faulty ones."""

import pytest

from functions.ingest.conform.conform import conform, file_id
from shared.keys import Slot
from shared.method.contracts import Dataset
from shared.tables import CURATED
from tests.support.conforming import (
    END,
    GIVEN,
    HEADER,
    LONG,
    SLOT,
    START,
    body,
    contract,
    facts,
    read,
    rules,
)

GOOD = ("RAA,One,1200,100,80,5.5", "RBB,Two,0,50,50,100")


def test_a_good_file_becomes_one_row_a_code_and_measure():
    result = read(body(*GOOD))
    assert result.findings.detail == ()
    assert result.table.schema == CURATED
    assert result.table.to_pylist()[:2] == [
        {
            "code": "RAA",
            "unit": None,
            "period_start": START,
            "period_end": END,
            "measure": "cost",
            "value": 1200.0,
            "text": None,
            "state": "value",
            "row": 2,
            "warnings": None,
        },
        {
            "code": "RAA",
            "unit": None,
            "period_start": START,
            "period_end": END,
            "measure": "floor",
            "value": 100.0,
            "text": None,
            "state": "value",
            "row": 2,
            "warnings": None,
        },
    ]
    assert facts(result)["RBB", "name"] == "Two"
    assert (result.rows_read, result.codes, result.columns_not_read) == (2, 2, ())
    assert (result.cells, result.values) == (10, 10)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234", 1234),
        ('"1,234"', 1234),
        ('"£1,234,567.50"', 1234567.5),
        ("£7", 7),
        (" 7 ", 7),
        ("+7", 7),
        ("1.5e3", 1500),
        (".5", 0.5),
        ("0", 0),
        ("0.25", 0.25),
    ],
)
def test_figures_are_read_however_they_are_written(cell, value):
    assert facts(read(body(f"RAA,One,{cell},100,80,5")))["RAA", "cost"] == value


@pytest.mark.parametrize("cell", ["-74789", '"-74,789"', "-£74789", "£-74789"])
def test_negative_figures_are_read_where_they_may_be(cell):
    costs = GIVEN["measures"] | {"cost": {"heading": "Cost (£)"}}
    assert facts(read(body(f"RAA,One,{cell},100,80,5"), contract(measures=costs)))["RAA", "cost"] == -74789


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("", "missing"),
        ("  ", "missing"),
        ("NA", "missing"),
        ("na", "missing"),
        ("Not Applicable", "not_applicable"),
        ("not applicable ", "not_applicable"),
        ("*", "suppressed"),
    ],
)
def test_no_figure_is_never_zero(cell, state):
    assert facts(read(body(f"RAA,One,{cell},100,80,5")))["RAA", "cost"] == (state,)


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("-", "not_a_number"),
        ("twelve", "not_a_number"),
        ("1 234", "not_a_number"),
        ("1e309", "not_finite"),
        ("NaN", "not_finite"),
        ("inf", "not_finite"),
        ("-Infinity", "not_finite"),
        ("=1+1", "formula"),
        ("@SUM(A1)", "formula"),
        ("(123)", "brackets"),
        ("12%", "percent_sign"),
        ('"1,23"', "thousands"),
        ('"12,34,567"', "thousands"),
        ("018", "leading_zero"),
        ("-5", "range"),
        ("$5", "currency_sign"),
        ("1.2.3", "not_a_number"),
        ("0x10", "not_a_number"),
        ("١٢", "not_a_number"),
    ],
)
def test_what_is_no_figure_is_a_finding_and_never_a_value(cell, rule):
    result = read(body("RAA,One,1200,100,80,5", f"RBB,Two,{cell},100,80,5"))
    assert result.table is None
    (finding,) = result.findings.detail
    assert (finding.severity, finding.rule, finding.row, finding.column) == ("error", rule, 3, "Cost (£)")
    assert finding.code == "RBB"
    assert finding.sample == cell.strip('"')
    assert finding.message.startswith(f"estates.csv, row 3, column 'Cost (£)': {finding.sample!r} ")
    assert finding.message.endswith((".", "figure."))


def test_columns_that_nobody_uses_must_still_be_what_their_heading_says():
    header = f"{HEADER},Catering (£),Beds (%),Notes"
    result = read(
        body("RAA,One,1200,100,80,5,Not Applicable,104,=x", "RBB,Two,1,1,1,1,THREE,4,anything", header=header)
    )
    assert rules(result) == [("error", "range", 2, "Beds (%)"), ("error", "not_a_number", 3, "Catering (£)")]
    assert result.columns_not_read == ("Notes",)


def test_attributes_are_trimmed_and_their_blanks_made_one():
    assert facts(read(body('RAA,"  NORTH\n and  SOUTH ",1,1,1,1')))["RAA", "name"] == "NORTH and SOUTH"


@pytest.mark.parametrize(
    ("name", "rule"),
    [("=HYPERLINK(1)", "formula"), ("@cmd", "formula"), ("+cmd|x", "formula"), ("x" * 1001, "long_text")],
)
def test_attributes_that_could_hurt_a_reader_are_refused(name, rule):
    assert rules(read(body(f"RAA,{name},1,1,1,1"))) == [("error", rule, 2, "Name")]


def test_an_attribute_that_is_not_given_is_no_text():
    found = facts(read(body("RAA,NA,1,1,1,1", "RBB,Not Applicable,1,1,1,1")))
    assert (found["RAA", "name"], found["RBB", "name"]) == (("missing",), ("not_applicable",))


def test_codes_are_trimmed_and_in_capitals():
    assert {code for code, _ in facts(read(body(" raa ,One,1,1,1,1")))} == {"RAA"}


def test_what_is_no_code_is_a_finding():
    assert rules(read(body("R A,One,1,1,1,1", ",Two,1,1,1,1"))) == [
        ("error", "code", 2, "Code"),
        ("error", "no_code", 3, "Code"),
    ]


def test_a_code_stated_twice_is_an_error_that_names_both_rows():
    result = read(body(*GOOD, "raa,One,1300,100,80,5"))
    (finding,) = result.findings.detail
    assert (finding.rule, finding.row, finding.code) == ("duplicate_row", 4, "RAA")
    assert "row 2" in finding.message


def test_a_text_that_is_no_code_is_not_a_repeated_code_as_well():
    rows = ("R A,One,1,1,1,1", "R A,Two,1,1,1,1", GOOD[0], GOOD[0])
    assert rules(read(body(*rows))) == [
        ("error", "code", 2, "Code"),
        ("error", "code", 3, "Code"),
        ("error", "duplicate_row", 5, None),
    ]


def test_rows_without_any_figure_are_no_rows():
    result = read(body(GOOD[0], ",,,,,", "NA,NA,NA,NA,NA,NA", "", GOOD[1], ",,,,,"))
    assert (result.rows_read, result.codes) == (2, 2)
    assert result.table["row"].to_pylist()[-1] == 6


def test_a_total_row_is_no_organisation():
    result = read(body(*GOOD, "Total ,Total,1200,150,130,"))
    assert {code for code, _ in facts(result)} == {"RAA", "RBB"}


def test_percentages_of_a_total_row_do_not_add_up_and_are_not_compared():
    assert rules(read(body("RAA,One,1000,10,5,20", "RBB,Two,2000,20,5,30", "TOTAL,,3000,30,10,26.7"))) == []


def test_a_total_row_that_its_rows_do_not_add_up_to_is_an_error():
    result = read(body(*GOOD, "TOTAL,TOTAL,1200,151,130,"))
    assert rules(result) == [("error", "total", 4, "Floor (m²)")]
    assert "151" in result.findings.detail[0].message
    assert "150" in result.findings.detail[0].message


def test_a_check_names_row_and_reason():
    result = read(body(GOOD[0], "RBB,Two,0,50,50.5,100"))
    assert rules(result) == [("error", "used_within_floor", 3, "Used (m²)")]
    assert "'Used (m²)' is 50.5, more than 'Floor (m²)', which is 50. Used floor is part of it." in (
        result.findings.detail[0].message
    )


@pytest.mark.parametrize(
    ("relation", "used", "holds"),
    [
        ({"at_most": 50}, 51, False),
        ({"at_most": 50}, 50, True),
        ({"at_least": 50}, 49, False),
        ({"at_least": 50}, 50, True),
        ({"equals": 50}, 50.2, True),
        ({"equals": 50}, 50.3, False),
        ({"equals": 50}, 49.7, False),
        ({"equals": ["floor"]}, 100, True),
        ({"equals": ["floor", "share"]}, 105, True),
        ({"equals": ["floor", "share"]}, 100, False),
    ],
)
def test_checks_hold_within_their_tolerance(relation, used, holds):
    tolerance = 0.2 if "equals" in relation else 0
    one = {"sum": ["used"], "tolerance": tolerance, "because": "So it is.", **relation}
    result = read(body(f"RAA,One,1,100,{used},5"), contract(checks={"one": one}))
    assert [rule for _, rule, _, _ in rules(result)] == ([] if holds else ["one"])


def test_a_check_of_a_rate_divides():
    rate = {
        "rate": {
            "sum": ["used"],
            "per": ["floor"],
            "times": 100,
            "equals": ["share"],
            "tolerance": 0.006,
            "because": ".",
        }
    }
    result = read(
        body("RAA,One,1,3,1,33.33", "RBB,Two,1,3,1,33.34", "RCC,Three,1,0,0,5", "RDD,Four,1,0,1,5"),
        contract(checks=rate),
    )
    assert rules(result) == [("error", "rate", 3, "Used (m²)")]


def test_a_check_is_silent_where_a_part_has_no_figure():
    assert read(body("RAA,One,1,NA,80,5", "RBB,Two,1,Not Applicable,80,5")).findings.detail == ()


def test_warnings_do_not_reject():
    warned = {"used_within_floor": GIVEN["checks"]["used_within_floor"] | {"severity": "warning"}}
    result = read(body("RAA,One,1,50,80,5"), contract(checks=warned))
    assert result.table is not None
    assert (result.findings.errors, result.findings.warnings) == (0, 1)


def test_a_warning_stays_with_the_figures_it_is_about_and_with_no_others():
    checks = {
        "used_within_floor": GIVEN["checks"]["used_within_floor"] | {"severity": "warning"},
        "floor_within_cost": {"sum": ["floor"], "at_most": ["cost"], "severity": "warning", "because": "Space costs."},
    }
    # RAA: 80 of 50 m2 are used; RBB: all fits; RCC: 80 of 50 m2, and 50 m2 for £1.
    rows = ("RBB,Two,900,90,80,5", "RCC,Three,1,50,80,5", "RAA,One,900,50,80,5")
    result = read(body(*rows), contract(checks=checks))
    assert {(row["code"], row["measure"]): row["warnings"] for row in result.table.to_pylist() if row["warnings"]} == {
        ("RAA", "floor"): ["used_within_floor"],
        ("RAA", "used"): ["used_within_floor"],
        ("RCC", "cost"): ["floor_within_cost"],
        ("RCC", "floor"): ["used_within_floor", "floor_within_cost"],
        ("RCC", "used"): ["used_within_floor"],
    }
    assert result.table["warnings"].null_count == 15 - 5


def test_a_warning_in_a_long_file_stays_with_its_rows():
    checks = {"beds_per_ward": LONG["checks"]["beds_per_ward"] | {"severity": "warning"}}
    rows = ("RAA,2015-16,beds,900", "RBB,2015-16,beds,60", "RAA,2015-16,wards,3", "RBB,2015-16,wards,2")
    result = read(body(*rows, header="Code,period,measure,value"), Dataset.model_validate(LONG | {"checks": checks}))
    assert {row["row"]: row["warnings"] for row in result.table.to_pylist()} == {
        2: ["beds_per_ward"], 3: None, 4: ["beds_per_ward"], 5: None,
    }  # fmt: skip


def test_a_file_that_has_nothing_but_codes_is_another_dataset_s():
    optional = {name: measure | {"required": False} for name, measure in GIVEN["measures"].items()}
    for dataset in (contract(), contract(measures=optional, checks={})):
        result = read(body("RAA,1", header="Code,Colour"), dataset)
        assert result.table is None
        assert ("error", "header", 1, None) in rules(result)


def test_thousands_split_over_columns_are_seen_although_every_cell_is_a_number():
    rows = [f"R{number:02},Name,{number},100,80,5" for number in range(1, 31)]
    assert rules(read(body(*rows))) == [("error", "split_thousands", None, "Cost (£)")]
    assert read(body(*rows, "RZZ,Name,1000,100,80,5")).findings.detail == ()
    assert rules(read(body(*rows[:20]))) == [("error", "split_thousands", None, "Cost (£)")]
    assert read(body(*rows[:19])).findings.detail == ()


def long(*rows: str, is_open: bool = False):
    dataset = Dataset.model_validate(LONG | {"long": LONG["long"] | {"open": is_open}})
    return read(body(*rows, header="Code,period,measure,value"), dataset)


def test_a_long_file_has_one_figure_a_row():
    result = long("RAA,2015-16,beds,12", 'RAA,2015-16,Wards ,"1,000"', "RBB,2015-16,beds,*")
    assert facts(result) == {("RAA", "beds"): 12, ("RAA", "wards"): 1000, ("RBB", "beds"): ("suppressed",)}


def test_a_long_file_is_judged_by_the_rules_of_each_measure():
    result = long(
        "RAA,2015-16,beds,-1",
        "RAA,2015-16,wards,-1",
        "RBB,2015-16,beds,1",
        "RBB,2015-16,beds,2",
        "RCC,2016-17,beds,1",
        "RDD,2015-16,bads,1",
    )
    assert rules(result) == [
        ("error", "range", 2, "value"),
        ("error", "duplicate_row", 5, None),
        ("error", "period", 6, "period"),
        ("error", "unknown_measure", 7, "measure"),
    ]
    assert "did you mean 'beds'?" in result.findings.detail[-1].message


def test_a_long_file_is_checked_across_its_rows():
    result = long("RAA,2015-16,beds,61", "RBB,2015-16,beds,60", "RBB,2015-16,wards,1", "RAA,2015-16,wards,1")
    assert rules(result) == [("error", "beds_per_ward", 2, "value")]


def test_an_open_long_file_may_hold_measures_the_contract_does_not_list():
    result = long("RAA,2015-16,nurses,12", "RBB,2015-16,nurses,13", is_open=True)
    assert facts(result)["RBB", "nurses"] == 13
    assert [rule for _, rule, _, _ in rules(result)] == ["unlisted_measure"] * 2
    assert rules(long("RAA,2015-16,The nurses!,12", is_open=True))[0][:2] == ("error", "unknown_measure")


def test_a_report_tells_some_and_counts_all():
    bad = [f"R{number:03},One,many,-1,1,101" for number in range(300)]
    result = read(body(*bad, GOOD[0].replace("80", "many")))
    counts = {(count.severity, count.rule): count.number for count in result.findings.counts}
    assert counts == {("error", "not_a_number"): 301, ("error", "range"): 600, ("error", "used_within_floor"): 300}
    assert len(result.findings.detail) == 200
    assert result.findings.errors == 1201
    told = {(finding.rule, finding.column) for finding in result.findings.detail}
    assert told == {
        ("not_a_number", "Cost (£)"),
        ("range", "Floor (m²)"),
        ("range", "Share (%)"),
        ("not_a_number", "Used (m²)"),
        ("used_within_floor", "Used (m²)"),
    }


def test_file_ids_follow_bytes_slot_and_contract():
    def identity(content=b"x", slot=SLOT, **changes):
        return file_id(content, slot, contract(**changes))

    assert identity() == identity()
    assert (
        len(
            {
                identity(),
                identity(b"y"),
                identity(slot=Slot("estates", "2016-17")),
                identity(slot=Slot("estates", "2015-16", "north")),
                identity(title="Other"),
            }
        )
        == 5
    )


def test_files_are_read_in_batches(monkeypatch):
    rows = [f"R{number:02},Name {number},{number},100,{number},5" for number in range(7)]
    whole = read(body(*rows, "TOTAL,,21,700,21,"))
    monkeypatch.setattr("functions.ingest.conform.limits.BATCH_CELLS", 18)
    assert read(body(*rows, "TOTAL,,21,700,21,")) == whole
    assert (
        rules(read(body(*rows, rows[0], "TOTAL,,20,800,21,")))
        == [
            ("error", "total", 10, "Cost (£)"),
            ("error", "duplicate_row", 9, None),
        ][::-1]
    )


def test_reading_is_deterministic():
    content = body(*GOOD, "RBB,Two,x,1,1,1")
    assert conform(content, SLOT, "a.csv", contract()) == conform(content, SLOT, "a.csv", contract())
