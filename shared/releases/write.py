"""Writes a release's objects, and reads its tables.

The tables `metrics` and `trend` have a file for each metric, which is a copy of that of its series: what did not change
is not made again. Earlier releases have one file, and `by_metric`, a copy of `metrics` in another order.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from shared import keys
from shared.aws.store import JSON, PARQUET, Store
from shared.content import sha256
from shared.ids import MethodId, ReleaseId
from shared.releases.contents import Contents
from shared.releases.kept import Kept
from shared.releases.manifest import Input, Manifest, Output, Part
from shared.releases.parts import Parts
from shared.releases.side_by_side import FIGURES
from shared.tables import RELEASE_TABLES, Reordered, from_bytes, rows_of, to_bytes

MANIFEST = "manifest.json"
METHOD = "method.json"
SHARDS = "shards.json"
_KEPT_BYTES = 1 << 26


class Copy(NamedTuple):
    """A copy of a table in the order of a column of texts; rows that are equal in it stay in the table's order.
    `columns`: those that it has, None for all."""

    table: str
    order: str
    columns: tuple[str, ...] | None = None

    def of(self, table: pa.Table | Reordered) -> tuple[Reordered, list[int]]:
        """The copy of a table, and how many rows have each value of the column, in their order."""
        whole = Reordered.of(table)
        places: Any = pa.array(range(whole.num_rows), pa.int64())
        numbered = whole.select([self.order]).append_column("", places)
        ordered = numbered.sort_by([(self.order, "ascending"), ("", "ascending")])
        names = whole.schema.names if self.columns is None else self.columns
        copied = Reordered(
            whole.table.select([*names]),
            whole.places[ordered[""].to_numpy()],
            pa.schema([whole.schema.field(name) for name in names]),
        )
        counts: Any = ordered[self.order].value_counts().field("counts")
        return copied, counts.to_pylist()


COPIES: Mapping[str, Copy] = {
    "by_opportunity": Copy("opportunities", "opportunity_id"),
    "figures": Copy("opportunities", "opportunity_id", FIGURES),
}
"""Tables that readers ask for in two orders; `figures`, of which comparisons read all rows, lies in one piece. A
release of before there were copies lacks some."""

LATEST = "latest_metrics"
"""The newest rows of `metrics`, by trust."""

IN_ORDER = (*COPIES, LATEST, "by_metric")
"""What a release has of its tables in another order."""


class StoredTable(NamedTuple):
    """A table that is stored as parquet: the key of the object."""

    key: str


class StoredPart(NamedTuple):
    """A file of a table that has one for each metric: the object of which it is a copy."""

    key: str
    part: Part


class InParts(NamedTuple):
    """The tables that have a file for each metric: table → metric → its file. `latest`: the table LATEST."""

    parts: Mapping[str, Mapping[str, StoredPart]]
    latest: pa.Table | Reordered


def contents(data: Store, release_id: ReleaseId) -> Contents:
    """What a release holds; read when it is needed."""
    kept = Kept(_KEPT_BYTES)
    return Contents(lambda name: Parts.find(data, key_of(release_id, name), kept), kept)


def key_of(release_id: ReleaseId, name: str) -> str:
    """The key of a table of a release or of a copy of it; `metrics/cost` is the file of a metric in a table."""
    table, _, metric = name.partition("/")
    if metric:
        return keys.part(release_id, table, metric)
    return keys.in_order(release_id, name) if name in IN_ORDER else keys.release(release_id, f"{name}.parquet")


def read(data: Store, release_id: ReleaseId, names: Iterable[str]) -> dict[str, pa.Table]:
    """Some tables of a release, by name."""
    outputs = {one.name: one for one in data.read_model(Manifest, keys.release(release_id, MANIFEST)).outputs}
    return {name: _read(data, release_id, outputs[name]) for name in names}


def _read(data: Store, release_id: ReleaseId, output: Output) -> pa.Table:
    if not output.in_parts:
        return data.read_table(keys.release(release_id, f"{output.name}.parquet"))
    stored = data.get_all([keys.part(release_id, output.name, metric) for metric in output.parts])
    tables = [from_bytes(one.body) for one in stored]
    return pa.concat_tables([RELEASE_TABLES[output.name].empty_table(), *tables]).combine_chunks()


def exists(data: Store, release_id: ReleaseId) -> bool:
    """Whether a release has been written completely."""
    return data.find(keys.release(release_id, MANIFEST)) is not None


def stored(data: Store, release_ids: Iterable[ReleaseId]) -> set[ReleaseId]:
    """Which of some releases are stored completely."""
    manifests = {keys.release(one, MANIFEST): one for one in release_ids}
    return {manifests[found] for found in data.existing(manifests)}


def write(
    data: Store,
    release_id: ReleaseId,
    method_id: MethodId,
    build: int,
    method_json: bytes,
    inputs: list[Input],
    outputs: Mapping[str, pa.Table | Reordered | StoredTable],
    shards: bytes | None = None,
    in_parts: InParts | None = None,
) -> Manifest:
    """Write a release's tables and their copies, its method, which shards it is made of and, last, its manifest.
    Writing a release again writes the same bytes. A stored table is written as it is, and has no copies."""
    metadata = {"release_id": release_id, "method_id": method_id, "build": str(build)}
    written = []
    for name, table in outputs.items():
        body = data.get(table.key).body if isinstance(table, StoredTable) else to_bytes(table, metadata)
        data.put(keys.release(release_id, f"{name}.parquet"), body, PARQUET)
        written.append(Output(name=name, sha256=sha256(body), rows=rows_of(body)))
    for name, copy in COPIES.items():
        copied = outputs.get(copy.table)
        if copied is not None and not isinstance(copied, StoredTable):
            ordered, runs = copy.of(copied)
            data.write_table(keys.in_order(release_id, name), ordered, metadata, runs)
    if in_parts is not None:
        written += _write_parts(data, release_id, in_parts)
        data.write_table(keys.in_order(release_id, LATEST), in_parts.latest, metadata)
    data.put(keys.release(release_id, METHOD), method_json, JSON)
    if shards is not None:
        data.put(keys.release(release_id, SHARDS), shards, JSON)
    written.sort(key=lambda one: [*RELEASE_TABLES].index(one.name))
    manifest = Manifest(release_id=release_id, method_id=method_id, build=build, inputs=inputs, outputs=written)
    data.write_model(keys.release(release_id, MANIFEST), manifest)
    return manifest


def _write_parts(data: Store, release_id: ReleaseId, in_parts: InParts) -> Iterator[Output]:
    for table, by_metric in in_parts.parts.items():
        parts = {metric: one.part for metric, one in sorted(by_metric.items()) if one.part.rows}
        data.copy_all({by_metric[metric].key: keys.part(release_id, table, metric) for metric in parts})
        hashes = "".join(part.sha256 for part in parts.values())
        rows = sum(part.rows for part in parts.values())
        yield Output(name=table, sha256=sha256(hashes.encode()), rows=rows, parts=parts)
