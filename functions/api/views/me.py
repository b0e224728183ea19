"""The caller of a request, as the service knows it."""

from functions.api.http.auth import Caller
from functions.api.http.queries import NoParameters
from functions.api.schemas.writes import CallerAnswer


def me(caller: Caller, query: NoParameters) -> CallerAnswer:
    """Who you are to this service, and what you may do."""
    scopes, datasets = sorted(caller.scopes), sorted(caller.datasets())
    return CallerAnswer(name=caller.name, scopes=tuple(scopes), datasets=tuple(datasets))
