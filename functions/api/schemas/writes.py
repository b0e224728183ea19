"""What is answered to those who land files, decide about releases, or have something to say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from functions.api.schemas.figures import Answer, Continued
from shared.decision import Decision
from shared.releases.channels import Pointer


class UploadForm(Answer):
    """Where to send a file, and what with it. `size_bytes` is what the form takes, no byte less or more.

    `receipts` is the address, within this API, of the receipts of its landing key: the file's has this `upload_id`.
    """

    upload_id: str
    landing_key: str
    url: str
    form_fields: Mapping[str, str]
    expires_at: datetime
    size_bytes: int
    content_type: str
    receipts: str
    words: str


class FindingCount(Answer):
    """How often a rule was broken."""

    severity: str
    rule: str
    number: int


class FileFinding(Answer):
    """One fault of a file: `row` is its 1-based line, `column` the heading as landed, `sample` the offending text."""

    severity: str
    rule: str
    message: str
    row: int | None = None
    column: str | None = None
    sample: str | None = None
    code: str | None = None


class AcrossFiles(Answer):
    """What a check across files found about a file: of a trust and a measure, where it is about one."""

    severity: str
    rule: str
    message: str
    dataset: str | None
    period: str | None
    trust_code: str | None
    measure: str | None
    row: int | None


class FileReceiptLine(Answer):
    """What became of one landed version. `receipt_id` is the file's id or, where it was rejected, the receipt's own.

    `rejected_because` is the first finding of a rejected file; times are UTC, as S3 has them. `upload_id` and
    `uploaded_by` (a user's or client's name) are null of a file that was landed in the bucket directly.
    """

    receipt_id: str
    landing_key: str
    version_id: str
    landed_at: datetime
    status: Literal["accepted", "rejected"]
    dry_run: bool
    dataset: str | None
    period: str | None
    part: str | None
    file_id: str | None
    size_bytes: int | None
    rows_read: int
    codes: int
    values: int
    errors: int
    warnings: int
    rejected_because: str | None
    upload_id: str | None = None
    uploaded_by: str | None = None


class FileReceiptList(Continued):
    """Receipts, the newest first."""

    receipts: tuple[FileReceiptLine, ...]


class FileReceipt(FileReceiptLine):
    """A whole receipt: `counts` has every finding, `findings` the first of them in full.

    `impact` is what a dry run would change. `across_files` is what the checks across files found about this file in
    `release_id`, the current release; `across_files_total` how many there are.
    """

    sha256: str | None
    method_id: str | None
    cells: int
    columns_not_read: tuple[str, ...]
    counts: tuple[FindingCount, ...]
    findings: tuple[FileFinding, ...]
    impact: Mapping[str, Any] | None
    release_id: str | None
    across_files: tuple[AcrossFiles, ...]
    across_files_total: int


class Decided(Answer):
    """The act that is on record now, and the pointer by which readers see its effect (null: within a minute)."""

    act: Decision
    pointer: Pointer | None
    words: str


class FeedbackKept(Answer):
    """What was said is kept, about the figures of `release_id`."""

    feedback_id: str
    release_id: str
    words: str


class FeedbackAbout(Answer):
    """What feedback is about: an opportunity, perhaps one trust's, or an entry of the methodology."""

    opportunity_id: str | None
    trust_code: str | None
    methodology: str | None


class FeedbackSaid(Answer):
    """One piece of feedback, as it was sent: plain text, not to be shown as anything else. `who` is null of a caller
    without a name."""

    feedback_id: str
    said_at: datetime
    who: str | None
    release_id: str
    about: FeedbackAbout
    text: str


class FeedbackList(Continued):
    """What users said, the newest day first."""

    feedback: tuple[FeedbackSaid, ...]
