"""`make check-file DATASET=… PERIOD=… FILE=…`: the receipt that a file would get, without landing it anywhere."""

import argparse
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from functions.ingest.conform import limits
from functions.ingest.judge import judge_file, judge_too_large
from functions.ingest.receipts import Receipt, files
from infra.template import ROOT
from shared.keys import Slot
from shared.landed import Landed
from shared.landing.verdicts import rules_for
from shared.method.load import MethodFaults, bundle, documents_json, from_json, judged, method_id, parse
from shared.method.method import Method

NOT_LANDED = "not-landed"
"""In place of the version that a landed file has."""

RECEIPT, FINDINGS = "receipt.json", "findings.csv"

_WIDTH = 100


class CannotCheck(Exception):
    """What was asked for cannot be done; the message says why."""


def main(arguments: list[str] | None = None) -> int:
    """Print what a file's receipt says; 1 if the file would be rejected, 2 if it could not be checked."""
    parser = argparse.ArgumentParser(prog="make check-file", description=__doc__)
    parser.add_argument("--dataset", help="the dataset's folder")
    parser.add_argument("--period", help="the period's folder")
    parser.add_argument("--part", default="", help="the part's folder, where a period comes in parts")
    parser.add_argument("--file", type=Path, help="the file")
    parser.add_argument("--method", type=Path, default=ROOT / "method", help="folder of the method's documents")
    parser.add_argument("--out", type=Path, help=f"folder for {RECEIPT} and {FINDINGS}")
    given = parser.parse_args(arguments)
    if not (given.dataset and given.period and given.file):
        print("make check-file: say make check-file DATASET=<dataset> PERIOD=<period> FILE=<file>", file=sys.stderr)
        return 2
    try:
        receipt = receipt_of(given.file, Slot(given.dataset, given.period, given.part), given.method)
        if given.out:
            _write(given.out, receipt)
    except CannotCheck as error:
        print(f"make check-file: {error}", file=sys.stderr)
        return 2
    print("\n".join(_told(receipt)))
    return 0 if receipt.status == "accepted" else 1


def receipt_of(file: Path, slot: Slot, method: Path = ROOT / "method", now: datetime | None = None) -> Receipt:
    """The receipt of a file landed in a slot under a method's documents, as ingest would write it.

    Only where and when it was landed differ: the version is `NOT_LANDED`, the time is `now`.
    """
    rules, identity = _method(method)
    entry = Landed(f"{slot}/{file.name}", NOT_LANDED, now or datetime.now(UTC), deleted=False)
    of_file = rules_for(entry.key, rules)
    try:
        size = file.stat().st_size
        if size > limits.LARGEST:
            return judge_too_large(entry, size, of_file, identity).receipt
        body = file.read_bytes()
    except OSError as error:
        raise CannotCheck(f"{file} cannot be read: {error.strerror}; name a file.") from None
    return judge_file(entry, body, of_file, identity).receipt


def _method(folder: Path) -> tuple[Method, str]:
    if not folder.is_dir():
        raise CannotCheck(f"{folder} is not a folder; name one that holds a method's documents.")
    text = bundle(folder)
    try:
        documents = parse(text)
        judged(documents)
        return from_json(documents_json(documents)), method_id(text)  # as ingest reads it
    except MethodFaults as error:
        raise CannotCheck(f"the method in {folder} has faults, the first: {error.faults[0]}") from None


def _write(folder: Path, receipt: Receipt) -> None:
    findings, told = files(receipt)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RECEIPT).write_bytes(told.body)
        (folder / FINDINGS).write_bytes(findings.body)
    except OSError as error:
        raise CannotCheck(f"{folder} cannot be written to: {error.strerror}; name another folder.") from None


def _told(receipt: Receipt) -> Iterator[str]:
    """The receipt in plain words, line by line."""
    yield _wrapped(f"{receipt.landing_key} would be {receipt.sentence}", "")
    yield (
        f"{receipt.rows_read:,} rows of {receipt.codes:,} organisations: {receipt.values:,} of {receipt.cells:,} cells "
        "hold a figure or text."
    )
    if receipt.columns_not_read:
        yield _wrapped(f"Columns not read: {', '.join(receipt.columns_not_read)}.", "  ")
    if receipt.counts:
        yield ""
    for count in receipt.counts:
        yield f"  {count.severity:<8}{count.rule:<40}{count.number:>9,}"
    for finding in receipt.findings:
        yield ""
        yield _wrapped(f"{finding.severity}: {finding.message}", "  ")
    untold = receipt.errors + receipt.warnings - len(receipt.findings)
    if untold:
        yield f"\n{untold:,} more findings are counted above and not told."


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(_plain(text), _WIDTH, subsequent_indent=indent, break_long_words=False)


def _plain(text: str) -> str:
    """Text of a file as a terminal may show it: nothing in it that would steer the terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


if __name__ == "__main__":
    sys.exit(main())
