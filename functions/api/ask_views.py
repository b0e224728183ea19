"""Questions of pages, answered in this process by the views of the API's routes."""

import json
from http import HTTPStatus

from pydantic import BaseModel

from functions.api.answers import answer_of, release_shown
from functions.api.http.auth import OPERATE, Caller, authorise
from functions.api.http.context import RequestContext
from functions.api.http.problems import UNFORESEEN, problem
from functions.api.pages.ask import Question, Refused, ReleaseShown
from functions.api.release import Releases
from functions.api.routes import ROUTES

_ROUTES = {(route.method, route.path): route for route in ROUTES}


def figures_of(releases: Releases, as_at: str | None) -> tuple[object, ...] | None:
    """What the figures of a page depend on: its release, and the newest one, which the page names if it is another.
    None if that fails: the page meets the same error, and says so."""
    try:
        # Not the pointer as it was last read: a release that a day names was found without it.
        newest = releases.pointer().sequence
        opened = releases.as_at(as_at)
        return opened.release.id, opened.published_at, newest
    except Exception:
        return None


class AskViews:
    """Answers a reader's questions as the routes would answer their token's. Unforeseen errors pass."""

    def __init__(
        self, releases: Releases, context: RequestContext, caller: Caller, host: str = "", *, open_read: bool
    ) -> None:
        self._host = host
        self._releases = releases
        self._context = context
        self._caller = caller
        self._open_read = open_read
        if caller.may(OPERATE):
            releases.renew()

    def __call__[A: BaseModel](self, kind: type[A], question: Question) -> tuple[A, ReleaseShown | None]:
        """The answer, and its release; Refused with the problem document that the route would return."""
        route = _ROUTES[question.method, question.path]
        try:
            authorise(self._caller, route.scope, self._open_read)
            answer, opened, _ = answer_of(
                route,
                self._releases,
                self._context,
                self._caller,
                question.query,
                question.parts,
                accept=None,
                host=self._host,
                body=lambda: json.dumps(question.body or {}).encode(),
            )
            shown = ReleaseShown(*release_shown(answer, opened, self._releases)) if opened else None
        except Exception as error:
            status, document, retry_after = problem(error)
            if status is UNFORESEEN:
                raise
            raise Refused(HTTPStatus(status).value, document, retry_after) from error
        if not isinstance(answer, kind):
            raise TypeError(f"{question.path} answers with {type(answer).__name__}, not {kind.__name__}")
        return answer, shown
