"""The pages of this checkout, made of the answers of a deployed API: for work on templates and style."""

import json
import sys
from http import HTTPStatus
from http.client import HTTPResponse
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.api.handler import no_such_endpoint
from functions.api.serve_pages import Pages, add_pages
from infra.errors import CommandError
from infra.local.ask_http import Answer, AskHttp
from infra.local.serve import server

_SECONDS = 30


def serve(api: str, port: int) -> None:
    """Serve until interrupted. `api`: the address of an API whose reading is open; CommandError if it is not http."""
    if urlsplit(api).scheme not in ("http", "https"):
        raise CommandError(f"{api} is not the address of an API: it must begin with http:// or https://.")
    app = application(api)
    with server(lambda event: app.resolve(event, LambdaContext()), port) as running:
        print(f"The pages of this checkout: http://127.0.0.1:{running.server_port}/ (Ctrl-C ends)", file=sys.stderr)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print(file=sys.stderr)


def application(api: str) -> APIGatewayHttpResolver:
    """All pages, from the answers of an API at an address. A browser keeps none of them: the checkout may change."""
    app = APIGatewayHttpResolver()
    ask = AskHttp(lambda method, path, body: _fetch(f"{api.rstrip('/')}{path}", method, body))
    add_pages(
        app, Pages(app, lambda _caller, _host: ask, lambda _as_at: None, open_read=True, build=""), no_such_endpoint
    )
    return app


def _fetch(address: str, method: str, body: bytes) -> Answer:
    headers = {"content-type": "application/json"} if body else {}
    request = Request(address, data=body or None, headers=headers, method=method)  # noqa: S310 - serve() has checked it
    try:
        with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
            return _answer(response)
    except HTTPError as refused:
        with refused:
            return Answer(refused.code, _lower(refused.headers), refused.read())
    except (URLError, TimeoutError) as error:
        detail = f"{address} does not answer: {error}"
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE, {}, json.dumps({"detail": detail}).encode())


def _answer(response: HTTPResponse) -> Answer:
    return Answer(response.status, _lower(response.headers), response.read())


def _lower(headers: object) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}  # type: ignore[attr-defined]
