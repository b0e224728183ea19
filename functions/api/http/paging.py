"""Pages of a list. A cursor holds the sort key of a page's last item, so no item is missed or repeated.

The cursor of a list within a release also names the release (`release_pages`): all pages must come from one release,
because ranks differ between releases.
"""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from functions.api.http.problems import BadParameter
from functions.api.http.queries import Paging

Key = tuple[Any, ...]


def page[Item](items: Sequence[Item], query: Paging, key: Callable[[Item], Key]) -> tuple[Sequence[Item], str | None]:
    """One page of `items`, which are sorted by `key`, and the cursor of the next page (None after the last page).

    BadParameter for an invalid cursor.
    """
    rest = items if query.cursor is None else [item for item in items if _after(key(item), _decoded(query.cursor))]
    items_on_page = rest[: query.limit]
    return items_on_page, encode_cursor(*key(items_on_page[-1])) if len(rest) > len(items_on_page) else None


def cursor_value[Part](query: Paging, kind: type[Part]) -> Part | None:
    """The value of a cursor whose key has one part; None without a cursor, BadParameter for an invalid one."""
    if query.cursor is None:
        return None
    match _decoded(query.cursor):
        case (part,) if type(part) is kind:
            return part
    raise invalid_cursor()


def encode_cursor(*key: Any) -> str:
    """The cursor for an item's sort key."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> Key:
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise invalid_cursor() from None
    if not isinstance(key, list):
        raise invalid_cursor()
    return tuple(key)


def _after(key: Key, last: Key) -> bool:
    if [type(part) for part in key] != [type(part) for part in last]:
        raise invalid_cursor()
    return key > last


def invalid_cursor() -> BadParameter:
    """The error for a cursor that this endpoint did not issue."""
    return BadParameter("Invalid cursor. Use the next_cursor of the previous page.", parameter="cursor")
