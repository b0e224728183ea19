"""Pages of a list within a release: the cursor names the release of the first page."""

import re
from collections.abc import Callable
from datetime import date, datetime

from functions.api.http.paging import invalid_cursor
from functions.api.http.problems import BadParameter, NotFound
from functions.api.http.queries import PageQuery
from functions.api.release import Opened, Releases
from shared.ids import PATTERN, is_id

_PINNED = re.compile(rf"({PATTERN})\.(.+)")


def pinned(release_id: str, cursor: str) -> str:
    """A cursor with the id of the release that the next page must come from."""
    return f"{release_id}.{cursor}"


def release_and_page[Q: PageQuery](query: Q, releases: Releases, now: Callable[[], datetime]) -> tuple[Opened, Q]:
    """The release of a page, and the query with its cursor as `page` expects it.

    The first page comes from the release that `as_at` names, all others from the release in their cursor. BadParameter
    if that release no longer exists, or if `as_at` names another one. While a day is not over, its release may still
    change; the cursor then decides.
    """
    if query.cursor is None:
        return releases.as_at(query.as_at), query
    parts = _PINNED.fullmatch(query.cursor)
    if parts is None:
        raise invalid_cursor()
    release_id, cursor = parts.groups()
    if query.as_at and releases.as_at(query.as_at).release.id != release_id and _is_final(query.as_at, now):
        raise BadParameter(
            "The query parameters as_at and cursor name different releases. Leave out as_at to continue, or cursor to "
            "start again.",
            parameter="as_at",
        )
    try:
        opened = releases.as_at(release_id)
    except NotFound:
        raise BadParameter(
            "The release of this cursor no longer exists. Start again without cursor.", parameter="cursor"
        ) from None
    return opened, query.model_copy(update={"cursor": cursor})


def _is_final(as_at: str, now: Callable[[], datetime]) -> bool:
    """Whether `as_at` will always name the same release: true for an id, and for a day that is over."""
    return is_id(as_at) or date.fromisoformat(as_at) < now().date()
