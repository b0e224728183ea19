"""A receipt as the files that a supplier reads: JSON, and its findings for a spreadsheet."""

from typing import NamedTuple

from functions.ingest.receipts import Receipt
from shared import keys
from shared.aws.store import Store
from shared.content import model_json
from shared.findings import Finding
from shared.receipts import index
from shared.receipts.csv_files import as_csv

_COLUMNS = ("severity", "rule", "row", "column", "code", "sample", "message")


class File(NamedTuple):
    """An object to store."""

    key: str
    body: bytes
    content_type: str


def files(receipt: Receipt) -> tuple[File, File]:
    """The findings as CSV, then the receipt: whoever sees the receipt finds the CSV. The receipt is one line, as Athena
    wants JSON."""
    place = keys.receipt(receipt.landing_key, receipt.version_id)
    told = model_json(receipt, indent=None)
    return (
        File(keys.findings_csv(place), findings_csv(receipt.findings), "text/csv; charset=utf-8"),
        File(place, told, "application/json"),
    )


def store(data: Store, receipt: Receipt) -> None:
    """Write a receipt's files, then the names under which it is looked up: whoever finds one finds the receipt."""
    for file in files(receipt):
        data.put(*file)
    told = receipt.model_dump(include={"landing_key", "version_id", "landed_at", "status", "file_id"})
    for name in index.names(**told):
        data.put(name, b"")


def findings_csv(findings: tuple[Finding, ...]) -> bytes:
    """Findings, one a row, as Excel opens them."""
    return as_csv(_COLUMNS, ([getattr(finding, name) for name in _COLUMNS] for finding in findings))
