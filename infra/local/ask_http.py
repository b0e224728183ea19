"""Questions of pages, asked over HTTP: pages of this checkout from the answers of any deployed API."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from functions.api.pages.ask import Question, Refused, ReleaseShown


class Answer(NamedTuple):
    """An answer over HTTP; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


type Fetch = Callable[[str, str, bytes], Answer]
"""Method, path with query, body → the API's answer."""


class AskHttp:
    """Asks an API through `fetch`."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    def __call__[A: BaseModel](self, kind: type[A], question: Question) -> tuple[A, ReleaseShown | None]:
        """The answer, and its release by the headers; Refused with the API's problem document."""
        body = b"" if question.body is None else json.dumps(question.body).encode()
        answer = self._fetch(question.method, question.address(), body)
        if answer.status != 200:
            retry = answer.headers.get("retry-after")
            raise Refused(answer.status, _document(answer.body), int(retry) if retry else None)
        release_id, published = (answer.headers.get(f"x-release-{name}") for name in ("id", "published"))
        shown = (
            ReleaseShown(release_id, datetime.fromisoformat(published) if published else None) if release_id else None
        )
        return kind.model_validate_json(answer.body), shown


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
