"""Landed prices: what is wrong with a row, and what to do about it."""

from datetime import UTC, datetime

import pytest

from functions.ingest.judge import judge_file
from functions.ingest.receipts import Receipt
from shared.landed import Landed
from shared.landing.verdicts import rules_for
from shared.method.load import load
from tests.support.pipeline.priced import PRICED, UNIT, price_list, visit

METHOD = load(PRICED)
KEY = "prices/2025/list.csv"


def judged(*rows: str, method: str = PRICED) -> Receipt:
    entry = Landed(KEY, "1", datetime(2025, 6, 1, tzinfo=UTC), deleted=False)
    return judge_file(entry, price_list(*rows), rules_for(KEY, load(method)), "m").receipt


def test_prices_are_accepted_and_counted() -> None:
    receipt = judged(visit("£60"), "Bed_Day, 310 ,gbp  per bed day,2024-25,Accounts,Illustrative")
    assert (receipt.status, receipt.counts) == ("accepted", ())
    assert receipt.sentence == "accepted: 2 prices"
    assert judged(visit("60")).sentence == "accepted: 1 price"


@pytest.mark.parametrize(
    ("row", "rule", "column", "message"),
    [
        (visit("0"), "price_value", "value", "visit has the value 0; write what one unit costs, above 0."),
        (visit("-60"), "price_value", "value", "visit has the value -60; write what one unit costs, above 0."),
        (visit(""), "price_value", "value", "visit has no value; write what one unit costs, above 0."),
        (
            visit("0.06", unit="GBP thousand per visit"), "price_unit", "unit",
            "visit has the unit 'GBP thousand per visit'; convert its value to 'GBP per visit', the unit in the "
            "method, and write that.",
        ),
        (
            visit("60", unit=""), "price_unit", "unit",
            "visit has no unit; convert its value to 'GBP per visit', the unit in the method, and write that.",
        ),
        (visit("60", source=""), "no_source", "source", "visit has no source; write it: answers name it."),
        (
            visit("60", price_year=" "), "no_price_year", "price_year",
            "visit has no price year; write it: answers name it.",
        ),
        (
            f"visit,60,{UNIT},2025,A,official", "price_status", "status",
            "visit has the status 'official'; write published or illustrative.",
        ),
        (
            f"visit,60,{UNIT},2025,A,", "price_status", "status",
            "visit has no status; write published or illustrative.",
        ),
    ],
)  # fmt: skip
def test_a_price_that_cannot_be_used_rejects_the_file(row: str, rule: str, column: str, message: str) -> None:
    receipt = judged("bed_day,310,GBP per bed day,2024-25,Accounts,published", row)
    assert (receipt.status, receipt.file_id, receipt.errors) == ("rejected", None, 1)
    (finding,) = receipt.findings
    assert (finding.rule, finding.row, finding.column, finding.code) == (rule, 3, column, "VISIT")
    assert finding.message == f"list.csv, row 3, column {column!r}: {message}"


def test_an_unknown_price_is_named_with_the_likely_one() -> None:
    receipt = judged("visits,60,GBP per visit,2025,A,published", "xyz,60,GBP,2025,A,published")
    assert [(one.rule, one.message.partition(": ")[2]) for one in receipt.findings] == [
        (
            "unknown_price",
            "the method has no price called 'VISITS' (did you mean 'visit'?); name one of bed_day, visit.",
        ),
        ("unknown_price", "the method has no price called 'XYZ'; name one of bed_day, visit."),
    ]
    assert receipt.status == "rejected"


def test_a_repeated_price_is_rejected() -> None:
    receipt = judged(visit("60"), visit("61"))
    assert [one.rule for one in receipt.findings] == ["duplicate_row"]


@pytest.mark.parametrize(("value", "warned"), [("5", True), ("5.01", False), ("499", False), ("500", True)])
def test_a_price_ten_times_the_methods_is_used_with_a_warning(value: str, warned: bool) -> None:
    receipt = judged(visit(value))
    assert receipt.status == "accepted"
    assert [one.rule for one in receipt.findings] == ["price_size"] * warned
    assert receipt.warnings == warned


def test_a_price_of_a_period_that_has_not_begun_is_rejected() -> None:
    entry = Landed("prices/2026/list.csv", "1", datetime(2025, 6, 1, tzinfo=UTC), deleted=False)
    receipt = judge_file(entry, price_list(visit("60")), rules_for(entry.key, METHOD), "m").receipt
    assert [one.rule for one in receipt.findings] == ["future_period"]


def test_a_price_is_judged_again_if_its_unit_or_value_in_the_method_changes() -> None:
    ids = {
        name: rules_for(KEY, load(text)).contract_id
        for name, text in {
            "same": PRICED + "\n",
            "title": PRICED.replace("title: A visit", "title: One visit"),
            "value": PRICED.replace("value: 50", "value: 51"),
            "unit": PRICED.replace("GBP per bed day", "GBP per night"),
        }.items()
    }
    assert ids["same"] == ids["title"]
    assert len({*ids.values()}) == 3
    work = "work/2025-01/a.csv"
    assert rules_for(work, load(PRICED)) == rules_for(work, load(PRICED.replace("value: 50", "value: 51")))
