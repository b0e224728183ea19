"""Judging one landed version: bytes and rules in, receipt and derived object out. No storage, no clock."""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from functions.ingest.conform.conform import conform, file_id
from functions.ingest.conform.formats import TOO_LARGE
from functions.ingest.receipts import Receipt
from shared import keys, tables
from shared.compute import pc
from shared.content import sha256
from shared.findings import IN_DETAIL, Count, Finding
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
    """A receipt and, for an accepted file, what was made of it."""

    receipt: Receipt
    derived: Derived | None


def judge_body(entry: "Landed", body: bytes, rules: Rules, method: str | None) -> Judgement:
    """Check a landed version's bytes; `method` is None where they are a method themselves."""
    return judge_method(entry, body) if method is None else judge_file(entry, body, rules, method)


def judge_file(entry: "Landed", body: bytes, rules: Rules, method: str) -> Judgement:
    """Conform a data file to its dataset's contract."""
    if rules.slot is None or rules.contract is None:
        return _refused(entry, body, rules, method, "landing_key", rules.fault)
    name = entry.key.rsplit("/", 1)[-1]
    result = conform(body, rules.slot, name, rules.contract)
    report = result.findings
    told = {
        "findings": report.detail,
        "counts": report.counts,
        "errors": report.errors,
        "warnings": report.warnings,
        "rows_read": result.rows_read,
        "codes": result.codes,
        "cells": result.cells,
        "values": result.values,
        "columns_not_read": result.columns_not_read,
    }
    if result.table is None:
        return Judgement(_receipt(entry, body, rules, method, **told), None)
    if not rules.contract.period.free and (begins := _last_to_begin(result.table)) and begins > entry.at.date():
        early = Finding(
            severity="error",
            rule="future_period",
            message=f"{name}: it holds figures of a period that begins on {begins}, after the day on which the file "
            "was landed; correct the period, or land the file once that period has begun.",
        )
        counts = (Count(severity="error", rule=early.rule, number=1), *report.counts)
        told |= {"findings": (early, *report.detail)[:IN_DETAIL], "counts": counts, "errors": 1}
        return Judgement(_receipt(entry, body, rules, method, **told), None)
    identity = file_id(body, rules.slot, rules.contract)
    metadata = {
        "sha256": sha256(body),
        "slot": str(rules.slot),
        "contract_id": rules.contract_id,
        "rows": str(result.table.num_rows),
    }
    receipt = _receipt(entry, body, rules, method, file_id=identity, **told)
    return Judgement(receipt, Derived(keys.curated(identity), tables.to_bytes(result.table, metadata)))


def _last_to_begin(table: pa.Table) -> date | None:
    """The first day of the newest period that a file's table (CURATED) is about."""
    day: date | None = pc.max(table["period_start"]).as_py()
    return day


def judge_too_large(entry: "Landed", size: int, rules: Rules, method: str | None) -> Judgement:
    """A landed file of more bytes than are ever read."""
    judgement = _refused(entry, None, rules, method, "too_large", f"{entry.key.rsplit('/', 1)[-1]}: {TOO_LARGE}")
    return judgement._replace(receipt=judgement.receipt.model_copy(update={"size_bytes": size}))


def unreadable(entry: "Landed", body: bytes, rules: Rules, method: str | None) -> Judgement:
    """A file on which reading ended every time."""
    name = entry.key.rsplit("/", 1)[-1]
    fault = (
        f"{name}: the file could not be read: every attempt ran out of time or memory, or ended in an error. Check "
        "that it opens, write it again from its source (as CSV if it is a workbook), and land it again; "
        "land a very large file in parts."
    )
    return _refused(entry, body, rules, method, "unreadable", fault)


def turned_away(entry: "Landed", rule: str, why: str) -> Judgement:
    """A file that cannot be read yet, whatever it holds; `why` is a plain sentence with the remedy."""
    return _refused(entry, None, Rules("-", ""), None, rule, why)


def _refused(
    entry: "Landed", body: bytes | None, rules: Rules, method: str | None, rule: str, *faults: str
) -> Judgement:
    """A rejection for faults of one rule that no row has."""
    findings = tuple(Finding(severity="error", rule=rule, message=fault) for fault in faults)
    counts = (Count(severity="error", rule=rule, number=len(findings)),)
    told = {"findings": findings[:IN_DETAIL], "counts": counts, "errors": len(findings)}
    return Judgement(_receipt(entry, body, rules, method, **told), None)


def judge_method(entry: "Landed", body: bytes) -> Judgement:
    """Check a landed method; every fault becomes a finding."""
    rules = Rules("method", "")
    try:
        text = body.decode("utf-8-sig")
        documents = parse(text)
        judged(documents)
    except (MethodFaults, UnicodeDecodeError) as error:
        faults = (
            error.faults if isinstance(error, MethodFaults) else [f"{entry.key}: save the method as UTF-8: {error}"]
        )
        return _refused(entry, body, rules, None, "method", *faults)
    identity = method_id(text)
    receipt = _receipt(entry, body, rules, identity, file_id=identity)
    return Judgement(receipt, Derived(keys.method(identity), documents_json(documents)))


def _receipt(entry: "Landed", body: bytes | None, rules: Rules, method: str | None, **told: object) -> Receipt:
    slot = rules.slot
    return Receipt.model_validate(
        {
            "landing_key": entry.key,
            "version_id": entry.version_id,
            "landed_at": entry.at,
            "status": FileStatus.ACCEPTED if told.get("file_id") else FileStatus.REJECTED,
            "dataset": slot.dataset if slot else (rules.dataset if rules.dataset != "-" else None),
            "period": slot.period if slot else None,
            "part": (slot.part or None) if slot else None,
            "sha256": None if body is None else sha256(body),
            "size_bytes": None if body is None else len(body),
            "method_id": method,
        }
        | told
    )
