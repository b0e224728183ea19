"""Questions of a page: a list is read page by page, and no further than the caller goes."""

from collections.abc import Mapping
from typing import Any

from functions.api.pages.ask import Asking, Question, ReleaseShown
from functions.api.schemas.figures import ReleaseList

PAGES: Mapping[str | None, tuple[int, str | None]] = {None: (3, "b"), "b": (2, "c"), "c": (1, None)}
"""By the cursor that asks for it: the sequence of the only release on a page, and the cursor of the next page."""


def asking(asked: list[Question]) -> Asking:
    def ask(kind: Any, question: Question) -> tuple[Any, ReleaseShown | None]:
        asked.append(question)
        sequence, cursor = PAGES[question.query.get("cursor")]
        shown = {"sequence": sequence, "published_at": "2025-01-01T00:00:00Z", "release_id": "a" * 32, "kept": True}
        return kind.model_validate({"releases": [shown], "next_cursor": cursor}), None

    return Asking(ask)


def test_all_pages_of_a_list_are_read_in_order() -> None:
    asked: list[Question] = []
    pages = asking(asked).pages(ReleaseList, "/v1/releases", {"x": "y"}, pinned=False)
    assert [one.sequence for page in pages for one in page.releases] == [3, 2, 1]
    assert [question.query for question in asked] == [
        {"limit": "500", "x": "y"},
        {"limit": "500", "x": "y", "cursor": "b"},
        {"limit": "500", "x": "y", "cursor": "c"},
    ]


def test_no_page_is_asked_for_that_nothing_needs() -> None:
    asked: list[Question] = []
    assert next(asking(asked).pages(ReleaseList, "/v1/releases")).releases[0].sequence == 3
    assert len(asked) == 1
