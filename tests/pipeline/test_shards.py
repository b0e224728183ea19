"""Releases are assembled from kept shards. Whatever was kept before, and in whatever order shards are computed, each
table is that of computing everything at once, byte for byte; and what has not changed is not computed again.
"""

import csv
import io
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest

from functions.opportunities.estimate.assemble import assemble
from functions.opportunities.estimate.compute import blocks, compute
from functions.opportunities.estimate.estimate import estimate_kept
from functions.opportunities.figures.figures import ShardTables
from functions.opportunities.figures.scope import Scope
from functions.opportunities.kept import series
from functions.opportunities.kept.series import KeptSeries
from functions.opportunities.measure.plan import Shard
from functions.opportunities.stored_facts import StoredFacts
from functions.peers.compute import PeerTables
from functions.peers.compute import compute as compute_peers
from functions.peers.datasets.stored import known_facts
from infra.landing import files_of
from infra.local.stack import LocalStack
from shared import keys
from shared.aws import bundle
from shared.aws.store import Store
from shared.content import digest
from shared.facts.apply_findings import apply_findings
from shared.ids import ReleaseId
from shared.landing.read import read_facts, read_method, read_prices
from shared.landing.snapshot import Snapshot
from shared.method.method import Method
from shared.method.prices import with_landed
from shared.releases.channels import Pointer, read_pointer
from shared.releases.write import SHARDS
from shared.tables import from_bytes, to_bytes
from tests.oracles.scale.at_once import at_once
from tests.oracles.scale.peers_at_once import peers_at_once
from tests.support.paths import REAL_DATA, needs_real_data
from tests.support.pipeline.programme import METHOD_KEY, method_text, sample_files

DEPRIVATION = "deprivation, label: Deprivation, scale: range, weight"
FTE = "fte_staff, label: FTE staff, scale: range, weight"

type Change = Callable[[LocalStack], object]

SICKNESS = "sickness_absence/2025-03/nhs_sickness_absence_2025-03.csv"
QUARTER = "outpatients_quarterly/2024-25-Q4/qar_2024-25_q4_provider.csv"
REGISTER = "ods_trusts/2025/etr.csv"
SUCCESSIONS = "ods_successors/2025/successors.csv"


def replaced(key: str, old: str, new: str, into: str = "") -> Change:
    """Land a sample again with another text."""

    def change(stack: LocalStack) -> object:
        text = sample_files()[key].decode("utf-8-sig")
        assert old in text
        return stack.land(into or key, text.replace(old, new).encode())

    return change


def slipped(key: str, into: str) -> Change:
    """Land a sample again as another file, in which one organisation has a hundredth of its figures."""

    def change(stack: LocalStack) -> object:
        head, *rows = csv.reader(io.StringIO(sample_files()[key].decode("utf-8-sig")))
        largest = max(rows, key=lambda row: sum(int(one) for one in row if one.isdigit()))
        largest[1:] = [str(int(one) // 100) if one.isdigit() else one for one in largest[1:]]
        return stack.land(into, "\n".join(map(",".join, [head, *rows])).encode())

    return change


def with_method(number: int, old: str, new: str, *further: tuple[str, str]) -> Change:
    """Land the shipped method with other texts instead of all that were landed before it."""

    def change(stack: LocalStack) -> object:
        text = method_text()
        for was, now in ((old, new), *further):
            assert was in text
            text = text.replace(was, now)
        for earlier in range(1, number):
            stack.delete(f"method/{earlier}/method.yaml")
        return stack.land(f"method/{number}/method.yaml", text.encode())

    return change


# What changes, and how many shards have to be computed: None if it is not said.
STEPS: Sequence[tuple[str, Change, int | None]] = (
    ("new month", replaced(SICKNESS, "31/03/2025", "30/04/2025", "sickness_absence/2025-04/april.csv"), 1),
    ("correction", replaced(SICKNESS, ",52304.8896,", ",52305.8896,"), 2),
    ("new quarter", replaced(QUARTER, ",568,", ",569,", "outpatients_quarterly/2025-26-Q1/qar.csv"), 2),
    ("withdrawal", lambda stack: stack.delete("outpatients_quarterly/2025-26-Q1/qar.csv"), 0),
    ("earlier quarter", replaced(QUARTER, ",568,", ",569,", "outpatients_quarterly/2024-25-Q3/qar.csv"), 4),
    # In the quarter after it, whose file is as it was, one organisation is then a hundred times larger: a finding.
    ("slip in the earlier quarter", slipped(QUARTER, "outpatients_quarterly/2024-25-Q3/qar.csv"), 4),
    ("its withdrawal", lambda stack: stack.delete("outpatients_quarterly/2024-25-Q3/qar.csv"), 0),
    ("rename", replaced(REGISTER, "FAR PENINSULA HEALTHCARE", "NEAR PENINSULA HEALTHCARE"), None),
    ("closure", replaced(REGISTER, '"QZ1 1ZZ","19940401",""', '"QZ1 1ZZ","19940401","20241231"'), None),
    ("succession", replaced(SUCCESSIONS, "RBO,RIL,1996-04-01", "RBO,RIL,1996-04-01\nRBI,RAI,2024-10-01"), None),
    ("price", with_method(2, "value: 3500\n", "value: 3600\n"), None),
    ("rule", with_method(3, "q: 0.25", "q: 0.3"), None),
    ("number of peers", with_method(4, "    k: 10\n", "    k: 8\n"), None),
    ("measure of peers", with_method(5, DEPRIVATION, FTE, ("        - fte_staff\n", "")), None),
    ("expectation", with_method(6, "figures: 0.9, drift: 30", "figures: 0.9, drift: 1.01"), None),
)


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack({"Build": "1"}) as running:
        running.land(METHOD_KEY, method_text().encode())
        for key, body in sample_files().items():
            running.land(key, body)
        running.run_until_idle()
        yield running


def test_releases_after_each_change_are_those_of_computing_everything_at_once(stack: LocalStack) -> None:
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    assert_is_at_once(data)
    known = shard_keys(data)
    assert len(known) > 50
    for name, change, expected in STEPS:
        before = shown(data).release_id
        change(stack)
        stack.run_until_idle()
        assert stack.dead_letters() == {}
        assert shown(data).release_id != before, name
        assert_is_at_once(data)
        new = shard_keys(data) - known
        known |= new
        assert expected is None or len(new) == expected, name


def shown(data: Store) -> Pointer:
    pointer, _ = read_pointer(data, keys.CURRENT)
    assert pointer
    return pointer


def inputs_of(data: Store, pointer: Pointer) -> tuple[Snapshot, Method]:
    snapshot = data.read_model(Snapshot, keys.snapshot(pointer.snapshot_id))
    method = read_method(data, snapshot.method_id)
    return snapshot, with_landed(method, read_prices(data, snapshot, method))


def assert_is_at_once(data: Store) -> None:
    """The current release has the tables of computing everything from its snapshot at once."""
    pointer = shown(data)
    snapshot, method = inputs_of(data, pointer)
    facts, _ = read_facts(data, snapshot, method)
    peers = peers_at_once(facts, snapshot, method)
    expected = {**at_once(apply_findings(facts, peers.findings), peers.peers, method), **stored(peers)}
    for name, table in expected.items():
        assert to_bytes(table, about(pointer)) == table_of(data, pointer, name), name


def stored(peers: PeerTables) -> dict[str, pa.Table]:
    """The tables of peers as opportunities reads them."""
    return {name: from_bytes(to_bytes(table)) for name, table in peers._asdict().items()}


def table_of(data: Store, pointer: Pointer, name: str) -> bytes:
    return data.get(keys.release(pointer.release_id, f"{name}.parquet")).body


def about(pointer: Pointer) -> dict[str, str]:
    """What every table of a release says of itself."""
    return {"release_id": pointer.release_id, "method_id": pointer.method_id, "build": str(pointer.build)}


def shard_keys(data: Store) -> set[str]:
    """The keys of all shards of the current release."""
    listing = json.loads(data.get(keys.release(shown(data).release_id, SHARDS)).body)
    found: set[str] = set()
    for one in listing.values():
        index: list[Any] = bundle.from_bytes(data.get(keys.series(one)).body)["index"]["key"].to_pylist()
        assert digest(*index) == one
        found |= {*index}
    return found


def kept_facts(data: Store, *, keep: bool = True) -> tuple[StoredFacts, Any, Method]:
    """The facts of the current release as opportunities reads them, its peers and its method."""
    pointer = shown(data)
    snapshot, method = inputs_of(data, pointer)
    peers, findings = (from_bytes(table_of(data, pointer, name)) for name in ("peers", "findings"))
    return StoredFacts(data, snapshot, method, findings, keep=keep), peers, method


@pytest.mark.parametrize("seed", range(3))
def test_shards_are_the_same_in_any_order_and_company(stack: LocalStack, seed: int) -> None:
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    source, peers, method = kept_facts(data)
    scope = Scope.of(source, peers, method)
    together = dict(compute(source, scope, scope.plan.shards))
    chance = random.Random(seed)
    left = [*scope.plan.shards]
    chance.shuffle(left)
    alone: dict[Shard, ShardTables] = {}
    while left:
        some, left = left[: (size := chance.choice([1, 2, 30]))], left[size:]
        alone |= dict(compute(source, scope, sorted(some, key=scope.plan.shards.index)))
    for shard in scope.plan.shards:
        for name in ("metrics", "cases", "distribution", "totals"):  # texts may be numbered in another order
            one, other = (getattr(tables[shard], name).to_pylist() for tables in (together, alone))
            assert one == other, (shard, name)
        assert together[shard].units == alone[shard].units
    assert assemble(scope, alone).whole() == assemble(scope, together).whole()


@pytest.mark.parametrize("seed", range(3))
def test_any_shards_may_have_been_kept_before(stack: LocalStack, seed: int) -> None:
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    listing = json.loads(data.get(keys.release(shown(data).release_id, SHARDS)).body)
    chance = random.Random(seed)
    earlier: dict[str, str] = {}
    bodies = {}
    for metric, one in listing.items():
        shards = series.from_bytes(data.get(keys.series(one)).body)
        some = {key: tables for key, tables in shards.items() if chance.random() < 0.5}
        if some and chance.random() < 0.8:
            earlier[metric] = digest(*some)
            bodies[keys.series(earlier[metric])] = series.to_bytes(some)
    part = ReleaseId("earlier")
    kept = KeptSeries(
        OnlyThese(data, bodies | {keys.release(part, SHARDS): json.dumps(earlier).encode()}), [part], keep=False
    )
    source, peers, method = kept_facts(data)
    found = estimate_kept(source, peers, method, kept).whole()
    assert 0 < kept.computed < kept.shards
    for name, table in found._asdict().items():
        assert to_bytes(table, about(shown(data))) == table_of(data, shown(data), name), name


@pytest.mark.parametrize("seed", range(4))
def test_any_datasets_may_be_known_before(stack: LocalStack, seed: int) -> None:
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    snapshot, method = inputs_of(data, shown(data))
    places = [*data.names("datasets/")]
    hidden = {place for place in places if random.Random(f"{seed} {place}").random() < seed / 3}
    some = Without(data, hidden)
    computed = compute_peers(known_facts(some, snapshot, method), snapshot, method)
    for name, table in stored(computed).items():
        assert to_bytes(table, about(shown(data))) == table_of(data, shown(data), name), name
    # What is made again is what was there; of earlier snapshots nothing is.
    made = set(some.written)
    assert made <= hidden
    assert made if seed == 3 else made != {*places}
    assert all(bundle.from_bytes(some.written[place]) == bundle.from_bytes(data.get(place).body) for place in made)


class Without(Store):
    """A bucket in which some objects are hidden; it keeps what is written to itself."""

    def __init__(self, data: Store, hidden: set[str]) -> None:
        super().__init__(data.bucket, data._s3)
        self._hidden = hidden
        self.written: dict[str, bytes] = {}

    def get(self, key: str, version_id: str | None = None) -> Any:
        return super().get(f"none/{key}" if key in self._hidden else key, version_id)

    def put(self, key: str, body: bytes, content_type: str = "") -> None:
        self.written[key] = body


class OnlyThese(Store):
    """A bucket with these objects alone."""

    def __init__(self, data: Store, bodies: dict[str, bytes]) -> None:
        super().__init__(data.bucket, data._s3)
        self._bodies = bodies

    def get(self, key: str, version_id: str | None = None) -> Any:
        stored = super().get("channels/current.json", version_id)
        if key in self._bodies:
            return stored._replace(body=self._bodies[key])
        return super().get(f"none/{key}", version_id)


def test_blocks_have_every_shard_once_and_are_bounded(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    source, peers, method = kept_facts(data)
    scope = Scope.of(source, peers, method)
    monkeypatch.setattr("functions.opportunities.estimate.compute.CELLS", 3_000)
    cut = [*blocks(scope, scope.plan.shards)]
    assert len(cut) > 5
    assert sorted((shard for block in cut for shard in block), key=scope.plan.shards.index) == [*scope.plan.shards]
    organisations = len(scope.levels[0].codes)
    for block in cut:
        read = set().union(*(scope.plan.reads(shard, scope.held) for shard in block))
        assert len(block) == 1 or organisations * len(read) <= 3_000
    whole = assemble(scope, dict(compute(source, scope, scope.plan.shards))).whole()
    monkeypatch.undo()
    assert assemble(scope, dict(compute(source, scope, scope.plan.shards))).whole() == whole


@needs_real_data
def test_the_release_of_the_real_files_is_that_of_computing_everything_at_once() -> None:
    with LocalStack({"Build": "1"}) as stack:
        for file in files_of(REAL_DATA / "landing"):
            stack.land(file.key, file.body)
        stack.run_until_idle()
        data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
        assert_is_at_once(data)
