"""Files in whatever layout: headings, delimiters, lines, periods and formats."""

import gzip
from datetime import date, datetime

import pytest

from shared.keys import Slot
from shared.method.contracts import Dataset
from tests.support.conforming import (
    GIVEN,
    HEADER,
    body,
    contract,
    facts,
    parquet,
    read,
    rules,
    workbook,
)

GOOD = ("RAA,One,1200,100,80,5.5", "RBB,Two,0,50,50,100")


def test_a_missing_column_says_what_was_probably_meant():
    result = read(body("RAA,One,1,1,1,1", header="Code,Name,Costs (£),Floor (m²),Used (m²),Share (%)"))
    (finding,) = result.findings.detail
    assert (finding.severity, finding.rule, finding.row) == ("error", "missing_column", 1)
    assert "'Cost (£)' is missing (did you mean 'Costs (£)'?)" in finding.message


@pytest.mark.parametrize("renamed", ["(£) Cost", "COST_(£)", "Cost in (£)"])
def test_a_heading_whose_words_changed_places_is_recognised(renamed):
    result = read(body("RAA,One,1,1,1,1", header=HEADER.replace("Cost (£)", renamed)))
    (finding,) = result.findings.detail
    assert f"'Cost (£)' is missing (did you mean {renamed!r}?)" in finding.message


def test_a_column_that_is_not_required_may_be_missing():
    measures = GIVEN["measures"] | {"share": {"heading": "Share (%)", "required": False}}
    result = read(body("RAA,One,1,1,1", header=HEADER.rpartition(",")[0]), contract(measures=measures))
    assert rules(result) == [("warning", "missing_column", 1, None)]
    assert ("RAA", "share") not in facts(result)


def test_other_headings_of_a_column_are_known():
    measures = GIVEN["measures"] | {"cost": {"heading": "Cost (£)", "aliases": ["Costs (£)u"], "unit": "GBP"}}
    header = HEADER.replace("Cost (£)", "Costs (£)u")
    assert facts(read(body("RAA,One,7,1,1,1", header=header), contract(measures=measures)))["RAA", "cost"] == 7


def test_two_columns_for_one_measure_are_an_error():
    result = read(body("RAA,One,1,1,1,1,2", header=f"{HEADER},cost (£)"))
    assert rules(result) == [("error", "duplicate_heading", 1, "Cost (£)")]


@pytest.mark.parametrize("mark", ["\N{REPLACEMENT CHARACTER}", "Â£", "?", "¬£"])
def test_headings_are_recognised_through_broken_characters(mark):
    header = HEADER.replace("£", mark)
    assert facts(read(body("RAA,One,7,1,1,1", header=header)))["RAA", "cost"] == 7


def test_a_heading_is_told_as_landed():
    header = HEADER.replace("(£)", "(\N{REPLACEMENT CHARACTER})")
    assert rules(read(body("RAA,One,x,1,1,1", header=header)))[0][3] == "Cost (\N{REPLACEMENT CHARACTER})"


def test_rows_above_the_header_are_skipped():
    above = ",,Costs,Areas,,\nEstates returns,,,,,\n"
    result = read(above.encode() + body(*GOOD))
    assert facts(result) == facts(read(body(*GOOD)))
    assert set(result.table["row"].to_pylist()) == {4, 5}


def test_a_file_without_the_code_column_says_what_was_probably_meant():
    result = read(body("RAA,One,1,1,1,1", header=HEADER.replace("Code", "Codes")))
    assert rules(result) == [("error", "header", None, None)]
    assert "(did you mean 'Codes'?)" in result.findings.detail[0].message


def test_the_delimiter_is_found_out():
    dataset = contract(layout={"delimiters": [",", "$"], "currency": "£"})
    dollars = body(*GOOD).replace(b",", b"$")
    assert facts(read(dollars, dataset)) == facts(read(body(*GOOD)))
    assert rules(read(dollars)) == [("error", "format", None, None)]


def test_rows_are_counted_as_an_editor_counts_lines():
    result = read(body('RAA,"One\nand a half",1,1,1,1', "", "RBB,Two,x,1,1,1"))
    assert [row for _, _, row, _ in rules(result)] == [5]


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_any_newline_will_do(newline):
    content = body(*GOOD).replace(b"\n", newline.encode())
    assert read(content).table.equals(read(body(*GOOD)).table)


def test_mixed_newlines_will_do():
    content = body(*GOOD).replace(b"\n", b"\r\n", 1)
    assert read(content).table.equals(read(body(*GOOD)).table)


@pytest.mark.parametrize(("extra", "accepted"), [(",", True), (",,", True), (",x", False)])
def test_cells_beyond_the_header_must_be_empty(extra, accepted):
    result = read(body(GOOD[0] + extra))
    assert (result.table is not None) == accepted
    assert rules(result) == ([] if accepted else [("error", "row_width", 2, None)])


def test_a_row_that_is_too_short_is_an_error():
    assert rules(read(body(GOOD[0], "RBB,Two,1"))) == [("error", "row_width", 3, None)]


def test_a_file_without_rows_is_an_error():
    assert rules(read(body())) == [("error", "too_few_rows", None, None)]


def test_a_period_that_is_not_written_as_one_is_an_error():
    result = read(body(*GOOD), slot=Slot("estates", "2015-17"))
    assert rules(result) == [("error", "period_label", None, None)]
    assert "write it like 2015-16" in result.findings.detail[0].message


MONTHLY = {"period": {"kind": "month", "heading": "When", "formats": ["%d/%m/%Y", "SitRep-%B-%Y"]}}
DATED = f"When,{HEADER}"


@pytest.mark.parametrize("cell", ["30/09/2024", "SitRep-SEPTEMBER-2024", "2024-09-30", " 01/09/2024"])
def test_the_period_inside_the_file_is_read(cell):
    result = read(body(f"{cell},RAA,One,1,1,1,1", header=DATED), contract(**MONTHLY), Slot("estates", "2024-09"))
    assert set(result.table["period_start"].to_pylist()) == {date(2024, 9, 1)}
    assert set(result.table["period_end"].to_pylist()) == {date(2024, 9, 30)}


def test_a_file_landed_under_another_period_is_an_error():
    rows = "31/08/2024,RAA,One,1,1,1,1", "30/09/2024,RBB,Two,1,1,1,1", "September,RCC,Three,1,1,1,1"
    result = read(body(*rows, header=DATED), contract(**MONTHLY), Slot("estates", "2024-09"))
    assert rules(result) == [("error", "period", 2, "When"), ("error", "period_text", 4, "When")]
    assert "2024-09 (2024-09-01 to 2024-09-30)" in result.findings.detail[0].message


@pytest.mark.parametrize("cell", ["31/12/9999", "01/01/0001", "30/02/2024"])
def test_days_that_cannot_be_meant_are_none(cell):
    result = read(body(f"{cell},RAA,One,1,1,1,1", header=DATED), contract(**MONTHLY), Slot("estates", "2024-09"))
    assert rules(result) == [("error", "period_text", 2, "When")]


def test_one_file_may_hold_many_periods():
    span = {"period": {"kind": "span", "heading": "When", "formats": ["%B %Y"]}}
    rows = "April 2022,RAA,One,1,1,1,1", "May 2022,RAA,One,2,1,1,1"
    result = read(body(*rows, header=DATED), contract(**span), Slot("estates", "2022-04_2022-05"))
    costs = [row for row in result.table.to_pylist() if row["measure"] == "cost"]
    assert [(row["period_end"], row["value"]) for row in costs] == [(date(2022, 4, 30), 1.0), (date(2022, 5, 31), 2.0)]
    assert (
        rules(read(body(*rows, header=DATED), contract(**span), Slot("estates", "2022-05_2022-06")))[0][1] == "period"
    )


def test_a_relation_keeps_every_row_but_says_nothing_twice():
    peers = Dataset.model_validate(
        GIVEN
        | {
            "period": {"kind": "name"},
            "relation": True,
            "families": [],
            "checks": {},
            "totals": [],
            "measures": {"peer": {"heading": "Peer", "type": "code"}},
        }
    )
    result = read(b"Code,Peer\nRAA,RAA\nRAA, rbb \nRBB,RAA\n", peers, Slot("estates", "chosen"))
    assert [(row["code"], row["text"], row["period_start"]) for row in result.table.to_pylist()] == [
        ("RAA", "RAA", None),
        ("RAA", "RBB", None),
        ("RBB", "RAA", None),
    ]
    again = read(b"Code,Peer\nRAA,RBB\nRAA,RBB\n", peers, Slot("estates", "chosen"))
    assert rules(again) == [("error", "duplicate_row", 3, None)]


def test_days_become_iso_text():
    measures = {"opened": {"at": 2, "type": "date", "formats": ["%Y%m%d"]}}
    dataset = contract(
        layout={"header": False, "columns": 3}, code={"at": 1}, measures=measures, checks={}, families=[]
    )
    result = read(b'"RAA","20171001",""\n"RBB","","x"\n', dataset)
    assert facts(result) == {("RAA", "opened"): "2017-10-01", ("RBB", "opened"): ("missing",)}
    assert result.columns_not_read == ("column 3",)
    assert rules(read(b"RAA,20171301,\n", dataset)) == [("error", "date", 1, "column 2")]
    assert rules(read(b"RAA,20171001\n", dataset)) == [("error", "columns", 1, None)]


def test_other_formats_give_the_same_table():
    rows = [
        ["Code", "Name", "Cost (£)", "Floor (m²)", "Used (m²)", "Share (%)"],
        ["RAA", "One", 1200, 100, 80.0, 5.5],
        ["RBB", "Two", 0, 50, 50, None],
    ]
    expected = read(body("RAA,One,1200,100,80,5.5", "RBB,Two,0,50,50,")).table
    assert read(gzip.compress(body("RAA,One,1200,100,80,5.5", "RBB,Two,0,50,50,"))).table.equals(expected)
    assert read(workbook(rows)).table.equals(expected)
    assert read(workbook(rows, [["Notes"], ["None"]])).table.equals(expected)
    assert read(parquet(dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True)))).table.equals(expected)


def test_a_file_without_headings_may_come_in_any_format():
    measures = {"opened": {"at": 2, "type": "date", "formats": ["%Y%m%d"]}}
    layout = {"header": False, "columns": 3}
    dataset = contract(layout=layout, code={"at": 1}, measures=measures, checks={}, families=[])
    expected = {("RAA", "opened"): "2017-10-01", ("RBB", "opened"): ("missing",)}
    assert facts(read(workbook([["RBB"], ["RAA", 20171001, ""]]), dataset)) == expected
    assert facts(read(parquet({"a": ["RBB", "RAA"], "b": [None, 20171001], "c": ["", ""]}), dataset)) == expected


def test_days_of_a_workbook_are_days():
    rows = [[*DATED.split(",")], [datetime(2024, 9, 30), "RAA", "One", 1, 1, 1, 1]]  # noqa: DTZ001
    result = read(workbook(rows), contract(**MONTHLY), Slot("estates", "2024-09"))
    assert set(result.table["period_end"].to_pylist()) == {date(2024, 9, 30)}


def test_formulas_of_a_workbook_are_not_evaluated():
    rows = [[*HEADER.split(",")], ["RAA", "One", "=1+1", 1, 1, 1]]
    assert rules(read(workbook(rows))) == [("error", "formula", 2, "Cost (£)")]


def test_files_of_another_format_can_be_refused():
    dataset = contract(layout={"formats": ["csv"]})
    assert rules(read(workbook([HEADER.split(",")]), dataset)) == [("error", "format", None, None)]
