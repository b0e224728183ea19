"""Which table of a file is read: sheets by name, visibility and rows, zip archives, files that are something else,
notes, repeated headings and totals."""

import io
import zipfile
from typing import Any

import pytest

from tests.support.conforming import HEADER, body, contract, facts, read, rules, workbook, workbook_of

ROWS = [HEADER.split(","), ["RA1", "One", 5000, 10, 5, 1.5], ["RA2", "Two", 6000, 10, 5, 1.5]]
OLD = [HEADER.split(","), ["RA1", "One", 1000, 10, 5, 1.5], ["RA2", "Two", 1000, 10, 5, 1.5]]
GOOD = ("RA1,One,5000,10,5,1.5", "RA2,Two,6000,10,5,1.5", "RA3,Three,7000,11,5,1.5")
OPTIONAL = contract(
    measures={**contract().model_dump()["measures"], "share": {"heading": "Share (%)", "required": False}}
)


def hide(name: str, state: str = "hidden") -> Any:
    def change(sheet: Any) -> None:
        sheet.parent[name].sheet_state = state

    return change


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_never_read_instead_of_a_visible_one(state: str) -> None:
    fewer = [row[:-1] for row in ROWS]
    result = read(workbook_of({"2024-25": fewer, "old": OLD}, hide("old", state)), OPTIONAL)
    assert (facts(result)["RA1", "cost"], result.sheet) == (5000, "2024-25")
    assert "sheet '2024-25', row 1" in result.findings.detail[0].message


def test_two_visible_sheets_with_rows_are_named() -> None:
    (told,) = read(workbook_of({"2024-25": ROWS, "2023-24": OLD})).findings.detail
    assert told.rule == "sheets"
    assert "2 sheets have the headings of the dataset ('2024-25', '2023-24')" in told.message


def test_headings_on_hidden_sheets_only_are_told() -> None:
    (told,) = read(workbook_of({"notes": [["a"]], "old": OLD}, hide("old"))).findings.detail
    assert told.rule == "sheets"
    assert "hidden sheets only ('old')" in told.message


@pytest.mark.parametrize("columns", [6, 7])
def test_a_template_without_rows_does_not_count(columns: int) -> None:
    template = [[*HEADER.split(","), "Other"][:columns]]
    result = read(workbook_of({"Template": template, "2024-25": ROWS}))
    assert (facts(result)["RA2", "cost"], result.sheet) == (6000, "2024-25")


def test_rows_are_numbered_as_the_sheet_shows_them() -> None:
    wrong = [HEADER.split(","), [], ["RA1", "One", "many", 10, 5, 1.5]]
    assert rules(read(workbook(wrong)))[0][:3] == ("error", "not_a_number", 3)


def test_a_workbook_is_found_by_the_relations_of_its_package() -> None:
    source, moved = zipfile.ZipFile(io.BytesIO(workbook(ROWS))), io.BytesIO()
    with zipfile.ZipFile(moved, "w") as target:
        for name in source.namelist():
            text = source.read(name).replace(b"xl/workbook.xml", b"xl/book.xml").replace(b"/xl/workbook", b"/xl/book")
            target.writestr(name.replace("xl/workbook.xml", "xl/book.xml").replace("rels/workbook", "rels/book"), text)
    assert facts(read(moved.getvalue()))["RA1", "cost"] == 5000


def zipped(**files: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return sink.getvalue()


def test_the_one_csv_of_a_zip_archive_is_read() -> None:
    assert facts(read(zipped(a_csv=body(*GOOD))))["RA1", "cost"] == 5000
    with_extra = zipped(a_csv=body(*GOOD), Thumbs_db=b"1")
    assert facts(read(with_extra))["RA1", "cost"] == 5000


@pytest.mark.parametrize(
    ("content", "rule", "told"),
    [
        (zipped(a_csv=body(*GOOD), b_csv=b"x"), "zip", "contains 2 files ('a.csv', 'b.csv')"),
        (zipped(), "zip", "contains no files"),
        (zipped(a_xlsx=workbook(ROWS)), "zip", "'a.xlsx', which is not a CSV file; land that file itself"),
        (zipped(a_csv=body(*GOOD) + (b" " * 4_000 + b"\n") * 10_000), "bomb", "decompresses to more than"),
        (b"<!doctype html>\n<html>", "format", "this is a web page"),
        (b"\xef\xbb\xbf \n<HTML><BODY>", "format", "this is a web page"),
        (b"<?xml version='1.0'?>\n<Error><Code>AccessDenied</Code></Error>", "format", "download failed: AccessDenied"),
        (b'{"message":"Forbidden"}', "format", "this is JSON"),
        (b"version https://git-lfs.github.com/spec/v1\noid x", "format", "this is a Git LFS pointer"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "format", "protected with a password"),
        (b"\xd0\xcf\x11\xe0", "format", "an old Excel workbook"),
        (body(*(row.replace(",", ";") for row in GOOD), header=HEADER.replace(",", ";")), "format", "separated by ';'"),
    ],
)  # fmt: skip
def test_a_file_that_is_something_else_is_told_what_it_is(content: bytes, rule: str, told: str) -> None:
    (finding,) = read(content).findings.detail
    assert (finding.rule, told in finding.message) == (rule, True), finding.message


def test_notes_below_the_table() -> None:
    notes = read(body(*GOOD, "", "Notes", "1. Figures are provisional.", "Source: the return"))
    assert [each[:3] for each in rules(notes)] == [("error", "note", 6), ("error", "note", 7), ("error", "note", 8)]
    padded = read(body(*GOOD, ",,,,,", "NOTES,,,,,", "END,,,,,"))
    assert [each[:3] for each in rules(padded)] == [("warning", "note", 6), ("warning", "note", 7)]
    assert (padded.codes, padded.table is not None) == (3, True)
    beside = read(workbook([*ROWS, [None, "Notes: provisional"]]))
    assert [each[:3] for each in rules(beside)] == [("error", "note", 4)]


def test_a_trust_without_a_figure_above_others_is_a_trust() -> None:
    assert read(body("RA9,,,,,", *GOOD)).codes == 4


def test_headings_in_the_middle_are_told_once() -> None:
    assert [each[:3] for each in rules(read(body(GOOD[0], HEADER, GOOD[1])))] == [("error", "repeated_headings", 3)]


def test_headings_in_two_rows_are_told_as_such() -> None:
    rows = [["", "Organisation", "Money", "", "Area", ""], ["Code", "of it", "spent", "a", "b", "c"], *ROWS[1:]]
    (told,) = read(workbook(rows)).findings.detail
    assert "the headings seem to be in two rows (1 and 2); put them in one row" in told.message


def test_cells_that_are_no_codes_are_no_repeats() -> None:
    assert [each[1] for each in rules(read(body("no code,a,5000,1,1,1", "also none,b,5000,1,1,1")))] == ["code", "code"]


def test_a_row_of_sums_is_told_and_not_counted() -> None:
    result = read(body(*GOOD, "SUM,All,18000,31,15,1.5"))  # percentages do not add up
    assert [each[:3] for each in rules(result)] == [("warning", "looks_like_total", 5)]
    assert (result.codes, ("SUM", "cost") in facts(result)) == (3, False)
    assert rules(read(body(*GOOD, "SUM,All,18005,31,15,1.5"))) == []


def test_a_row_with_the_name_of_a_total_is_not_counted_whatever_it_adds_up_to() -> None:
    result = read(body("all,All,9,31,15,1.5", *GOOD))
    assert [each[:3] for each in rules(result)] == [("warning", "looks_like_total", 2)]
    assert result.codes == 3


@pytest.mark.parametrize(
    "rows",
    [
        ["RAA,a,1,1,0,1", "RAB,a,1,1,0,1", "RAC,a,1,1,0,1", "RAD,a,3,3,0,3"],  # small numbers add up by chance
        ["RAA,a,0,0,0,0", "RAB,a,0,0,0,0", "RAC,a,2000,3000,0,1", "RAD,a,2000,3000,0,1"],  # which is the total?
    ],
)
def test_a_row_that_may_add_up_the_others_by_chance_is_read(rows: list[str]) -> None:
    found = read(body(*rows))
    assert found.table is not None
    assert len(set(found.table["code"].to_pylist())) == 4
