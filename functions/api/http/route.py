"""The type of a route."""

from collections.abc import Callable
from typing import Any, NamedTuple

from functions.api.http.auth import READ

View = Callable[..., Any]
"""Returns an Answer or a File. It takes, by parameter name, what it needs of: `release` (the one that the query names),
`releases`, `context`, `caller`, `accept` and `host` (headers), `query` and `body` (models of its own), and the path's
parts."""


class ApiRoute(NamedTuple):
    """One endpoint. `scope` is what it requires of a caller: a constant of `auth`."""

    path: str
    view: View
    method: str = "GET"
    scope: str = READ
