"""One release in memory: each table fetched once when first needed, and looked up by key from then on."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa

from functions.api.problems import NotYet
from shared import keys, tables
from shared.releases import MANIFEST, METHOD, Pointer, read_pointer
from shared.store import Store

Row = dict[str, Any]
Key = tuple[Any, ...]
Documents = dict[str, dict[str, Any]]


class Rows:
    """A table that answers for a key. Rows stay in Arrow until asked for: a release holds far more than one answer."""

    def __init__(self, table: pa.Table, *columns: str) -> None:
        self.table = table
        self._found: dict[Key, list[int]] = {}
        for number, key in enumerate(zip(*(table[name].to_pylist() for name in columns), strict=True)):
            self._found.setdefault(key, []).append(number)

    def __getitem__(self, key: Key) -> list[Row]:
        """The rows of one key, in the table's order; none for an unknown key."""
        return plain(self.table.take(pa.array(self._found.get(key, []), pa.int64())))

    def keys(self) -> Iterable[Key]:
        """Every key there is."""
        return self._found.keys()


def plain(table: pa.Table) -> list[Row]:
    """Rows as JSON can hold them: a NaN is no number there, and here it means that there is no value."""
    return [
        {name: None if isinstance(cell, float) and cell != cell else cell for name, cell in row.items()}
        for row in table.to_pylist()
    ]


class Release:
    """What one release id stands for. It never changes, so nothing read of it is ever read again."""

    def __init__(self, data: Store, pointer: Pointer) -> None:
        self._data = data
        self.pointer = pointer
        self.id = pointer.release_id

    def _body(self, name: str) -> bytes:
        return self._data.get(keys.release(self.id, name)).body

    def _table(self, name: str) -> pa.Table:
        return tables.from_bytes(self._body(f"{name}.parquet"))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The release's manifest as published."""
        found: dict[str, Any] = json.loads(self._body(MANIFEST))
        return found

    @cached_property
    def method(self) -> Mapping[str, Documents]:
        """The method's definitions: kind → id → document. Read as plain documents: what was published was checked."""
        parts: dict[str, Documents] = {"metrics": {}, "peer_groups": {}, "opportunities": {}, "prices": {}}
        for _path, content in json.loads(self._body(METHOD)):
            for kind, documents in content.items():
                if kind in parts:
                    parts[kind] |= documents
        return parts

    @cached_property
    def trusts(self) -> Mapping[str, Row]:
        """Trusts by code, in the order of their codes."""
        rows = {row["trust_code"]: row for row in plain(self._table("trusts"))}
        return dict(sorted(rows.items()))

    @cached_property
    def _opportunities(self) -> pa.Table:
        return self._table("opportunities")

    @cached_property
    def by_trust(self) -> Rows:
        """Opportunity rows by (trust code,)."""
        return Rows(self._opportunities, "trust_code")

    @cached_property
    def by_opportunity(self) -> Rows:
        """Opportunity rows by (opportunity id,)."""
        return Rows(self._opportunities, "opportunity_id")

    @cached_property
    def metrics(self) -> Rows:
        """Metric rows by (metric id, first day, last day)."""
        return Rows(self._table("metrics"), "metric_id", "period_start", "period_end")

    @cached_property
    def peers(self) -> Rows:
        """Peer rows by (group id, trust code)."""
        return Rows(self._table("peers"), "group_id", "trust_code")

    def comparable(self, metric: str, start: date, end: date) -> dict[str, float]:
        """Value by trust code of everyone who may be compared with on a metric and window."""
        return {row["trust_code"]: row["value"] for row in self.metrics[metric, start, end] if row["status"] == "ok"}


class Releases:
    """The channel that readers see. The pointer is remembered for some seconds, the newest release until the next."""

    def __init__(self, data: Store, pointer_seconds: float, clock: Callable[[], float]) -> None:
        self._data = data
        self._seconds = pointer_seconds
        self._clock = clock
        self._read_at = float("-inf")
        self._release: Release | None = None

    def current(self) -> Release:
        """The published release; NotYet before the first."""
        now = self._clock()
        if self._release is None or now - self._read_at >= self._seconds:
            pointer, _etag = read_pointer(self._data, keys.CURRENT)
            if pointer is None:
                raise NotYet("No figures have been published so far. They appear once the first files have landed.")
            if self._release is None or self._release.id != pointer.release_id:
                self._release = Release(self._data, pointer)
            self._release.pointer = pointer
            self._read_at = now
        return self._release
