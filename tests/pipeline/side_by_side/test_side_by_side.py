"""A release that is too large for one call ends in the bytes of one call, and a part that fails changes nothing."""

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple
from unittest import mock

import pytest

from functions.opportunities import shards
from infra.landing import files_of
from infra.local.clock import Clock
from infra.local.stack import LocalStack
from shared.aws.side_by_side import TRIES
from shared.errors import Transient
from tests.support.paths import SAMPLES
from tests.support.pipeline.programme import current_release, pointer
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work
from tests.support.pipeline.world import TOO_MUCH


def objects(stack: LocalStack) -> dict[str, str]:
    """The data bucket: key → ETag, which is that of the bytes."""
    pages = stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stack.outputs["DataBucketName"])
    return {one["Key"]: one["ETag"] for page in pages for one in page["Contents"]}


def called(stack: LocalStack, function: str) -> list[dict[str, Any]]:
    return [dict(call.event) for call in stack.invocations if call.function == function]


def executions(stack: LocalStack) -> list[str]:
    """The names of all executions, oldest first."""
    (machine,) = stack.machines.values()
    listed = stack.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return [one["name"] for one in reversed(listed)]


def land_small(stack: LocalStack) -> None:
    stack.land("method/1/method.yaml", METHOD_TEXT.encode())
    stack.land("roll/2025/roll.csv", ROLL)
    stack.land("work/2025-01/a.csv", work(1))


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    """A small programme whose every release is too large for one call; nothing delivered yet."""
    with LocalStack({"Build": "1"} | TOO_MUCH, clock=Clock()) as running:
        land_small(running)
        yield running


def released(stack: LocalStack) -> dict[str, str]:
    """The objects of the current release: key → ETag."""
    release_id = (pointer(stack) or {})["release_id"]
    return {key: tag for key, tag in objects(stack).items() if release_id in key}


class Ended(NamedTuple):
    """The current release, and everything in the data bucket: key → ETag."""

    release: dict[str, str]
    bucket: dict[str, str]


@pytest.fixture(scope="module")
def in_one_call() -> Ended:
    """The samples, released by one call of each function."""
    with LocalStack({"Build": "1"}) as running:
        for file in files_of(SAMPLES):
            running.land(file.key, file.body)
        running.run_until_idle()
        assert not called(running, "ShardsFunction")
        assert not called(running, "DrawsFunction")
        return Ended(released(running), objects(running))


@pytest.mark.parametrize("seed", [None, 1])
def test_samples_end_in_the_bytes_of_one_call(in_one_call: Ended, seed: int | None) -> None:
    """60 trusts: thousands of values of metrics are missing at first, and each group has 12,000 of draws."""
    chance = random.Random(seed)
    with LocalStack({"Build": "1", "MostValues": "3000"}) as stack:
        for file in files_of(SAMPLES):
            stack.land(file.key, file.body)
        if seed is None:
            stack.run_until_idle()
        else:  # other releases come before, and parts of both come in any order
            stack.run_until_idle(choose=lambda waiting: chance.choice(list(waiting)))
        assert stack.failed == stack.dead_letters() == {}
        assert len(called(stack, "ShardsFunction")) > 5
        parts = {(part["start"], part["stop"]) for part in called(stack, "DrawsFunction")}
        assert parts == {(start, start + 50) for start in range(0, 200, 50)}  # the smallest parts
        assert len(released(stack)) > 10
        assert released(stack) == in_one_call.release
        if seed is None:
            assert objects(stack).keys() >= in_one_call.bucket.keys()
            more = objects(stack).keys() - in_one_call.bucket.keys()
            assert {key.partition("/")[0] for key in more} == {"plans", "draws"}


def test_part_that_fails_is_tried_again(stack: LocalStack) -> None:
    """A call of the function dies, another is throttled: the machine cannot tell, and calls it again."""
    genuine = shards.compute_item
    failures = iter([Transient("throttled"), MemoryError("died")])

    def compute(*given: Any) -> int:
        if failure := next(failures, None):
            raise failure
        return genuine(*given)

    with mock.patch.object(shards, "compute_item", compute):
        stack.run_until_idle()
    assert pointer(stack)
    assert stack.failed == {}
    failed = [call for call in stack.invocations if call.function == "ShardsFunction" and call.error]
    assert len(failed) == 2
    with LocalStack({"Build": "1"}) as calm:
        land_small(calm)
        calm.run_until_idle()
        assert not called(calm, "ShardsFunction")
        assert pointer(calm) == pointer(stack)
        of_release = {key: tag for key, tag in objects(calm).items() if key.startswith(("tables/", "releases/"))}
        assert of_release.items() <= objects(stack).items()


def test_part_that_fails_for_good_leaves_what_is_published_and_the_schedule_begins_again(stack: LocalStack) -> None:
    stack.run_until_idle()
    before = pointer(stack)
    stack.land("work/2025-02/a.csv", work(2))
    with mock.patch.object(shards, "compute_item", side_effect=MemoryError("too large")):
        stack.run_until_idle()
        assert pointer(stack) == before
        assert ["MemoryError: too large" in why for why in stack.failed.values()] == [True]
        first = executions(stack)
        for _ in range(TRIES + 2):
            stack.tick()
            stack.run_until_idle()
        again = executions(stack)[len(first) :]
        assert len(again) == TRIES - 1  # the pointer has no more in an hour, whatever asks for it
    assert pointer(stack) == before
    assert stack.dead_letters() == {}
    stack.clock.advance(3_600)
    stack.tick()
    stack.run_until_idle()
    assert (pointer(stack) or {})["sequence"] == (before or {})["sequence"] + 1


def test_newer_files_start_no_second_execution_while_one_computes(stack: LocalStack) -> None:
    while "SideBySide" not in stack.pending() or "opportunities" not in executions(stack)[-1]:
        stack.deliver(next(iter(stack.pending())))
    running = [name for name in executions(stack) if name.startswith("opportunities")]
    stack.land("work/2025-02/a.csv", work(2))
    while set(stack.pending()) - {"SideBySide"}:
        stack.deliver(next(iter(stack.pending())))
    assert [name for name in executions(stack) if name.startswith("opportunities")] == running
    assert pointer(stack) is None
    stack.run_until_idle()
    assert (pointer(stack) or {})["sequence"] == 2  # what was computed first, and then the newer file
    manifest = json.loads(current_release(stack)["manifest.json"])
    assert {one["slot"] for one in manifest["inputs"]} >= {"work/2025-01", "work/2025-02"}


def test_superseded_part_computes_nothing(stack: LocalStack) -> None:
    stack.run_until_idle()
    (item, *_) = called(stack, "ShardsFunction")
    before = objects(stack)
    call = stack._invoke("ShardsFunction", item)  # of the release before the pointer was there
    assert call.error == ""
    assert call.response == {"shards": 0}
    assert objects(stack) == before
