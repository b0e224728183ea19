"""CSV for spreadsheets: what it says arrives, and nothing in it runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.receipts.csv_files import as_csv

CELLS = st.one_of(st.none(), st.integers(), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))


def read(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_excel_is_told_that_it_is_utf_8() -> None:
    assert as_csv(["Größe"], [["£ 1"]]) == b"\xef\xbb\xbf" + "Größe\r\n£ 1\r\n".encode()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1"])
def test_what_a_spreadsheet_would_run_is_a_text(text: str) -> None:
    assert read(as_csv(["a"], [[text]]))[1] == [f"'{text}"]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)))
def test_every_cell_arrives_and_numbers_stay_numbers(rows: list[list[object]]) -> None:
    for sent, found in zip(rows, read(as_csv(["a", "b"], rows))[1:], strict=True):
        for before, after in zip(sent, found, strict=True):
            assert after in (("",) if before is None else (str(before), f"'{before}"))
            assert isinstance(before, int) or not after.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
