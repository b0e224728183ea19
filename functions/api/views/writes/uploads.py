"""Uploads: the caller gets a presigned form, with which S3 accepts one file for one landing key.

The form writes to the incoming bucket, under the upload's id. Ingest then lands the file once, however often the form
is posted, so a leaked form cannot fill the landing bucket, from which nothing is ever deleted.
"""

from datetime import timedelta
from urllib.parse import urlencode

from functions.api.http.auth import Caller
from functions.api.http.bodies import UploadBody
from functions.api.http.context import RequestContext
from functions.api.http.own_pages import page_at
from functions.api.http.problems import BadBody, Forbidden
from functions.api.http.queries import NoParameters
from functions.api.http.quota import write_within_limit
from functions.api.schemas.writes import UploadForm
from shared import keys
from shared.aws.observability import logger
from shared.keys import BadKey, Slot, key_hash
from shared.landing import uploads
from shared.landing.landing_keys import LARGEST, landing_key

SECONDS = 900
"""How long a form is valid. S3 checks this when an upload starts, so a slow upload is not interrupted."""

A_DAY = 500
"""How many forms a caller can get in a day."""


def upload(context: RequestContext, caller: Caller, host: str, query: NoParameters, body: UploadBody) -> UploadForm:
    """Get a form for uploading one file. S3 accepts only a file of this type and, if it is announced, of this size."""
    if body.dataset not in caller.datasets():
        scope = f"supply:{body.dataset}"
        raise Forbidden(f"The token lacks the scope {scope}.", scope=scope)
    try:
        key = landing_key(Slot(body.dataset, body.period, body.part or ""), body.file_name, body.dry_run)
    except BadKey as error:
        raise BadBody(str(error), field="dataset") from None
    page = page_at(context.pages, host)
    if body.return_to and page is None:
        raise BadBody("There is no page to return to at this address of the service.", field="return_to")
    now = context.now()
    request = uploads.Upload(
        landing_key=key,
        content_type=body.content_type,
        size_bytes=body.size_bytes,
        uploaded_by=caller.name,
        requested_at=now,
    )
    prefix = f"{now:%Y-%m-%d}-{key_hash(caller.name)}-"
    number = write_within_limit(
        context.data,
        lambda number: keys.upload(f"{prefix}{number:03d}"),
        f"{keys.UPLOADS}{prefix}",
        A_DAY,
        request.model_dump_json().encode(),
        now,
        "uploads",
    )
    upload_id = f"{prefix}{number:03d}"
    sizes = (body.size_bytes or 1, body.size_bytes or LARGEST)
    return_to = f"{page}{body.return_to}" if body.return_to else None
    url, fields = context.incoming.upload_form(upload_id, sizes, body.content_type, SECONDS, return_to)
    logger.info("upload form issued", upload_id=upload_id, landing_key=key)
    return UploadForm(
        upload_id=upload_id,
        landing_key=key,
        url=url,
        form_fields=fields,
        expires_at=(now + timedelta(seconds=SECONDS)).replace(microsecond=0),
        size_bytes=body.size_bytes,
        content_type=body.content_type,
        progress=f"/v1/uploads/{upload_id}",
        receipts=f"/v1/receipts?{urlencode({'landing_key': key})}",
        words="POST a multipart/form-data body to `url`: the form fields unchanged, then the file in the field `file`. "
        "S3 answers 204 or, with return_to, 303. `progress` says how far the file is. Within a minute the file's "
        "receipt is at `receipts`, with this upload_id. The form lands one file; once it has landed, further uploads "
        "with the form are ignored.",
    )
