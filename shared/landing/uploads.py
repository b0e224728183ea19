"""Uploads over HTTP: what the API stores when it issues a form, and the metadata of the version landed by it."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict

_ID, _BY, _SENT = "upload-id", "uploaded-by", "sent-at"


class Upload(BaseModel):
    """A requested upload: its landing key and content type, its exact size if that was announced, who requested it (a
    user's or client's name) and when.

    The upload's id is the key under which the form puts the file into the incoming bucket."""

    model_config = ConfigDict(frozen=True)

    landing_key: str
    content_type: str
    size_bytes: int | None = None
    uploaded_by: str
    requested_at: datetime


def metadata(upload_id: str, uploaded_by: str, sent_at: datetime) -> dict[str, str]:
    """The metadata of a version that was landed by an upload. `sent_at` is by S3's clock. S3 accepts ASCII only, so the
    name is percent-encoded."""
    return {_ID: upload_id, _BY: quote(uploaded_by), _SENT: sent_at.isoformat()}


def upload_id(metadata: Mapping[str, str]) -> str | None:
    """The id of the upload by which a version was landed; None if it was landed directly."""
    return metadata.get(_ID)


def uploaded_by(metadata: Mapping[str, str]) -> str | None:
    """Who uploaded a version; None if it was landed directly."""
    return unquote(metadata[_BY]) if _BY in metadata else None


def sent_at(metadata: Mapping[str, str]) -> datetime | None:
    """When a version's file was sent, which may be well before it was landed; None if it was landed directly."""
    return datetime.fromisoformat(metadata[_SENT]) if _SENT in metadata else None
