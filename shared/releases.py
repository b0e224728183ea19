"""Releases: immutable sets of tables, and the channel pointers that say which one readers see."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from shared import keys, tables
from shared.keys import sha256
from shared.store import Store

MANIFEST = "manifest.json"
METHOD = "method.json"


class Pointer(BaseModel):
    """What a channel shows. `sequence` only grows, so no content, and no ETag, ever returns.

    `hold` keeps the release where it is (after a roll-back) until someone lifts it.
    """

    model_config = ConfigDict(frozen=True)

    channel: str
    sequence: int
    release_id: str
    snapshot_id: str
    method_id: str
    build: int
    published_at: datetime
    hold: bool = False


class Input(BaseModel):
    """One file a release was computed from; `sha256` is that of its bytes as landed."""

    slot: str
    file_id: str
    sha256: str
    rows: int


class Output(BaseModel):
    """One table of a release."""

    name: str
    sha256: str
    rows: int


class Manifest(BaseModel):
    """What a release is made of. Its presence is what makes the release exist."""

    release_id: str
    method_id: str
    build: int
    inputs: list[Input]
    outputs: list[Output]


def read_pointer(data: Store, channel: str) -> tuple[Pointer | None, str | None]:
    """A channel's pointer and its ETag; (None, None) before the first release."""
    found = data.find(keys.channel(channel))
    return (Pointer.model_validate_json(found.body), found.etag) if found else (None, None)


def exists(data: Store, release_id: str) -> bool:
    """Whether a release has been written whole."""
    return data.find(keys.release(release_id, MANIFEST)) is not None


def write(
    data: Store,
    release_id: str,
    method_id: str,
    build: int,
    method_json: bytes,
    inputs: list[Input],
    outputs: Mapping[str, pa.Table],
) -> Manifest:
    """Write a release's tables, its method, and last its manifest. Writing it again writes the same bytes."""
    metadata = {"release_id": release_id, "method_id": method_id, "build": str(build)}
    written = []
    for name, table in outputs.items():
        body = tables.to_bytes(table, metadata)
        data.put(keys.release(release_id, f"{name}.parquet"), body, "application/vnd.apache.parquet")
        written.append(Output(name=name, sha256=sha256(body), rows=table.num_rows))
    data.put(keys.release(release_id, METHOD), method_json, "application/json")
    manifest = Manifest(release_id=release_id, method_id=method_id, build=build, inputs=inputs, outputs=written)
    data.put(keys.release(release_id, MANIFEST), to_json(manifest.model_dump()), "application/json")
    return manifest


def publish(data: Store, pointer: Pointer, expected_etag: str | None) -> None:
    """Point a channel at a release, if the pointer is still what was read before the snapshot; else Conflict."""
    data.swap(keys.channel(pointer.channel), to_json(pointer.model_dump(mode="json")), expected_etag)


def to_json(value: Any) -> bytes:
    """JSON as it is stored: sorted, indented, the same bytes for the same value."""
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()
