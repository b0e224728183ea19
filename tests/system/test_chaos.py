"""A bad day on the emulator: the data bucket is rebuilt while AWS throttles, breaks, stalls and cuts calls off.

`make nightly` runs it three times: with throttling alone; with every fault and writes that fail until their messages
are given up; and with every fault when the release is too large for one call, so that the state machine meets them too.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import pytest

from infra.ops.run import settle
from infra.stacks import describe
from shared import keys
from shared.aws.store import Store
from shared.releases import channels
from tests.support.system import runbook
from tests.support.system.faults import Fault, Faults, accept, between, refuse
from tests.support.system.machine import executions
from tests.support.system.queues import dead_letters
from tests.system.conftest import Published

pytestmark = pytest.mark.nightly

SEED = 6
LOST = "ae_monthly"
_PATIENCE_SECONDS = 180
_REFUSED = "TooManyRequestsException"
_FAILS = [Fault.STALLED, Fault.BROKEN]


class Plan(NamedTuple):
    """What goes wrong on a day: faults as `Faults` has them; `lost` is a dataset whose verdicts cannot be written until
    its messages are given up; `refused` functions Lambda does not call at first, by the function that asks the state
    machine to call them. `most` is how many values one call computes, if not all."""

    kinds: Sequence[Fault]
    first: Mapping[tuple[str, str], Sequence[Fault]] = {}
    stalls: int = 2
    lost: str = ""
    refused: Mapping[str, str] = {}
    most: str = ""


DAYS = {
    "throttled": Plan([Fault.THROTTLED]),
    "everything": Plan([*Fault], lost=LOST),
    "side by side": Plan(
        [*Fault],
        first={
            ("peers", "states"): [Fault.THROTTLED],
            ("opportunities", "states"): [Fault.CUT_AFTER],
            ("draws", "s3"): _FAILS,
            ("shards", "s3"): _FAILS,
        },
        stalls=0,
        refused={"peers": "draws", "opportunities": "shards"},
        most="3000",
    ),
}


class BadDay:
    """The runbook's rebuild while calls fail as planned.

    `before` and `after` are the hashes of what was released, by name; `letters` what was given up, by queue; `returned`
    and `rebuilt` what the runbook's commands printed; `shown_before` and `shown` what readers saw, newest first;
    `executions` what became of the state machine's.
    """

    def __init__(self, published: Published, plan: Plan) -> None:
        emulator = published.emulator
        self.published, self.plan = published, plan
        self.stack = describe("headroom", emulator.client)
        self.data = Store(emulator.outputs["DataBucketName"], emulator.client("s3"))
        self.before = self._released()
        self.shown_before = [*channels.shown(self.data, keys.CURRENT)]
        self.faults = Faults(SEED, plan.kinds, plan.first, plan.stalls)
        self.letters, self.returned = dict[str, int](), ""
        settings = {"MOST_VALUES": plan.most} if plan.most else {}
        earlier = len(executions(emulator))
        with between(emulator, self.faults, settings), ThreadPoolExecutor(1) as pool:
            if plan.lost:
                self.faults.down = f"/verdicts/{plan.lost}/"
            for function in plan.refused.values():
                refuse(emulator, function)
            rebuilding = pool.submit(runbook.run, emulator, "Rebuild")
            self._end_refusals(rebuilding)
            if plan.lost:
                self.letters = self._given_up(rebuilding)
                self.faults.down = ""
                settle(emulator)
                self.returned = runbook.run(emulator, "A dead letter", 1, QUEUE="IngestQueue")
            self.rebuilt = rebuilding.result()
        self.after = self._released()
        self.receipts = set(self.data.names(keys.RECEIPTS))
        self.shown = [*channels.shown(self.data, keys.CURRENT)]
        self.left = dead_letters(self.stack)
        self.executions = executions(emulator)[: -earlier or None]

    def _released(self) -> dict[str, str]:
        """Name → hash of every object that belongs to the release published at first.

        A comparison with a preview that other tests made and withdrew does not: nothing asks for it again.
        """
        pages = self.stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.data.bucket)
        objects = [item for page in pages for item in page.get("Contents", ())]
        return {
            item["Key"]: item["ETag"]
            for item in objects
            if self.published.release_id in item["Key"] and not item["Key"].startswith((keys.HISTORY, keys.COMPARISONS))
        }

    def _end_refusals(self, rebuilding: Future[str]) -> None:
        """Wait until the state machine has met each."""
        refused = dict(self.plan.refused)
        while refused and not rebuilding.done():
            time.sleep(2)
            for one in executions(self.published.emulator):
                if one.function in refused and any(_REFUSED in why for why in one.failures):
                    accept(self.published.emulator, refused.pop(one.function))

    def _given_up(self, rebuilding: Future[str]) -> dict[str, int]:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and not rebuilding.done():
            if letters := dead_letters(self.stack):
                return letters
            time.sleep(0.5)
        return {}


@pytest.fixture(scope="module", params=DAYS)
def day(request: pytest.FixtureRequest, published: Published) -> BadDay:
    return BadDay(published, DAYS[request.param])


def test_every_kind_of_fault_was_met(day: BadDay) -> None:
    assert {fault for *_, fault in day.faults.met} == set(day.plan.kinds)
    assert {service for _, service, _ in day.faults.met} >= {"s3", "events"}
    surely = {(*of, fault) for of, faults in day.plan.first.items() for fault in faults}
    assert surely <= day.faults.met.keys()


def test_release_is_the_one_of_a_calm_day_byte_for_byte(day: BadDay) -> None:
    assert len(day.before) > 8
    assert day.after == day.before
    assert day.rebuilt.count(f"release {day.published.release_id}") == 2


def test_no_file_is_lost(day: BadDay) -> None:
    landed = {keys.receipt(key, receipt["version_id"]) for key, receipt in day.published.receipts.items()}
    assert len(landed) > 20
    assert day.receipts >= landed


def test_nothing_is_published_twice(day: BadDay) -> None:
    known = {one.sequence for one in day.shown_before}
    assert {one.sequence for one in day.shown} >= known
    since = [one for one in day.shown if one.sequence not in known]
    assert len({one.release_id for one in since}) == len(since) > 0
    assert all(newer.sequence == older.sequence + 1 for newer, older in pairwise(day.shown))


def test_what_was_given_up_is_seen_by_the_alarm_and_returned(day: BadDay) -> None:
    assert bool(day.letters.get("IngestQueueDeadLetterQueueUrl")) == bool(day.plan.lost), day.letters
    assert ("to IngestQueue" in day.returned) == bool(day.plan.lost)
    assert day.left == {}


def test_parts_that_fail_are_computed_again(day: BadDay) -> None:
    """Those that Lambda refuses to call, that are ended in the middle of a call, and that give up after an error."""
    assert {one.status for one in day.executions} == ({"SUCCEEDED"} if day.plan.most else set())
    assert {one.function for one in day.executions} == set(day.plan.refused)
    assert [one for one in day.executions if one.items["succeeded"] < one.items["total"]] == []
    for function in day.plan.refused:
        failures = [why for one in day.executions if one.function == function for why in one.failures]
        for expected in (_REFUSED, "Sandbox.Timedout", "Runtime.HandlerError"):
            assert any(expected in why for why in failures), (function, expected, failures)
