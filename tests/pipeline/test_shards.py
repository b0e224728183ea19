"""Releases are assembled from kept shards. Whatever was kept before, and in whatever order shards are computed, each
table is that of computing everything at once, byte for byte; and what has not changed is not computed again.
"""

import csv
import io
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest

from functions.opportunities.estimate.assemble import Assembled, assemble
from functions.opportunities.estimate.compute import blocks, compute
from functions.opportunities.estimate.estimate import MissingShards
from functions.opportunities.figures.figures import ShardTables
from functions.opportunities.figures.scope import Scope
from functions.opportunities.kept.series import KeptSeries
from functions.opportunities.kept.series_tables import Series, keys_of
from functions.opportunities.measure.plan import Shard
from functions.opportunities.stored_facts import StoredFacts
from functions.peers.compute import PeerTables
from functions.peers.compute import compute as compute_peers
from functions.peers.datasets.stored import known_facts
from infra.landing import files_of
from infra.local.stack import LocalStack
from shared import keys
from shared.aws import bundle
from shared.aws.store import Store, Stored
from shared.content import digest, sha256
from shared.facts.apply_findings import apply_findings
from shared.ids import ReleaseId
from shared.landing.read import read_facts, read_method, read_prices
from shared.landing.snapshot import Snapshot
from shared.method.method import Method
from shared.method.prices import with_landed
from shared.releases import write
from shared.releases.channels import Pointer, read_pointer
from shared.releases.manifest import IN_PARTS, Manifest
from shared.releases.write import SHARDS
from shared.tables import RELEASE_TABLES, from_bytes, to_bytes
from tests.oracles.scale.at_once import at_once
from tests.oracles.scale.peers_at_once import peers_at_once
from tests.support.paths import REAL_DATA, needs_real_data
from tests.support.pipeline.estimated import by_trust
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
    found = write.read(data, pointer.release_id, RELEASE_TABLES)
    expected = {**at_once(apply_findings(facts, peers.findings), peers.peers, method), **peers._asdict()}
    levels = [*dict.fromkeys(expected["trusts"]["level"].to_pylist())]
    for name, table in expected.items():
        if name in IN_PARTS:
            column = "metric_id" if name == "metrics" else "opportunity_id"
            assert to_bytes(by_trust(found[name], column, levels)) == to_bytes(table), name
        else:
            own = {} if name in PeerTables._fields else about(pointer)
            assert to_bytes(table, own) == table_of(data, pointer, name), name
    assert_parts_are_whole(data, pointer, found)


def assert_parts_are_whole(data: Store, pointer: Pointer, found: Mapping[str, pa.Table]) -> None:
    """Each metric has a file, of its own rows alone and in their order; the newest rows of each are a table."""
    _, method = inputs_of(data, pointer)
    manifest = data.read_model(Manifest, keys.release(pointer.release_id, write.MANIFEST))
    outputs = {one.name: one for one in manifest.outputs}
    for name, column in (("metrics", "metric_id"), ("trend", "opportunity_id")):
        of = {one: one for one in method.metrics} | {one: rule.metric for one, rule in method.opportunities.items()}
        assert outputs[name].rows == found[name].num_rows == sum(part.rows for part in outputs[name].parts.values())
        for metric, part in outputs[name].parts.items():
            body = data.get(keys.part(pointer.release_id, name, metric)).body
            assert (sha256(body), from_bytes(body).num_rows) == (part.sha256, part.rows)
            assert {of[one] for one in from_bytes(body)[column].to_pylist()} == {metric}
    latest = from_bytes(data.get(keys.in_order(pointer.release_id, write.LATEST)).body).to_pylist()
    newest: dict[Any, Any] = {}
    for row in sorted(found["metrics"].to_pylist(), key=lambda row: (row["period_end"], row["period_start"])):
        newest[row["trust_code"], row["metric_id"]] = row
    days = {
        row["metric_id"]: max(one["period_end"] for one in newest.values() if one["metric_id"] == row["metric_id"])
        for row in newest.values()
    }
    assert {(row["trust_code"], row["metric_id"]): row for row in latest} == {
        key: row for key, row in newest.items() if row["period_end"] == days[row["metric_id"]]
    }
    assert len(latest) == len({(row["trust_code"], row["metric_id"]) for row in latest})
    assert [row["trust_code"] for row in latest if row["level"] == latest[0]["level"]] == sorted(
        row["trust_code"] for row in latest if row["level"] == latest[0]["level"]
    )


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
        index = keys_of(bundle.from_bytes(data.get(keys.series(one)).body))
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
    assert_same_tables(assemble(scope, series_of(scope, alone)), assemble(scope, series_of(scope, together)))


def series_of(scope: Scope, tables: Mapping[Shard, ShardTables]) -> dict[str, Series]:
    by_metric: dict[str, list[ShardTables]] = {}
    for shard in scope.plan.shards:
        by_metric.setdefault(shard.metric, []).append(tables[shard])
    return {name: Series.of(own) for name, own in by_metric.items()}


def assert_same_tables(one: Assembled, other: Assembled) -> None:
    for name, first, second in zip(Assembled._fields, one, other, strict=True):
        assert to_bytes(first) == to_bytes(second), name


@pytest.mark.parametrize("seed", range(3))
def test_any_shards_may_have_been_kept_before(stack: LocalStack, seed: int) -> None:
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    pointer = shown(data)
    listing = json.loads(data.get(keys.release(pointer.release_id, SHARDS)).body)
    source, peers, method = kept_facts(data)
    trusts = [len(level.codes) for level in Scope.of(source, peers, method).levels]
    chance = random.Random(seed)
    some = Without(data, {keys.series(one) for one in listing.values()})
    earlier = KeptSeries(some, [])
    before = KeptSeries(data, [pointer.release_id])
    for metric, one in listing.items():
        named = keys_of(bundle.from_bytes(data.get(keys.series(one)).body))
        chosen = [key for key in named if chance.random() < 0.5]
        if chosen and chance.random() < 0.8:
            shards = before.shards_of(metric, chosen)
            earlier.keep(metric, {key: shards[key] for key in chosen}, trusts, 0)
    part = ReleaseId("earlier")
    some.put(keys.release(part, SHARDS), earlier.listing())
    kept = KeptSeries(some, [part])
    missing = MissingShards(source, peers, method, kept)
    series = missing.compute()
    assert 0 < kept.computed < kept.shards
    found = assemble(missing.scope, series)
    for name, table in found._asdict().items():
        whole = name if name != "latest" else write.LATEST
        place = write.key_of(pointer.release_id, whole)
        assert to_bytes(table, about(pointer)) == data.get(place).body, name
    for table, by_metric in kept.parts(series).items():
        for metric, file in by_metric.items():
            if file.part.rows:
                assert some.get(file.key).body == data.get(keys.part(pointer.release_id, table, metric)).body


@pytest.mark.parametrize("seed", range(4))
def test_any_datasets_may_be_known_before(stack: LocalStack, seed: int) -> None:
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    snapshot, method = inputs_of(data, shown(data))
    places = [*data.names("datasets/")]
    hidden = {place for place in places if random.Random(f"{seed} {place}").random() < seed / 3}
    some = Without(data, hidden)
    computed = compute_peers(known_facts(some, snapshot, method), snapshot, method)
    for name, table in computed._asdict().items():
        assert to_bytes(table) == table_of(data, shown(data), name), name
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
        if key in self.written:
            return Stored(self.written[key], "")
        return super().get(f"none/{key}" if key in self._hidden else key, version_id)

    def put(self, key: str, body: bytes, content_type: str = "") -> None:
        self.written[key] = body


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
    in_blocks = assemble(scope, series_of(scope, dict(compute(source, scope, scope.plan.shards))))
    monkeypatch.undo()
    assert_same_tables(assemble(scope, series_of(scope, dict(compute(source, scope, scope.plan.shards)))), in_blocks)


@needs_real_data
def test_the_release_of_the_real_files_is_that_of_computing_everything_at_once() -> None:
    with LocalStack({"Build": "1"}) as stack:
        for file in files_of(REAL_DATA / "landing"):
            stack.land(file.key, file.body)
        stack.run_until_idle()
        data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
        assert_is_at_once(data)
