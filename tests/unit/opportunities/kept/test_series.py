"""Computed shards in the data bucket."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.scale.folder_bucket import FolderClient
from functions.opportunities.figures.figures import COMPACT_METRICS, COMPACT_TREND, ShardTables
from functions.opportunities.kept.series import KeptSeries, read_listing
from shared import keys, tables
from shared.aws import bundle
from shared.aws.store import Store
from shared.content import digest, sha256
from shared.ids import ReleaseId
from shared.releases.write import SHARDS
from shared.tables import DISTRIBUTION, TOTALS, UNITS

EARLIER, NOW = ReleaseId("0" * 32), ReleaseId("1" * 32)
TRUSTS = [2, 1]
"""Two levels: RA and RB, and a network."""
CODES = [["RA", "RB"], ["N"]]
OPPORTUNITIES = ["a", "b"]


@pytest.fixture
def data(tmp_path: Path) -> Store:
    client: Any = FolderClient(tmp_path)
    return Store("data", client)


def shard(month: int, *, units: tuple[int, ...] = (0, 0), held: bool = True) -> ShardTables:
    """Of a month, or of no landed periods: rows by level, opportunity and trust."""
    end = date(2025, month, 1) if held else None
    of_metrics = [{"trust_code": code, "period_end": end, "value": month} for codes in CODES for code in codes]
    of_cases = [
        {"trust_code": code, "opportunity_id": name, "period_end": end, "value": month, "flags": [name] if held else []}
        for codes in CODES
        for name in OPPORTUNITIES
        for code in codes
    ]
    totals = [{"opportunity_id": name, "trusts": month, "level": level} for level in "12" for name in OPPORTUNITIES]
    return ShardTables(
        pa.Table.from_pylist(of_metrics if held else [], COMPACT_METRICS),
        pa.Table.from_pylist(of_cases, COMPACT_TREND),
        pa.Table.from_pylist([{"metric_id": "m", "count": month}] if held else [], DISTRIBUTION),
        pa.Table.from_pylist(totals if held else [], TOTALS),
        [
            pa.Table.from_pylist([{"unit_code": f"{level}{nth}"} for nth in range(number)], UNITS)
            for level, number in enumerate(units)
        ],
    )


ONE, TWO, NEW = shard(1), shard(2), shard(3, units=(1, 2))


def assert_same(found: Mapping[str, ShardTables], expected: Mapping[str, ShardTables]) -> None:
    assert found.keys() == expected.keys()
    for key, own in expected.items():
        for name in ("metrics", "cases", "distribution", "totals"):  # texts may be numbered in another order
            assert getattr(found[key], name).to_pylist() == getattr(own, name).to_pylist(), (key, name)
        assert [table.to_pylist() for table in found[key].units] == [table.to_pylist() for table in own.units]


def listed(data: Store, kept: KeptSeries, release_id: ReleaseId) -> None:
    data.put(keys.release(release_id, SHARDS), kept.listing())


@pytest.mark.parametrize(
    "shards",
    [{"k1": ONE, "k2": TWO, "k3": NEW}, {"k9": shard(1, held=False)}, {"k3": NEW}],
    ids=["three", "none", "one"],
)
def test_shards_come_back_as_they_were(data: Store, shards: Mapping[str, ShardTables]) -> None:
    first = KeptSeries(data, [])
    kept = first.keep("cost", shards, TRUSTS, len(shards))
    listed(data, first, EARLIER)
    again = KeptSeries(data, [EARLIER])
    assert again.known("cost", [*shards, "other"]) == {*shards}
    assert_same(again.shards_of("cost", [*shards]), shards)
    found = again.find({"cost": [*shards], "area": ["k1"]})
    assert [*found] == ["cost"]
    assert (again.computed, again.shards, again.listing()) == (0, len(shards), first.listing())
    newest = [*shards.values()][-1]
    for one in (kept, found["cost"]):
        assert one.metrics.to_pylist() == newest.metrics.to_pylist()
        assert one.cases.to_pylist() == newest.cases.to_pylist()
        assert [table.to_pylist() for table in one.units] == [table.to_pylist() for table in newest.units]
        assert one.totals.to_pylist() == [row for own in shards.values() for row in own.totals.to_pylist()]
        assert one.distribution["count"].to_pylist() == [
            row["count"] for own in shards.values() for row in own.distribution.to_pylist()
        ]
    assert kept.parts == found["cost"].parts


def test_the_files_of_a_series_lie_as_readers_ask_for_them(data: Store) -> None:
    kept = KeptSeries(data, [])
    series = kept.keep("cost", {"k1": ONE, "k2": TWO}, TRUSTS, 2)
    stored = kept.parts({"cost": series})
    rows = {}
    for table in ("metrics", "trend"):
        file = stored[table]["cost"]
        assert file.key == keys.series_table(digest("k1", "k2"), table)
        body = data.get(file.key).body
        found = tables.from_bytes(body)
        assert file.part == type(file.part)(sha256=sha256(body), rows=found.num_rows)
        assert found.schema.equals(tables.RELEASE_TABLES[table])
        rows[table] = found.to_pylist()
    by_window = [(month, code) for month in (1, 2) for code in ("RA", "RB", "N")]
    assert [(row["period_end"].month, row["trust_code"]) for row in rows["metrics"]] == by_window
    by_trust = [(code, name, month) for code in ("RA", "RB", "N") for name in OPPORTUNITIES for month in (1, 2)]
    found = [(row["trust_code"], row["opportunity_id"], row["period_end"].month) for row in rows["trend"]]
    assert found == by_trust
    assert all(
        (row["value"], row["flags"]) == (row["period_end"].month, [row["opportunity_id"]]) for row in rows["trend"]
    )


def test_what_changed_is_found_in_the_releases_before(data: Store) -> None:
    first = KeptSeries(data, [])
    first.keep("cost", {"k1": ONE, "k2": TWO}, TRUSTS, 2)
    assert (first.computed, first.shards) == (2, 2)
    listed(data, first, EARLIER)
    other = KeptSeries(data, [NOW, EARLIER, EARLIER])  # the newer one has no listing
    assert not other.find({"cost": ["k2", "k3"]})
    assert other.known("cost", ["k2", "k3"]) == {"k2"}
    assert other.known("area", ["k1"]) == set()
    assert_same(other.shards_of("cost", ["k2"]), {"k2": TWO})
    other.keep("cost", {"k2": TWO, "k3": NEW}, TRUSTS, 1)
    listed(data, other, NOW)
    assert read_listing(data, NOW) == {"cost": digest("k2", "k3")}
    # Of two releases, each has one of what is wanted.
    both = KeptSeries(data, [NOW, EARLIER])
    assert both.known("cost", ["k1", "k3"]) == {"k1", "k3"}
    assert_same(both.shards_of("cost", ["k1", "k3"]), {"k3": NEW, "k1": ONE})


def test_series_is_found_only_after_its_tables_were_written(data: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    put = Store.put
    monkeypatch.setattr(Store, "put", lambda self, key, *more: (written.append(key), put(self, key, *more)))
    KeptSeries(data, []).keep("cost", {"k1": ONE}, TRUSTS, 1)
    assert written[-1] == keys.series(digest("k1"))
    assert {*written[:-1]} == {keys.series_table(digest("k1"), table) for table in ("metrics", "trend")}


def test_a_dry_run_keeps_nothing(data: Store) -> None:
    dry = KeptSeries(data, [], keep=False)
    series = dry.keep("cost", {"k1": ONE, "k2": NEW}, TRUSTS, 1)
    assert series.cases.to_pylist() == NEW.cases.to_pylist()
    assert not series.parts
    assert [*data.names("")] == []


def test_texts_of_what_was_computed_with_a_metric_are_not_kept_with_it(data: Store) -> None:
    """Texts are numbered for all metrics of a call together; a series would else hold those of thousands of others."""
    foreign = pa.Table.from_pylist([{"trust_code": "FOREIGN", "value": 9.0}], COMPACT_METRICS)
    together = pa.concat_tables([foreign, NEW.metrics]).unify_dictionaries().combine_chunks()
    KeptSeries(data, []).keep("cost", {"k3": NEW._replace(metrics=together.slice(1))}, TRUSTS, 1)
    kept = bundle.from_bytes(data.get(keys.series(digest("k3"))).body)["metrics"]
    assert kept.to_pylist() == NEW.metrics.to_pylist()
    numbered: Any = kept["trust_code"].combine_chunks()
    assert numbered.dictionary.to_pylist() == ["RA", "RB", "N"]
