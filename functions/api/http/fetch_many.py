"""Reads several small objects at once, for a page of receipts or feedback."""

import json
from collections.abc import Sequence
from typing import Any

from shared.aws.store import Store


def fetch_documents(data: Store, keys: Sequence[str]) -> list[dict[str, Any] | None]:
    """The JSON documents at `keys`, in the same order; None for a missing one."""
    return [None if stored is None else json.loads(stored.body) for stored in data.find_all(keys)]
