"""Several small objects at once: what a page of receipts or feedback is made of."""

import json
from collections.abc import Sequence
from typing import Any

from shared.aws.store import Store


def each(data: Store, keys: Sequence[str]) -> list[dict[str, Any] | None]:
    """The JSON documents of some keys, in their order; None for one that is not there."""
    return [None if stored is None else json.loads(stored.body) for stored in data.find_all(keys)]
