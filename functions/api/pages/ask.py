"""Questions to the API: the only way in which a page learns anything."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from functions.api.schemas.base import Answer, CursorPage

MOST = "500"
"""As many items as a page of a list may have."""
_RELEASES, _CURRENT = "/v1/releases", "/v1/releases/current"


class Refused(Exception):
    """The API did not answer: `status`, its problem document, and after how many seconds to try again, if it said."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: int | None = None) -> None:
        super().__init__(f"{status}: {problem.get('detail')}")
        self.status = status
        self.problem = problem
        self.retry_after = retry_after


class ReleaseShown(NamedTuple):
    """The release of an answer (the headers X-Release-Id and X-Release-Published); `published_at` is None if readers
    never saw it."""

    id: str
    published_at: datetime | None


class Question(NamedTuple):
    """One request to the API. `path` has its parts as in the routes: /v1/trusts/<code>."""

    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any] | None = None

    def address(self) -> str:
        """The path and query of the request."""
        path = self.path
        for name, part in self.parts.items():
            path = path.replace(f"<{name}>", quote(part, safe=""))
        return f"{path}?{urlencode(self.query)}" if self.query else path


class Ask(Protocol):
    """Asks the API, in this process or over HTTP; Refused if it does not answer."""

    def __call__[A: BaseModel](self, kind: type[A], question: Question) -> tuple[A, ReleaseShown | None]: ...


class Asking:
    """The questions of one page. All its answers come from one release: the one that the address names (`as_at`), else
    that of the first answer.

    `sources` are the addresses that were asked, in order; `release` is the one that the figures come from.
    """

    def __init__(self, ask: Ask, as_at: str | None = None) -> None:
        self._ask = ask
        self.as_at = as_at
        self.release: ReleaseShown | None = None
        self.sources: dict[str, None] = {}

    def get[A: Answer](
        self, kind: type[A], path: str, query: Mapping[str, str] | None = None, *, pinned: bool = True, **parts: str
    ) -> A:
        """The answer of a GET. `pinned`: whether the address takes `as_at`, as all that read a release do."""
        asked = dict(query or {})
        sources = asked | ({"as_at": self.as_at} if pinned and self.as_at else {})
        self.sources[Question("GET", path, parts, sources).address()] = None
        return self._answer(kind, Question("GET", path, parts, self._at_release(asked, pinned)))

    def pages[A: CursorPage](
        self, kind: type[A], path: str, query: Mapping[str, str] | None = None, *, pinned: bool = True, **parts: str
    ) -> Iterator[A]:
        """The answers of a list, page by page, each with as many items as one may have. A page is asked for when the
        caller goes on to it."""
        cursor: dict[str, str] | None = {}
        while cursor is not None:
            answer = self.get(kind, path, {"limit": MOST, **(query or {}), **cursor}, pinned=pinned, **parts)
            yield answer
            cursor = {"cursor": answer.next_cursor} if answer.next_cursor is not None else None

    def post[A: Answer](
        self, kind: type[A], path: str, body: Mapping[str, Any], *, pinned: bool = True, **parts: str
    ) -> A:
        """The answer of a POST."""
        return self._answer(kind, Question("POST", path, parts, self._at_release({}, pinned), body))

    def newest[A: Answer](self, kind: type[A], path: str, **parts: str) -> A:
        """The answer of a GET from the current release, whichever the page is about. It is not one of the sources."""
        answer, _ = self._ask(kind, Question("GET", path, parts, {}))
        return answer

    def _at_release(self, query: dict[str, str], pinned: bool) -> dict[str, str]:
        at = self.release.id if self.release else self.as_at
        return query | ({"as_at": at} if pinned and at else {})

    def _answer[A: Answer](self, kind: type[A], question: Question) -> A:
        answer, release = self._ask(kind, question)
        about_releases = question.path.startswith(_RELEASES) and question.path != _CURRENT
        if self.release is None and release is not None and not about_releases:
            self.release = release
        return answer
