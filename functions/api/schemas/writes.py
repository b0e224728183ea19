"""Answers about uploads, receipts, decisions on releases, and feedback."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from functions.api.schemas.base import Answer, CursorPage
from shared.decision import Decision
from shared.releases.channels import Pointer


class UploadForm(Answer):
    """How to upload one file. The form accepts a file of exactly `size_bytes` (null: of any size up to the limit),
    until `expires_at`.

    `progress` is the path, in this API, of how far the upload is, and `receipts` that of the receipts for the landing
    key; the file's receipt has this `upload_id`.
    """

    upload_id: str
    landing_key: str
    url: str
    form_fields: Mapping[str, str]
    expires_at: datetime
    size_bytes: int | None
    content_type: str
    progress: str
    receipts: str
    words: str


class UploadProgress(Answer):
    """How far an upload is, with the time of each stage that it has reached (UTC).

    `waiting`: no file has arrived yet. The form accepts one until `expires_at`; an upload that began before then may
    still be on its way. `received`: the file has arrived and has no receipt yet. `accepted` and `rejected`: the receipt
    with the id `receipt_id` says so, and `receipt` is its path in this API. `received_at` is null once the file that
    arrived is deleted, two weeks later.
    """

    upload_id: str
    landing_key: str
    dry_run: bool
    stage: Literal["waiting", "received", "accepted", "rejected"]
    requested_at: datetime
    expires_at: datetime
    received_at: datetime | None
    landed_at: datetime | None
    receipt_id: str | None
    receipt: str | None
    words: str


class CallerAnswer(Answer):
    """The caller of this request: a user's or a client's name, the scopes of its token (for a person with those of its
    groups), and the datasets for which it may land files."""

    name: str
    scopes: tuple[str, ...]
    datasets: tuple[str, ...]


class FindingCount(Answer):
    """The number of findings for one rule."""

    severity: str
    rule: str
    number: int


class FileFinding(Answer):
    """One finding in a file: `row` is the line number (from 1), `column` the heading in the file, `sample` the text
    found."""

    severity: str
    rule: str
    message: str
    row: int | None = None
    column: str | None = None
    sample: str | None = None
    code: str | None = None


class CrossFileFinding(Answer):
    """One finding of a check across files. The trust, measure and row are null if it is not about one of them."""

    severity: str
    rule: str
    message: str
    dataset: str | None
    period: str | None
    trust_code: str | None
    measure: str | None
    row: int | None


class FileReceiptLine(Answer):
    """The result for one landed version of a file. `receipt_id` is the file's id or, if it was rejected, the receipt's
    own.

    `rejected_because` is the first finding of a rejected file. `landed_at` is the time in S3, UTC. `upload_id` and
    `uploaded_by` (a user's or client's name) are null for a file that was put into the bucket directly.
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


class FileReceiptList(CursorPage):
    """Receipts, newest first."""

    receipts: tuple[FileReceiptLine, ...]


class FileReceipt(FileReceiptLine):
    """A complete receipt. `counts` covers all findings; `findings` has the first of them in full.

    `sheet` is the sheet that was read, of a workbook. `impact` is what the file would change, for a dry run.
    `across_files` are the findings of checks across files about this file in the current release, `release_id`;
    `across_files_total` is their number, which may be larger than the list.
    """

    sha256: str | None
    method_id: str | None
    cells: int
    sheet: str = ""
    columns_not_read: tuple[str, ...]
    counts: tuple[FindingCount, ...]
    findings: tuple[FileFinding, ...]
    impact: Mapping[str, Any] | None
    release_id: str | None
    across_files: tuple[CrossFileFinding, ...]
    across_files_total: int


class DecisionAnswer(Answer):
    """The recorded decision, and the new pointer of the current release; null if it follows within a minute."""

    decision: Decision
    pointer: Pointer | None
    words: str


class FeedbackReceipt(Answer):
    """The feedback was stored. It is about the figures of `release_id`."""

    feedback_id: str
    release_id: str
    words: str


class FeedbackAbout(Answer):
    """The subject of feedback: an opportunity (of one trust, if `trust_code` is set) or an entry of the methodology."""

    opportunity_id: str | None
    trust_code: str | None
    methodology: str | None


class FeedbackItem(Answer):
    """One item of feedback, as it was sent. `text` is plain text; display it only as such. `who` is the caller's name;
    null if it was sent without a token."""

    feedback_id: str
    said_at: datetime
    who: str | None
    release_id: str
    about: FeedbackAbout
    text: str


class FeedbackList(CursorPage):
    """Feedback, newest day first."""

    feedback: tuple[FeedbackItem, ...]
