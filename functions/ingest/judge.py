"""Judging one landed version: bytes and rules in, receipt and derived object out. No storage, no clock."""

from typing import TYPE_CHECKING, NamedTuple

from functions.ingest.conform import conform, file_id
from functions.ingest.receipts import Receipt
from shared import keys, tables
from shared.findings import Finding
from shared.keys import sha256
from shared.method.load import Method, MethodFaults, documents_json, method_id, parse
from shared.verdicts import Rules

if TYPE_CHECKING:
    from shared.store import Landed


class Derived(NamedTuple):
    """An object to store: its key and bytes."""

    key: str
    body: bytes


class Judgement(NamedTuple):
    """A receipt and, for an accepted file, what was made of it."""

    receipt: Receipt
    derived: Derived | None


def judge_file(entry: "Landed", body: bytes, rules: Rules, method: str) -> Judgement:
    """Conform a data file to its dataset's contract."""
    if rules.slot is None or rules.contract is None:
        finding = Finding(severity="error", rule="landing_key", message=rules.fault)
        return Judgement(_receipt(entry, body, rules, method, findings=[finding], errors=1), None)
    result = conform(body, rules.slot, entry.key.rsplit("/", 1)[-1], rules.contract)
    report = result.findings
    told = {
        "findings": list(report.detail),
        "errors": report.errors,
        "warnings": report.warnings,
        "rows_read": result.rows_read,
        "codes": result.codes,
        "columns_not_read": list(result.columns_not_read),
    }
    if result.table is None:
        return Judgement(_receipt(entry, body, rules, method, **told), None)
    identity = file_id(body, rules.slot, rules.contract)
    metadata = {
        "sha256": sha256(body),
        "slot": str(rules.slot),
        "contract_id": rules.contract_id,
        "rows": str(result.table.num_rows),
    }
    receipt = _receipt(entry, body, rules, method, file_id=identity, values=result.table.num_rows, **told)
    return Judgement(receipt, Derived(keys.curated(identity), tables.to_bytes(result.table, metadata)))


def judge_method(entry: "Landed", body: bytes) -> Judgement:
    """Check a landed method; every fault becomes a finding."""
    rules = Rules("method", "")
    try:
        text = body.decode("utf-8-sig")
        documents = parse(text)
        Method.from_documents(documents)
    except (MethodFaults, UnicodeDecodeError) as error:
        faults = (
            error.faults if isinstance(error, MethodFaults) else [f"{entry.key}: save the method as UTF-8: {error}"]
        )
        findings = [Finding(severity="error", rule="method", message=fault) for fault in faults]
        return Judgement(_receipt(entry, body, rules, None, findings=findings[:200], errors=len(findings)), None)
    identity = method_id(text)
    receipt = _receipt(entry, body, rules, identity, file_id=identity)
    return Judgement(receipt, Derived(keys.method(identity), documents_json(documents)))


def _receipt(entry: "Landed", body: bytes, rules: Rules, method: str | None, **told: object) -> Receipt:
    slot = rules.slot
    return Receipt.model_validate(
        {
            "landing_key": entry.key,
            "version_id": entry.version_id,
            "landed_at": entry.at,
            "status": "accepted" if told.get("file_id") else "rejected",
            "dataset": slot.dataset if slot else (rules.dataset if rules.dataset != "-" else None),
            "period": slot.period if slot else None,
            "part": (slot.part or None) if slot else None,
            "sha256": sha256(body),
            "size_bytes": len(body),
            "method_id": method,
        }
        | told
    )
