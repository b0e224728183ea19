"""The API as a WSGI application: what clients that are tested in this process talk to."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from infra.local import gateway

Environ = dict[str, Any]


def wsgi(resolve: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Environ, Any], Iterable[bytes]]:
    """Requests go to `resolve` as API Gateway hands them over; repeated parameters are joined by commas, as there."""

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = environ["CONTENT_TYPE"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        event = gateway.event(environ["REQUEST_METHOD"], path, None, headers, body)
        event |= gateway.query_of(environ.get("QUERY_STRING", ""))
        answer = gateway.response(resolve(event))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", [*answer.headers.items()])
        return [answer.body]

    return application
