"""What a route is."""

from collections.abc import Callable
from typing import Any, NamedTuple

from functions.api.http.auth import READ

View = Callable[..., Any]
"""Returns an Answer or a File, and names what it wants: `release` (the one asked for), `releases`, `context`, `caller`,
`query` and `body` (models of its own), and the parts of its path."""


class Route(NamedTuple):
    """One address. `scope` is what a caller must be allowed to, in the words of `callers`."""

    path: str
    view: View
    method: str = "GET"
    scope: str = READ
