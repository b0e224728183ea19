"""Writes a release's objects, and reads its tables."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from shared import keys
from shared.aws.store import JSON, Store
from shared.content import sha256
from shared.ids import MethodId, ReleaseId
from shared.releases.contents import Contents
from shared.releases.kept import Kept
from shared.releases.manifest import Input, Manifest, Output
from shared.releases.parts import Parts
from shared.releases.side_by_side import FIGURES
from shared.tables import Reordered

MANIFEST = "manifest.json"
METHOD = "method.json"
SHARDS = "shards.json"
_KEPT_BYTES = 1 << 26


class Copy(NamedTuple):
    """A copy of a table in the order of some columns; rows that are equal in them stay in the table's order. `columns`:
    those that it has, None for all."""

    table: str
    order: tuple[str, ...]
    columns: tuple[str, ...] | None = None

    def of(self, table: pa.Table | Reordered) -> Reordered:
        """The copy of a table."""
        whole = Reordered.of(table)
        places: Any = pa.array(range(whole.num_rows), pa.int64())
        numbered = whole.select(self.order).append_column("", places)
        by: Any = [(name, "ascending") for name in numbered.column_names]
        names = whole.schema.names if self.columns is None else self.columns
        return Reordered(
            whole.table.select([*names]),
            whole.places[numbered.sort_by(by)[""].to_numpy()],
            pa.schema([whole.schema.field(name) for name in names]),
        )


COPIES: Mapping[str, Copy] = {
    "by_opportunity": Copy("opportunities", ("opportunity_id",)),
    "figures": Copy("opportunities", ("opportunity_id",), FIGURES),
    "by_metric": Copy("metrics", ("metric_id", "period_end", "period_start")),
}
"""Tables that readers ask for in two orders; `figures`, of which comparisons read all rows, lies in one piece. A
release of before there were copies lacks some."""


def contents(data: Store, release_id: ReleaseId) -> Contents:
    """What a release holds; read when it is needed."""
    kept = Kept(_KEPT_BYTES)
    return Contents(lambda name: Parts.find(data, keys.release(release_id, f"{name}.parquet"), kept), kept)


def read(data: Store, release_id: ReleaseId, names: Iterable[str]) -> dict[str, pa.Table]:
    """Some tables of a release, by name."""
    return {name: data.read_table(keys.release(release_id, f"{name}.parquet")) for name in names}


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
    outputs: Mapping[str, pa.Table | Reordered],
    shards: bytes | None = None,
) -> Manifest:
    """Write a release's tables and their copies, its method, which shards it is made of and, last, its manifest.
    Writing a release again writes the same bytes."""
    metadata = {"release_id": release_id, "method_id": method_id, "build": str(build)}
    written = []
    for name, table in outputs.items():
        body = data.write_table(keys.release(release_id, f"{name}.parquet"), table, metadata)
        written.append(Output(name=name, sha256=sha256(body), rows=table.num_rows))
    for name, copy in COPIES.items():
        if copy.table in outputs:
            data.write_table(keys.in_order(release_id, name), copy.of(outputs[copy.table]), metadata)
    data.put(keys.release(release_id, METHOD), method_json, JSON)
    if shards is not None:
        data.put(keys.release(release_id, SHARDS), shards, JSON)
    manifest = Manifest(release_id=release_id, method_id=method_id, build=build, inputs=inputs, outputs=written)
    data.write_model(keys.release(release_id, MANIFEST), manifest)
    return manifest
