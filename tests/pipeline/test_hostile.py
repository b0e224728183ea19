"""Whatever a supplier lands is answered: each odd file goes the whole way, and the good one before it stays current."""

import csv
import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import Workbook

from infra.generate.contract_page import COMMITTED
from infra.local.stack import LocalStack
from shared import keys
from tests.support.conforming import parquet, workbook
from tests.support.pipeline.programme import current_release, objects, pointer, receipt, released_rows, small_stack
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work

MARKED = METHOD_TEXT.replace(
    "  period: {kind: month}\n",
    '  period: {kind: month}\n  layout: {currency: £}\n  markers: {"*": suppressed, "-": missing}\n',
)
PAGE = COMMITTED.read_text("utf-8")
HEAD = "code,kind,cost,area"
KEY = "work/2025-01/a.csv"
GOOD = work(1)
LINES = GOOD.decode().splitlines()
TABLE = [line.split(",") for line in LINES]
COLUMNS = dict(zip(TABLE[0], zip(*TABLE[1:], strict=True), strict=True))


@pytest.fixture(scope="module")
def programme() -> Iterator[LocalStack]:
    with small_stack(method=MARKED) as running:
        yield running


@pytest.fixture
def stack(programme: LocalStack) -> LocalStack:
    """With the good file current."""
    programme.land(KEY, GOOD)
    programme.run_until_idle()
    assert GOOD_SHA in inputs(programme)
    return programme


GOOD_SHA = hashlib.sha256(GOOD).hexdigest()


def inputs(stack: LocalStack) -> set[str]:
    """The files, by SHA-256, that the current release is made of."""
    return {entry["sha256"] for entry in json.loads(current_release(stack)["manifest.json"])["inputs"]}


def landed(stack: LocalStack, body: bytes, key: str = KEY) -> dict[str, Any]:
    """The receipt of a file after everything that follows from it; nothing failed on the way."""
    version = stack.land(key, body)
    before = len(stack.invocations)
    stack.run_until_idle()
    assert [call.error for call in stack.invocations[before:] if call.error] == []
    assert stack.dead_letters() == {}
    return receipt(stack, key, version)


def refused(stack: LocalStack, body: bytes, key: str = KEY) -> dict[str, Any]:
    """The first finding of a file that has to be rejected: the release of the good file stays, to the byte."""
    before = pointer(stack)
    told = landed(stack, body, key)
    assert told["status"] == "rejected", told
    assert pointer(stack) == before
    assert GOOD_SHA in inputs(stack)
    assert told["errors"] == sum(count["number"] for count in told["counts"] if count["severity"] == "error") > 0
    finding: dict[str, Any] = told["findings"][0]
    assert finding["message"].endswith(".")
    assert finding["rule"] in PAGE, "the page for suppliers says nothing of this rule"
    return finding


def with_cost(cell: str) -> bytes:
    """The good file with another cost of RA0, in row 2."""
    return "\n".join([LINES[0], f'RA0,A,"{cell}",10', *LINES[2:]]).encode()


def bomb_in_a_workbook() -> bytes:
    whole, sink = io.BytesIO(workbook(TABLE)), io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/worksheets/sheet2.xml", b"0" * 20_000_000)
    return sink.getvalue()


def two_sheets() -> bytes:
    """The table, but for its last rows on a sheet of their own: neither is the whole."""
    book = Workbook()
    sheets = [book.active, book.create_sheet("more")]
    for sheet, rows in zip(sheets, (TABLE[1:4], TABLE[4:]), strict=True):
        assert sheet
        for row in (TABLE[0], *rows):
            sheet.append(row)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


FILES = {
    "zero bytes": (b"", "empty_file"),
    "NUL bytes": (GOOD.replace(b"A", b"\0"), "nul_bytes"),
    "UTF-16 that does not say so": (GOOD.decode().encode("utf-16-le"), "nul_bytes"),
    "UTF-16 cut within a character": (GOOD.decode().encode("utf-16")[:-1], "encoding"),
    "a field of 10 MB": (GOOD + b'RA9,"' + b"x" * 10_000_000 + b'",1,1\n', "huge_field"),
    "a quotation mark that is never closed": (GOOD + b'RA9,"A,1,1\n', "quotes"),
    "a gzip bomb": (gzip.compress(GOOD + b",,,\n" * 4_000_000), "bomb"),
    "a truncated gzip": (gzip.compress(GOOD)[:-9], "gzip"),
    "a workbook bomb": (bomb_in_a_workbook(), "bomb"),
    "a truncated workbook": (workbook(TABLE)[:2_000], "workbook"),
    "two sheets of the dataset": (two_sheets(), "sheets"),
    "a parquet of spans of time": (parquet(COLUMNS | {"cost": [timedelta(1)] * len(TABLE[1:])}), "parquet"),
    "a parquet without columns": (parquet({}), "empty_file"),
    "a formula in a workbook": (workbook([*TABLE[:-1], ["RA7", "B", "=1+1", 17]]), "formula"),
    "a truncated parquet": (parquet(COLUMNS)[:-3], "parquet"),
    "a nested parquet": (parquet(COLUMNS | {"cost": [[1, 2]] * len(TABLE[1:])}), "parquet"),
    "a web page": (b"<!DOCTYPE html><html></html>", "format"),
    "duplicate headings": (GOOD.replace(b"\n", b",1\n").replace(b"area,1", b"area,Cost"), "duplicate_heading"),
    "a renamed heading": (GOOD.replace(b"cost", b"costs"), "missing_column"),
    "duplicate trusts": (GOOD + LINES[1].encode() + b"\n", "duplicate_row"),
    "too few cells": (GOOD + b"RA8,A\n", "row_width"),
    "a formula as a name": (GOOD.replace(b"RA0,A", b"RA0,=1+1"), "formula"),
    "another dataset's file": (ROLL, "header"),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_odd_file_is_rejected_with_a_finding_that_says_why(stack: LocalStack, what: str) -> None:
    body, rule = FILES[what]
    assert refused(stack, body)["rule"] == rule


CELLS = {
    "1e309": "not_finite",
    "NaN": "not_finite",
    "-inf": "not_finite",
    "(123)": "brackets",
    "=1+1": "formula",
    "@SUM(A1)": "formula",
    "12%": "percent_sign",
    "1,23": "thousands",
    "012": "leading_zero",
    "$5": "currency_sign",
    "€1,234.5": "currency_sign",
    "lots": "not_a_number",
    "-1": "range",
}


@pytest.mark.parametrize("cell", CELLS)
def test_cell_that_is_no_figure_is_named_with_row_column_and_sample(stack: LocalStack, cell: str) -> None:
    told = refused(stack, with_cost(cell))
    assert (told["rule"], told["row"], told["column"], told["sample"], told["code"]) == (
        CELLS[cell], 2, "cost", cell, "RA0",
    )  # fmt: skip


# 237 is what the good file says of RA1, 100 × 2 + 37 × 1: another cost of RA0 changes nobody else's.
@pytest.mark.parametrize(("cell", "cost"), [("£1,234", 1234), ("1e3", 1000), ("-", None), ("*", None), ("", None)])
def test_cell_that_says_something_is_read_as_meant(stack: LocalStack, cell: str, cost: float | None) -> None:
    assert landed(stack, with_cost(cell))["status"] == "accepted"
    numerators = {row["trust_code"]: row["numerator"] for row in released_rows(stack, "metrics")}
    assert (numerators["RA0"], numerators["RA1"]) == (cost, 237)


SAME = {
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-8 with its mark": GOOD.decode().encode("utf-8-sig"),
    "mixed newlines": b"\r\n".join(GOOD.splitlines()[:3]) + b"\n" + b"\r".join(GOOD.splitlines()[3:6]) + b"\r\n"
    + b"\n".join(GOOD.splitlines()[6:]),
    "gzip": gzip.compress(GOOD),
    "a workbook": workbook(TABLE),
    "parquet": parquet(COLUMNS),
    "blank columns and rows": GOOD.replace(b"\n", b",,\n") + b",,,,,\n\n",
}  # fmt: skip


@pytest.mark.parametrize("how", SAME)
def test_file_written_otherwise_gives_the_same_figures(stack: LocalStack, how: str) -> None:
    before = released_rows(stack, "metrics")
    assert landed(stack, SAME[how])["status"] == "accepted"
    assert released_rows(stack, "metrics") == before
    assert hashlib.sha256(SAME[how]).hexdigest() in inputs(stack)


NAMES = [
    "a b.csv",
    "a+b.csv",
    "a%20b.csv",
    "100%.csv",
    "%zz.csv",
    "Trägheit £ 数据.csv",
    "a&b=c?d#e.csv",
    "'\".csv",
    "=1+1.csv",
]


def test_names_with_blanks_plus_percent_and_unicode_are_what_they_are(stack: LocalStack) -> None:
    """EventBridge hands over keys as they are; S3's other notifications would encode them."""
    keys = {f"work/2025-{month:02}/{name}": work(month) for month, name in enumerate(NAMES, 2)}
    versions = {key: stack.land(key, body) for key, body in keys.items()}
    stack.run_until_idle()
    for key, version in versions.items():
        told = receipt(stack, key, version)
        assert (told["status"], told["landing_key"]) == ("accepted", key)
    assert {hashlib.sha256(body).hexdigest() for body in keys.values()} < inputs(stack)
    before = pointer(stack)
    worse = {key: stack.land(key, b"") for key in keys}
    stack.run_until_idle()
    assert {receipt(stack, key, version)["status"] for key, version in worse.items()} == {"rejected"}
    assert pointer(stack) == before
    for key in keys:
        stack.delete(key)
    stack.run_until_idle()
    assert len(inputs(stack)) == 2, "withdrawn under the same names; the roll and the good file stay"
    assert stack.dead_letters() == {}


@pytest.mark.parametrize(
    "key",
    [
        "wrok/2025-01/a.csv",
        "work/a.csv",
        "work/2025-01/north/more/a.csv",
        "work/2025 01/a.csv",
        "work/2025-01/",
        "a.csv",
        "work//a.csv",
        "wörk/2025-01/a.csv",
    ],
)  # fmt: skip
def test_file_in_a_folder_that_is_none_is_told_where_to_land(stack: LocalStack, key: str) -> None:
    assert refused(stack, work(3), key)["rule"] == "landing_key"


@pytest.mark.parametrize("label", ["2025-13", "202501", "2025"])
def test_period_that_is_none_is_told_how_it_is_written(stack: LocalStack, label: str) -> None:
    told = refused(stack, work(3), f"work/{label}/a.csv")
    assert told["rule"] == "period_label"
    assert "2024-09" in told["message"]


def test_period_that_has_not_begun_is_refused(stack: LocalStack) -> None:
    told = refused(stack, work(3), "work/2199-12/a.csv")
    assert told["rule"] == "future_period"
    assert "2199-12-01" in told["message"]


def test_unknown_trust_is_published_with_a_flag_and_a_finding(stack: LocalStack) -> None:
    assert landed(stack, GOOD + b"RZ9,A,900,16\n")["status"] == "accepted"
    (finding,) = released_rows(stack, "findings")
    assert (finding["severity"], finding["rule"], finding["trust_code"]) == ("warning", "unknown_trust", "RZ9")
    flagged = {row["trust_code"] for row in released_rows(stack, "opportunities") if "data_warning" in row["flags"]}
    assert flagged == {"RZ9"}


@pytest.mark.parametrize("limit", ["CELLS", "LINES"])
def test_more_than_is_read_of_any_file_is_refused(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"functions.ingest.conform.limits.{limit}", 50)
    assert (
        refused(stack, GOOD + b"\n" * 30 + (LINES[1].encode() + b"\n") * 15 + b"\n" * 50)["rule"] == "too_many_values"
    )


def test_object_larger_than_any_file_is_not_fetched(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.ingest.conform.limits.LARGEST", len(GOOD))
    told = refused(stack, GOOD + b"\n")
    assert told["rule"] == "too_large"


def test_faults_beyond_counting_are_counted_and_two_hundred_told(stack: LocalStack) -> None:
    body = HEAD + "\n" + "".join(f"RA{number:05},A,=1+{number},many\n" for number in range(3_000))
    refused(stack, body.encode(), "work/2025-01/many.csv")
    name = next(name for name in objects(stack, "receipts/work/2025-01/many.csv/") if name.endswith(".json"))
    told = json.loads(objects(stack, name)[name])
    assert told["counts"] == [
        {"severity": "error", "rule": "formula", "number": 3_000},
        {"severity": "error", "rule": "not_a_number", "number": 3_000},
    ]
    assert (told["errors"], told["rows_read"], len(told["findings"])) == (6_000, 3_000, 200)
    table = objects(stack, keys.findings_csv(name))[keys.findings_csv(name)]
    assert table.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline="")))
    assert [row["message"] for row in rows] == [finding["message"] for finding in told["findings"]]
    assert {row["sample"][:3] for row in rows if row["rule"] == "formula"} == {"'=1"}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
