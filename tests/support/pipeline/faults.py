"""Functions that die in the middle: at any of their AWS calls, before it took effect or after."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from infra.local.stack import LocalStack

_READS = ("Get", "Head", "List")
_ID = re.compile(r"[0-9a-f]{16}")


class Crash(Exception):
    """A function dies in the middle."""


class Faults:
    """Makes one AWS call of the functions fail: the one after `calls_left` others, before it took effect or after. Only
    calls of those are counted whose name begins with `of`.

    `written` is told the key of every object that a function has just written.
    """

    def __init__(self, stack: LocalStack, written: Callable[[str], None] = lambda _: None) -> None:
        self.stack = stack
        self.written = written
        self.calls_left: int | None = None
        self.after = False
        self.of = ""

    @contextmanager
    def installed(self) -> Iterator[None]:
        genuine = BaseClient._make_api_call  # type: ignore[attr-defined]

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if not self.stack._running:
                return genuine(client, operation, parameters)
            crashes = self.crashes(operation, parameters)
            if crashes and not self.after:
                raise Crash(operation)
            answer = genuine(client, operation, parameters)
            if operation == "PutObject":
                self.written(parameters["Key"])
            if crashes:
                raise Crash(operation)
            return answer

        with mock.patch.object(BaseClient, "_make_api_call", call):
            yield

    def crashes(self, operation: str, parameters: dict[str, Any]) -> bool:
        """Whether the running function dies at this call."""
        if self.calls_left is None or not self.stack._running.startswith(self.of):
            return False
        crashes = self.calls_left == 0
        self.calls_left = None if crashes else self.calls_left - 1
        return crashes


class AtEveryCall(Faults):
    """Makes a function die at its first call of every kind, but not twice running. `died` takes down of which: whoever
    goes the same way again with what was died of gets further, until there is nothing left to die of.

    A kind is told by function, operation and folders, and only of calls that have an effect: nothing changes between
    two of these, so dying at a read leaves what dying before the next write leaves. `closely`: of reads too, and by
    the place in the invocation.
    """

    def __init__(
        self,
        stack: LocalStack,
        written: Callable[[str], None],
        died: set[tuple[str, ...]],
        after: bool,
        closely: bool,
    ) -> None:
        super().__init__(stack, written)
        self.died, self.after, self.closely = died, after, closely
        self._place = 0, 0
        self._fell: dict[str, int] = {}

    def crashes(self, operation: str, parameters: dict[str, Any]) -> bool:
        function, invocation = self.stack._running, len(self.stack.invocations)
        self._place = invocation, self._place[1] + 1 if self._place[0] == invocation else 0
        if operation.startswith(_READS) and not self.closely:
            return False
        folders = [name for name in str(parameters.get("Key", "")).split("/")[:-1] if not _ID.search(name)]
        kind = (function, operation, *folders[:2], *([str(self._place[1])] if self.closely else []))
        nth = sum(call.function == function for call in self.stack.invocations)
        if kind in self.died or nth <= self._fell.get(function, -2) + 1:
            return False
        self._fell[function] = nth
        self.died.add(kind)
        return True
