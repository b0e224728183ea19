"""From a request to a view and back: what every answer has in common.

Every answer but a problem carries the release it came from as ETag, so that a reader who has it is told so. ETags are
weak: the compressed and the plain body share one, and a strong ETag would promise equal bytes (RFC 9110, 8.8.3).
"""

import base64
import gzip
import re
from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any, get_type_hints
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.api.http.auth import authorise, caller_of
from functions.api.http.context import RequestContext
from functions.api.http.negotiation import takes_gzip
from functions.api.http.problems import BadBody
from functions.api.http.queries import PageQuery, Query
from functions.api.http.route import Route
from functions.api.http.static import Static
from functions.api.release import Releases
from functions.api.release_pages import pinned, release_and_page
from functions.api.schemas.figures import Answer, Continued
from functions.api.table_files import MEDIA_TYPES, File

Answering = Callable[..., Response[Any]]
"""Called with the parts of the path."""

SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
# Caches ask every time and are mostly told 304: nobody may see one release's list beside another's receipt.
_ASK_AGAIN = "no-cache"
_FOR_EVER = "max-age=31536000, immutable"
_WORTH_COMPRESSING = 1_000
_COMPRESSED_ALREADY = frozenset({MEDIA_TYPES["parquet"], MEDIA_TYPES["xlsx"]})


def answering(
    route: Route,
    releases: Releases,
    context: RequestContext,
    open_read: bool,
    asked: Callable[[], APIGatewayProxyEventV2],
) -> Answering:
    """A route's view as an answer to those who have its scope: it is given what its parameters name."""
    view = route.view
    wanted = signature(view).parameters.keys()
    hints = cache(lambda: get_type_hints(view))
    # What not everybody may read is in no cache that is shared.
    may_keep = "public" if open_read else "private"

    def answer(**path: str) -> Response[Any]:
        event = asked()
        caller = caller_of(event.raw_event)
        authorise(caller, route.scope, open_read)
        parameters = event.query_string_parameters or {}
        query = hints()["query"].read(parameters)
        release = None
        if isinstance(query, PageQuery):
            release, query = release_and_page(query, releases, context.now)
        elif isinstance(query, Query):
            release = releases.as_at(query.as_at)
        given = {
            "release": release,
            "releases": releases,
            "context": context,
            "caller": caller,
            "accept": event.headers.get("accept"),
        }
        if "body" in wanted:
            given["body"] = hints()["body"].read(_sent(event))
        answered = view(query=query, **{name: one for name, one in given.items() if name in wanted}, **path)
        if isinstance(answered, File):
            return _file(event, answered, may_keep)
        if release and isinstance(query, PageQuery) and answered.next_cursor:
            answered = answered.model_copy(update={"next_cursor": pinned(release.id, answered.next_cursor)})
            parameters = parameters | {"as_at": release.id}
        headers = _following(answered, parameters) | ({"X-Release-Id": release.id} if release else {})
        if "body" in wanted or release is None:
            return _kept_by_nobody(event, "application/json", answered.model_dump_json(), headers)
        headers |= {"Cache-Control": f"{may_keep}, {_ASK_AGAIN}"}
        return fresh(event, "application/json", answered.tag(release.id), answered.model_dump_json, headers)

    return answer


def _sent(event: APIGatewayProxyEventV2) -> bytes:
    body = event.get("body") or ""
    try:
        return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    except ValueError:  # neither base64 nor a text that UTF-8 can hold
        raise BadBody("The body cannot be read.", field="") from None


def _kept_by_nobody(
    event: APIGatewayProxyEventV2, kind: str, body: str | bytes, headers: dict[str, str]
) -> Response[Any]:
    """What is true of this moment or for this caller only."""
    return _whole(event, kind, lambda: body, SAFE | headers | {"Cache-Control": "no-store"})


def fresh(
    event: APIGatewayProxyEventV2,
    kind: str,
    tag: str,
    body: Callable[[], str | bytes],
    headers: dict[str, str],
    compress: Callable[[str | bytes], bytes] | None = None,
) -> Response[Any]:
    """The answer, unless the reader has it already or asked for its headers only."""
    headers = SAFE | headers | {"ETag": f'W/"{tag}"', "Vary": "Accept, Accept-Encoding, Origin"}
    if unchanged(event.headers.get("if-none-match"), tag):
        # an empty text: a body that is null is none of API Gateway's, and the local emulator fails on it
        return Response(304, body="", headers=headers)
    return _whole(event, kind, body, headers, compress)


def _whole(
    event: APIGatewayProxyEventV2,
    kind: str,
    body: Callable[[], str | bytes],
    headers: dict[str, str],
    compress: Callable[[str | bytes], bytes] | None = None,
) -> Response[Any]:
    """A 200, compressed where that is worth it and the reader accepts gzip.

    Powertools' own `compress` looks for the letters `gzip` in the header, so it compresses for `gzip;q=0` too.
    """
    if event.http_method == "HEAD":
        return Response(200, kind, "", headers=headers)
    made = body()
    worth = len(made) >= _WORTH_COMPRESSING and kind not in _COMPRESSED_ALREADY
    if not (worth and takes_gzip(event.headers.get("accept-encoding"))):
        return Response(200, kind, made, headers=headers)
    packed = base64.b64encode((compress or gzipped)(made)).decode()
    answer = Response(200, kind, packed, headers=headers | {"Content-Encoding": "gzip"})
    answer.base64_encoded = True
    return answer


def gzipped(body: str | bytes) -> bytes:
    """A body as gzip: the same bytes for the same body."""
    return gzip.compress(body.encode() if isinstance(body, str) else body, mtime=0)


def _file(event: APIGatewayProxyEventV2, file: File, may_keep: str) -> Response[Any]:
    """A file. One of a release never changes: it is named by it."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    charset = "; charset=utf-8" if file.media_type.startswith("text/") else ""
    body = file.body or b""
    if file.release_id is None:
        return _kept_by_nobody(event, file.media_type + charset, body, headers)
    headers |= {"X-Release-Id": file.release_id}
    if file.location is not None:
        # Not for ever: the address is only good for some minutes.
        return Response(307, body="", headers=SAFE | headers | {"Location": file.location, "Cache-Control": "no-store"})
    headers |= {"Cache-Control": f"{may_keep}, {_FOR_EVER}"}
    return fresh(event, file.media_type + charset, file.name, lambda: body, headers)


def unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether If-None-Match names this tag: a list, weak tags and `*` count (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or tag in re.findall(r'"([^"]*)"', if_none_match)


def _following(answer: Answer, parameters: dict[str, str]) -> dict[str, str]:
    """The link to the next page, relative to the address asked, wherever that stands."""
    if not isinstance(answer, Continued) or answer.next_cursor is None:
        return {}
    query = urlencode({**parameters, "cursor": answer.next_cursor})
    return {"Link": f'<?{query}>; rel="next"'}


def still(made: Callable[[], Static], asked: Callable[[], APIGatewayProxyEventV2]) -> Answering:
    """What is the same for every release, as an answer. It is compressed once in the life of a process."""
    compress = cache(gzipped)

    def answer() -> Response[Any]:
        static = made()
        headers = {"Cache-Control": f"public, {_FOR_EVER if static.versioned else _ASK_AGAIN}"}
        if static.policy:
            headers["Content-Security-Policy"] = static.policy
        return fresh(asked(), static.media_type, static.tag, lambda: static.text, headers, compress)

    return answer
