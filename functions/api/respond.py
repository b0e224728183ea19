"""From a request to a view, and from its result to a response: authorisation, parameters, caching, compression.

The ETag of an answer is the id of its release, so a client with the same release gets a 304. ETags are weak: compressed
and uncompressed bodies share one, and a strong ETag would promise equal bytes (RFC 9110, 8.8.3).
"""

import base64
import gzip
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.api.answers import answer_of, release_shown, takes_body
from functions.api.http.auth import OPERATE, Caller, authorise, caller_of
from functions.api.http.context import RequestContext
from functions.api.http.methods import Responder
from functions.api.http.negotiation import takes_gzip
from functions.api.http.own_pages import host_of
from functions.api.http.problems import BadBody
from functions.api.http.route import ApiRoute
from functions.api.http.static import Static
from functions.api.list_files import JSON, KINDS, kind_of, list_file, returns_list
from functions.api.release import Releases
from functions.api.schemas.base import Answer, CursorPage
from functions.api.table_files import MEDIA_TYPES, File
from shared.formatting import instant

SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
# Caches revalidate every time, mostly with a 304: a page must not combine answers from two releases.
_REVALIDATE = "no-cache"
IMMUTABLE = "max-age=31536000, immutable"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,60}")
"""A part of a path that may stand in a file's name."""
_COMPRESS_FROM_BYTES = 1_000
_ALREADY_COMPRESSED = frozenset({MEDIA_TYPES["parquet"], MEDIA_TYPES["xlsx"]})


def release_responder(
    route: ApiRoute,
    releases: Releases,
    context: RequestContext,
    open_read: bool,
    current_event: Callable[[], APIGatewayProxyEventV2],
    extension: str = "",
    caller_from: Callable[[Mapping[str, Any]], Caller] | None = None,
) -> Responder:
    """The responder of a route: it checks the scope, and calls the view with the arguments that its parameters name.

    `extension` is that of the path, for a list as a file. `caller_from`: who asks, from the event, if not the caller of
    its token.
    """
    # A shared cache must not hold answers that need a token.
    cache_scope = "public" if open_read else "private"

    def respond(**path: str) -> Response[Any]:
        event = current_event()
        raw = event.raw_event
        caller = caller_from(raw) if caller_from else caller_of(raw, context.people_client)
        authorise(caller, route.scope, open_read)
        if caller.may(OPERATE):
            releases.renew()
        parameters = event.query_string_parameters or {}
        accept = event.headers.get("accept")
        kind = kind_of(extension, accept) if returns_list(route) else JSON
        answer, opened, paged = answer_of(
            route,
            releases,
            context,
            caller,
            parameters,
            path,
            accept=accept,
            host=host_of(event.raw_event),
            body=lambda: body_of(event),
            every_row=kind != JSON,
        )
        if isinstance(answer, File):
            published_at = releases.published_at(answer.release_id) if answer.release_id else None
            return _file_response(event, answer, published_at, cache_scope)
        if opened is None:
            return _uncached(event, "application/json", answer.model_dump_json(), _next_link(answer, parameters))
        release = opened.release
        headers = _next_link(answer, parameters | ({"as_at": release.id} if paged else {}))
        release_id, published_at = release_shown(answer, opened, releases)
        headers |= _release_headers(release_id, published_at)
        if takes_body(route):
            return _uncached(event, "application/json", answer.model_dump_json(), headers)
        headers |= {"Cache-Control": f"{cache_scope}, {_REVALIDATE}"}
        tag = answer.tag(release.id)
        if kind == JSON:
            return with_etag(event, "application/json", tag, answer.model_dump_json, headers)
        name = "-".join(["headroom", release_id[:8], route.view.__name__, *filter(_PLAIN.fullmatch, path.values())])
        headers |= _attachment(f"{name}.{kind}")
        # The file says when its release was published, which changes if that becomes the current one again.
        tag = f"{tag}.{published_at and published_at.timestamp()}.{kind}"
        return with_etag(
            event,
            _with_charset(KINDS[kind]),
            tag,
            lambda: list_file(answer, kind, release_id, published_at),
            headers,
        )

    return respond


def _release_headers(release_id: str, published_at: datetime | None) -> dict[str, str]:
    """The release that an answer comes from, and when it was published, if it was."""
    if published_at is None:
        return {"X-Release-Id": release_id}
    return {"X-Release-Id": release_id, "X-Release-Published": instant(published_at)}


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def body_of(event: APIGatewayProxyEventV2) -> bytes:
    body = event.get("body") or ""
    try:
        return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    except ValueError:  # neither base64 nor a text that UTF-8 can encode
        raise BadBody("Invalid body: it is not UTF-8 text.", field="") from None


def _uncached(
    event: APIGatewayProxyEventV2, media_type: str, body: str | bytes, headers: dict[str, str]
) -> Response[Any]:
    """An answer for this moment or this caller only."""
    return full_response(event, media_type, lambda: body, SAFE | headers | {"Cache-Control": "no-store"})


def with_etag(
    event: APIGatewayProxyEventV2,
    media_type: str,
    tag: str,
    body: Callable[[], str | bytes],
    headers: dict[str, str],
    compress: Callable[[str | bytes], bytes] | None = None,
) -> Response[Any]:
    """The answer with the ETag `tag`, or a 304 if the client has it already. `body` is called only if it is needed."""
    headers = SAFE | headers | {"ETag": f'W/"{tag}"', "Vary": "Accept, Accept-Encoding, Origin"}
    if etag_matches(event.headers.get("if-none-match"), tag):
        # An empty text, because the local emulator fails on a null body.
        return Response(304, body="", headers=headers)
    return full_response(event, media_type, body, headers, compress)


def full_response(
    event: APIGatewayProxyEventV2,
    media_type: str,
    body: Callable[[], str | bytes],
    headers: dict[str, str],
    compress: Callable[[str | bytes], bytes] | None = None,
    status: int = 200,
) -> Response[Any]:
    """An answer, compressed if the body is large enough and the client accepts gzip; without a body for HEAD.

    Powertools' own `compress` only looks for the letters `gzip` in the header, so it would compress for `gzip;q=0` too.
    """
    if event.http_method == "HEAD":
        return Response(status, media_type, "", headers=headers)
    content = body()
    compressible = len(content) >= _COMPRESS_FROM_BYTES and media_type not in _ALREADY_COMPRESSED
    if not (compressible and takes_gzip(event.headers.get("accept-encoding"))):
        return Response(status, media_type, content, headers=headers)
    encoded = base64.b64encode((compress or gzipped)(content)).decode()
    response = Response(status, media_type, encoded, headers=headers | {"Content-Encoding": "gzip"})
    response.base64_encoded = True
    return response


def gzipped(body: str | bytes) -> bytes:
    """A body compressed by gzip; the same bytes for the same body."""
    return gzip.compress(body.encode() if isinstance(body, str) else body, mtime=0)


def _file_response(
    event: APIGatewayProxyEventV2, file: File, published_at: datetime | None, cache_scope: str
) -> Response[Any]:
    """A file, or a redirect to it. A file of a release never changes, and its name contains the release's id."""
    headers, media_type = _attachment(file.name), _with_charset(file.media_type)
    body = file.body or b""
    if file.release_id is None:
        return _uncached(event, media_type, body, headers)
    headers |= _release_headers(file.release_id, published_at)
    if file.location is not None:
        # The address expires after some minutes, so the redirect must not be cached.
        return Response(307, body="", headers=SAFE | headers | {"Location": file.location, "Cache-Control": "no-store"})
    headers |= {"Cache-Control": f"{cache_scope}, {IMMUTABLE}"}
    return with_etag(event, media_type, file.name, lambda: body, headers)


def etag_matches(if_none_match: str | None, tag: str) -> bool:
    """Whether If-None-Match contains the tag; it may be a list, weak tags or `*` (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or tag in re.findall(r'"([^"]*)"', if_none_match)


def _next_link(answer: Answer, parameters: dict[str, str]) -> dict[str, str]:
    """The header Link to the next page, relative to the request's own address."""
    if not isinstance(answer, CursorPage) or answer.next_cursor is None:
        return {}
    query = urlencode({**parameters, "cursor": answer.next_cursor})
    return {"Link": f'<?{query}>; rel="next"'}


def static_responder(static_of: Callable[[], Static], current_event: Callable[[], APIGatewayProxyEventV2]) -> Responder:
    """The responder of a text that does not depend on a release. The text is compressed once per process."""
    compress = cache(gzipped)

    def respond() -> Response[Any]:
        static = static_of()
        headers = {"Cache-Control": f"public, {IMMUTABLE if static.versioned else _REVALIDATE}"}
        if static.policy:
            headers["Content-Security-Policy"] = static.policy
        return with_etag(current_event(), static.media_type, static.tag, lambda: static.text, headers, compress)

    return respond
