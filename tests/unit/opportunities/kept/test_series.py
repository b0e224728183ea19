"""Computed shards in the data bucket."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.scale.folder_bucket import FolderClient
from functions.opportunities.figures.figures import COMPACT_METRICS, COMPACT_TREND, ShardTables
from functions.opportunities.kept import series
from functions.opportunities.kept.series import KeptSeries, read_listing
from shared import keys
from shared.aws.store import Store
from shared.content import digest
from shared.ids import ReleaseId
from shared.releases.write import SHARDS
from shared.tables import DISTRIBUTION, TOTALS, UNITS

EARLIER, NOW = ReleaseId("0" * 32), ReleaseId("1" * 32)


@pytest.fixture
def data(tmp_path: Path) -> Store:
    client: Any = FolderClient(tmp_path)
    return Store("data", client)


def shard(name: str, rows: int, units: tuple[int, ...] = (0,)) -> ShardTables:
    def table(schema: pa.Schema, column: str, number: int) -> pa.Table:
        return pa.Table.from_pylist([{column: f"{name}{nth}"} for nth in range(number)], schema)

    return ShardTables(
        table(COMPACT_METRICS, "trust_code", rows),
        table(COMPACT_TREND, "trust_code", 2 * rows),
        table(DISTRIBUTION, "metric_id", min(rows, 1)),
        table(TOTALS, "opportunity_id", 2),
        [table(UNITS, "unit_code", number) for number in units],
    )


ONE, TWO, NEW = shard("one", 3, (0, 2)), shard("two", 0, (4, 0)), shard("new", 2, (1, 1))


def test_shards_come_back_as_they_were_in_the_same_order() -> None:
    shards = {"b": ONE, "a": TWO}
    found = series.from_bytes(series.to_bytes(shards))
    assert [*found] == ["b", "a"]
    for key, tables in shards.items():
        for name, one, other in zip(ShardTables._fields, found[key], tables, strict=True):
            assert one == other, (key, name)


def test_what_was_kept_is_found_by_its_keys_and_what_changed_in_the_release_before(data: Store) -> None:
    first = KeptSeries(data, [])
    assert first.find("cost", ["k1", "k2"]) == {}
    first.keep("cost", {"k1": ONE, "k2": TWO}, 2)
    assert (first.computed, first.shards) == (2, 2)
    data.put(keys.release(EARLIER, SHARDS), first.listing())

    same = KeptSeries(data, [EARLIER])
    assert [*same.find("cost", ["k1", "k2"])] == ["k1", "k2"]
    assert (same.computed, same.shards) == (0, 2)
    assert same.listing() == first.listing()

    other = KeptSeries(data, [NOW, EARLIER, EARLIER])  # the newer one has no listing
    assert [*other.find("cost", ["k2", "k3"])] == ["k2"]
    assert other.find("area", ["k1"]) == {}
    other.keep("cost", {"k2": TWO, "k3": NEW}, 1)
    data.put(keys.release(NOW, SHARDS), other.listing())
    assert read_listing(data, NOW) == {"cost": digest("k2", "k3")}
    assert [*KeptSeries(data, []).find("cost", ["k2", "k3"])] == ["k2", "k3"]


def test_series_of_which_nothing_is_computed_is_named_and_kept_too(data: Store) -> None:
    """A window was withdrawn: all other shards come from the release before."""
    first = KeptSeries(data, [])
    first.keep("cost", {"k1": ONE, "k2": TWO, "k3": NEW}, 3)
    data.put(keys.release(EARLIER, SHARDS), first.listing())
    fewer = KeptSeries(data, [EARLIER])
    assert fewer.find("cost", ["k3", "k1"]).keys() == {"k1", "k3"}
    assert (fewer.computed, fewer.shards) == (0, 2)
    data.put(keys.release(NOW, SHARDS), fewer.listing())
    assert read_listing(data, NOW) == {"cost": digest("k3", "k1")}
    assert [*KeptSeries(data, []).find("cost", ["k3", "k1"])] == ["k3", "k1"]


def test_a_dry_run_keeps_nothing(data: Store) -> None:
    dry = KeptSeries(data, [], keep=False)
    dry.keep("cost", {"k1": ONE}, 1)
    assert [*data.names("shards/")] == []
