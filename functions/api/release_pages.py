"""Pages of a list that a release holds: a cursor goes on in the release it began in."""

import re
from collections.abc import Callable
from datetime import date, datetime

from functions.api.http.paging import not_from_here
from functions.api.http.problems import BadParameter, NotFound
from functions.api.http.queries import PageQuery
from functions.api.release import Release, Releases

_PINNED = re.compile(r"([0-9a-f]{32})\.(.+)")


def pinned(release_id: str, cursor: str) -> str:
    """A cursor that goes on in one release."""
    return f"{release_id}.{cursor}"


def release_and_page[Q: PageQuery](query: Q, releases: Releases, now: Callable[[], datetime]) -> tuple[Release, Q]:
    """The release that a page comes from, and the query with the cursor as `page` takes it.

    The first page comes from the release that `as_at` names, all others from the one that their cursor names.
    BadParameter where that release is gone, or `as_at` names another one. A day that is not over names no release for
    good: there the cursor decides.
    """
    if query.cursor is None:
        return releases.as_at(query.as_at), query
    named = _PINNED.fullmatch(query.cursor)
    if named is None:
        raise not_from_here()
    release_id, rest = named.groups()
    if query.as_at and releases.as_at(query.as_at).id != release_id and _is_final(query.as_at, now):
        raise BadParameter(
            "The query parameters as_at and cursor name different releases. Leave out one of them: as_at to go on, "
            "cursor to begin again.",
            parameter="as_at",
        )
    try:
        release = releases.by_id(release_id)
    except NotFound:
        raise BadParameter(
            "The release that this cursor belongs to is gone. Begin again without the cursor.", parameter="cursor"
        ) from None
    return release, query.model_copy(update={"cursor": rest})


def _is_final(as_at: str, now: Callable[[], datetime]) -> bool:
    """Whether `as_at` will always name the same release: an id does, and a day that is over."""
    return len(as_at) == 32 or date.fromisoformat(as_at) < now().date()
