"""How far an upload is, from what is stored: its request, the file that arrived, and the receipt.

Whether ingest is reading a file at this moment is not stored, so there is no stage for it.
"""

import re
from datetime import timedelta
from itertools import batched, takewhile
from typing import Any

from functions.api.http.auth import Caller
from functions.api.http.context import RequestContext
from functions.api.http.fetch_many import fetch_documents
from functions.api.http.problems import NotFound
from functions.api.http.queries import NoParameters
from functions.api.schemas.writes import UploadProgress
from functions.api.views.receipts import sees
from functions.api.views.writes.uploads import SECONDS
from shared import keys
from shared.keys import DRY_RUN_PREFIX
from shared.landing.landing_keys import folder_of
from shared.landing.uploads import Upload
from shared.receipts import index

_ID = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{16}-[0-9]{3}")
_AT_ONCE = 10
_CLOCKS = timedelta(minutes=5)  # by how much the API's clock may be ahead of S3's

_WORDS = {
    "waiting": "No file has arrived yet.",
    "received": "The file has arrived. It is being read, or waits to be read.",
    "accepted": "The file was accepted.",
    "rejected": "The file was rejected; its receipt says why.",
}


def upload_progress(context: RequestContext, caller: Caller, query: NoParameters, upload_id: str) -> UploadProgress:
    """How far an upload is: whether its file has arrived, and its receipt once it has been read."""
    upload = context.data.find_model(Upload, keys.upload(upload_id)) if _ID.fullmatch(upload_id) else None
    if upload is None or not sees(caller, folder_of(upload.landing_key)):
        raise NotFound("There is no upload with that id that your token may see. Uploads are listed for 30 days.")
    receipt = _receipt(context, upload_id, upload)
    received_at = context.incoming.written_at(upload_id)
    receipt_id = receipt and index.receipt_id(receipt["landing_key"], receipt["version_id"], receipt["file_id"])
    stage = receipt["status"] if receipt else "received" if received_at else "waiting"
    return UploadProgress(
        upload_id=upload_id,
        landing_key=upload.landing_key,
        dry_run=upload.landing_key.startswith(DRY_RUN_PREFIX),
        stage=stage,
        requested_at=upload.requested_at,
        expires_at=(upload.requested_at + timedelta(seconds=SECONDS)).replace(microsecond=0),
        received_at=received_at,
        landed_at=receipt["landed_at"] if receipt else None,
        receipt_id=receipt_id,
        receipt=receipt_id and f"/v1/receipts/{receipt_id}?upload_id={upload_id}",
        words=_WORDS[stage],
    )


def _receipt(context: RequestContext, upload_id: str, upload: Upload) -> dict[str, Any] | None:
    """The receipt of an upload, among those of its landing key since it was requested; None if there is none."""
    dry_run = upload.landing_key.startswith(DRY_RUN_PREFIX)
    entries = index.listed(context.data, [index.of_key(upload.landing_key)], dry_run=dry_run)
    oldest = index.countdown(upload.requested_at - _CLOCKS)
    since = takewhile(lambda entry: entry.mark[: len(oldest)] <= oldest, entries)
    for some in batched(since, _AT_ONCE, strict=False):
        for receipt in fetch_documents(context.data, [*dict.fromkeys(entry.place for entry in some)]):
            if receipt is not None and receipt["upload_id"] == upload_id:
                return receipt
    return None
