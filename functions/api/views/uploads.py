"""Uploads: a caller is given a form by which S3 takes one file, and nothing else, for one landing key.

The form writes to the incoming bucket, under the upload's id; ingest then lands the file, once, however often the form
is posted. So a leaked form cannot fill the landing bucket, of which nothing is ever deleted.
"""

from datetime import timedelta
from urllib.parse import urlencode

from functions.api.http.auth import Caller
from functions.api.http.bodies import Upload
from functions.api.http.context import RequestContext
from functions.api.http.problems import BadBody, Forbidden
from functions.api.http.queries import Nothing
from functions.api.http.quota import take
from functions.api.schemas.writes import UploadForm
from shared import keys
from shared.aws.observability import logger
from shared.keys import BadKey, Slot, key_hash
from shared.landing import uploads
from shared.landing.landing_keys import landing_key

SECONDS = 900
"""For how long a form can be used: S3 looks when an upload begins, so a slow one is not cut off."""

A_DAY = 500
"""How many uploads a caller may ask for on one day."""


def upload(context: RequestContext, caller: Caller, query: Nothing, body: Upload) -> UploadForm:
    """Where to send one file: an address and form fields that S3 accepts for one file of this size and type alone."""
    if body.dataset not in caller.datasets():
        scope = f"supply:{body.dataset}"
        raise Forbidden(f"To land files of {body.dataset}, the caller needs the scope {scope}.", scope=scope)
    try:
        key = landing_key(Slot(body.dataset, body.period, body.part or ""), body.file_name, body.dry_run)
    except BadKey as error:
        raise BadBody(str(error), field="dataset") from None
    now = context.now()
    asked_for = uploads.Upload(
        landing_key=key,
        content_type=body.content_type,
        size_bytes=body.size_bytes,
        uploaded_by=caller.name,
        requested_at=now,
    )
    first = f"{now:%Y-%m-%d}-{key_hash(caller.name)}-"
    number = take(
        context.data,
        lambda number: keys.upload(f"{first}{number:03d}"),
        f"{keys.UPLOADS}{first}",
        A_DAY,
        asked_for.model_dump_json().encode(),
        now,
        "uploads",
    )
    upload_id = f"{first}{number:03d}"
    url, fields = context.incoming.upload_form(upload_id, body.size_bytes, body.content_type, SECONDS)
    logger.info("upload asked for", upload_id=upload_id, landing_key=key, caller=caller.name)
    return UploadForm(
        upload_id=upload_id,
        landing_key=key,
        url=url,
        form_fields=fields,
        expires_at=(now + timedelta(seconds=SECONDS)).replace(microsecond=0),
        size_bytes=body.size_bytes,
        content_type=body.content_type,
        receipts=f"/v1/receipts?{urlencode({'landing_key': key})}",
        words="Send the form to the address by POST as multipart/form-data: the fields as they are, then the file as "
        "the field `file`. S3 answers 204. The receipt follows within a minute, at the address `receipts`, with this "
        "upload_id. The form lands one file: once that is landed, what the form is used for again is ignored.",
    )
