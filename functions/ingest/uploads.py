"""Uploads over HTTP: a file that a form put into the incoming bucket is copied to its landing key, once.

A form can be posted again until it expires, a message can come twice, and two messages can come in either order. So the
copy carries the upload's id and the time at which it was sent, and is a conditional write: if the key has changed
meanwhile, everything is read again. A file that was sent before one that is already landed is not landed over it: it
would become the current file without anyone noticing.

Two messages of one upload that are handled at the same moment may still land it twice if its bytes equal those of the
version before, because S3 compares content. The two versions are the same file.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from functions.ingest.judge import rejected_unread
from functions.ingest.judge_landed import store_receipt
from shared import keys
from shared.aws.observability import logger
from shared.aws.store import Conflict, Head, Missing, Store
from shared.errors import Transient
from shared.keys import BadKey
from shared.landed import Landed
from shared.landing import uploads
from shared.landing.landing_keys import LARGEST

_ATTEMPTS = 3
_CLOCKS = timedelta(minutes=5)
"""By how much the API's clock may be ahead of S3's."""


class Uploads:
    """The bucket that forms write to, the landing bucket, and the data bucket with the uploads that were requested."""

    def __init__(self, incoming: Store, landing: Store, data: Store) -> None:
        self.incoming = incoming
        self.landing = landing
        self.data = data

    def land(self, upload_id: str) -> None:
        """Copy an upload to its landing key, unless it was copied before. If a later file is there, write a receipt
        instead. Transient if the key kept changing. An object that belongs to no upload is ignored."""
        upload = self.data.find_model(uploads.Upload, keys.upload(upload_id))
        if upload is None:
            logger.warning("no upload of this id", upload_id=upload_id)
            return
        logger.append_keys(landing_key=upload.landing_key, upload_id=upload_id)
        for _ in range(_ATTEMPTS):
            newest = self.landing.etag(upload.landing_key)
            try:
                sent_at = self.incoming.head(upload_id).at
                body = self.incoming.get_at_most(LARGEST, upload_id).body
            except Missing:
                logger.warning("upload has expired")
                return
            entries = self._entries(upload)
            heads = [None if entry.deleted else self.landing.head(entry.key, entry.version_id) for entry in entries]
            if any(head and uploads.upload_id(head.metadata) == upload_id for head in heads):
                logger.info("upload is landed already")
                return
            if later := _later(entries, heads, sent_at):
                self._reject(upload, upload_id, sent_at, later)
                return
            metadata = uploads.metadata(upload_id, upload.uploaded_by, sent_at)
            try:
                self.landing.swap(upload.landing_key, body, newest, upload.content_type, metadata)
            except Conflict:
                continue
            logger.info("upload is landed")
            return
        raise Transient(f"{upload.landing_key} kept changing")

    def _entries(self, upload: uploads.Upload) -> list[Landed]:
        """The versions landed or deleted in the upload's slot since it was requested: only the newest file of a slot
        counts, whatever its name. For a dry run, those of its own key: dry runs do not replace each other."""
        key = upload.landing_key
        folder = key.rpartition("/")[0] + "/"
        entries = self.landing.history(key if key.startswith(keys.DRY_RUN_PREFIX) else folder)
        since = upload.requested_at - _CLOCKS
        return [entry for entry in entries if _same_place(entry.key, key) and entry.at >= since]

    def _reject(self, upload: uploads.Upload, upload_id: str, sent_at: datetime, later: Landed) -> None:
        """A receipt for an upload that is not landed. It has no version id, so the upload's id is used."""
        when = f"{later.at:%Y-%m-%d %H:%M:%S} UTC"
        cause = f"{later.key} was withdrawn at" if later.deleted else f"a later file is there already: {later.key}, of"
        why = (
            f"{upload.landing_key}: the file was not landed, because {cause} {when}. This file was sent at "
            f"{sent_at:%H:%M:%S} UTC. If it is the one that should count, send it again."
        )
        entry = Landed(upload.landing_key, upload_id, sent_at, False)
        receipt = rejected_unread(entry, "superseded", why).receipt
        sender = {"upload_id": upload_id, "uploaded_by": upload.uploaded_by}
        store_receipt(self.data, receipt.model_copy(update=sender))
        logger.info("upload is superseded", later=later.key)


def _same_place(key: str, other: str) -> bool:
    """Whether two landing keys belong to the same slot, or are the same key."""
    if key == other:
        return True
    if other.startswith(keys.DRY_RUN_PREFIX):
        return False
    try:
        return keys.slot_of(key) == keys.slot_of(other)
    except BadKey:
        return False


def _later(entries: Sequence[Landed], heads: Sequence[Head | None], sent_at: datetime) -> Landed | None:
    """The first entry that was sent, landed or deleted after `sent_at`."""
    for entry, head in zip(entries, heads, strict=True):
        entry_sent_at = uploads.sent_at(head.metadata) if head else None
        if (entry_sent_at or entry.at) > sent_at:
            return entry
    return None
