"""Copies of tables: in another order, some of the columns, and written with each release."""

import hashlib
import random

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from shared import keys, tables
from shared.content import sha256
from shared.ids import MethodId, ReleaseId
from shared.releases import write
from shared.releases.manifest import Manifest, Part
from shared.releases.side_by_side import FIGURES
from shared.releases.write import COPIES, Copy, InParts, StoredPart, StoredTable
from tests.support.api.published import MemoryStore, metrics, opportunities
from tests.support.api.published import table as rows_of

RELEASE = ReleaseId("a" * 32)


def numbered(seed: int) -> pa.Table:
    """Rows in random order; `place` numbers them."""
    drawn = random.Random(seed)
    names = [drawn.choice("abc") for _ in range(50)]
    ends = [drawn.choice([2, 1, None]) for _ in range(50)]
    return pa.table({"name": names, "end": pa.array(ends, pa.int32()), "place": [*range(50)]})


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_is_in_order_and_rows_that_are_equal_stay_as_they_were(seed: int) -> None:
    table = numbered(seed)
    rows = sorted(table.to_pylist(), key=lambda row: (row["name"], row["place"]))
    copy, runs = Copy("t", "name").of(table)
    assert runs == [sum(row["name"] == name for row in rows) for name in "abc"]
    assert copy.num_rows == 50
    assert copy.whole().to_pylist() == rows
    assert copy.part(10, 20).to_pylist() == rows[10:20]


def test_a_copy_of_a_reordered_table_is_of_its_order() -> None:
    table = numbered(7)
    backwards = tables.Reordered.of(table)._replace(places=tables.Reordered.of(table).places[::-1])
    expected = sorted(table.to_pylist(), key=lambda row: (row["name"], -row["place"]))
    assert Copy("t", "name").of(backwards)[0].whole().to_pylist() == expected


def test_a_copy_may_have_some_columns_and_be_ordered_by_another() -> None:
    table = numbered(3)
    expected = [row["place"] for row in sorted(table.to_pylist(), key=lambda row: row["name"])]
    copy, _ = Copy("t", "name", ("place",)).of(table)
    assert copy.schema.names == ["place"]
    assert copy.whole()["place"].to_pylist() == expected


def test_tables_with_a_file_for_each_metric_are_copied_and_listed() -> None:
    store = MemoryStore()
    whole = rows_of("metrics", metrics())
    stored = {}
    for name in ("seen", "cleaning", "none"):
        own = whole.filter(pc.equal(whole["metric_id"], name))
        store.objects[f"series/{name}"] = tables.to_bytes(own)
        part = Part(sha256=sha256(store.objects[f"series/{name}"]), rows=own.num_rows)
        stored[name] = StoredPart(f"series/{name}", part)
    latest = whole.slice(0, 2)
    peers = store.objects["peers/1"] = tables.to_bytes(rows_of("peers", []))
    write.write(
        store,
        RELEASE,
        MethodId("m" * 32),
        1,
        b"{}",
        [],
        {"peers": StoredTable("peers/1")},
        b"[]",
        InParts({"metrics": stored}, latest),
    )
    manifest = store.read_model(Manifest, keys.release(RELEASE, write.MANIFEST))
    of_peers, of_metrics = manifest.outputs
    assert (of_peers.name, of_peers.sha256, of_peers.rows, of_peers.parts) == ("peers", sha256(peers), 0, {})
    assert [*of_metrics.parts] == ["cleaning", "seen"]  # a metric without rows has no file
    hashes = [hashlib.sha256(store.objects[f"series/{name}"]).hexdigest() for name in ("cleaning", "seen")]
    assert [part.sha256 for part in of_metrics.parts.values()] == hashes
    assert of_metrics.sha256 == hashlib.sha256("".join(hashes).encode()).hexdigest()
    assert of_metrics.rows == len([row for row in metrics() if row["metric_id"] in {"cleaning", "seen"}])
    for name in ("cleaning", "seen"):
        assert store.objects[write.key_of(RELEASE, f"metrics/{name}")] == store.objects[f"series/{name}"]
    assert tables.from_bytes(store.objects[write.key_of(RELEASE, write.LATEST)]).to_pylist() == latest.to_pylist()
    read = write.read(store, RELEASE, ["metrics", "peers"])
    expected = [row for name in ("cleaning", "seen") for row in whole.to_pylist() if row["metric_id"] == name]
    assert read["metrics"].to_pylist() == expected
    assert read["peers"].num_rows == 0


def test_a_table_of_before_there_were_files_for_each_metric_is_read_whole() -> None:
    store = MemoryStore()
    whole = rows_of("metrics", metrics())
    write.write(store, RELEASE, MethodId("m" * 32), 1, b"{}", [], {"metrics": whole})
    assert write.read(store, RELEASE, ["metrics"])["metrics"].to_pylist() == whole.to_pylist()


def test_a_release_has_a_copy_of_each_table_that_is_asked_for_in_another_order() -> None:
    store, rows = MemoryStore(), opportunities()
    outputs = {"opportunities": rows_of("opportunities", rows)}
    manifest = write.write(store, RELEASE, MethodId("m" * 32), 1, b"{}", [], outputs)
    assert [output.name for output in manifest.outputs] == ["opportunities"]
    of_opportunities = {name for name, copy in COPIES.items() if copy.table == "opportunities"}
    written = {name for name in COPIES if keys.in_order(RELEASE, name) in store.objects}
    assert written == of_opportunities == {"by_opportunity", "figures"}
    ordered = sorted(rows_of("opportunities", rows).to_pylist(), key=lambda row: str(row["opportunity_id"]))
    for name, columns in (("by_opportunity", tables.OPPORTUNITIES.names), ("figures", FIGURES)):
        copy = tables.from_bytes(store.objects[keys.in_order(RELEASE, name)])
        assert copy.to_pylist() == [{column: row[column] for column in columns} for row in ordered]
