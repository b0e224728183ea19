"""From a request to a view and back: what every answer has in common.

Every answer but a problem carries the release it came from as ETag, so that a reader who has it is told so.
"""

import base64
import re
from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any, get_type_hints
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.api.downloads import File
from functions.api.release import Releases
from functions.api.schemas import Answer, Continued
from functions.api.static import Static

Answering = Callable[..., Response[Any]]
"""Called with the parts of the path."""

SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
# Caches ask every time and are mostly told 304: nobody may see one release's list beside another's receipt.
ASK_AGAIN = {"Cache-Control": "public, no-cache"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_WORTH_COMPRESSING = 1_000


def answering(view: Callable[..., Any], releases: Releases, asked: Callable[[], APIGatewayProxyEventV2]) -> Answering:
    """A view as an answer to requests: it is given what its parameters name."""
    wanted = signature(view).parameters.keys()
    hints = cache(lambda: get_type_hints(view))

    def answer(**path: str) -> Response[Any]:
        event = asked()
        parameters = event.query_string_parameters or {}
        query = hints()["query"].read(parameters)
        release = releases.as_at(query.as_at)
        given = {"release": release, "releases": releases, "accept": event.headers.get("accept")}
        if "body" in wanted:
            given["body"] = hints()["body"].read(_sent(event))
        answered = view(query=query, **{name: one for name, one in given.items() if name in wanted}, **path)
        if isinstance(answered, File):
            return _file(event, answered)
        if "body" in wanted:
            told = SAFE | {"Cache-Control": "no-store", "X-Release-Id": release.id}
            return Response(200, "application/json", answered.model_dump_json(), headers=told)
        headers = ASK_AGAIN | {"X-Release-Id": release.id} | _following(answered, parameters)
        return fresh(event, "application/json", answered.tag(release.id), answered.model_dump_json, headers)

    return answer


def _sent(event: APIGatewayProxyEventV2) -> bytes:
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def fresh(
    event: APIGatewayProxyEventV2, kind: str, tag: str, body: Callable[[], str | bytes], headers: dict[str, str]
) -> Response[Any]:
    """The answer, unless the reader has it already or asked for its headers only."""
    headers = SAFE | headers | {"ETag": f'"{tag}"', "Vary": "Accept, Accept-Encoding, Origin"}
    if unchanged(event.headers.get("if-none-match"), tag):
        # an empty text: a body that is null is none of API Gateway's, and the local emulator fails on it
        return Response(304, body="", headers=headers)
    if event.http_method == "HEAD":
        return Response(200, kind, "", headers=headers)
    made = body()
    return Response(200, kind, made, headers=headers, compress=len(made) >= _WORTH_COMPRESSING)


def _file(event: APIGatewayProxyEventV2, file: File) -> Response[Any]:
    """A file, which never changes: it is named by its release."""
    headers = {"X-Release-Id": file.release_id, "Content-Disposition": f'attachment; filename="{file.name}"'}
    if file.location is not None:
        # Not for ever: the address is only good for some minutes.
        return Response(307, body="", headers=SAFE | headers | {"Location": file.location, "Cache-Control": "no-store"})
    body = file.body or b""
    charset = "; charset=utf-8" if file.media_type.startswith("text/") else ""
    return fresh(event, file.media_type + charset, file.name, lambda: body, FOR_EVER | headers)


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
    """What is the same for every release, as an answer."""

    def answer() -> Response[Any]:
        static = made()
        policy = {"Content-Security-Policy": static.policy} if static.policy else {}
        return fresh(asked(), static.media_type, static.tag, lambda: static.text, ASK_AGAIN | policy)

    return answer
