"""Uploads over HTTP: what a form put into the incoming bucket is copied to its landing key, once.

A form can be posted again until it expires, and a message can come twice. So the copy carries the upload's id in its
metadata, and is made only if no version of the key has that id. It is a conditional write: of two messages that are
handled at the same moment, one finds that the key has changed and looks again.
"""

from datetime import timedelta

from shared import keys, uploads
from shared.errors import Transient
from shared.landing import LARGEST
from shared.observability import logger
from shared.store import Conflict, Missing, Store

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
        """Copy an upload to its landing key unless that was done before.

        Transient where the key kept changing. What nobody asked for is ignored: only forms write to the bucket, and
        whoever else may do so can land files directly.
        """
        asked_for = self.data.find(keys.upload(upload_id))
        if asked_for is None:
            logger.warning("not an upload that was asked for", upload_id=upload_id)
            return
        upload = uploads.Upload.model_validate_json(asked_for.body)
        logger.append_keys(landing_key=upload.landing_key, upload_id=upload_id)
        for _ in range(_ATTEMPTS):
            newest = self.landing.etag(upload.landing_key)
            if self._landed(upload, upload_id):
                logger.info("upload is landed already")
                return
            try:
                body = self.incoming.get_at_most(LARGEST, upload_id).body
            except Missing:
                logger.warning("upload has expired")
                return
            try:
                about = uploads.metadata(upload_id, upload.uploaded_by)
                self.landing.swap(upload.landing_key, body, newest, upload.content_type, about)
            except Conflict:
                continue
            logger.info("upload is landed", uploaded_by=upload.uploaded_by)
            return
        raise Transient(f"{upload.landing_key} kept changing")

    def _landed(self, upload: uploads.Upload, upload_id: str) -> bool:
        since = upload.requested_at - _CLOCKS
        key = upload.landing_key
        versions = [one for one in self.landing.history(key) if one.key == key and not one.deleted and one.at >= since]
        heads = (self.landing.head(key, version.version_id) for version in versions)
        return any(uploads.upload_id(head.metadata) == upload_id for head in heads)
