"""A receipt as a page: the verdict, the way of the file, and its findings without what stands in other columns."""

from typing import Any

import pytest

from functions.api.pages.views.writes.receipts import findings_of, rules_of, steps_of, verdict
from functions.api.schemas.writes import FileReceipt


def receipt(**other: Any) -> FileReceipt:
    none = dict.fromkeys(("dataset", "period", "part", "file_id", "size_bytes", "rejected_because", "sha256",
                          "method_id", "impact", "release_id"))  # fmt: skip
    made = none | {
        "receipt_id": "f" * 32, "landing_key": "work/2025-01/a.csv", "version_id": "v1",
        "landed_at": "2025-01-01T12:00:00Z", "status": "accepted", "dry_run": False, "rows_read": 1200, "codes": 1,
        "values": 3456, "cells": 3500, "errors": 0, "warnings": 0, "columns_not_read": [], "counts": [],
        "findings": [], "across_files": [], "across_files_total": 0,
    }  # fmt: skip
    return FileReceipt.model_validate(made | other)


@pytest.mark.parametrize(
    ("other", "title", "words"),
    [
        ({}, "The file was accepted", "3,456 values of 1 code were read from 1,200 rows."),
        (
            {"dry_run": True, "warnings": 1},
            "The file would be accepted",
            "3,456 values of 1 code were read from 1,200 rows. There is 1 warning: nothing is rejected for it.",
        ),
        (
            {"warnings": 2000, "codes": 2},
            "The file was accepted",
            "3,456 values of 2 codes were read from 1,200 rows. There are 2,000 warnings: nothing is rejected for "
            "them.",
        ),
        (
            {"status": "rejected", "errors": 1},
            "The file was rejected",
            "It has 1 error. Correct it, then upload the file again.",
        ),
        (
            {"status": "rejected", "errors": 1234, "dry_run": True},
            "The file would be rejected",
            "It has 1,234 errors. Correct them, then upload the file again.",
        ),
    ],
)
def test_the_verdict(other: dict[str, Any], title: str, words: str) -> None:
    said = verdict(receipt(**other))
    assert (said.title, said.words, said.good) == (title, words, other.get("status") != "rejected")


@pytest.mark.parametrize(
    ("other", "states"),
    [
        ({}, ["done", "done", "done"]),
        ({"status": "rejected"}, ["done", "done", "failed"]),
        ({"dry_run": True, "impact": {"state": "pending"}}, ["done", "done", "done", "now"]),
        ({"dry_run": True, "impact": {"state": "done"}}, ["done", "done", "done", "done"]),
        ({"dry_run": True, "impact": {"state": "none"}}, ["done", "done", "done"]),
    ],
)
def test_how_far_a_file_is(other: dict[str, Any], states: list[str]) -> None:
    assert [one.state for one in steps_of(receipt(**other))] == states


FINDINGS = [
    {"severity": "warning", "rule": "note", "message": "a.csv, row 9: it looks like a note.", "row": 9},
    {
        "severity": "error", "rule": "not_a_number", "row": 2, "column": "it's, a \"column\": x", "sample": "=1+1",
        "message": "a.csv, sheet 'One', row 2, column 'it\\'s, a \"column\": x': '=1+1' is a formula: type its result.",
    },
    {"severity": "error", "rule": "superseded", "message": "work/2025-01/a.csv: the file was not landed."},
    {"severity": "error", "rule": "columns", "message": "another.csv: 3 columns.", "row": 1},
]  # fmt: skip


def test_errors_come_first_and_a_message_does_not_repeat_its_place() -> None:
    shown = findings_of(receipt(findings=FINDINGS, sheet="One"))
    assert [(one.severity, one.message) for one in shown] == [
        ("error", "'=1+1' is a formula: type its result."),
        ("error", "The file was not landed."),
        ("error", "Another.csv: 3 columns."),
        ("warning", "A.csv, row 9: it looks like a note."),  # of another sheet: its place stays
    ]


def test_rules_are_ordered_by_how_bad_they_are_then_by_number() -> None:
    counts = [
        {"severity": "warning", "rule": "note", "number": 9},
        {"severity": "error", "rule": "range", "number": 1},
        {"severity": "error", "rule": "not_a_number", "number": 3},
    ]
    assert [(one.title, one.number) for one in rules_of(receipt(counts=counts))] == [
        ("Not a number", 3), ("Range", 1), ("Note", 9),
    ]  # fmt: skip
