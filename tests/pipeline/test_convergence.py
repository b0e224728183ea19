"""Any order, duplication or interleaving of deliveries, with a crash and retry at any AWS call, ends in the release
that replaying the landing bucket into an empty data bucket gives, byte for byte; and no reader ever sees half of one.
"""

import hashlib
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.client import BaseClient
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local import LocalStack
from shared.events import landed_message
from tests.pipeline.programme import current_release, objects, pointer
from tests.pipeline.small import METHOD_TEXT, ROLL, work

KEYS = [
    "work/2025-01/a.csv",
    "work/2025-01/b.csv",
    "work/2025-02/a.csv",
    "work/2025-02/p1/a.csv",
    "dry-run/work/2025-02/a.csv",
]

acts = st.one_of(
    st.tuples(st.just("land"), st.sampled_from(KEYS), st.integers(0, 3)),
    st.tuples(st.just("delete"), st.sampled_from(KEYS)),
    st.tuples(st.just("deliver"), st.integers(0, 3), st.integers(1, 3)),
    st.tuples(st.just("repeat"), st.integers(0, 3)),
    st.tuples(st.just("crash"), st.integers(0, 12), st.booleans()),
    st.tuples(st.just("tick")),
)


class Crash(Exception):
    """A function dies in the middle."""


class Faults:
    """Makes one AWS call of the functions fail: the n-th from now, before it took effect or after."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.calls_left: int | None = None
        self.after = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        genuine = BaseClient._make_api_call  # type: ignore[attr-defined]

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if not self.stack._running or self.calls_left is None:
                return genuine(client, operation, parameters)
            self.calls_left -= 1
            if self.calls_left >= 0:
                return genuine(client, operation, parameters)
            self.calls_left = None
            if self.after:
                genuine(client, operation, parameters)
            raise Crash(operation)

        with mock.patch.object(BaseClient, "_make_api_call", call):
            yield


def whole(stack: LocalStack) -> None:
    """What a reader would see now is a whole release."""
    if pointer(stack) is None:
        return
    release = current_release(stack)
    manifest = json.loads(release["manifest.json"])
    for output in manifest["outputs"]:
        assert hashlib.sha256(release[f"{output['name']}.parquet"]).hexdigest() == output["sha256"]


def perform(stack: LocalStack, faults: Faults, act: tuple[Any, ...], seen: list[tuple[str, str]]) -> None:
    match act:
        case ("land", key, seed):
            stack.land(key, work(seed))
        case ("delete", key):
            if key in landed(stack):  # where there is nothing, moto leaves no marker
                stack.delete(key)
        case ("deliver", choice, count):
            waiting = list(stack.pending())
            if waiting:
                stack.deliver(waiting[choice % len(waiting)], count)
        case ("repeat", choice):  # a message that was delivered once comes a second time
            if seen:
                queue, body = seen[choice % len(seen)]
                stack.client("sqs").send_message(QueueUrl=stack.outputs[f"{queue}Url"], MessageBody=body)
        case ("crash", calls, after):
            faults.calls_left, faults.after = calls, after
        case ("tick",):
            stack.tick()


def remember(stack: LocalStack, seen: list[tuple[str, str]]) -> None:
    """Every message that functions were given, so that it can be given again."""
    queues = {stack.outputs[f"{queue}Url"].rsplit("/", 1)[-1]: queue for queue in stack.feeds}
    seen[:] = [
        (queues[record["eventSourceARN"].rsplit(":", 1)[-1]], record["body"])
        for call in stack.invocations
        for record in call.event.get("Records", ())
    ]


def settle(stack: LocalStack) -> tuple[str | None, dict[str, bytes]]:
    """Let everything come to rest; the release that is then current."""
    stack.cold_start()
    stack.run_until_idle()
    stack.tick()
    stack.run_until_idle()
    shown = pointer(stack)
    return (shown["release_id"], current_release(stack)) if shown else (None, {})


def landed(stack: LocalStack) -> list[str]:
    """Every key that the landing bucket ever held."""
    listed = stack.client("s3").list_object_versions(Bucket=stack.outputs["LandingBucketName"])
    return sorted({entry["Key"] for kind in ("Versions", "DeleteMarkers") for entry in listed.get(kind, ())})


def replayed(stack: LocalStack, order: int) -> tuple[str | None, dict[str, bytes]]:
    """Empty the data bucket and read the landing bucket anew, its keys in some order."""
    s3, bucket = stack.client("s3"), stack.outputs["DataBucketName"]
    for name in objects(stack, ""):
        s3.delete_object(Bucket=bucket, Key=name)
    names = landed(stack)
    random.Random(order).shuffle(names)
    for body in landed_message(stack.outputs["LandingBucketName"], names):
        stack.client("sqs").send_message(QueueUrl=stack.outputs["IngestQueueUrl"], MessageBody=body)
    return settle(stack)


@settings(max_examples=50 if settings.get_current_profile_name() == "default" else 500)
@given(st.lists(acts, max_size=14), st.integers(0, 5))
def test_whatever_happens_the_end_is_that_of_a_replay(steps: list[tuple[Any, ...]], order: int) -> None:
    with LocalStack({"Build": "1"}) as stack:
        faults = Faults(stack)
        seen: list[tuple[str, str]] = []
        stack.land("work/2025-01/first.csv", work(1, trusts=6))
        stack.land("method/1/method.yaml", METHOD_TEXT.encode())
        stack.land("roll/2025/roll.csv", ROLL)
        with faults.installed():
            for step in steps:
                perform(stack, faults, step, seen)
                remember(stack, seen)
                whole(stack)
            faults.calls_left = None
            ended = settle(stack)
        whole(stack)
        assert stack.dead_letters() == {}
        assert ended[0] is not None
        assert replayed(stack, order) == ended
