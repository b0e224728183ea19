"""The API behind its gateway: a request comes to the function only if the template's route and authorizer let it."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from functions.api.handler import application
from infra import authorizer, gateway
from infra.clock import MOMENT
from infra.template import expand, load, settled
from tests.api.published import Service

Resolve = Callable[[dict[str, Any]], dict[str, Any]]


@cache
def front(open_read: bool) -> authorizer.Gateway:
    """The gateway as the template makes it."""
    return authorizer.of(settled(expand(load()), {"OpenRead": str(open_read).lower()}))


def guarded(service: Service, open_read: bool = True, origins: Sequence[str] = ()) -> Resolve:
    """What becomes of a request, from outside, where reading is open to all or is not."""
    app = application(service.releases, service.desk, origins, open_read=open_read)

    def resolve(event: dict[str, Any]) -> dict[str, Any]:
        http = event["requestContext"]["http"]
        try:
            claims = front(open_read).admit(http["method"], http["path"], event["headers"], MOMENT)
        except authorizer.Refused as refused:
            told = gateway.refusal(refused.status)
            return {"statusCode": told.status, "headers": dict(told.headers), "body": told.text}
        if claims is not None:
            event["requestContext"]["authorizer"] = gateway.handed_on(claims)
        answer: dict[str, Any] = app.resolve(event, object())
        return answer

    return resolve
