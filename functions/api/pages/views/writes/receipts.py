"""Receipts: the result for each file that was landed or tried, its findings, and how far an upload has come."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Download, Page, PageRequest
from functions.api.pages.views.writes.forms import RECEIPTS, SUPPLIERS
from functions.api.pages.views.writes.moves import moves, names_in
from functions.api.schemas.datasets import DatasetList, DatasetSummary
from functions.api.schemas.figures import ProgrammeAnswer
from functions.api.schemas.writes import CrossFileFinding, FileFinding, FileReceipt, FileReceiptLine, FileReceiptList
from shared.method.names import capital
from shared.receipts.csv_files import as_csv

_MOVES = 20
_COLUMNS = ("found_in", "severity", "rule", "row", "column", "code", "sample", "message")


class Step(NamedTuple):
    """One step of a file on its way: `state` is `done`, `now`, `failed` or `later`."""

    words: str
    state: str
    at: datetime | None = None


class ShownFinding(NamedTuple):
    """A finding as a row: its place in columns of its own, and the message without it."""

    severity: str
    rule: str
    row: int | None
    column: str | None
    code: str | None
    sample: str | None
    message: str


class Rule(NamedTuple):
    """A rule that was broken, and how often."""

    rule: str
    title: str
    severity: str
    number: int


def receipts(ask: Asking, request: PageRequest) -> Page:
    """The page `/supply/receipts`: the newest first, by dataset, result, and whether they were landed or tried."""
    query = {name: value for name, value in request.query.items() if value}
    listed = ask.get(FileReceiptList, "/v1/receipts", query, pinned=False)
    contracts = summaries(ask)
    own = sorted(contracts if request.reader.may("operate") else request.reader.datasets())
    content = {
        "receipts": listed,
        "query": {name: value for name, value in query.items() if name != "cursor"},
        "titles": {"method": "Method"} | {name: one.title for name, one in contracts.items()},
        "datasets": own,
    }
    return Page("receipts.jinja", "Receipts", content, crumbs=(SUPPLIERS,))


def receipt(ask: Asking, request: PageRequest) -> Page:
    """The page `/supply/receipts/<id>`."""
    found = _receipt(ask, request)
    rule = request.query.get("rule", "")
    own, rules = findings_of(found), rules_of(found)
    contract = summaries(ask).get(found.dataset or "")
    content = {
        "receipt": found,
        "verdict": verdict(found),
        "steps": steps_of(found),
        "title": contract.title if contract else found.dataset,
        "file": _file_name(found),
        "rules": rules,
        "rule": rule,
        "findings": [one for one in own if rule in ("", one.rule)],
        "listed": len(own),
        "across": [_shown(one) for one in found.across_files],
        "own": found.dataset in request.reader.datasets(),
        "impact": found.impact,
        "changes": _changes(ask, found),
        # Bytes that were landed and tried have one receipt id, and the answer is about the landed file.
        "landed_too": "tried" in request.query and not found.dry_run,
        "pending": (found.impact or {}).get("state") == "pending",
    }
    return Page("receipt.jinja", verdict(found).title, content, crumbs=(SUPPLIERS, RECEIPTS))


def receipt_csv(ask: Asking, request: PageRequest) -> Download:
    """The findings of a receipt, and those of checks across files, for a spreadsheet."""
    found = _receipt(ask, request)
    across = [
        ["release", one.severity, one.rule, one.row, one.measure, one.trust_code, None, one.message]
        for one in found.across_files
    ]
    own = [
        ["file", one.severity, one.rule, one.row, one.column, one.code, one.sample, one.message]
        for one in found.findings
    ]
    body = as_csv(_COLUMNS, [*own, *across])
    return Download(f"receipt-{found.receipt_id}.csv", "text/csv; charset=utf-8", body)


def summaries(ask: Asking) -> dict[str, DatasetSummary]:
    """The datasets of the current release, by id; none before the first release, and for a reader who may not read."""
    try:
        return {one.dataset: one for one in ask.get(DatasetList, "/v1/datasets", pinned=False).datasets}
    except Refused:
        return {}


def _changes(ask: Asking, found: FileReceipt) -> Mapping[str, object] | None:
    """What a tried file would change; None if that is not known, or if it was not tried."""
    if not (found.impact or {}).get("changes"):
        return None
    from shared.releases.impact import Impact  # not at once: a page that needs it is rare

    impact = Impact.model_validate(found.impact and found.impact["changes"])
    programme = ask.get(ProgrammeAnswer, "/v1/programme", pinned=False)
    return {
        "summary": impact.summary,
        "opportunities": moves(impact.opportunities[:_MOVES], names_in(ask, {}), programme.currency),
        "listed": impact.counts.appear + impact.counts.vanish + impact.counts.move,
        "findings": impact.findings,
    }


def _receipt(ask: Asking, request: PageRequest) -> FileReceipt:
    return ask.get(FileReceipt, "/v1/receipts/<file_id>", pinned=False, file_id=request.path["receipt_id"])


def _file_name(line: FileReceiptLine) -> str:
    return line.landing_key.rpartition("/")[2]


# ---- the verdict ----------------------------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """The result in a few words and in a sentence; `good`: whether the file was, or would be, accepted."""

    title: str
    words: str
    good: bool


def verdict(line: FileReceiptLine) -> Verdict:
    """What became of a file."""
    good = line.status == "accepted"
    if not good:
        title = "The file would be rejected" if line.dry_run else "The file was rejected"
        it = "it" if line.errors == 1 else "them"
        return Verdict(title, f"It has {_many(line.errors, 'error')}. Correct {it}, then upload the file again.", good)
    title = "The file would be accepted" if line.dry_run else "The file was accepted"
    read = f"{line.values:,} values of {_many(line.codes, 'code')} were read from {_many(line.rows_read, 'row')}."
    warned = ""
    if line.warnings:
        one = line.warnings == 1
        warned = f" There {'is' if one else 'are'} {_many(line.warnings, 'warning')}: nothing is rejected for "
        warned += "it." if one else "them."
    return Verdict(title, read + warned, good)


def steps_of(found: FileReceipt) -> list[Step]:
    """A file that has a receipt has been received and read. A file that is tried is then compared with the release."""
    steps = [Step("Received", "done", found.landed_at), Step("Read", "done")]
    if found.status == "rejected":
        return [*steps, Step("Would be rejected" if found.dry_run else "Rejected", "failed")]
    steps.append(Step("Would be accepted" if found.dry_run else "Accepted", "done"))
    state = (found.impact or {}).get("state")
    if state == "pending":
        steps.append(Step("What it would change is being worked out", "now"))
    elif state == "done":
        steps.append(Step("What it would change is worked out", "done"))
    return steps


def _many(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


# ---- findings -------------------------------------------------------------------------------------------------------


def findings_of(found: FileReceipt) -> list[ShownFinding]:
    """A receipt's own findings, errors first, each without the place at the start of its message."""
    shown = [_without_place(one, found) for one in found.findings]
    return sorted(shown, key=lambda one: one.severity != "error")


def rules_of(found: FileReceipt) -> list[Rule]:
    """The broken rules, errors first, then by number."""
    rules = [Rule(one.rule, rule_title(one.rule), one.severity, one.number) for one in found.counts]
    return sorted(rules, key=lambda one: (one.severity != "error", -one.number, one.rule))


def rule_title(rule: str) -> str:
    """The id of a rule as words: `not_a_number` is Not a number."""
    return capital(rule.replace("_", " "))


def _without_place(finding: FileFinding, found: FileReceipt) -> ShownFinding:
    """A message begins with the file, the sheet, the row and the column, which have columns of their own here."""
    place = [_file_name(found), *([f"sheet {found.sheet!r}"] if found.sheet else [])]
    place += [f"row {finding.row}"] if finding.row else []
    place += [f"column {finding.column!r}"] if finding.column else []
    message = finding.message.removeprefix(f"{', '.join(place)}: ").removeprefix(f"{found.landing_key}: ")
    return ShownFinding(
        finding.severity, finding.rule, finding.row, finding.column, finding.code, finding.sample, capital(message)
    )


def _shown(finding: CrossFileFinding) -> ShownFinding:
    return ShownFinding(
        finding.severity, finding.rule, finding.row, finding.measure, finding.trust_code, None, finding.message
    )
