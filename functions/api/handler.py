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
from functions.api.release import Releases
from functions.api.respond import Answering, answering, still
from functions.api.routes import ROUTES
from shared.aws.observability import Measured, count, flushed, logger
from shared.aws.settings import ApiSettings
from shared.aws.store import API, Store, client

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda entry point: one request of the HTTP API, payload format 2.0."""
    with flushed():
        return _published().resolve(event, context)


@cache
def _published() -> APIGatewayHttpResolver:
    settings = ApiSettings.from_env()
    s3 = client("s3", API)
    incoming, landing, data = (
        Store(bucket, s3) for bucket in (settings.incoming_bucket, settings.landing_bucket, settings.data_bucket)
    )
    releases = Releases(data, settings.pointer_seconds, time.monotonic)
    context = RequestContext(incoming, landing, data, lambda: datetime.now(UTC))
    return application(releases, context, open_read=settings.open_read)


def application(releases: Releases, context: RequestContext, *, open_read: bool) -> APIGatewayHttpResolver:
    """Every address, answered from `releases` and `context`. `open_read`: whether reading takes no token.

    CORS is the gateway's: it answers preflights, and replaces whatever CORS headers a function returns.
    """
    app = APIGatewayHttpResolver()

    def asked() -> APIGatewayProxyEventV2:
        return app.current_event

    answers: dict[str, dict[str, Answering]] = {path: {"GET": still(made, asked)} for path, made in STATIC.items()}
    for route in ROUTES:
        answers.setdefault(route.path, {})[route.method] = answering(route, releases, context, open_read, asked)
    for path, by_method in answers.items():
        if "GET" in by_method:
            by_method["HEAD"] = by_method["GET"]
        for method, answer in by_method.items():
            app.route(path, method=method)(answer)
        refused = [method for method in _METHODS if method not in by_method]
        app.route(path, method=refused)(_refusing(by_method))

    @app.not_found
    def nowhere(_error: Exception) -> Response[str]:
        told = "There is nothing at this address. The addresses are listed."
        return problems.response(NotFound(told, addresses=list(dict.fromkeys(route.path for route in ROUTES))))

    app.exception_handler(Exception)(_failed)
    return app


def _refusing(by_method: Iterable[str]) -> Answering:
    allowed = ", ".join(by_method)

    def refuse(**_path: str) -> Response[str]:
        raise WrongMethod(f"This address takes {allowed} only.", allowed)

    return refuse


def _failed(error: Exception) -> Response[str]:
    answer = problems.response(error)
    if answer.status_code == UNFORESEEN:  # Lambda sees an answer like any other
        count(Measured.UNFORESEEN_ERRORS)
    if not isinstance(error, Problem):
        logger.exception("request failed", exc_info=error)
    return answer
