"""The API: the published release over HTTP."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.api.http import problems
from functions.api.http.context import RequestContext
from functions.api.http.problems import UNFORESEEN, NotFound, Problem, WrongMethod
from functions.api.http.static import STATIC
from functions.api.list_files import FILES, returns_list
from functions.api.release import Releases
from functions.api.respond import Responder, release_responder, static_responder
from functions.api.routes import ROUTES
from functions.api.sign_in.responders import responders as sign_in_responders
from functions.api.sign_in.sign_in import SignIn
from shared.aws.observability import Measured, count, flushed, logger
from shared.aws.settings import ApiSettings
from shared.aws.store import API, Store, client

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda entry point: one request of the HTTP API, payload format 2.0."""
    with flushed():
        return _application().resolve(event, context)


@cache
def _application() -> APIGatewayHttpResolver:
    settings = ApiSettings.from_env()
    s3 = client("s3", API)
    incoming, landing, data = (
        Store(bucket, s3) for bucket in (settings.incoming_bucket, settings.landing_bucket, settings.data_bucket)
    )
    releases = Releases(data, settings.pointer_seconds, time.monotonic)
    context = RequestContext(incoming, landing, data, lambda: datetime.now(UTC), settings.people_client, settings.pages)
    return application(releases, context, open_read=settings.open_read, sign_in=SignIn.of(settings, context.now))


def application(
    releases: Releases, context: RequestContext, *, open_read: bool, sign_in: SignIn | None = None
) -> APIGatewayHttpResolver:
    """All endpoints, answered from `releases` and `context`. `open_read`: whether reading needs no token. `sign_in`:
    how people sign in, if they can.

    API Gateway handles CORS: it answers preflight requests, and replaces any CORS headers that a function returns.
    """
    app = APIGatewayHttpResolver()

    def current_event() -> APIGatewayProxyEventV2:
        return app.current_event

    responders: dict[str, dict[str, Responder]] = {
        path: {"GET": static_responder(static, current_event)} for path, static in STATIC.items()
    }
    if sign_in is not None:
        responders |= {path: {**by_method} for path, by_method in sign_in_responders(sign_in, current_event).items()}
    for route in ROUTES:
        # A path with the extension of a file comes first: the last part of the path without it would match it too.
        for extension in FILES if returns_list(route) else ():
            responder = release_responder(route, releases, context, open_read, current_event, extension)
            responders[rf"{route.path}\.{extension}"] = {"GET": responder}
        responder = release_responder(route, releases, context, open_read, current_event)
        responders.setdefault(route.path, {})[route.method] = responder
    for path, by_method in responders.items():
        if "GET" in by_method:
            by_method["HEAD"] = by_method["GET"]
        for method, responder in by_method.items():
            app.route(path, method=method)(responder)
        others = [method for method in _METHODS if method not in by_method]
        app.route(path, method=others)(_wrong_method(by_method))

    @app.not_found
    def no_such_endpoint(_error: Exception) -> Response[str]:
        addresses = list(dict.fromkeys(route.path for route in ROUTES))
        return problems.response(NotFound("No such endpoint; see `addresses`.", addresses=addresses))

    app.exception_handler(Exception)(_failed)
    return app


def _wrong_method(methods: Iterable[str]) -> Responder:
    allowed = ", ".join(methods)

    def refuse(**_path: str) -> Response[str]:
        raise WrongMethod(f"This endpoint accepts only: {allowed}.", allowed)

    return refuse


def _failed(error: Exception) -> Response[str]:
    answer = problems.response(error)
    if answer.status_code == UNFORESEEN:  # Lambda's own error metric does not count it: the function returns normally
        count(Measured.UNFORESEEN_ERRORS)
    if not isinstance(error, Problem):
        logger.exception("request failed", exc_info=error)
    return answer
