"""One entry of the landing bucket's history."""

from datetime import datetime
from typing import NamedTuple


class Landed(NamedTuple):
    """One entry of a bucket's history: a version of a key, or a delete marker."""

    key: str
    version_id: str
    at: datetime
    deleted: bool
