"""Functions that die in the middle: at any of their AWS calls, before it took effect or after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from infra.local import LocalStack


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
            meant = self.stack._running.startswith(self.of)
            crashes = meant and self.calls_left == 0
            if meant and self.calls_left is not None:
                self.calls_left = None if crashes else self.calls_left - 1
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
