"""The state machine of a deployed stack: what became of its executions."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from infra.local.emulator import Emulator


class Execution(NamedTuple):
    """One execution: the function that asked for it, what became of it and of its items, and why tries of items
    failed."""

    function: str
    status: str
    items: dict[str, int]
    failures: list[str]


def executions(emulator: Emulator) -> list[Execution]:
    """All executions, newest first. One that has only just begun has no items."""
    steps = emulator.client("stepfunctions")
    listed = steps.list_executions(stateMachineArn=emulator.outputs["StateMachineArn"])["executions"]
    return [_execution(steps, one) for one in listed]


def _execution(steps: Any, listed: dict[str, Any]) -> Execution:
    runs = [run["mapRunArn"] for run in steps.list_map_runs(executionArn=listed["executionArn"])["mapRuns"]]
    items = steps.describe_map_run(mapRunArn=runs[0])["itemCounts"] if runs else {}
    failures = [why for run in runs for why in _failures(steps, run)]
    return Execution(listed["name"].partition("-")[0], listed["status"], items, failures)


def _failures(steps: Any, run: str) -> Iterator[str]:
    for page in steps.get_paginator("list_executions").paginate(mapRunArn=run):
        for item in page["executions"]:
            for event in steps.get_execution_history(executionArn=item["executionArn"])["events"]:
                if event["type"] == "TaskFailed":
                    yield event["taskFailedEventDetails"]["cause"]
