"""Uploads: a caller is given the one landing key that its file may have, and a form that S3 takes for nothing else."""

from datetime import timedelta
from urllib.parse import urlencode

from functions.api.bodies import Upload
from functions.api.callers import Caller
from functions.api.desk import Desk
from functions.api.problems import BadBody, Forbidden
from functions.api.queries import Nothing
from functions.api.schemas_writes import UploadForm
from shared.keys import BadKey, Slot
from shared.landing import landing_key

SECONDS = 900
"""For how long a form can be used: S3 looks when an upload begins, so a slow one is not cut off."""


def upload(desk: Desk, caller: Caller, query: Nothing, body: Upload) -> UploadForm:
    """Where to put one file: an address and form fields that S3 accepts for this landing key, size and type alone."""
    if body.dataset not in caller.datasets():
        scope = f"supply:{body.dataset}"
        raise Forbidden(f"To land files of {body.dataset}, the caller needs the scope {scope}.", scope=scope)
    try:
        key = landing_key(Slot(body.dataset, body.period, body.part or ""), body.file_name, body.dry_run)
    except BadKey as error:
        raise BadBody(str(error), field="dataset") from None
    expires = desk.now() + timedelta(seconds=SECONDS)
    url, fields = desk.landing.upload_form(key, body.size_bytes, body.content_type, SECONDS)
    return UploadForm(
        landing_key=key,
        url=url,
        form_fields=fields,
        expires_at=expires.replace(microsecond=0),
        size_bytes=body.size_bytes,
        content_type=body.content_type,
        receipts=f"/v1/receipts?{urlencode({'landing_key': key})}",
        words="Send the form to the address by POST as multipart/form-data: the fields as they are, then the file as "
        "the field `file`. S3 answers 204; the version id in its header x-amz-version-id is that of the receipt, which "
        "follows within a minute.",
    )
