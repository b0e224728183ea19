"""Pages of a list: a cursor says after which item the next page begins, so no item is missed or shown twice.

The cursor of a list that a release holds also names the release: ranks are those of one release, and a list that is
paged while another one is published would otherwise lose items.
"""

import base64
import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from functions.api.problems import BadParameter, NotFound
from functions.api.queries import PageQuery, Paging
from functions.api.release import Release, Releases

Key = tuple[Any, ...]


def page[Item](items: Sequence[Item], query: Paging, key: Callable[[Item], Key]) -> tuple[Sequence[Item], str | None]:
    """One page of `items`, which are sorted by `key`, and the cursor of the next; BadParameter for no cursor of ours.

    The cursor is the key of the last item shown, not a position.
    """
    rest = items if query.cursor is None else [item for item in items if _after(key(item), _read(query.cursor))]
    shown = rest[: query.limit]
    return shown, cursor(*key(shown[-1])) if len(rest) > len(shown) else None


def cursor_of[Part](query: Paging, kind: type[Part]) -> Part | None:
    """What a cursor of one part holds; None without one, BadParameter for no cursor of ours."""
    if query.cursor is None:
        return None
    match _read(query.cursor):
        case (part,) if type(part) is kind:
            return part
    raise _not_ours()


def cursor(*key: Any) -> str:
    """A cursor that stands for the item of a key."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


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
        raise _not_ours()
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


def _read(cursor: str) -> Key:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise _not_ours() from None
    if not isinstance(found, list):
        raise _not_ours()
    return tuple(found)


def _after(key: Key, last: Key) -> bool:
    if [type(part) for part in key] != [type(part) for part in last]:
        raise _not_ours()
    return key > last


def _not_ours() -> BadParameter:
    return BadParameter("The query parameter cursor is none that this address gave out.", parameter="cursor")
