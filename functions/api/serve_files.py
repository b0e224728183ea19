"""Files of the API for readers of the pages: `/files/releases/…` is `/v1/releases/…` for who has signed in.

The API takes tokens alone, never the cookie of a session. A page cannot send a token with a link, so files that it
links to need an address of their own.
"""

from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.api.http.auth import Caller
from functions.api.http.context import RequestContext
from functions.api.http.methods import Responder
from functions.api.list_files import FILES, returns_list
from functions.api.release import Releases
from functions.api.respond import release_responder
from functions.api.routes import ROUTES
from functions.api.table_files import File


def file_responders(
    releases: Releases,
    context: RequestContext,
    open_read: bool,
    current_event: Callable[[], APIGatewayProxyEventV2],
    caller: Callable[[Mapping[str, Any]], Caller],
) -> Mapping[str, Responder]:
    """The responder of each address of files. `caller`: who asks, from the event."""
    responders = {}
    for route in ROUTES:
        path = route.path.replace("/v1", "/files", 1)
        extensions = FILES if returns_list(route) else ()
        addresses = [(rf"{path}\.{extension}", extension) for extension in extensions]
        addresses += [(path, "")] if get_type_hints(route.view)["return"] is File else []
        for address, extension in addresses:
            responders[address] = release_responder(
                route, releases, context, open_read, current_event, extension, caller
            )
    return responders
