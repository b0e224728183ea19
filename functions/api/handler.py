"""The API and the web client: the published release over HTTP."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.api.http import problems
from functions.api.http.auth import Caller
from functions.api.http.context import RequestContext
from functions.api.http.methods import Responder, add_routes
from functions.api.http.problems import UNFORESEEN, NotFound, Problem
from functions.api.http.static import STATIC
from functions.api.list_files import FILES, returns_list
from functions.api.release import Releases
from functions.api.respond import release_responder, static_responder
from functions.api.routes import ROUTES
from shared.aws.observability import Measured, count, flushed, logger
from shared.aws.settings import ApiSettings
from shared.aws.store import API, Store, client

if TYPE_CHECKING:
    from functions.api.sign_in.sign_in import SignIn

_API = "/v1/"


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda entry point: one request of the HTTP API, payload format 2.0."""
    with flushed():
        return _application().resolve(event, context)


@cache
def _application() -> "Application":
    settings = ApiSettings.from_env()
    s3 = client("s3", API)
    incoming, landing, data = (
        Store(bucket, s3) for bucket in (settings.incoming_bucket, settings.landing_bucket, settings.data_bucket)
    )
    releases = Releases(data, settings.pointer_seconds, time.monotonic)
    context = RequestContext(incoming, landing, data, lambda: datetime.now(UTC), settings.people_client, settings.pages)
    return application(
        releases,
        context,
        open_read=settings.open_read,
        build=settings.build,
        sign_in=partial(_sign_in, settings, context.now),
    )


def _sign_in(settings: ApiSettings, clock: Callable[[], datetime]) -> "SignIn | None":
    from functions.api.sign_in.sign_in import SignIn

    return SignIn.of(settings, clock)


def application(
    releases: Releases,
    context: RequestContext,
    *,
    open_read: bool,
    build: str = "",
    sign_in: "Callable[[], SignIn | None]" = lambda: None,
) -> "Application":
    """All addresses, answered from `releases` and `context`. `open_read`: whether reading needs no token; `build`: a
    text that every deployment changes; `sign_in`: how people sign in, if they can."""
    return Application(releases, context, open_read, build, sign_in)


class Application:
    """The API's endpoints, and the pages, which are imported with the first request for one: a cold start of the API
    does not wait for templates.

    API Gateway handles CORS: it answers preflight requests, and replaces any CORS headers that a function returns.
    """

    def __init__(
        self,
        releases: Releases,
        context: RequestContext,
        open_read: bool,
        build: str,
        sign_in: "Callable[[], SignIn | None]",
    ) -> None:
        self._build = build
        self._sign_in = sign_in
        self._releases = releases
        self._context = context
        self._open_read = open_read

    def resolve(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The answer to one request."""
        path = event.get("rawPath", "")
        resolver = self._endpoints if path.startswith(_API) or path in STATIC else self._pages
        return resolver.resolve(event, context)

    @cached_property
    def _endpoints(self) -> APIGatewayHttpResolver:
        app = APIGatewayHttpResolver()

        def current_event() -> APIGatewayProxyEventV2:
            return app.current_event

        responders: dict[str, dict[str, Responder]] = {
            path: {"GET": static_responder(static, current_event)} for path, static in STATIC.items()
        }
        for route in ROUTES:
            # A path with the extension of a file comes first: the last part of the path without it would match it too.
            for extension in FILES if returns_list(route) else ():
                responders[rf"{route.path}\.{extension}"] = {
                    "GET": release_responder(
                        route, self._releases, self._context, self._open_read, current_event, extension
                    )
                }
            responder = release_responder(route, self._releases, self._context, self._open_read, current_event)
            responders.setdefault(route.path, {})[route.method] = responder
        add_routes(app, responders)
        app.not_found(no_such_endpoint)
        app.exception_handler(Exception)(failed)
        return app

    @cached_property
    def _pages(self) -> APIGatewayHttpResolver:
        from functions.api.ask_views import AskViews, figures_of
        from functions.api.serve_files import file_responders
        from functions.api.serve_pages import Pages, add_pages
        from functions.api.sign_in.requests import cookies_of

        def ask_as(caller: Caller, host: str) -> AskViews:
            return AskViews(self._releases, self._context, caller, host, open_read=self._open_read)

        app, sign_in = APIGatewayHttpResolver(), self._sign_in()

        def visitor(event: Mapping[str, Any]) -> Caller:
            return (sign_in and sign_in.reader(cookies_of(event))) or Caller()

        figures = partial(figures_of, self._releases)
        files = file_responders(self._releases, self._context, self._open_read, lambda: app.current_event, visitor)
        pages = Pages(app, ask_as, figures, self._open_read, self._build, sign_in, files)
        add_pages(app, pages, no_such_endpoint)
        app.exception_handler(Exception)(failed)
        return app


def no_such_endpoint(_error: Exception) -> Response[str]:
    """The answer for an address that is neither an endpoint nor a page."""
    addresses = list(dict.fromkeys(route.path for route in ROUTES))
    return problems.response(NotFound("No such endpoint; see `addresses`.", addresses=addresses))


def failed(error: Exception) -> Response[str]:
    """The answer for an error of a view."""
    answer = problems.response(error)
    if answer.status_code == UNFORESEEN:  # Lambda's own error metric does not count it: the function returns normally
        count(Measured.UNFORESEEN_ERRORS)
    if not isinstance(error, Problem):
        logger.exception("request failed", exc_info=error)
    return answer
