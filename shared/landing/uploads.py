"""Uploads over HTTP: what the API writes down when it gives out a form, and what a landed version says of it."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict

_ID, _BY, _SENT = "upload-id", "uploaded-by", "sent-at"


class Upload(BaseModel):
    """An upload that was asked for: its landing key and content type, who asked (a user's or client's name) and when.
    Its id is the key under which the form puts the file into the incoming bucket."""

    model_config = ConfigDict(frozen=True)

    landing_key: str
    content_type: str
    size_bytes: int
    uploaded_by: str
    requested_at: datetime


def metadata(upload_id: str, uploaded_by: str, sent_at: datetime) -> dict[str, str]:
    """The metadata of a landed version that came by upload, sent at a moment by S3's clock. S3 takes ASCII only, so the
    name is percent-encoded."""
    return {_ID: upload_id, _BY: quote(uploaded_by), _SENT: sent_at.isoformat()}


def upload_id(metadata: Mapping[str, str]) -> str | None:
    """The upload by which a version came; None of one that was landed directly."""
    return metadata.get(_ID)


def uploaded_by(metadata: Mapping[str, str]) -> str | None:
    """Who uploaded a version; None of one that was landed directly."""
    return unquote(metadata[_BY]) if _BY in metadata else None


def sent_at(metadata: Mapping[str, str]) -> datetime | None:
    """When a version's file was sent, which may be some time before it was landed; None of one landed directly."""
    return datetime.fromisoformat(metadata[_SENT]) if _SENT in metadata else None
