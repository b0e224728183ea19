"""The API: the published release over HTTP, and the page that shows it.

Every answer but a problem carries the release it came from as ETag, so that a reader who has it is told so.
"""

import base64
import hashlib
import re
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.api import problems
from functions.api.problems import NotFound, Problem, WrongMethod
from functions.api.queries import Query
from functions.api.release import Releases
from functions.api.routes import ROUTES, View
from functions.api.schemas import Answer, Page
from shared.observability import logger
from shared.settings import ApiSettings
from shared.store import Store

_READ = ["GET", "HEAD"]
_OTHER_METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
# Caches ask every time and are mostly told 304: nobody may see one release's list beside another's receipt.
_CACHE = {"Cache-Control": "public, no-cache"}


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
        asked: type[Query] = get_type_hints(view)["query"]

        def read(**path: str) -> Response[str]:
            release = releases.current()
            parameters = app.current_event.query_string_parameters or {}
            answer: Answer = view(release, asked.read(parameters), **path)
            headers = {"X-Release-Id": release.id, **_following(answer, parameters)}
            return fresh("application/json", answer.tag(release.id), answer.model_dump_json, headers)

        return read

    def page() -> Response[str]:
        text, tag, policy = _page()
        return fresh("text/html; charset=utf-8", tag, lambda: text, {"Content-Security-Policy": policy})

    def fresh(kind: str, tag: str, body: Callable[[], str], headers: dict[str, str]) -> Response[str]:
        """The answer, unless the reader has it already or asked for its headers only."""
        headers = _SAFE | _CACHE | headers | {"ETag": f'"{tag}"'}
        if unchanged(app.current_event.headers.get("if-none-match"), tag):
            # an empty text: a body that is null is none of API Gateway's, and the local emulator fails on it
            return Response(304, body="", headers=headers)
        return Response(200, kind, "" if app.current_event.http_method == "HEAD" else body(), headers=headers)

    for path, answer in {"/": page, **{path: reading(view) for path, view in ROUTES.items()}}.items():
        app.route(path, method=_READ)(answer)
        app.route(path, method=_OTHER_METHODS)(_refuse)

    @app.not_found
    def nowhere(_error: Exception) -> Response[str]:
        return problems.response(
            NotFound("There is nothing at this address. The addresses are listed.", addresses=[*ROUTES])
        )

    app.exception_handler(Exception)(_failed)
    return app


def _refuse(**_path: str) -> Response[str]:
    raise WrongMethod("This address can only be read: use GET.")


def _failed(error: Exception) -> Response[str]:
    if not isinstance(error, Problem):
        logger.exception("request failed", exc_info=error)
    return problems.response(error)


def unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether If-None-Match names this tag: a list, weak tags and `*` count (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or tag in re.findall(r'"([^"]*)"', if_none_match)


def _following(answer: Answer, parameters: dict[str, str]) -> dict[str, str]:
    """The link to the next page, relative to the address asked, wherever that stands."""
    if not isinstance(answer, Page) or answer.next_cursor is None:
        return {}
    query = urlencode({**parameters, "cursor": answer.next_cursor})
    return {"Link": f'<?{query}>; rel="next"'}


@cache
def _page() -> tuple[str, str, str]:
    """The page, its tag, and its content security policy, which admits its own style and script by hash alone."""
    text = Path(__file__).with_name("page.html").read_text("utf-8")
    sources = {}
    for tag in ("style", "script"):
        inside = text.split(f"<{tag}>", 1)[1].split(f"</{tag}>", 1)[0]
        sources[tag] = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{sources['style']}'; script-src 'sha256-{sources['script']}'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text, hashlib.sha256(text.encode()).hexdigest()[:32], policy
