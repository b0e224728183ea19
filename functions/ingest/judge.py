"""Judging one landed version: bytes and rules in, receipt and derived object out. No storage, no clock."""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from functions.ingest.conform.conform import Conformed, conform, file_id
from functions.ingest.conform.source import TOO_LARGE
from functions.ingest.prices import check_prices
from functions.ingest.receipts import Receipt
from shared import keys, tables
from shared.compute import pc
from shared.content import sha256
from shared.findings import IN_DETAIL, Count, Finding, Findings, Report
from shared.landing.verdicts import Rules
from shared.method.load import MethodFaults, documents_json, judged, method_id, parse
from shared.statuses import FileStatus

if TYPE_CHECKING:
    from shared.landed import Landed


class Derived(NamedTuple):
    """An object to store: its key and bytes."""

    key: str
    body: bytes


class Judgement(NamedTuple):
    """A receipt and, for an accepted file, the object made from it."""

    receipt: Receipt
    derived: Derived | None


def judge_body(entry: "Landed", body: bytes, rules: Rules, method: str | None) -> Judgement:
    """Check a landed version's bytes; `method` is None if they are a method themselves."""
    return judge_method(entry, body) if method is None else judge_file(entry, body, rules, method)


def judge_file(entry: "Landed", body: bytes, rules: Rules, method: str) -> Judgement:
    """Check a data file against its dataset's contract."""
    if rules.slot is None or rules.contract is None:
        return _rejected(entry, body, rules, method, "landing_key", rules.fault)
    name = _file_name(entry)
    conformed = conform(body, rules.slot, name, rules.contract)
    receipt = _receipt(entry, body, rules, method, **_read(conformed))
    if conformed.table is None:
        return Judgement(receipt, None)
    receipt = _with(receipt, _of_values(entry, rules, conformed.table, conformed.sheet))
    if receipt.errors:
        return Judgement(receipt, None)
    identity = file_id(body, rules.slot, rules.contract)
    metadata = {
        "sha256": str(receipt.sha256),
        "slot": str(rules.slot),
        "contract_id": rules.contract_id,
        "rows": str(conformed.table.num_rows),
    }
    accepted = receipt.model_copy(update={"file_id": identity, "status": FileStatus.ACCEPTED})
    return Judgement(accepted, Derived(keys.curated(identity), tables.to_bytes(conformed.table, metadata)))


def _of_values(entry: "Landed", rules: Rules, table: pa.Table, sheet: str) -> Report:
    """What is wrong with a table (schema CURATED) that was read without an error."""
    findings = Findings(_file_name(entry))
    free = rules.contract is None or rules.contract.period.free
    if not free and (begins := _newest_start(table)) and begins > entry.at.date():
        text = (
            f"the file has figures for a period that begins on {begins}, after the day on which it was landed; correct "
            "the period, or land the file once that period has begun."
        )
        findings.add("error", "future_period", text)
    findings.sheet = sheet
    if rules.prices is not None:
        check_prices(table, rules.prices, findings)
    return findings.report()


def _with(receipt: Receipt, report: Report) -> Receipt:
    """A receipt without errors, with the findings of a report too."""
    if not report.counts:
        return receipt
    update = {
        "findings": (*report.detail, *receipt.findings)[:IN_DETAIL],
        "counts": (*report.counts, *receipt.counts),
        "errors": report.errors,
        "warnings": receipt.warnings + report.warnings,
    }
    return receipt.model_copy(update=update)


def _read(conformed: Conformed) -> dict[str, object]:
    """What a receipt says about the content of a file."""
    report = conformed.findings
    return {
        "findings": report.detail,
        "counts": report.counts,
        "errors": report.errors,
        "warnings": report.warnings,
        "rows_read": conformed.rows_read,
        "codes": conformed.codes,
        "cells": conformed.cells,
        "values": conformed.values,
        "sheet": conformed.sheet,
        "columns_not_read": conformed.columns_not_read,
    }


def _newest_start(table: pa.Table) -> date | None:
    """The first day of the newest period in a file's table (CURATED)."""
    day: date | None = pc.max(table["period_start"]).as_py()
    return day


def judge_too_large(entry: "Landed", size: int, rules: Rules, method: str | None) -> Judgement:
    """Reject a landed file of more bytes than the limit, without its bytes."""
    judgement = _rejected(entry, None, rules, method, "too_large", f"{_file_name(entry)}: {TOO_LARGE}")
    return judgement._replace(receipt=judgement.receipt.model_copy(update={"size_bytes": size}))


def unreadable(entry: "Landed", body: bytes, rules: Rules, method: str | None) -> Judgement:
    """Reject a file because every attempt to read it failed."""
    fault = (
        f"{_file_name(entry)}: the file could not be read: every attempt ran out of time or memory, or failed. Check "
        "that the file opens, export it again from its source (as CSV if it is a workbook) and land it again; land a "
        "very large file in parts."
    )
    return _rejected(entry, body, rules, method, "unreadable", fault)


def rejected_unread(entry: "Landed", rule: str, why: str) -> Judgement:
    """Reject a file that cannot be read yet, whatever its content; `why` is a plain sentence with the remedy."""
    return _rejected(entry, None, Rules("-", ""), None, rule, why)


def judge_method(entry: "Landed", body: bytes) -> Judgement:
    """Check a landed method; every fault becomes a finding."""
    rules = Rules("method", "")
    try:
        text = body.decode("utf-8-sig")
        documents = parse(text)
        judged(documents)
    except MethodFaults as error:
        return _rejected(entry, body, rules, None, "method", *error.faults)
    except UnicodeDecodeError as error:
        return _rejected(entry, body, rules, None, "method", f"{entry.key}: save the method as UTF-8: {error}")
    identity = method_id(text)
    receipt = _receipt(entry, body, rules, identity, file_id=identity, status=FileStatus.ACCEPTED)
    return Judgement(receipt, Derived(keys.method(identity), documents_json(documents)))


def _file_name(entry: "Landed") -> str:
    return entry.key.rsplit("/", 1)[-1]


def _rejected(
    entry: "Landed", body: bytes | None, rules: Rules, method: str | None, rule: str, *faults: str
) -> Judgement:
    """A rejection for faults of one rule, none of which is about a row."""
    findings = tuple(Finding(severity="error", rule=rule, message=fault) for fault in faults)
    counts = (Count(severity="error", rule=rule, number=len(findings)),)
    errors = {"findings": findings[:IN_DETAIL], "counts": counts, "errors": len(findings)}
    return Judgement(_receipt(entry, body, rules, method, **errors), None)


def _receipt(entry: "Landed", body: bytes | None, rules: Rules, method: str | None, **details: object) -> Receipt:
    """The receipt of a rejected file, unless `details` give another status."""
    slot = rules.slot
    return Receipt.model_validate(
        {
            "landing_key": entry.key,
            "version_id": entry.version_id,
            "landed_at": entry.at,
            "status": FileStatus.REJECTED,
            "dataset": slot.dataset if slot else (rules.dataset if rules.dataset != "-" else None),
            "period": slot.period if slot else None,
            "part": (slot.part or None) if slot else None,
            "sha256": None if body is None else sha256(body),
            "size_bytes": None if body is None else len(body),
            "method_id": method,
        }
        | details
    )
