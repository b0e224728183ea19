"""The receipt that a supplier gets for each landed version: whether the file was accepted, and why not."""

from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from shared import keys
from shared.content import model_json
from shared.findings import Count, Finding
from shared.ids import FileId, MethodId
from shared.method.prices import PRICES
from shared.receipts.csv_files import as_csv
from shared.releases.assessment import Assessment
from shared.statuses import FileStatus

_COLUMNS = ("severity", "rule", "row", "column", "code", "sample", "message")


class Receipt(BaseModel):
    """Accepted or rejected, with every finding counted (`counts`, by rule) and the first of them in full.

    `rows_read` counts rows of data, `codes` the organisations in them, `cells` the cells read for the dataset's
    measures, and `values` those cells that are figures or attributes. `sheet` is the sheet of a workbook that was read;
    it is empty for other files. `sha256` and `size_bytes` are null if the file's bytes were not read.

    Only a dry run has an `impact`: what the file would change. `upload_id` and `uploaded_by` (the name of a user or
    client) are null if the file was landed in the bucket directly.
    """

    model_config = ConfigDict(frozen=True)

    landing_key: str
    version_id: str
    landed_at: datetime
    status: FileStatus
    dataset: str | None
    period: str | None
    part: str | None
    file_id: FileId | None = None
    sha256: str | None
    size_bytes: int | None
    method_id: MethodId | None
    rows_read: int = 0
    codes: int = 0
    cells: int = 0
    values: int = 0
    sheet: str = ""
    columns_not_read: tuple[str, ...] = ()
    errors: int = 0
    warnings: int = 0
    counts: tuple[Count, ...] = ()
    findings: tuple[Finding, ...] = ()
    impact: Assessment | None = None
    upload_id: str | None = None
    uploaded_by: str | None = None

    @property
    def sentence(self) -> str:
        """The outcome in one line."""
        if self.status == FileStatus.ACCEPTED and self.dataset == "method":
            return f"accepted: method {self.file_id}"
        if self.status == FileStatus.ACCEPTED:
            plural = "s" * (self.warnings != 1)
            warnings = f", with {self.warnings:,} warning{plural}" if self.warnings else ""
            if self.dataset == PRICES:
                return f"accepted: {self.codes:,} price{'s' * (self.codes != 1)}{warnings}"
            return f"accepted: {self.values:,} values of {self.codes:,} organisations{warnings}"
        errors = "one error" if self.errors == 1 else f"{self.errors:,} errors; the first"
        return f"rejected: {errors}: {self.findings[0].message}"


class ReceiptFile(NamedTuple):
    """An object to store."""

    key: str
    body: bytes
    content_type: str


def files(receipt: Receipt) -> tuple[ReceiptFile, ReceiptFile]:
    """The findings as CSV, then the receipt as one line of JSON, as Athena reads it. The order matters: a reader of the
    receipt must find the CSV."""
    place = keys.receipt(receipt.landing_key, receipt.version_id)
    body = model_json(receipt, indent=None)
    return (
        ReceiptFile(keys.findings_csv(place), _findings_csv(receipt.findings), "text/csv; charset=utf-8"),
        ReceiptFile(place, body, "application/json"),
    )


def _findings_csv(findings: tuple[Finding, ...]) -> bytes:
    """One row for each finding, as Excel opens it."""
    return as_csv(_COLUMNS, ([getattr(finding, name) for name in _COLUMNS] for finding in findings))
