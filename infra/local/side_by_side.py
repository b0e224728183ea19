"""The executions of the template's state machine in one process: one item at a time, in place of Step Functions.

It follows the machine's definition as far as that goes: a distributed map over a JSON file's items, then a task that
sends a message. moto keeps the executions, and knows which names were used.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from infra.local import runtime

type Called = Callable[[str, str, Mapping[str, Any]], Any]
"""Makes a call of AWS as the machine: service, operation and parameters; the answer."""


class Failed(RuntimeError):
    """An item failed as often as the definition tries it."""


class Execution:
    """One execution: the input with which it was started, and the items that are not yet computed."""

    def __init__(self, definition: Mapping[str, Any], given: Mapping[str, Any], call: Called) -> None:
        self._call, self._given = call, given
        self._map = definition["States"][definition["StartAt"]]
        self._end = definition["States"][self._map["Next"]]
        steps = self._map["ItemProcessor"]
        self._task = steps["States"][steps["StartAt"]]
        (policy,) = self._task["Retry"]
        self._tries = 1 + policy["MaxAttempts"]
        reader = _filled(self._map["ItemReader"]["Parameters"], given)
        self.left = [_Item(each, 0) for each in json.loads(call("s3", "GetObject", reader)["Body"].read())]

    def step(self) -> bool:
        """Compute the next item, or send the message if there is none left; whether the execution has ended. An item
        that failed comes again after the others. Failed if it has failed too often."""
        if not self.left:
            self._call("sqs", "SendMessage", _filled(self._end["Parameters"], self._given))
            return True
        item = self.left.pop(0)
        context = {"Map": {"Item": {"Value": item.value}}}
        asked = _filled(self._task["Parameters"], _filled(self._map["ItemSelector"], self._given, context))
        answer: runtime.Invocation = self._call("lambda", "Invoke", asked)
        if answer.error:
            if item.tries + 1 == self._tries:
                raise Failed(answer.error)
            self.left.append(_Item(item.value, item.tries + 1))
        return False


class _Item(NamedTuple):
    value: Any
    tries: int


def _filled(parameters: Mapping[str, Any], given: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> Any:
    """Parameters with their paths (`"Key.$": "$.plan"`) replaced by what is there in the input or in the context."""
    return {
        name.removesuffix(".$"): _at(value, given, context or {}) if name.endswith(".$") else value
        for name, value in parameters.items()
    }


def _at(path: str, given: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
    found: Any = context if path.startswith("$$") else given
    for step in path.lstrip("$").removeprefix(".").split("."):
        found = found[step]
    return found
