"""The receipt a supplier gets for each landed version: what became of the file, and why."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.findings import Finding


class Receipt(BaseModel):
    """Accepted or rejected, with every finding counted and the first of them told in full."""

    model_config = ConfigDict(frozen=True)

    landing_key: str
    version_id: str
    landed_at: datetime
    status: Literal["accepted", "rejected"]
    dataset: str | None
    period: str | None
    part: str | None
    file_id: str | None = None
    sha256: str
    size_bytes: int
    method_id: str | None
    rows_read: int = 0
    codes: int = 0
    values: int = 0
    columns_not_read: tuple[str, ...] = ()
    errors: int = 0
    warnings: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def sentence(self) -> str:
        """The outcome in one line."""
        if self.status == "accepted" and self.dataset == "method":
            return f"accepted: method {self.file_id}"
        if self.status == "accepted":
            noted = f", with {self.warnings} warnings" if self.warnings else ""
            return f"accepted: {self.values:,} values of {self.codes:,} organisations{noted}"
        return f"rejected: {self.errors:,} errors; first: {self.findings[0].message}"
