"""Any order, duplication or interleaving of deliveries, with a crash and retry at any AWS call, and whatever operators
decide meanwhile, ends in the release that replaying the landing bucket into an empty data bucket gives, byte for byte;
and no reader ever sees half of one.
"""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.stack import LocalStack
from shared import keys
from shared.aws.store import Store
from shared.errors import NotReady
from shared.events import landed_message
from shared.keys import CHANNELS, CURRENT
from shared.landing.history import methods_in_force
from shared.landing.read import read_log_of_methods
from shared.releases import channels
from shared.releases.channels import read_pointer
from shared.releases.promotion import DecidedBy, Operator, Refused
from tests.support.pipeline.faults import Faults
from tests.support.pipeline.programme import current_release, pointer, upload
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work

KEYS = [
    "work/2025-01/a.csv",
    "work/2025-01/b.csv",
    "work/2025-02/a.csv",
    "work/2025-02/p1/a.csv",
    "dry-run/work/2025-02/a.csv",
]
METHODS = [
    METHOD_TEXT.replace("q: 0.25", "q: 0.2"),
    METHOD_TEXT.replace("minimum: 0}", "minimum: 0, maximum: 900}", 1),  # rejects the files of seed 3
]
CALLS = {"Ingest": 20, "Peers": 25, "Opportunities": 45}
"""More than one invocation makes here: 12, 16 and 32 were counted, the most by one that publishes a preview."""

steps = st.one_of(
    st.tuples(st.just("land"), st.sampled_from(KEYS), st.integers(0, 3)),
    st.tuples(st.just("upload"), st.sampled_from(KEYS), st.integers(0, 3)),
    st.tuples(st.just("delete"), st.sampled_from(KEYS)),
    st.tuples(st.just("deliver"), st.integers(0, 3), st.integers(1, 3)),
    st.tuples(st.just("settle"), st.integers(0, 3)),
    st.tuples(st.just("repeat"), st.integers(0, 3)),
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


class World:
    """A stack whose functions can be made to crash, its operators, and a reader who looks whenever a pointer moves or
    something is written into a release that is shown."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.faults = Faults(stack, self.written)
        self.shown: set[str] = set()
        self.torn: list[str] = []
        self.uploads = 0
        s3 = stack.client("s3")
        self.landing, self.data = (Store(stack.outputs[f"{name}BucketName"], s3) for name in ("Landing", "Data"))

    def written(self, key: str) -> None:
        """Look whenever readers could tell that an object was written."""
        if key.startswith("channels/") or any(release_id in key for release_id in self.shown):
            self.look()

    def look(self) -> None:
        """A reader reads all there is now; what is not a whole release is put down as torn. It is not raised here: the
        function in whose call this happens would be retried, and hide it."""
        for channel in CHANNELS:
            shown, _ = read_pointer(self.data, channel)
            if shown:
                self.shown.add(shown.release_id)
                manifest = self.data.find(keys.release(shown.release_id, "manifest.json"))
                outputs = json.loads(manifest.body)["outputs"] if manifest else [{"name": "manifest", "sha256": ""}]
                for output in outputs:
                    table = self.data.find(keys.release(shown.release_id, f"{output['name']}.parquet"))
                    if not table or hashlib.sha256(table.body).hexdigest() != output["sha256"]:
                        self.torn.append(f"{channel} {shown.sequence}: {output['name']}")

    # ---- what happens -----------------------------------------------------------------------------------------------

    def perform(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("land", key, seed):
                self.stack.land(key, work(seed))
            case ("upload", key, seed):
                self.uploads += 1
                upload(self.stack, f"upload-{self.uploads}", key, work(seed))
            case ("delete", key):
                self.delete(key)
            case ("method", number):
                self.stack.land(f"method/{number + 2}/method.yaml", METHODS[number].encode())
            case ("deliver", choice, count):
                waiting = list(self.stack.pending())
                if waiting:
                    self.stack.deliver(waiting[choice % len(waiting)], count)
            case ("settle", seed):
                chance = random.Random(seed)
                self.stack.run_until_idle(choose=lambda waiting: chance.choice(list(waiting)))
            case ("repeat", choice):  # a message that was delivered once comes a second time
                seen = self.delivered()
                if seen:
                    queue, body = seen[choice % len(seen)]
                    self.stack.client("sqs").send_message(QueueUrl=self.stack.outputs[f"{queue}Url"], MessageBody=body)
            case ("crash", function, calls, after):
                self.faults.of, self.faults.calls_left, self.faults.after = function, calls, after
            case ("tick",):
                self.stack.tick()
            case ("wait",):  # what is landed next has a later date in S3
                self.stack.clock.advance(1)
            case _:
                self.decide(step)

    def decide(self, step: tuple[Any, ...]) -> None:
        """What operators do; what they are refused changes nothing."""
        operator = Operator(self.landing, self.data)
        by = DecidedBy("an operator", self.stack.clock(), "because")
        current, preview = (read_pointer(self.data, channel)[0] for channel in CHANNELS)
        if step[-1] is True:  # cut short once the act is landed
            operator._show = lambda *_: None  # type: ignore[method-assign]
        try:
            match step:
                case ("promote", _) if preview:
                    operator.promote(preview.release_id, by)
                case ("roll back", choice, _) if current:
                    earlier = [one.release_id for one in channels.shown(self.data, CURRENT)]
                    operator.roll_back(earlier[choice % len(earlier)], current.release_id, by)
                case ("resume",):
                    operator.resume(by)
                case ("withdraw",):
                    landed = list(self.landing.names(keys.DECISIONS_PREFIX))
                    if landed:
                        self.delete(landed[-1])
        except (Refused, NotReady):
            pass
        self.look()

    def delete(self, key: str) -> None:
        if key in self.landed():  # where there is nothing, moto leaves no marker
            self.stack.delete(key)

    def delivered(self) -> list[tuple[str, str]]:
        """Queue and body of every message that functions were given."""
        queues = {self.stack.outputs[f"{queue}Url"].rsplit("/", 1)[-1]: queue for queue in self.stack.feeds}
        return [
            (queues[record["eventSourceARN"].rsplit(":", 1)[-1]], record["body"])
            for call in self.stack.invocations
            for record in call.event.get("Records", ())
        ]

    def landed(self) -> list[str]:
        """Every key that the landing bucket ever held."""
        return sorted({entry.key for entry in self.landing.history()})

    # ---- how it ends ------------------------------------------------------------------------------------------------

    def settled(self) -> "dict[str, End]":
        """Let everything come to rest; what the channels in force then show."""
        self.stack.cold_start()
        self.stack.run_until_idle()
        self.stack.tick()
        self.stack.run_until_idle()
        self.look()
        return {
            channel: self.end(channel) for channel in methods_in_force(read_log_of_methods(self.landing, self.data))
        }

    def end(self, channel: str) -> "End":
        shown, _ = read_pointer(self.data, channel)
        assert shown
        manifest = self.data.get(keys.release(shown.release_id, "manifest.json")).body
        names = [output["name"] for output in json.loads(manifest)["outputs"]]
        tables = {name: self.data.get(keys.release(shown.release_id, f"{name}.parquet")).body for name in names}
        return End(shown.release_id, shown.held_by, manifest, tables)

    def replayed(self, order: int) -> "dict[str, End]":
        """Empty the data bucket and read the landing bucket anew, its keys in some order."""
        everything = [{"Key": name} for name in self.data.names("")]
        self.stack.client("s3").delete_objects(Bucket=self.data.bucket, Delete={"Objects": everything})
        names = self.landed()
        random.Random(order).shuffle(names)
        for body in landed_message(self.landing.bucket, names):
            self.stack.client("sqs").send_message(QueueUrl=self.stack.outputs["IngestQueueUrl"], MessageBody=body)
        return self.settled()


class End(NamedTuple):
    """What a channel shows: the release, the act that holds it there, and every byte of it."""

    release_id: str
    held_by: int | None
    manifest: bytes
    tables: dict[str, bytes]


@settings(max_examples=50 if settings.get_current_profile_name() == "default" else 500)
@given(st.lists(steps, max_size=12), st.integers(0, 5))
def test_whatever_happens_the_end_is_that_of_a_replay(taken: list[tuple[Any, ...]], order: int) -> None:
    with LocalStack({"Build": "1"}) as stack:
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
