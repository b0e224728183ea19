"""Any order, duplication, loss or interleaving of deliveries, events about wrong keys, old things remembered, a
crash and retry at any AWS call, and whatever operators decide meanwhile: all end in the release that replaying the
landing bucket into an empty data bucket gives, byte for byte; and no reader ever sees half of one.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.stack import LocalStack
from shared.aws.store import Store
from shared.keys import CURRENT
from shared.landing import look as looks
from shared.releases import channels
from tests.support.pipeline.programme import current_release, pointer
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work
from tests.support.pipeline.world import METHODS, TOO_MUCH, World

KEYS = [
    "work/2025-01/a.csv",
    "work/2025-01/b.csv",
    "work/2025-02/a.csv",
    "work/2025-02/p1/a.csv",
    "dry-run/work/2025-02/a.csv",
]
LIES = [*KEYS, "work/2025-01", "work/1999-12/a.csv", "method/1/method.yaml", "a key that is none"]
CALLS = {"Ingest": 20, "Peers": 35, "Opportunities": 60, "Shards": 20, "Draws": 5}
"""More than one invocation makes here: 15, 29 and 48 were counted for one change, the most with a preview."""

steps = st.one_of(
    st.tuples(st.just("land"), st.sampled_from(KEYS), st.integers(0, 3)),
    st.tuples(st.just("upload"), st.sampled_from(KEYS), st.integers(0, 3)),
    st.tuples(st.just("delete"), st.sampled_from(KEYS)),
    st.tuples(st.just("deliver"), st.integers(0, 3), st.integers(1, 3)),
    st.tuples(st.just("settle"), st.integers(0, 3)),
    st.tuples(st.just("repeat"), st.integers(0, 3)),
    st.tuples(st.just("lose"), st.integers(0, 3)),
    st.tuples(st.just("lie"), st.sampled_from(["FileCurated", "FileWithdrawn"]), st.sampled_from(LIES)),
    st.tuples(st.just("outdated"), st.integers(0, 3)),
    *(
        st.tuples(st.just("crash"), st.just(function), st.integers(0, calls), st.booleans())
        for function, calls in CALLS.items()
    ),
    st.tuples(st.sampled_from(["tick", "wait"])),
    st.tuples(st.just("method"), st.integers(0, len(METHODS) - 1)),
    st.tuples(st.just("promote"), st.booleans()),
    st.tuples(st.just("roll back"), st.integers(0, 3), st.booleans()),
    st.tuples(st.sampled_from(["resume", "withdraw"])),
)


@settings(max_examples=8)
@given(st.lists(steps, min_size=8, max_size=12), st.integers(0, 5), st.booleans(), st.booleans())
def test_whatever_happens_the_end_is_that_of_a_replay(
    taken: list[tuple[Any, ...]], order: int, in_part: bool, many: bool
) -> None:
    assert_ends_as_a_replay(taken, order, in_part, many)


@pytest.mark.nightly
@settings(max_examples=500)
@given(st.lists(steps, max_size=12), st.integers(0, 5), st.booleans(), st.booleans())
def test_five_hundred_histories_end_as_a_replay(
    taken: list[tuple[Any, ...]], order: int, in_part: bool, many: bool
) -> None:
    assert_ends_as_a_replay(taken, order, in_part, many)


def assert_ends_as_a_replay(taken: list[tuple[Any, ...]], order: int, in_part: bool, many: bool) -> None:
    """`in_part`: functions look at what changed, as at a long log; else at everything, which then takes fewer calls.
    `many`: a release is too large for one call, until it is replayed; else one call computes it each time."""
    parameters = {"Build": "1"} | (TOO_MUCH if many else {})
    with LocalStack(parameters) as stack, mock.patch.object(looks, "PAGE", 0 if in_part else looks.PAGE):
        world = World(stack)
        stack.land("work/2025-01/first.csv", work(1, trusts=6))
        stack.land("method/1/method.yaml", METHOD_TEXT.encode())
        stack.land("roll/2025/roll.csv", ROLL)
        with world.faults.installed():
            for step in taken:
                world.perform(step)
            world.faults.calls_left = None
            ended = world.settled()
            assert stack.dead_letters() == {}
            assert CURRENT in ended
            world.compute_in_one_call()
            assert world.replayed(order) == ended
            assert world.torn == []


# ---- two at once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["older", "newer"])
def test_of_two_workers_who_publish_at_once_one_wins_and_the_other_notices(
    first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalStack({"Build": "1"}) as stack:
        stack.land("method/1/method.yaml", METHOD_TEXT.encode())
        stack.land("roll/2025/roll.csv", ROLL)
        stack.land("work/2025-01/a.csv", work(1))
        stack.run_until_idle()
        sequence = (pointer(stack) or {})["sequence"]
        for month in ("02", "03"):  # two snapshots, taken while readers see one and the same release
            stack.land(f"work/2025-{month}/a.csv", work(2))
            while stack.pending().keys() & {"IngestQueue", "PeersQueue"}:
                stack.deliver(next(iter(stack.pending())))
        computed = [event.detail for event in stack.events if event.type == "PeersComputed"][-2:]
        assert computed[0]["pointer_etag"] == computed[1]["pointer_etag"]
        asked(stack, computed if first == "older" else computed[::-1])
        said = len(stack.events)

        with just_before_swap(monkeypatch, lambda: stack.deliver("OpportunitiesQueue", 1)):
            stack.deliver("OpportunitiesQueue", 1)  # while it computes, a second worker takes the other message
        won, noticed = stack.events[said:]
        assert (won.type, won.detail["sequence"]) == ("ReleasePublished", sequence + 1)
        assert noticed.type == "RecomputeRequested"
        shown = pointer(stack) or {}
        assert (shown["release_id"], shown["snapshot_id"]) == (
            won.detail["release_id"],
            computed[1 if first == "older" else 0]["snapshot_id"],
        )

        stack.run_until_idle()
        manifest = current_release(stack)["manifest.json"]
        assert b"work/2025-02" in manifest
        assert b"work/2025-03" in manifest
        assert [one.sequence for one in channels.shown(World(stack).data, CURRENT)] == list(
            range((pointer(stack) or {})["sequence"], 0, -1)
        )
        assert stack.dead_letters() == {}


def asked(stack: LocalStack, computed: list[Any]) -> None:
    """Nothing but these messages waits for opportunities."""
    url = stack.outputs["OpportunitiesQueueUrl"]
    stack.client("sqs").purge_queue(QueueUrl=url)
    for detail in computed:
        envelope = {"source": "headroom", "detail-type": "PeersComputed", "detail": dict(detail)}
        stack.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(envelope))


@contextmanager
def just_before_swap(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> Iterator[None]:
    """Something happens once, when a worker is about to move a pointer."""
    genuine, waiting = Store.swap, [happens]

    def swap(store: Store, *given: Any) -> None:
        if waiting:
            waiting.pop()()
        genuine(store, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "swap", swap)
        yield
    assert not waiting
