"""Lambda's side of a call, in this process: the environment, the context, the log, warm and cold starts."""

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
# libfaketime reads FAKETIME again and again: without it the clock would jump back in the middle of a run.
_PACKAGES = ("functions", "shared")


@dataclass(frozen=True)
class Function:
    """One Lambda function; seconds, MB, and its environment with every reference resolved."""

    name: str
    handler: str
    timeout: int
    memory: int
    environment: Mapping[str, str]


class Invocation(NamedTuple):
    """One call of a function: what went in, what came out, and the traceback where it raised."""

    function: str
    event: Mapping[str, Any]
    response: Any
    error: str


@dataclass(frozen=True)
class Context:
    """What Lambda passes with the event."""

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
    """Where functions' standard output goes."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        self.lines += [line for line in text.splitlines() if line]
        return len(text)


_LOG = _Log()


def invoke(function: Function, event: Mapping[str, Any], clock: Now) -> tuple[Invocation, list[str]]:
    """Call a function as Lambda does, in exactly its own environment. Returns the call and the lines it logged.

    `clock` stands in for `datetime.now` in the handler's module, which is where functions read the time.

    An exception is the function's failure, not the caller's: it is returned, as Lambda would report it.
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
    # In the place of `os.environ`, not written into it: setting the process's own variables while another thread reads
    # one, as libfaketime does whenever it is asked for the time, ends the process.
    with mock.patch.object(os, "environ", environment | dict(function.environment)), redirect_stdout(_LOG):
        if isinstance(logger.registered_handler, StreamHandler):
            logger.registered_handler.setStream(_LOG)  # it may have been imported with another standard output
        try:
            path, name = function.handler.rsplit(".", 1)
            module = importlib.import_module(path)
            with mock.patch.object(module, "datetime", _datetime(clock), create=True):
                # Through JSON and back, as between services: nothing shared, nothing JSON cannot say.
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
    """Forget what functions keep between calls: every `functools.cache` in the modules of functions and `shared`."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _PACKAGES:
            for thing in list(vars(module).values()):
                clear = getattr(thing, "cache_clear", None)
                if callable(clear):
                    clear()
