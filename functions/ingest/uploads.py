"""Uploads over HTTP: what a form put into the incoming bucket is copied to its landing key, once.

A form can be posted again until it expires, a message can come twice, and two messages come in any order. So the copy
carries the upload's id and the time at which it was sent, and is a conditional write: whoever finds that the key has
changed looks again. A file that was sent before one that is landed already is not landed over it: it would become the
current one, and nobody would know.

Two messages of one upload that are handled at the same moment may still land it twice, if its bytes are those of the
version before: S3 compares content. The two versions are the same file.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from functions.ingest.judge import turned_away
from functions.ingest.receipt_files import store
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
    """The bucket that forms write to, the landing bucket, and the data bucket with the uploads that were asked for."""

    def __init__(self, incoming: Store, landing: Store, data: Store) -> None:
        self.incoming = incoming
        self.landing = landing
        self.data = data

    def land(self, upload_id: str) -> None:
        """Copy an upload to its landing key, unless that was done before or a later file is there; then a receipt says
        so. Transient where the key kept changing. An object that belongs to no upload is ignored."""
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
            heads = [None if one.deleted else self.landing.head(one.key, one.version_id) for one in entries]
            if any(head and uploads.upload_id(head.metadata) == upload_id for head in heads):
                logger.info("upload is landed already")
                return
            if later := _later(entries, heads, sent_at):
                self._turn_away(upload, upload_id, sent_at, later)
                return
            about = uploads.metadata(upload_id, upload.uploaded_by, sent_at)
            try:
                self.landing.swap(upload.landing_key, body, newest, upload.content_type, about)
            except Conflict:
                continue
            logger.info("upload is landed", uploaded_by=upload.uploaded_by)
            return
        raise Transient(f"{upload.landing_key} kept changing")

    def _entries(self, upload: uploads.Upload) -> list[Landed]:
        """What was landed or deleted in the upload's slot since it was asked for: only the newest file of a slot
        counts, whatever it is called. Of a dry run, its own key: dry runs do not replace each other."""
        key = upload.landing_key
        folder = key.rpartition("/")[0] + "/"
        entries = self.landing.history(key if key.startswith(keys.DRY_RUN_PREFIX) else folder)
        return [one for one in entries if _same_place(one.key, key) and one.at >= upload.requested_at - _CLOCKS]

    def _turn_away(self, upload: uploads.Upload, upload_id: str, sent_at: datetime, later: Landed) -> None:
        """A receipt for an upload that is not landed. It has no version, so its id stands for one."""
        why = (
            f"{upload.landing_key}: the file was not landed, since a later one is there already: {later.key}, of "
            f"{later.at:%Y-%m-%d %H:%M:%S} UTC; this one was sent at {sent_at:%H:%M:%S} UTC. If this is the file that "
            "should count, send it again."
        )
        entry = Landed(upload.landing_key, upload_id, sent_at, False)
        receipt = turned_away(entry, "superseded", why).receipt
        by = {"upload_id": upload_id, "uploaded_by": upload.uploaded_by}
        store(self.data, receipt.model_copy(update=by))
        logger.info("upload is superseded", later=later.key)


def _same_place(key: str, other: str) -> bool:
    """Whether two landing keys are of one slot, or are the same key where they are of none."""
    if key == other:
        return True
    if other.startswith(keys.DRY_RUN_PREFIX):
        return False
    try:
        return keys.slot_of(key) == keys.slot_of(other)
    except BadKey:
        return False


def _later(entries: Sequence[Landed], heads: Sequence[Head | None], sent_at: datetime) -> Landed | None:
    """The first entry that was sent, landed or deleted after a moment."""
    for entry, head in zip(entries, heads, strict=True):
        sent = uploads.sent_at(head.metadata) if head else None
        if (sent or entry.at) > sent_at:
            return entry
    return None
