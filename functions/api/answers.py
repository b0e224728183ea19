"""From a question to a view and back: parameters, release and body in, the answer and its release out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from inspect import signature
from typing import Any, NamedTuple, get_type_hints

from functions.api.http.auth import Caller
from functions.api.http.context import RequestContext
from functions.api.http.queries import PageQuery, Query
from functions.api.http.route import ApiRoute, View
from functions.api.list_files import all_rows
from functions.api.release import Opened, Releases
from functions.api.release_pages import pinned, release_and_page
from functions.api.schemas.base import Answer
from shared.aws.store import Missing


class Answered(NamedTuple):
    """What a view returned (an Answer or a File), and the release that it was given, if any. `paged`: whether there is
    a next page, which must come from that release."""

    answer: Any
    opened: Opened | None
    paged: bool


def answer_of(
    route: ApiRoute,
    releases: Releases,
    context: RequestContext,
    caller: Caller,
    parameters: Mapping[str, str],
    path: Mapping[str, str],
    *,
    accept: str | None,
    host: str,
    body: Callable[[], bytes],
    every_row: bool = False,
) -> Answered:
    """Call a route's view with the arguments that its parameters name. `every_row`: the whole list instead of a page.

    The caller has been authorised. Raises the errors of `problems`.
    """
    view = route.view
    needed = _needed(view)
    query = _hints(view)["query"].read(parameters)
    query = all_rows(query) if every_row else query
    opened = None
    if isinstance(query, PageQuery):
        opened, query = release_and_page(query, releases, context.now)
    elif isinstance(query, Query):
        opened = releases.as_at(query.as_at)
    arguments = {
        "release": opened and opened.release,
        "releases": releases,
        "context": context,
        "caller": caller,
        "accept": accept,
        "host": host,
    }
    if "body" in needed:
        arguments["body"] = _hints(view)["body"].read(body())
    try:
        answer = view(query=query, **{name: value for name, value in arguments.items() if name in needed}, **path)
    except Missing:
        releases.forget()  # the next answer says which releases there are
        raise
    paged = opened is not None and isinstance(query, PageQuery) and bool(answer.next_cursor)
    if opened is not None and paged:
        answer = answer.model_copy(update={"next_cursor": pinned(opened.release.id, answer.next_cursor)})
    return Answered(answer, opened, paged)


def takes_body(route: ApiRoute) -> bool:
    """Whether a route's view reads a body."""
    return "body" in _needed(route.view)


def release_shown(answer: Answer, opened: Opened, releases: Releases) -> tuple[str, datetime | None]:
    """The release that an answer comes from, or the one that its path names, and when that was published, if it was."""
    named = answer.named_release()
    return (named, releases.published_at(named)) if named else (opened.release.id, opened.published_at)


@cache
def _needed(view: View) -> frozenset[str]:
    return frozenset(signature(view).parameters)


@cache
def _hints(view: View) -> dict[str, Any]:
    return get_type_hints(view)
