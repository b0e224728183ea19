"""The resources of views that use more than a release."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from shared.aws.store import Store


class RequestContext(NamedTuple):
    """The three buckets, and the clock: `now` returns an aware datetime.

    `people_client` is the id of the client with which people sign in, and `pages` are the addresses of the web client,
    without a slash at their end; both are empty if there is no sign-in.
    """

    incoming: Store
    landing: Store
    data: Store
    now: Callable[[], datetime]
    people_client: str = ""
    pages: tuple[str, ...] = ()
