"""Pages that say why there is no other: nothing published yet, not found, refused, temporarily unavailable, a fault."""

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from functions.api.pages.ask import Refused
from functions.api.pages.page import Crumb, Page

_TITLES = {
    HTTPStatus.BAD_REQUEST: "This address is not valid",
    HTTPStatus.UNAUTHORIZED: "Please sign in",
    HTTPStatus.FORBIDDEN: "You may not see this page",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "This page cannot do that",
    HTTPStatus.NOT_ACCEPTABLE: "There is no such file",
    HTTPStatus.CONFLICT: "Something has changed meanwhile",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is too much",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something in the form is not right",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    HTTPStatus.SERVICE_UNAVAILABLE: "The figures are being prepared",
}
_FAULT = "Something went wrong"
_OF_ONE = re.compile(r"(/trusts/[^/]+/opportunities/)[^/]+")


def refused(error: Refused, path: str = "/") -> Page:
    """The page for an answer that the API refused. `path`: that of the page which was wanted."""
    if error.problem.get("nothing_published"):
        return nothing_published(error.status, error.retry_after)
    status = HTTPStatus(error.status)
    detail = str(error.problem.get("detail") or "")
    return Page(
        "state.jinja",
        _TITLES.get(status, _FAULT),
        {
            "state": status.value,
            "detail": detail.partition(" Did you mean ")[0],  # the nearest names are links
            "nearest": list(_nearest(error.problem.get("suggestions", ()), path)),
            "lacks": error.problem.get("scope"),
        },
        status=status.value,
        retry_after=error.retry_after,
    )


def _nearest(suggestions: Sequence[Any], path: str) -> Iterator[Crumb]:
    """The nearest names, each with its page. An opportunity that was wanted of one organisation leads to it there."""
    of_one = _OF_ONE.match(path)
    for one in suggestions:
        match one:
            case {"trust_code": code, "display_name": name}:
                yield Crumb(f"{name} ({code})" if name else str(code), f"/trusts/{code}")
            case {"opportunity_id": opportunity, "title": title}:
                yield Crumb(str(title), f"{of_one[1] if of_one else '/opportunities/'}{opportunity}")


def nothing_published(status: int, retry_after: int | None = None) -> Page:
    """The page before the first release."""
    return Page("empty.jinja", "Nothing has been published yet", status=status, retry_after=retry_after)


def fault(number: str) -> Page:
    """The page for an unforeseen error. `number`: the request's id, by which it is found in the log."""
    return Page("state.jinja", _FAULT, {"state": 500, "number": number}, status=500)


def session_over(form: Mapping[str, str]) -> Page:
    """The page for a form that was sent after the session had ended: what was written, to be sent again."""
    return Page("session_over.jinja", "Your session has ended", {"form": form}, status=HTTPStatus.UNAUTHORIZED)


def signed_out() -> Page:
    """The page after signing out."""
    return Page("signed_out.jinja", "You are signed out")
