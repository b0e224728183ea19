"""What can go wrong with a request, and how it is told: problem documents as RFC 9457 describes them."""

import json
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from shared.aws.store import Missing
from shared.errors import HeadroomError, Transient

RETRY_SECONDS = 30


class Problem(HeadroomError):
    """Base of what a caller may have to mend. `extra` holds further members of the problem document."""

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.extra = extra


class Unauthorised(Problem):
    """Nobody is known to ask, and not everybody may."""


class Forbidden(Problem):
    """The caller may not do that; `scope` is what it lacks."""


class NotAsThingsStand(Problem):
    """What is asked for was decided on another state of things than there is now."""


class TooOften(Problem):
    """A caller has used up what it may send; `seconds` is how long until it may send more."""

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


class NotFound(Problem):
    """Nothing of that name is in the release; `suggestions` are the nearest names that are."""


class BadParameter(Problem):
    """A query parameter that cannot be used; `parameter` is its name."""


class BadBody(Problem):
    """The body of a request cannot be used; `field` is what stands in the way."""


class WrongMethod(Problem):
    """The address exists, and takes other methods: those `allowed`, as the header says it."""

    def __init__(self, detail: str, allowed: str) -> None:
        super().__init__(detail)
        self.allowed = allowed


class NotAcceptable(Problem):
    """What is asked for does not come in a form that the caller accepts."""


class TooLarge(Problem):
    """What is asked for is too much for one answer."""


class NotYet(Problem):
    """No release has been published so far."""


STATUS: dict[type[Exception], HTTPStatus] = {
    BadParameter: HTTPStatus.BAD_REQUEST,
    BadBody: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unauthorised: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    WrongMethod: HTTPStatus.METHOD_NOT_ALLOWED,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    NotAsThingsStand: HTTPStatus.CONFLICT,
    TooOften: HTTPStatus.TOO_MANY_REQUESTS,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NotYet: HTTPStatus.SERVICE_UNAVAILABLE,
    Transient: HTTPStatus.SERVICE_UNAVAILABLE,
    Missing: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every error that has an answer. Missing: the pointer names a release that is just being replaced."""

UNFORESEEN = HTTPStatus.INTERNAL_SERVER_ERROR


def response(error: Exception) -> Response[str]:
    """The problem document for an error. An unforeseen one says nothing of its cause, which goes to the log."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), UNFORESEEN)
    document: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    if isinstance(error, Problem):
        document |= {"detail": str(error)} | error.extra
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        document["detail"] = f"The figures cannot be read just now. Try again in {RETRY_SECONDS} seconds."
    else:
        document["detail"] = "Something failed here, not in your request. It has been recorded."
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(error, Unauthorised):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooOften):
        headers["Retry-After"] = str(error.seconds)
    if isinstance(error, WrongMethod):
        headers["Allow"] = error.allowed
    return Response(status.value, "application/problem+json", json.dumps(document, ensure_ascii=False), headers=headers)


def unknown(what: str, asked: str, known: Iterable[str]) -> NotFound:
    """A NotFound that names the nearest known ids. What was asked is echoed only where it looks like an id."""
    near = get_close_matches(asked, list(known), n=5, cutoff=0.5)
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    return NotFound(f"There is no {what}{echo(asked)} in this release.{hint}", suggestions=near)


def not_one_of(parameter: str, asked: str | None, known: Collection[str]) -> None:
    """BadParameter where a filter names nothing there is: an empty list would read as `there are none`."""
    if asked is not None and asked not in known:
        choices = sorted(known)
        raise BadParameter(
            f"The query parameter {parameter} must be one of: {', '.join(choices)}.", parameter=parameter, known=choices
        )


def echo(asked: str) -> str:
    """What was asked, if it looks like an id; otherwise it is not repeated to anyone."""
    return f" {asked}" if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", asked) else " of that name"
