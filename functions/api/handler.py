"""The API: the published release over HTTP, and the page that shows it.

Every answer but a problem carries the release it came from as ETag, so that a reader who has it is told so.
"""

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.api import problems
from functions.api.problems import NotFound, WrongMethod
from functions.api.release import Releases
from functions.api.routes import ROUTES, View
from shared.observability import logger
from shared.settings import ApiSettings
from shared.store import Store

_OTHER_METHODS = ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_CACHE = "public, max-age=30, stale-while-revalidate=300"
_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda entry point: one request of the HTTP API, payload format 2.0."""
    return _published().resolve(event, context)


@cache
def _published() -> APIGatewayHttpResolver:
    settings = ApiSettings.from_env()
    return application(Releases(Store(settings.data_bucket), settings.pointer_seconds, time.monotonic))


def application(releases: Releases) -> APIGatewayHttpResolver:
    """Every address, answered from `releases`."""
    app = APIGatewayHttpResolver()

    def reading(view: View) -> Callable[..., Response[str]]:
        def read(**path: str) -> Response[str]:
            try:
                release = releases.current()
                parameters = app.current_event.query_string_parameters or {}
                body = view(release, parameters, **path)
                headers = _SAFE | {"ETag": f'"{release.id}"', "Cache-Control": _CACHE, "X-Release-Id": release.id}
                if unchanged(app.current_event.headers.get("if-none-match"), release.id):
                    return Response(304, body="", headers=headers)
                text = json.dumps(body, ensure_ascii=False, allow_nan=False, default=_plain)
                return Response(200, "application/json", text, headers=headers)
            except Exception as error:  # the last resort: nothing of an unforeseen cause may reach the reader
                return _failed(error)

        return read

    def refuse(**_path: str) -> Response[str]:
        return _failed(WrongMethod("This address can only be read: use GET."))

    for path, view in {**ROUTES, "/": None}.items():
        app.get(path)(reading(view) if view else page)
        app.route(path, method=_OTHER_METHODS)(refuse)

    @app.not_found
    def nowhere(_error: Exception) -> Response[str]:
        return _failed(NotFound("There is nothing at this address. The addresses are listed.", addresses=list(ROUTES)))

    return app


def _failed(error: Exception) -> Response[str]:
    if not isinstance(error, problems.Problem):
        logger.exception("request failed", exc_info=error)
    return problems.response(error)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def unchanged(if_none_match: str | None, release_id: str) -> bool:
    """Whether If-None-Match names this release: a list, weak tags and `*` count (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    tags = re.findall(r'(?:W/)?"([^"]*)"', if_none_match)
    return if_none_match.strip() == "*" or release_id in tags


@cache
def _page() -> tuple[str, str]:
    """The page and its content security policy, which admits the page's own style and script by hash and no other."""
    text = Path(__file__).with_name("page.html").read_text("utf-8")
    sources = {}
    for tag in ("style", "script"):
        inside = text.split(f"<{tag}>", 1)[1].split(f"</{tag}>", 1)[0]
        sources[tag] = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{sources['style']}'; script-src 'sha256-{sources['script']}'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text, policy


def page() -> Response[str]:
    """The page for people; it reads the same addresses as everyone."""
    text, policy = _page()
    headers = _SAFE | {"Content-Security-Policy": policy, "Cache-Control": "public, max-age=300"}
    return Response(200, "text/html; charset=utf-8", text, headers=headers)
