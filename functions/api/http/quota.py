"""What a caller may write on one day: each piece takes the next number by a conditional write, so the names that keep
the pieces are also what limits them, however many requests come at once."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import islice

from functions.api.http.problems import TooOften
from shared.aws.store import Conflict, Store


def take(
    data: Store, name_of: Callable[[int], str], prefix: str, most: int, body: bytes, now: datetime, what: str
) -> int:
    """Write a body under the first number of the day (UTC) that is free, and return the number.

    `name_of` gives a number's key, `prefix` is what those keys begin with; TooOften once `most` numbers are taken, in a
    sentence that names `what`.
    """
    taken = sum(1 for _ in islice(data.names(prefix), most))
    for number in range(taken, most):
        try:
            data.swap(name_of(number), body, None)
        except Conflict:  # another request took it at the same moment
            continue
        return number
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    raise TooOften(
        f"No more than {most} {what} are taken a day. Send this one tomorrow.",
        int((midnight - now).total_seconds()) + 1,
    )
