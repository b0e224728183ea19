"""The receipt a supplier gets for each landed version: what became of the file, and why."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from shared.findings import Count, Finding
from shared.ids import FileId, MethodId
from shared.releases.assessment import Assessment
from shared.statuses import FileStatus


class Receipt(BaseModel):
    """Accepted or rejected, with every finding counted (`counts`, by rule) and the first of them told in full.

    `rows_read` counts rows of data, `codes` the organisations in them, `cells` what they hold for the dataset's
    measures, and `values` those cells that are figures or attributes. `sha256` and `size_bytes` are null of a file
    whose bytes were not looked at.

    `impact` is given for dry runs only: what the file would change. `upload_id` and `uploaded_by` (a user's or client's
    name) are null of a file that was landed in the bucket directly.
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
            noted = f", with {self.warnings:,} warning{plural}" if self.warnings else ""
            return f"accepted: {self.values:,} values of {self.codes:,} organisations{noted}"
        errors = "one error" if self.errors == 1 else f"{self.errors:,} errors; the first"
        return f"rejected: {errors}: {self.findings[0].message}"
