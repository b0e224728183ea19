"""Cells that are not plain values: errors and formulas of Excel, percentages, symbols of official statistics, dashes,
notes and days. Each is refused with a remedy that, obeyed, leaves the right figure; none is published as a text."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from shared.keys import Slot
from shared.method.contracts import Dataset
from tests.support.conforming import GIVEN, HEADER, body, contract, facts, parquet, read, rules, workbook_of

GOOD = ("RA1,One,5000,10,5,1.5", "RA2,Two,6000,10,5,1.5", "RA3,Three,7000,10,5,1.5")
DATED: dict[str, Any] = GIVEN | {
    "period": {"kind": "month", "heading": "Day", "formats": ["%d/%m/%Y"]},
    "families": [],
    "totals": [],
    "checks": {},
    "measures": {"beds": {"heading": "Beds", "unit": "bed"}},
}


SEPTEMBER = Slot("estates", "2024-09")


def cells(change: Callable[[Any], None]) -> bytes:
    """A workbook of good rows in which some cells are changed."""
    rows = [HEADER.split(","), *([*row.split(",")[:2], *map(float, row.split(",")[2:])] for row in GOOD)]
    return workbook_of({"Data": rows}, change)


def messages(content: bytes, dataset: Dataset | None = None) -> list[str]:
    return [each.message for each in read(content, dataset).findings.detail]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"])
def test_an_error_of_excel_is_neither_figure_nor_text_nor_code(error: str) -> None:
    def change(sheet: Any) -> None:
        sheet["A2"], sheet["B3"], sheet["C4"] = error, error, error

    expected = [("error", "excel_error", row, name) for row, name in ((2, "Code"), (3, "Name"), (4, "Cost (£)"))]
    assert sorted(rules(read(cells(change)))) == sorted(expected)
    assert rules(read(body(f"RA1,{error},5000,10,5,1.5"))) == [("error", "excel_error", 2, "Name")]


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("=2500*2", "'=2500*2'"),
        (ArrayFormula("C2", "=SUM(8000,8788)"), "'=SUM(8000,8788)'"),
        (DataTableFormula("C2", r1="A1"), "'=DATATABLEFORMULA()'"),
    ],
)
@pytest.mark.parametrize("cell", ["A2", "B2", "C2"])
def test_every_kind_of_formula_is_told_alike_each_time(formula: Any, shown: str, cell: str) -> None:
    def change(sheet: Any) -> None:
        sheet[cell] = formula

    (told,) = messages(cells(change))
    assert f"{shown} is a formula, and formulas are not evaluated" in told
    assert "paste as values" in told
    assert messages(cells(change)) == [told]


def test_a_percentage_is_not_read_as_a_hundredth_of_itself() -> None:
    def change(sheet: Any) -> None:
        for row, form in enumerate(("0%", "0.0%", '0.00" %"'), 2):
            sheet.cell(row, 6).value, sheet.cell(row, 6).number_format = 0.024, form

    result = read(cells(change))
    assert rules(result) == [("error", "percent_sign", 2, "Share (%)"), ("error", "percent_sign", 3, "Share (%)")]
    assert all("'2.4%' has a percent sign" in each.message for each in result.findings.detail)


def shares(*figures: float) -> bytes:
    return body(*(f"R{nth:02},Name,5000,10,5,{share}" for nth, share in enumerate(figures)))


def test_a_column_of_parts_of_one_is_doubted_and_its_figures_are_marked() -> None:
    result = read(shares(*[0.02] * 19, 0.9, 0))
    assert [(each.severity, each.rule, each.column) for each in result.findings.detail] == [
        ("warning", "percent_scale", "Share (%)")
    ]
    assert result.table is not None
    marked = {row["measure"] for row in result.table.to_pylist() if row["warnings"] == ["percent_scale"]}
    assert marked == {"share"}
    assert rules(read(shares(*[0.02] * 19, 1.1))) == []
    assert rules(read(shares(*[0.02] * 18, 0.9))) == []


@pytest.mark.parametrize(
    ("text", "rule", "remedy"),
    [
        ("[c]", "suppressed", "write '*', this dataset's marker for that"),
        ("c", "suppressed", "write '*'"),
        ("<5", "suppressed", "write '*'"),
        ("[low]", "suppressed", "write '*'"),
        ("[x]", "symbol", "write one of this dataset's markers ('Not Applicable' or 'NA')"),
        ("z", "symbol", "write one of this dataset's markers"),
        (":", "symbol", "write one of this dataset's markers"),
        ("..", "symbol", "write one of this dataset's markers"),
        ("–", "dash", "is a dash, not a hyphen"),
        ("5171 [r]", "note", "write the number alone"),
        ("5171*", "note", "write the number alone"),
        ("n", "not_a_number", "correct it"),
    ],
)
def test_a_symbol_for_no_figure_is_told_how_to_be_written(text: str, rule: str, remedy: str) -> None:
    result = read(body(f'RA1,One,"{text}",10,5,1.5', *GOOD[1:]))
    assert [each.rule for each in result.findings.detail] == [rule]
    assert remedy in result.findings.detail[0].message


def test_without_a_marker_the_cell_is_to_be_left_empty() -> None:
    (told,) = messages(body("RA1,One,[c],10,5,1.5"), contract(markers={}))
    assert "leave the cell empty, since this dataset has no marker for that" in told


def test_a_true_minus_is_a_minus() -> None:
    free = contract(measures=GIVEN["measures"] | {"cost": {"heading": "Cost (£)"}})
    assert facts(read(body("RA1,One,−5000,10,5,1.5"), free))["RA1", "cost"] == -5000


def days(*texts: str) -> bytes:
    return body(*(f"RA{nth},{text},5" for nth, text in enumerate(texts)), header="Code,Day,Beds")


@pytest.mark.parametrize(
    "text", ["30/09/2024", "2024-09-30", "30/09/2024 00:00", "2024-09-30T00:00:00", "2024-09-30 00:00:00.000Z"]
)
def test_midnight_is_a_day(text: str) -> None:
    dated = Dataset.model_validate(DATED)
    assert facts(read(days(text), dated, SEPTEMBER))["RA0", "beds"] == 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("30-Sep-24", "is not a day; write it like 30/09/2024 or 2024-09-30."),
        ("45565", "is Excel's number for 30/09/2024; format the column as a date and save the file again."),
        ("31/09/2024", "is not a day: there is no 31 September 2024; correct it."),
        ("30/09/2024 12:00", "is not a day; write it like 30/09/2024 or 2024-09-30."),
    ],
)
def test_what_is_no_day_is_told_why(text: str, told: str) -> None:
    dated = Dataset.model_validate(DATED)
    (finding,) = read(days(text), dated, SEPTEMBER).findings.detail
    assert (finding.rule, finding.message.partition("' ")[2]) == ("period_text", told)


@pytest.mark.parametrize("kind", [*map(pa.timestamp, ("s", "ms", "us", "ns")), pa.timestamp("us", "UTC")], ids=str)
def test_an_instant_is_one_day_in_every_unit(kind: Any) -> None:
    midnight = pa.array([dt.datetime(2024, 9, 30)], pa.timestamp("us")).cast(kind)  # noqa: DTZ001
    dated = Dataset.model_validate(DATED)
    result = read(parquet({"Code": ["RA1"], "Day": midnight, "Beds": [5]}), dated, SEPTEMBER)
    assert facts(result)["RA1", "beds"] == 5
