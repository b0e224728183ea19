"""Uploads over HTTP: what the API writes down when it gives out a form, and what a landed version says of it."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict

_ID, _BY = "upload-id", "uploaded-by"


class Upload(BaseModel):
    """An upload that was asked for: its landing key and content type, who asked (a user's or client's name) and when.
    Its id is the key under which the form puts the file into the incoming bucket."""

    model_config = ConfigDict(frozen=True)

    landing_key: str
    content_type: str
    size_bytes: int
    uploaded_by: str
    requested_at: datetime


def metadata(upload_id: str, uploaded_by: str) -> dict[str, str]:
    """The metadata of a landed version that came by upload. S3 takes ASCII only, so the name is percent-encoded."""
    return {_ID: upload_id, _BY: quote(uploaded_by)}


def upload_id(metadata: Mapping[str, str]) -> str | None:
    """The upload by which a version came; None of one that was landed directly."""
    return metadata.get(_ID)


def uploaded_by(metadata: Mapping[str, str]) -> str | None:
    """Who uploaded a version; None of one that was landed directly."""
    return unquote(metadata[_BY]) if _BY in metadata else None
