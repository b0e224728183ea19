"""Pages that say why there is no other: nothing published yet, not found, refused, temporarily unavailable, a fault."""

from collections.abc import Mapping
from http import HTTPStatus

from functions.api.pages.ask import Refused
from functions.api.pages.page import Page

_TITLES = {
    HTTPStatus.BAD_REQUEST: "This address is not valid",
    HTTPStatus.UNAUTHORIZED: "Please sign in",
    HTTPStatus.FORBIDDEN: "You may not see this page",
    HTTPStatus.NOT_FOUND: "Page not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "This page cannot do that",
    HTTPStatus.CONFLICT: "Something has changed meanwhile",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is too much",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something in the form is not right",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    HTTPStatus.SERVICE_UNAVAILABLE: "The figures are being prepared",
}
_FAULT = "Something went wrong"


def refused(error: Refused) -> Page:
    """The page for an answer that the API refused."""
    if error.problem.get("nothing_published"):
        return nothing_published(error.status, error.retry_after)
    status = HTTPStatus(error.status)
    return Page(
        "state.jinja",
        _TITLES.get(status, _FAULT),
        {
            "state": status.value,
            "detail": error.problem.get("detail"),
            "suggestions": error.problem.get("suggestions", ()),
            "known": error.problem.get("known", ()),
        },
        status=status.value,
        retry_after=error.retry_after,
    )


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
