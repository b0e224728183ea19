"""Values kept in memory for the next request: those used last, of a bounded size in all."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, NamedTuple


class Sized[Value](NamedTuple):
    """A value and the bytes that it takes, about."""

    value: Value
    size: int


class Kept:
    """At most `most` bytes of values by key. A value that is larger than a quarter of that is not kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: OrderedDict[Hashable, Sized[Any]] = OrderedDict()
        self._lock = Lock()  # the local server answers requests side by side

    def find(self, key: Hashable) -> Any | None:
        """The value of a key; None if it is not kept."""
        with self._lock:
            if (known := self._values.get(key)) is None:
                return None
            self._values.move_to_end(key)
            return known.value

    def keep(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value; others that were not used for longest go."""
        if size > self._most // 4:
            return
        with self._lock:
            before = self._values.pop(key, None)
            self._values[key] = Sized(value, size)
            self._size += size - (before.size if before else 0)
            while self._size > self._most:
                self._size -= self._values.popitem(last=False)[1].size

    def get[Value](self, key: Hashable, make: Callable[[], Sized[Value]]) -> Value:
        """The value of a key, made if it is not kept."""
        known: Value | None = self.find(key)
        if known is None:
            known, size = make()
            self.keep(key, known, size)
        return known
