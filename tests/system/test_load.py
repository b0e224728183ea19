"""Many files at once, and many readers while releases change, on a stack of their own.

`make nightly` lands forty files for eight readers, `make load` a thousand for two hundred.
"""

import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, product
from string import ascii_uppercase, digits
from typing import Any, NamedTuple

import httpx
import pytest

from infra.landing import LandingFile
from infra.local.emulator import Emulator
from infra.ops.run import land, settle
from infra.stacks import describe
from shared import keys
from shared.aws.store import Store
from shared.releases import channels, write
from tests.support.pipeline.small import METHOD_TEXT
from tests.support.system.queues import dead_letters
from tests.system.conftest import BUILD

pytestmark = pytest.mark.nightly

FILES = int(os.environ.get("LOAD_FILES", "40"))
READERS = int(os.environ.get("LOAD_READERS", "8"))
AT_ONCE = min(READERS, 8)
"""How many readers are answered at a time. These have read the first release before any file lands.

The emulator starts a Lambda environment for each request that finds none idle: two hundred at a time would need 60 GB
of disk, 22 GB of memory and nine minutes of a processor before anything is answered."""

PAUSE_SECONDS = READERS / 2
"""How long a reader waits before it looks again: together they look twice a second, however many they are."""

MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04")
TRUSTS = [f"R{a}{b}" for a, b in islice(product(ascii_uppercase + digits, repeat=2), FILES // len(MONTHS))]
SEED = 7
_PATIENCE_SECONDS = 600
"""How long no file may have its receipt before the rest are given up."""


class Seen(NamedTuple):
    """One answer, and how long it took in seconds."""

    path: str
    answer: httpx.Response
    seconds: float

    @property
    def release_id(self) -> str:
        return str(self.answer.headers["x-release-id"])


def small_file(trust: str, month: str) -> LandingFile:
    cost = random.Random(f"{trust} {month}").randint(1000, 9000)
    text = f"code,kind,cost,area\n{trust},{'AB'[cost % 2]},{cost},{10 + cost % 7}\n"
    return LandingFile(f"work/{month}/{trust.lower()}/work.csv", text.encode())


def roll() -> LandingFile:
    rows = "".join(f"{code},Trust {code},Y91,QAA,2000-01-01,\n" for code in TRUSTS)
    return LandingFile("roll/2025/roll.csv", f"code,name,region,icb,opened,closed\n{rows}".encode())


def paths(trust: str) -> tuple[str, ...]:
    return "/v1/releases/current", f"/v1/trusts/{trust}/opportunities", f"/v1/trusts/{trust}/opportunities/cost"


class Load:
    """What came of it: `receipts` wanted, `answers` of all readers, how many seconds the files took."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._s3 = emulator.client("s3")  # one for all files: making one takes longer than landing a file
        self.data = Store(emulator.outputs["DataBucketName"], self._s3)
        first = [LandingFile("method/1/method.yaml", METHOD_TEXT.encode()), roll(), small_file(TRUSTS[0], MONTHS[0])]
        dict(land(emulator, first))
        settle(emulator)
        files = [file for file in map(small_file, *zip(*product(TRUSTS, MONTHS), strict=True)) if file not in first]
        ended = threading.Event()
        self._turns = threading.Semaphore(AT_ONCE)
        with ThreadPoolExecutor(READERS + 8) as pool:
            of_the_first = [*pool.map(self._look_once, range(AT_ONCE))]
            began = time.monotonic()
            reading = [pool.submit(self._read, number, ended) for number in range(READERS)]
            try:
                self.receipts = [*pool.map(self._land, files)]
                self.landed_seconds = time.monotonic() - began
                self._await_receipts()
                settle(emulator)
                self.seconds = time.monotonic() - began
            finally:
                ended.set()
            self.answers = [seen for looks in (*of_the_first, *(one.result() for one in reading)) for seen in looks]

    def _land(self, file: LandingFile) -> str:
        bucket = self.emulator.outputs["LandingBucketName"]
        put = self._s3.put_object(Bucket=bucket, Key=file.key, Body=file.body)
        return keys.receipt(file.key, put["VersionId"])

    def _await_receipts(self) -> None:
        last, missing = time.monotonic(), set(self.receipts)
        while missing and time.monotonic() - last < _PATIENCE_SECONDS:
            time.sleep(1)
            still = missing - set(self.data.names(keys.RECEIPTS))
            if still != missing:
                last, missing = time.monotonic(), still

    def _read(self, number: int, ended: threading.Event) -> list[Seen]:
        seen = []
        ended.wait(PAUSE_SECONDS * number / READERS)  # they come in one after the other
        with self._client() as client:
            last = False
            while not last:
                last = ended.is_set()  # once more when all is settled
                seen += self._look(client, number)
                ended.wait(PAUSE_SECONDS)
        return seen

    def _look_once(self, number: int) -> list[Seen]:
        with self._client() as client:
            return self._look(client, number)

    def _look(self, client: httpx.Client, number: int) -> list[Seen]:
        seen = []
        with self._turns:
            for path in paths(TRUSTS[number % len(TRUSTS)]):
                began = time.monotonic()
                answer = client.get(path)
                seen.append(Seen(path, answer, time.monotonic() - began))
        return seen

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self.emulator.api, timeout=120)


@pytest.fixture(scope="module")
def load(emulator: Emulator) -> Iterator[Load]:
    with Emulator() as own:
        (own.folder / "build").symlink_to(emulator.folder / "build")
        own.deploy(BUILD)
        under_load = Load(own)
        took = sorted(seen.seconds for seen in under_load.answers)
        print(
            f"\n{FILES} files landed in {under_load.landed_seconds:.0f} s, judged and released in "
            f"{under_load.seconds:.0f} s; {READERS} readers had {len(took)} answers, half of them within "
            f"{took[len(took) // 2]:.2f} s and 99 % within {took[len(took) * 99 // 100]:.2f} s"
        )
        yield under_load


def test_every_file_has_its_receipt_and_nothing_is_given_up(load: Load) -> None:
    assert len(load.receipts) == len(TRUSTS) * len(MONTHS) - 1
    assert set(load.data.names(keys.RECEIPTS)) >= set(load.receipts)
    assert dead_letters(describe("headroom", load.emulator.client)) == {}


def test_release_at_the_end_is_of_every_file(load: Load) -> None:
    pointer, _ = channels.read_pointer(load.data, keys.CURRENT)
    assert pointer is not None
    tables = write.read(load.data, pointer.release_id, ["metrics"])
    held = {(row["trust_code"], row["value"]) for row in tables["metrics"].to_pylist()}
    for trust in TRUSTS:
        _, _, cost, area = small_file(trust, MONTHS[-1]).body.decode().splitlines()[1].split(",")
        assert (trust, int(cost) / int(area)) in held


def test_releases_changed_while_they_were_read(load: Load) -> None:
    assert len({seen.release_id for seen in load.answers}) >= 2


def test_answer_is_of_the_one_release_that_its_headers_name(load: Load) -> None:
    for seen in load.answers:
        assert seen.answer.status_code == 200, seen.answer.text
        assert seen.release_id in seen.answer.headers["etag"]
        if seen.path == "/v1/releases/current":
            told = seen.answer.json()
            assert told["pointer"]["release_id"] == told["manifest"]["release_id"] == seen.release_id


def test_readers_of_one_release_all_read_the_same(load: Load) -> None:
    bodies: dict[tuple[str, str], set[str]] = defaultdict(set)
    for seen in load.answers:
        if seen.path != "/v1/releases/current":  # a release may be shown again, under another number
            bodies[seen.path, seen.release_id].add(seen.answer.text)
    assert len(bodies) > READERS
    assert [of for of, told in bodies.items() if len(told) > 1] == []


def test_figure_and_its_list_agree_by_release(load: Load) -> None:
    """What a page shows that asks for a list and then, by its release, for the arithmetic."""
    lists: dict[tuple[str, str], Any] = {}
    for seen in load.answers:
        if seen.path.endswith("/opportunities"):
            lists[seen.path, seen.release_id] = seen.answer.json()["opportunities"]
    rows_seen = 0
    with httpx.Client(base_url=load.emulator.api, timeout=120) as client:
        for path, release_id in random.Random(SEED).sample(sorted(lists), min(20, len(lists))):
            for row in lists[path, release_id]:
                told = client.get(f"{path}/{row['opportunity_id']}", params={"as_at": release_id})
                assert release_id in told.headers["etag"]
                assert {name: told.json()["opportunity"][name] for name in row} == row
                rows_seen += 1
    assert rows_seen
