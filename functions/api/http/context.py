"""The resources of views that use more than a release."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from shared.aws.store import Store


class RequestContext(NamedTuple):
    """The three buckets, and the clock: `now` returns an aware datetime."""

    incoming: Store
    landing: Store
    data: Store
    now: Callable[[], datetime]
