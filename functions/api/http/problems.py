"""Errors of a request, and their answers: problem documents by RFC 9457."""

import json
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any, NamedTuple

from aws_lambda_powertools.event_handler import Response

from shared.aws.store import Missing
from shared.errors import HeadroomError, Transient

RETRY_SECONDS = 30


class Problem(HeadroomError):
    """Base of all errors that a caller can correct. `detail` is the sentence, `extra` holds further members of the
    problem document."""

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.extra = extra


class Unauthorised(Problem):
    """The request has no token, and the route needs one."""


class Forbidden(Problem):
    """The token lacks `scope`."""


class SignInRefused(Problem):
    """The sign-in cannot be completed: no one is signed in, and it has to be begun again."""


class DecisionRefused(Problem):
    """The decision does not fit the current state, for example because another release is current now."""


class TooManyRequests(Problem):
    """The caller has reached its daily limit; `seconds` is how long until the limit starts again."""

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


class NotFound(Problem):
    """The release has nothing with that name; `suggestions` lists similar names that it has."""


class BadParameter(Problem):
    """A query parameter is invalid; `parameter` is its name."""


class BadBody(Problem):
    """The body of the request is invalid; `field` is the first invalid field."""


class WrongMethod(Problem):
    """The endpoint exists but not with this method. `allowed` lists its methods, as in the header Allow."""

    def __init__(self, detail: str, allowed: str) -> None:
        super().__init__(detail)
        self.allowed = allowed


class NotAcceptable(Problem):
    """The resource is not available in any format that the caller accepts."""


class ContentTooLarge(Problem):
    """The request body, or the answer, would be too large."""


class NotYet(Problem):
    """No release has been published yet."""


STATUS: dict[type[Exception], HTTPStatus] = {
    BadParameter: HTTPStatus.BAD_REQUEST,
    SignInRefused: HTTPStatus.BAD_REQUEST,
    BadBody: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unauthorised: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    WrongMethod: HTTPStatus.METHOD_NOT_ALLOWED,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    DecisionRefused: HTTPStatus.CONFLICT,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    ContentTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NotYet: HTTPStatus.SERVICE_UNAVAILABLE,
    Transient: HTTPStatus.SERVICE_UNAVAILABLE,
    Missing: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each error. Missing: the pointer names a release that is being replaced at this moment."""

UNFORESEEN = HTTPStatus.INTERNAL_SERVER_ERROR


class ProblemAnswer(NamedTuple):
    """A problem document with its status, and after how many seconds to try again, if that helps."""

    status: HTTPStatus
    document: dict[str, Any]
    retry_after: int | None


def problem(error: Exception) -> ProblemAnswer:
    """The problem document for an error. For an unforeseen error it gives no cause; the caller logs that."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), UNFORESEEN)
    document: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    if isinstance(error, Problem):
        document |= {"detail": str(error)} | error.extra
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        document["detail"] = f"The figures are temporarily unavailable. Try again in {RETRY_SECONDS} seconds."
    else:
        document["detail"] = "An internal error occurred. Your request is not at fault, and the error has been logged."
    retry_after = RETRY_SECONDS if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return ProblemAnswer(status, document, error.seconds if isinstance(error, TooManyRequests) else retry_after)


def response(error: Exception) -> Response[str]:
    """The answer for an error: its problem document."""
    status, document, retry_after = problem(error)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if isinstance(error, Unauthorised):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, WrongMethod):
        headers["Allow"] = error.allowed
    return Response(status.value, "application/problem+json", json.dumps(document, ensure_ascii=False), headers=headers)


def not_in_release(noun: str, name: str, known: Iterable[str]) -> NotFound:
    """A NotFound with up to five similar names of `known`."""
    similar = get_close_matches(name, list(known), n=5, cutoff=0.5)
    hint = f" Did you mean {', '.join(similar)}?" if similar else ""
    return NotFound(f"There is no {noun} {echo(name)} in this release.{hint}", suggestions=similar)


def check_choice(
    parameter: str, value: str | None, known: Collection[str], shown: Collection[str] | None = None
) -> None:
    """BadParameter if a filter's value is not in `known`: an empty list would look as if nothing matched. `shown`: the
    values to name in the answer, if not all that are known."""
    if value is not None and value not in known:
        choices = sorted(known if shown is None else shown)
        raise BadParameter(
            f"The query parameter {parameter} must be one of: {', '.join(choices)}.", parameter=parameter, known=choices
        )


def echo(name: str) -> str:
    """A name from a request, but only if it looks like an id: other text is never repeated in an answer."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name) else "of that name"
