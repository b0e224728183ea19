"""The addresses with which people sign in and out, as responders of the API."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.shared.cookies import Cookie
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.api.http.own_pages import host_of
from functions.api.http.problems import Forbidden
from functions.api.sign_in.requests import cookies_of, same_origin
from functions.api.sign_in.sign_in import CALLBACK, SIGNED_OUT, START, Answer303, SignIn

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


def responders(
    sign_in: SignIn, current_event: Callable[[], APIGatewayProxyEventV2]
) -> Mapping[str, Mapping[str, Callable[..., Response[Any]]]]:
    """Path → method → responder. SignInRefused, Forbidden or Transient are raised."""

    def start() -> Response[str]:
        event = current_event()
        return see_other(sign_in.start((event.query_string_parameters or {}).get("next"), host_of(event.raw_event)))

    def finish() -> Response[str]:
        event = current_event()
        raw = event.raw_event
        return see_other(sign_in.finish(event.query_string_parameters or {}, cookies_of(raw), host_of(raw)))

    def leave() -> Response[str]:
        event = current_event().raw_event
        if not same_origin(event):
            raise Forbidden("Sign out on a page of this service.")
        return see_other(sign_in.leave(host_of(event)))

    return {START: {"GET": start}, CALLBACK: {"GET": finish}, SIGNED_OUT: {"POST": leave}}


def see_other(answer: Answer303) -> Response[str]:
    """A redirect as a response. Powertools turns cookies into text, which these are already."""
    headers = _HEADERS | {"Location": answer.location}
    return Response(303, body="", headers=headers, cookies=cast("list[Cookie]", list(answer.cookies)))
