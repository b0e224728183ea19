"""A call of a function in this process, as Lambda makes it: environment, context, log, warm and cold starts."""

import importlib
import io
import json
import os
import sys
import time
import traceback
import uuid
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import datetime, tzinfo
from logging import StreamHandler
from typing import Any, NamedTuple
from unittest import mock

from infra.local.clock import Now
from infra.template import REGION
from shared.aws.observability import logger

_KEPT = ("PATH", "HOME", "TMPDIR", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "FAKETIME")
# libfaketime reads FAKETIME at each call: without it the clock would jump back during a run.
_PACKAGES = ("functions", "shared")


@dataclass(frozen=True)
class Function:
    """One Lambda function: timeout in seconds, memory in MB, and its environment with references resolved."""

    name: str
    handler: str
    timeout: int
    memory: int
    environment: Mapping[str, str]


class Invocation(NamedTuple):
    """One call of a function: event, response, and the traceback if it raised."""

    function: str
    event: Mapping[str, Any]
    response: Any
    error: str


@dataclass(frozen=True)
class Context:
    """Lambda's second argument."""

    function_name: str
    memory_limit_in_mb: int
    deadline: float
    aws_request_id: str
    invoked_function_arn: str
    function_version: str = "$LATEST"
    log_group_name: str = "local"
    log_stream_name: str = "local"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function would be stopped."""
        return max(0, int(1000 * (self.deadline - time.monotonic())))


class _Log(io.TextIOBase):
    """The standard output of functions."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        self.lines += [line for line in text.splitlines() if line]
        return len(text)


_LOG = _Log()


def invoke(function: Function, event: Mapping[str, Any], clock: Now) -> tuple[Invocation, list[str]]:
    """Call a function as Lambda does, with exactly its environment. The call and the lines that it logged.

    `clock` replaces `datetime.now` in the handler's module, where functions read the time. An exception of the function
    is returned, as Lambda reports it.
    """
    context = Context(
        function_name=function.name,
        memory_limit_in_mb=function.memory,
        deadline=time.monotonic() + function.timeout,
        aws_request_id=str(uuid.uuid4()),
        invoked_function_arn=f"arn:aws:lambda:{REGION}:123456789012:function:{function.name}",
    )
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "TZ": ":UTC",
    }
    response, error = None, ""
    # `os.environ` is replaced, not changed: the process crashes if a variable is set while another thread reads one, as
    # libfaketime does at each reading of the clock.
    with mock.patch.object(os, "environ", environment | dict(function.environment)), redirect_stdout(_LOG):
        if isinstance(logger.registered_handler, StreamHandler):
            logger.registered_handler.setStream(_LOG)  # it may have been imported under another standard output
        try:
            path, name = function.handler.rsplit(".", 1)
            module = importlib.import_module(path)
            with mock.patch.object(module, "datetime", _datetime(clock), create=True):
                # Through JSON, as between services: no shared objects, and only what JSON can express.
                response = json.loads(json.dumps(getattr(module, name)(json.loads(json.dumps(event)), context)))
        except Exception:
            error = traceback.format_exc()
    logged, _LOG.lines = _LOG.lines, []
    return Invocation(function.name, event, response, error), logged


def _datetime(clock: Now) -> type[datetime]:
    class Clocked(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return clock().astimezone(tz)

    return Clocked


def cold_start() -> None:
    """Clear what functions keep between calls: each `functools.cache` in the modules of `functions` and `shared`."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _PACKAGES:
            for thing in list(vars(module).values()):
                clear = getattr(thing, "cache_clear", None)
                if callable(clear):
                    clear()
