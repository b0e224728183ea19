"""`headroom check-file`: the receipt that a file would get if it were landed."""

import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from functions.ingest.conform import limits
from functions.ingest.judge import judge_file, judge_too_large
from functions.ingest.receipts import Receipt, files
from infra.errors import CommandError
from shared.keys import Slot
from shared.landed import Landed
from shared.landing.verdicts import rules_for
from shared.method.load import MethodFaults, bundle, documents_json, from_json, judged, method_id, parse
from shared.method.method import Method
from shared.statuses import FileStatus

NOT_LANDED = "not-landed"
"""In the place of a landed file's version."""

RECEIPT, FINDINGS = "receipt.json", "findings.csv"

_WIDTH = 100


class CannotCheck(CommandError):
    """The file cannot be checked; the message says why."""

    exit_code = 2


def check(file: Path, slot: Slot, method: Path, out: Path | None) -> int:
    """Print what a file's receipt would say, and write it to `out`. 1 if the file would be rejected. CannotCheck."""
    receipt = receipt_of(file, slot, method)
    if out:
        _write(out, receipt)
    print("\n".join(_lines(receipt)))
    return 0 if receipt.status == FileStatus.ACCEPTED else 1


def receipt_of(file: Path, slot: Slot, method: Path, now: datetime | None = None) -> Receipt:
    """The receipt that ingest would write for a file landed in a slot, by a folder of method documents.

    Only the version, `NOT_LANDED`, and the time, `now`, differ. CannotCheck.
    """
    rules, identity = _method(method)
    entry = Landed(f"{slot}/{file.name}", NOT_LANDED, now or datetime.now(UTC), deleted=False)
    file_rules = rules_for(entry.key, rules)
    try:
        size = file.stat().st_size
        if size > limits.LARGEST:
            return judge_too_large(entry, size, file_rules, identity).receipt
        body = file.read_bytes()
    except OSError as error:
        raise CannotCheck(f"{file} cannot be read: {error.strerror}; name a file.") from None
    return judge_file(entry, body, file_rules, identity).receipt


def _method(folder: Path) -> tuple[Method, str]:
    if not folder.is_dir():
        raise CannotCheck(f"{folder} is not a folder; name one that holds a method's documents.")
    try:
        text = bundle(folder)
        documents = parse(text)
        judged(documents)
        return from_json(documents_json(documents)), method_id(text)  # as ingest reads it
    except MethodFaults as error:
        raise CannotCheck(f"the method in {folder} has faults; the first: {error.faults[0]}") from None


def _write(folder: Path, receipt: Receipt) -> None:
    findings, body = files(receipt)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RECEIPT).write_bytes(body.body)
        (folder / FINDINGS).write_bytes(findings.body)
    except OSError as error:
        raise CannotCheck(f"{folder} cannot be written to: {error.strerror}; name another folder.") from None


def _lines(receipt: Receipt) -> Iterator[str]:
    """The receipt in words, line by line."""
    yield _wrapped(f"{receipt.landing_key} would be {receipt.sentence}", "")
    yield (
        f"{receipt.rows_read:,} rows of {receipt.codes:,} organisations: {receipt.values:,} of {receipt.cells:,} cells "
        "hold a figure or text."
    )
    if receipt.sheet:
        yield _wrapped(f"Sheet read: {receipt.sheet!r}.", "  ")
    if receipt.columns_not_read:
        yield _wrapped(f"Columns not read: {', '.join(receipt.columns_not_read)}.", "  ")
    if receipt.counts:
        yield ""
    for count in receipt.counts:
        yield f"  {count.severity:<8}{count.rule:<40}{count.number:>9,}"
    for finding in receipt.findings:
        yield ""
        yield _wrapped(f"{finding.severity}: {finding.message}", "  ")
    more = receipt.errors + receipt.warnings - len(receipt.findings)
    if more:
        yield f"\n{more:,} more findings are counted above and not listed."


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(_plain(text), _WIDTH, subsequent_indent=indent, break_long_words=False)


def _plain(text: str) -> str:
    """A text without control characters, which would change the terminal's state."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
