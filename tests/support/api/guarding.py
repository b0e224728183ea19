"""The API behind its gateway: a request reaches the function only if the route in the template lets it."""

import base64
from collections.abc import Callable
from functools import cache
from typing import Any

from functions.api.handler import application
from infra.local import gateway, http_api
from infra.template import expand, load
from tests.support.api.published import Service

Resolve = Callable[[dict[str, Any]], dict[str, Any]]


@cache
def front(open_read: bool, origins: str = "*") -> http_api.HttpApi:
    """The HTTP API as the template declares it."""
    return http_api.of(expand(load()), {"OpenRead": str(open_read).lower(), "CorsOrigins": origins})


def guarded(service: Service, open_read: bool = True, origins: str = "*") -> Resolve:
    """What becomes of a request, from outside, where reading is open to all or is not, and scripts of pages at some
    origins (with commas between them) may read the answers."""
    app = application(service.releases, service.context, open_read=open_read)

    def resolve(event: dict[str, Any]) -> dict[str, Any]:
        http = event["requestContext"]["http"]

        def function(claims: dict[str, Any] | None) -> gateway.Response:
            if claims is not None:
                event["requestContext"]["authorizer"] = gateway.handed_on(claims)
            return gateway.response(app.resolve(event, object()))

        answer = front(open_read, origins).answer(http["method"], http["path"], event["headers"], function)
        return {
            "statusCode": answer.status,
            "headers": dict(answer.headers),
            "body": base64.b64encode(answer.body).decode(),
            "isBase64Encoded": True,
        }

    return resolve
