"""What views work with that read or write more than releases."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from shared.aws.store import Store


class RequestContext(NamedTuple):
    """The three buckets, and the clock that says when something was done (aware of its zone)."""

    incoming: Store
    landing: Store
    data: Store
    now: Callable[[], datetime]
