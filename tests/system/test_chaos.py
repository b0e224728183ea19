"""A bad day on the emulator: the data bucket is rebuilt while AWS throttles, breaks, stalls and cuts calls off.

`make nightly` runs it twice: with throttling alone, and with every fault and writes that fail until their messages are
given up.
"""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise

import pytest

from infra.ops.run import settle
from infra.stacks import describe
from shared import keys
from shared.aws.store import Store
from shared.releases import channels
from tests.support.system import runbook
from tests.support.system.faults import Fault, Faults, between
from tests.support.system.queues import dead_letters
from tests.system.conftest import Published

pytestmark = pytest.mark.nightly

SEED = 6
LOST = "ae_monthly"
_PATIENCE_SECONDS = 180


class BadDay:
    """The runbook's rebuild while calls fail; if `lost` is named, verdicts of that dataset cannot be written until its
    messages are given up.

    `before` and `after` are the hashes of what was released, by name; `letters` what was given up, by queue; `returned`
    and `rebuilt` what the runbook's commands printed; `shown_before` and `shown` what readers saw, newest first.
    """

    def __init__(self, published: Published, kinds: Sequence[Fault], lost: str) -> None:
        emulator = published.emulator
        self.published = published
        self.stack = describe("headroom", emulator.client)
        self.data = Store(emulator.outputs["DataBucketName"], emulator.client("s3"))
        self.before = self._released()
        self.shown_before = [*channels.shown(self.data, keys.CURRENT)]
        self.faults = Faults(SEED, kinds)
        self.lost, self.letters, self.returned = lost, dict[str, int](), ""
        with between(emulator, self.faults), ThreadPoolExecutor(1) as pool:
            if lost:
                self.faults.down = f"/verdicts/{lost}/"
            rebuilding = pool.submit(runbook.run, emulator, "Rebuild")
            if lost:
                self.letters = self._given_up(rebuilding)
                self.faults.down = ""
                settle(emulator)
                self.returned = runbook.run(emulator, "A dead letter", 1, QUEUE="IngestQueue")
            self.rebuilt = rebuilding.result()
        self.after = self._released()
        self.receipts = set(self.data.names(keys.RECEIPTS))
        self.shown = [*channels.shown(self.data, keys.CURRENT)]
        self.left = dead_letters(self.stack)

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

    def _given_up(self, rebuilding: Future[str]) -> dict[str, int]:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and not rebuilding.done():
            if letters := dead_letters(self.stack):
                return letters
            time.sleep(0.5)
        return {}


@pytest.fixture(scope="module", params=["throttled", "everything"])
def day(request: pytest.FixtureRequest, published: Published) -> BadDay:
    kinds, lost = {"throttled": ([Fault.THROTTLED], ""), "everything": ([*Fault], LOST)}[request.param]
    return BadDay(published, kinds, lost)


def test_every_kind_of_fault_was_met(day: BadDay) -> None:
    assert {fault for _, fault in day.faults.met} == set(day.faults.kinds)
    assert {service for service, _ in day.faults.met} >= {"s3", "events"}


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
    assert bool(day.letters.get("IngestQueueDeadLetterQueueUrl")) == bool(day.lost), day.letters
    assert ("to IngestQueue" in day.returned) == bool(day.lost)
    assert day.left == {}
