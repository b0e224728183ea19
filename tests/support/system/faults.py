"""AWS on a bad day: a proxy between the functions and the emulator that throttles, breaks, stalls and cuts calls off.

Which calls fail, how, and how many times running is a function of the seed and of the call alone, so that a run can be
repeated whatever order its calls come in. Every fault is passed in the end: what fails is bounded in count and time.
"""

import hashlib
import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, override

from infra.local.emulator import Emulator
from infra.stacks import work_queues

_OFTEN = 0.12
"""The share of calls that fail at all."""
_TIMES = (1, 1, 1, 6)
"""How many times running one fails: the SDK tries four times, so six fail the function once, and then its retry not."""
_SLOW_SECONDS = 0.5
_FUNCTION_SECONDS = 30
_VISIBILITY_SECONDS = {"IngestQueueUrl": 5}
_OTHERS_SECONDS = 30
_PATIENCE_SECONDS = 60
_DROPPED = {"expect", "connection", "keep-alive", "transfer-encoding"}


class Fault(StrEnum):
    """What happens to a call."""

    THROTTLED = "throttled"
    BROKEN = "broken"
    SLOW = "slow"
    CUT_BEFORE = "cut off before it took effect"
    CUT_AFTER = "cut off after it took effect"
    STALLED = "stalled until the function was ended"


class Call(NamedTuple):
    """One call of a function's: `service` as its signature names it, `sdk` one id for all tries of the SDK."""

    function: str
    service: str
    method: str
    path: str
    body: bytes
    sdk: str

    @property
    def identity(self) -> str:
        """The same for the call and its repetitions. Where a path says nothing, as with events, the body does."""
        said = self.path if self.service == "s3" else hashlib.sha256(self.body).hexdigest()
        return f"{self.service} {self.method} {said}"


class Faults:
    """Decides which calls fail, with faults of these kinds. `met` counts what happened by function, service and fault.

    `first` has the faults of a function's first calls of a service, one each: these meet them however often the SDK
    tries, so that the function fails; but one that took effect is cut off once. Of all other calls at most `stalls`
    stall. While `down` is a text, writes whose path holds it are broken as well.
    """

    def __init__(
        self, seed: int, kinds: Sequence[Fault], first: Mapping[tuple[str, str], Sequence[Fault]], stalls: int
    ) -> None:
        self.seed = seed
        self.kinds = kinds
        self.met: Counter[tuple[str, str, Fault]] = Counter()
        self.down = ""
        self._first = {of: [*faults] for of, faults in first.items()}
        self._lasting: dict[str, Fault] = {}
        self._stalls = stalls
        self._left: dict[str, int] = {}
        self._lock = threading.Lock()

    def decide(self, call: Call) -> Fault | None:
        """The fault that a call meets now, if any."""
        drawn = random.Random(f"{self.seed} {call.identity}")
        fails, fault, times = drawn.random() < _OFTEN, drawn.choice(self.kinds), drawn.choice(_TIMES)
        with self._lock:
            if self.down and call.method == "PUT" and self.down in call.path:
                return self._meets(call, Fault.BROKEN)
            if call.sdk in self._lasting:
                return self._meets(call, self._lasting[call.sdk])
            if waiting := self._first.get((call.function, call.service)):
                if waiting[0] is not Fault.CUT_AFTER:
                    self._lasting[call.sdk] = waiting[0]
                return self._meets(call, waiting.pop(0))
            left = self._left.setdefault(call.identity, times if fails else 0)
            if not left:
                return None
            if fault is Fault.STALLED:
                if not self._stalls:
                    return None
                self._stalls -= 1
                left = 1
            self._left[call.identity] = left - 1
            return self._meets(call, fault)

    def _meets(self, call: Call, fault: Fault) -> Fault:
        self.met[call.function, call.service, fault] += 1
        return fault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Proxy"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:  # a function that was ended in the middle of a call
            self.close_connection = True

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        scope = self.headers.get("Authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
        service = scope[3] if len(scope) > 3 else ""
        function = self.headers.get("User-Agent", "").partition(" app/")[2].partition(" ")[0]
        sdk = self.headers.get("amz-sdk-invocation-id", "")
        call = Call(function, service, self.command, self.path, body, sdk)
        fault = self.server.faults.decide(call)
        if fault in (Fault.THROTTLED, Fault.BROKEN):
            self._answer(*_refusal(call.service, fault))
            return
        if fault is Fault.SLOW:
            time.sleep(_SLOW_SECONDS)
        if fault is Fault.STALLED:
            self.server.closing.wait(2 * _FUNCTION_SECONDS)
        answer = None if fault in (Fault.CUT_BEFORE, Fault.STALLED) else self._forward(body)
        if answer is None or fault is Fault.CUT_AFTER:
            self.close_connection = True
            return
        self._answer(*answer)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass  # noqa: N815

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=_PATIENCE_SECONDS)
        try:
            sent = {name: value for name, value in self.headers.items() if name.lower() not in _DROPPED}
            upstream.request(self.command, self.path, body, sent)
            answer = upstream.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            upstream.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _DROPPED | {"content-length"}:
                self.send_header(name, value)
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(body))
        if status not in (204, 304):
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what happened is counted."""


def _refusal(service: str, fault: Fault) -> tuple[int, dict[str, str], bytes]:
    """What S3 (in XML) and the other services (in JSON) answer."""
    if service == "s3":
        status, code = (503, "SlowDown") if fault is Fault.THROTTLED else (500, "InternalError")
        told = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>A bad day.</Message></Error>"
        return status, {"Content-Type": "application/xml"}, told.encode()
    status, code = (400, "ThrottlingException") if fault is Fault.THROTTLED else (500, "InternalFailure")
    told = f'{{"__type": "{code}", "message": "A bad day."}}'
    return status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}, told.encode()


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: int, faults: Faults) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.faults = faults
        self.closing = threading.Event()


@contextmanager
def between(emulator: Emulator, faults: Faults, settings: Mapping[str, str]) -> Iterator[None]:
    """Have the functions reach AWS through the proxy, with these environment variables: their aliases name a version
    that does for now. They are ended sooner, and their messages come again sooner, than the template says: seconds, not
    minutes."""
    proxy = _Proxy(emulator.port, faults)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    functions, sqs = emulator.client("lambda"), emulator.client("sqs")
    proxied = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.server_port}", **settings}
    before = functions.list_functions()["Functions"]
    aliases = {one["FunctionName"]: _alias(functions, one["FunctionName"]) for one in before}
    queues = {url: output for output, url in emulator.outputs.items() if url in work_queues(emulator.outputs)}
    visibility = {
        url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        for url in queues
    }
    try:
        for one in before:
            variables = one["Environment"]["Variables"]
            named = {"AWS_SDK_UA_APP_ID": variables["POWERTOOLS_SERVICE_NAME"]}  # the SDK says so with each call
            functions.update_function_configuration(
                FunctionName=one["FunctionName"],
                Timeout=min(one["Timeout"], _FUNCTION_SECONDS),
                Environment={"Variables": variables | proxied | named},
            )
            _point(functions, one["FunctionName"], aliases[one["FunctionName"]]["Name"], "$LATEST")
        for url, output in queues.items():
            seconds = _VISIBILITY_SECONDS.get(output, _OTHERS_SECONDS)
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
        yield
    finally:
        for one in before:
            alias = aliases[one["FunctionName"]]
            _point(functions, one["FunctionName"], alias["Name"], alias["FunctionVersion"])
            functions.update_function_configuration(
                FunctionName=one["FunctionName"], Timeout=one["Timeout"], Environment=one["Environment"]
            )
        for url, attributes in visibility.items():
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        proxy.closing.set()
        proxy.shutdown()
        proxy.server_close()


def _alias(functions: Any, name: str) -> dict[str, Any]:
    """The one alias of a function: what queues and the API call."""
    (alias,) = functions.list_aliases(FunctionName=name)["Aliases"]
    return dict(alias)


def _point(functions: Any, name: str, alias: str, version: str) -> None:
    functions.update_alias(FunctionName=name, Name=alias, FunctionVersion=version)


def refuse(emulator: Emulator, function: str) -> None:
    """Have Lambda refuse every call of a function, as if too many ran already, until `accept`. Within `between`:
    MiniStack refuses no calls of numbered versions."""
    name = _named(emulator, function)
    emulator.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)


def accept(emulator: Emulator, function: str) -> None:
    """The end of `refuse`."""
    emulator.client("lambda").delete_function_concurrency(FunctionName=_named(emulator, function))


def _named(emulator: Emulator, function: str) -> str:
    (name,) = (
        one["FunctionName"]
        for one in emulator.client("lambda").list_functions()["Functions"]
        if one["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == function
    )
    return str(name)
