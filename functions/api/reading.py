"""Several small objects at once: what a page of receipts or feedback is made of."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared.store import Store

_AT_ONCE = 8


def each(data: Store, keys: Sequence[str]) -> list[dict[str, Any] | None]:
    """The JSON documents of some keys, in their order; None for one that is not there."""

    def read(key: str) -> dict[str, Any] | None:
        found = data.find(key)
        return None if found is None else json.loads(found.body)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [*pool.map(read, keys)]
