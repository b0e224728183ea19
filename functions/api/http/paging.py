"""Pages of a list: a cursor says after which item the next page begins, so no item is missed or shown twice.

The cursor of a list that a release holds also names the release: ranks are those of one release, and a list that is
paged while another one is published would otherwise lose items.
"""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from functions.api.http.problems import BadParameter
from functions.api.http.queries import Paging

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
    raise not_from_here()


def cursor(*key: Any) -> str:
    """A cursor that stands for the item of a key."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def _read(cursor: str) -> Key:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise not_from_here() from None
    if not isinstance(found, list):
        raise not_from_here()
    return tuple(found)


def _after(key: Key, last: Key) -> bool:
    if [type(part) for part in key] != [type(part) for part in last]:
        raise not_from_here()
    return key > last


def not_from_here() -> BadParameter:
    """The error for a cursor that this address did not give out."""
    return BadParameter("The query parameter cursor is none that this address gave out.", parameter="cursor")
