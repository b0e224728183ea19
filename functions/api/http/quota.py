"""Daily limits. Each object that a caller writes takes the day's next number by a conditional write, so the limit holds
however many requests arrive at once."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import islice

from functions.api.http.problems import TooManyRequests
from shared.aws.store import Conflict, Store


def write_within_limit(
    data: Store, key_of: Callable[[int], str], prefix: str, limit: int, body: bytes, now: datetime, noun: str
) -> int:
    """Write `body` under the day's (UTC) first free number, and return the number.

    `key_of` gives the key for a number, and `prefix` is the start of all those keys. TooManyRequests once `limit`
    numbers are used; its message names `noun`, a plural.
    """
    used = sum(1 for _ in islice(data.names(prefix), limit))
    for number in range(used, limit):
        try:
            data.swap(key_of(number), body, None)
        except Conflict:  # another request has just taken this number
            continue
        return number
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    raise TooManyRequests(
        f"The limit of {limit} {noun} a day is reached. Try again after midnight, UTC.",
        int((midnight - now).total_seconds()) + 1,
    )
