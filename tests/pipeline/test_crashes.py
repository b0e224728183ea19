"""Functions that die at any of their calls end with the same bytes as functions that nothing disturbs."""

from collections.abc import Iterator
from functools import cache
from unittest import mock

import pytest

from infra.local.stack import LocalStack
from shared.landing import look as looks
from tests.support.pipeline.faults import AtEveryCall
from tests.support.pipeline.programme import upload
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work
from tests.support.pipeline.world import METHODS, TOO_MUCH, End, World

EFFECTS = {
    *((f"{function}Function", "PutEvents") for function in ("Ingest", "Peers", "Opportunities")),
    ("IngestFunction", "PutObject", "work"),  # an upload is landed
    ("PeersFunction", "SendMessageBatch"),
    *(("IngestFunction", "PutObject", folder) for folder in ("curated", "methods", "dry-runs", "receipts", "verdicts")),
    *((f"{function}Function", "StartExecution") for function in ("Peers", "Opportunities")),
    *((f"{function}Function", "PutObject", "plans") for function in ("Peers", "Opportunities")),
    ("DrawsFunction", "PutObject", "draws"),
    ("ShardsFunction", "PutObject", "shards"),
    *(("PeersFunction", "PutObject", folder) for folder in ("findings", "peers", "snapshots", "log", "dry-runs")),
    *(
        ("OpportunitiesFunction", "PutObject", folder)
        for folder in ("tables", "releases", "history", "channels", "comparisons", "receipts")
    ),
}
"""What they write and send."""


def walk(world: World) -> Iterator[None]:
    """All that suppliers and operators do; at each stop everything comes to rest."""
    stack = world.stack
    stack.land("method/1/method.yaml", METHOD_TEXT.encode())
    stack.land("roll/2025/roll.csv", ROLL)
    stack.land("work/2025-01/a.csv", work(1))
    stack.land("work/2025-02/a.csv", work(0))  # is rejected
    yield
    upload(stack, "an-upload", "work/2025-03/a.csv", work(1))
    yield
    stack.land("work/2025-02/a.csv", work(2))
    stack.land("dry-run/work/2025-01/a.csv", work(3))
    yield
    stack.land("method/2/method.yaml", METHODS[1].encode())  # reads every file anew
    yield
    world.decide(("promote", True))
    stack.delete("work/2025-02/a.csv")
    yield
    world.decide(("roll back", 1, True))
    stack.land("work/2025-01/a.csv", work(2))
    yield
    world.decide(("resume",))
    yield


def walked(died: set[tuple[str, ...]] | None, after: bool = False, closely: bool = False) -> dict[str, End]:
    """The end of a walk on which functions die at calls that are not in `died`, and these are added, and on which every
    release is too large for one call. None: at none, functions look at everything each time, where the others look at
    what changed, and one call computes a release."""
    parameters = {"Build": "1"} | ({} if died is None else TOO_MUCH)
    with LocalStack(parameters) as stack, mock.patch.object(looks, "PAGE", looks.PAGE if died is None else 0):
        world = World(stack)
        if died is not None:
            world.faults = AtEveryCall(stack, world.written, died, after, closely)
        with world.faults.installed():
            for _ in walk(world):
                stack.run_until_idle()
        ended = world.settled()
        assert stack.dead_letters() == {}
        assert world.torn == []
        return ended


def effects(died: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The kinds of effect at which functions died: a write by its folder, whatever else tells its calls apart."""
    return {kind[:3] if kind[1] == "PutObject" else kind[:2] for kind in died}


@cache
def calm() -> dict[str, End]:
    return walked(None)


def test_functions_that_die_at_most_of_their_calls_change_no_byte_of_the_end() -> None:
    """Before the call took effect on a first walk, and at other calls after they took effect on a second."""
    died: set[tuple[str, ...]] = set()
    assert walked(died, after=False) == calm(), sorted(died)
    assert walked(died, after=True) == calm(), sorted(died)
    assert len(effects(died) & EFFECTS) > 0.8 * len(EFFECTS)


@pytest.mark.nightly
@pytest.mark.parametrize("after", [False, True], ids=["before it took effect", "after it took effect"])
def test_function_that_dies_at_any_of_its_calls_changes_no_byte_of_the_end(after: bool) -> None:
    died: set[tuple[str, ...]] = set()
    known = -1
    while known < len(died):
        known = len(died)
        assert walked(died, after, closely=True) == calm(), sorted(died)
    assert effects(died) >= EFFECTS
