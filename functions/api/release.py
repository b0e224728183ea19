"""One release in memory: each table fetched once when first needed, and looked up by key from then on."""

import json
import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa

from functions.api import changes
from functions.api.http.problems import BadParameter, NotFound, NotYet
from shared import keys, tables
from shared.aws.store import Missing, Store
from shared.ids import ReleaseId
from shared.method.method import Method, published
from shared.method.opportunities import NATIONAL
from shared.method.peer_groups import PeerGroup
from shared.releases.channels import Pointer, Shown, read_pointer, shown, shown_at
from shared.releases.contents import Contents
from shared.releases.manifest import Manifest
from shared.releases.write import MANIFEST, METHOD

_ID = re.compile("[0-9a-f]{32}")

Row = dict[str, Any]
Key = tuple[Any, ...]


class Rows:
    """A table that answers for a key. A key's rows are made of Arrow when first asked for, and kept: one answer needs
    a few of them, and making all of them would be most of a cold start."""

    def __init__(self, table: pa.Table, *columns: str) -> None:
        self._table = table
        self._rows: dict[Key, list[Row]] = {}
        self._places: dict[Key, array[int]] = {}
        for place, key in enumerate(_cells(table, *columns)):
            self._places.setdefault(key, array("q")).append(place)

    def __getitem__(self, key: Key) -> list[Row]:
        """The rows of one key, in the table's order; none for an unknown key."""
        if key not in self._places:
            return []
        if key not in self._rows:
            # `pa.array` of a list would import pandas.
            places = self._places[key]
            indices = pa.Array.from_buffers(pa.int64(), len(places), [None, pa.py_buffer(places)])
            self._rows[key] = self._table.take(indices).to_pylist()
        return self._rows[key]


def _cells(table: pa.Table, *columns: str) -> Iterator[Key]:
    """The cells of some columns, row by row."""
    return zip(*(table[name].to_pylist() for name in columns), strict=True)


class GroupPeriod(NamedTuple):
    """A period that a peer group is known for: its last day (None where it has no days) and its label."""

    end: date | None
    label: str | None


class Release:
    """What one release id stands for. It never changes, so nothing read of it is ever read again."""

    def __init__(self, data: Store, release_id: str) -> None:
        self.data = data
        self.id = ReleaseId(release_id)
        self._tables: dict[str, pa.Table] = {}

    def body(self, name: str) -> bytes:
        """One of its objects, as published."""
        return self.data.get(keys.release(self.id, name)).body

    def table(self, name: str) -> pa.Table:
        """One of its tables."""
        if name not in self._tables:
            self._tables[name] = tables.from_bytes(self.body(f"{name}.parquet"))
        return self._tables[name]

    @cached_property
    def manifest(self) -> Manifest:
        """The release's manifest as published."""
        return Manifest.model_validate_json(self.body(MANIFEST))

    @cached_property
    def method(self) -> Method:
        """The method it was computed by."""
        return published(json.loads(self.body(METHOD)))

    @cached_property
    def compared(self) -> changes.Release:
        """The release as changes between releases are computed from."""
        return changes.Release(self.method, Contents(self.table))

    @cached_property
    def trusts(self) -> Mapping[str, Row]:
        """Trusts by code, in the order of their codes."""
        rows = {row["trust_code"]: row for row in self.table("trusts").to_pylist()}
        return dict(sorted(rows.items()))

    def name(self, code: str) -> str | None:
        """The name of a trust, if it is known."""
        found: str | None = self.trusts.get(code, {}).get("trust_name")
        return found

    @cached_property
    def by_trust(self) -> Rows:
        """Opportunity rows by (trust code,)."""
        return Rows(self.table("opportunities"), "trust_code")

    @cached_property
    def by_opportunity(self) -> Rows:
        """Opportunity rows by (opportunity id,)."""
        return Rows(self.table("opportunities"), "opportunity_id")

    @cached_property
    def trend(self) -> Rows:
        """Rows of every window held by (trust code, opportunity id)."""
        return Rows(self.table("trend"), "trust_code", "opportunity_id")

    @cached_property
    def _comparable(self) -> Mapping[Key, Mapping[str, float]]:
        table = self.table("metrics")
        columns = ("metric_id", "period_start", "period_end", "trust_code", "status", "value")
        found: dict[Key, dict[str, float]] = {}
        for metric, start, end, code, status, value in zip(*(table[name].to_pylist() for name in columns), strict=True):
            if status == "ok":
                found.setdefault((metric, start, end), {})[code] = value
        return found

    def comparable(self, metric: str, start: date | None, end: date | None) -> Mapping[str, float]:
        """Value by trust code of everyone who may be compared with on a metric and window."""
        return self._comparable.get((metric, start, end), {})

    @cached_property
    def peers(self) -> Rows:
        """Peer rows by (group id, trust code)."""
        return Rows(self.table("peers"), "group_id", "trust_code")

    @cached_property
    def characteristics(self) -> Rows:
        """What trusts were compared by, by (group id,)."""
        return Rows(self.table("characteristics"), "group_id")

    @cached_property
    def findings(self) -> Rows:
        """What checks across files found, by (file id,)."""
        return Rows(self.table("findings"), "file_id")

    @cached_property
    def _periods(self) -> Mapping[str, list[GroupPeriod]]:
        found: dict[str, list[GroupPeriod]] = {}
        for group, end, label in set(_cells(self.table("peers"), "group_id", "period_end", "period")):
            found.setdefault(group, []).append(GroupPeriod(end, label))
        return {group: sorted(periods, key=_newest, reverse=True) for group, periods in found.items()}

    def group_periods(self, group: str) -> list[GroupPeriod]:
        """The periods that a group is known for, newest first."""
        return self._periods.get(group, [])

    def group(self, group: str) -> PeerGroup:
        """A group's definition."""
        return self.method.peer_groups[group]

    def group_period(self, group: str, day: date) -> GroupPeriod | None:
        """The period of a group that holds for a window ending on `day`; None where there is none.

        A group by attribute changes from period to period, so it is the one that had not ended yet. All others
        are known as they were last.
        """
        known = self.group_periods(group)
        if self.group(group).kind != "same_attribute":
            return known[0] if known else None
        return min((one for one in known if one.end is not None and one.end >= day), default=None, key=_newest)

    def members(self, group: str, code: str, day: date) -> set[str] | None:
        """A trust's comparators in a group for a window ending on `day`, with a value or without; None for everyone
        else. Never the trust itself."""
        if group == NATIONAL or self.group(group).kind == NATIONAL:
            return None
        period = self.group_period(group, day)
        rows = self.peers[group, code]
        return {
            row["peer_code"]
            for row in rows
            if row["role"] == "peer" and period == (row["period_end"], row["period"]) and row["peer_code"] != code
        }


def _newest(period: GroupPeriod) -> tuple[date, str]:
    return period.end or date.min, period.label or ""


class Releases:
    """The channel that readers see, and earlier releases. The pointer is remembered for some seconds, and the releases
    last asked for until others are."""

    KEPT = 3

    def __init__(self, data: Store, pointer_seconds: float, clock: Callable[[], float]) -> None:
        self._data = data
        self._seconds = pointer_seconds
        self._clock = clock
        self._read_at = float("-inf")
        self._pointer: Pointer | None = None
        self._kept: dict[str, Release] = {}

    def pointer(self) -> Pointer:
        """What the channel shows; NotYet before the first release."""
        now = self._clock()
        if self._pointer is None or now - self._read_at >= self._seconds:
            pointer, _etag = read_pointer(self._data, keys.CURRENT)
            if pointer is None:
                raise NotYet("No figures have been published so far. They appear once the first files have landed.")
            self._pointer, self._read_at = pointer, now
        return self._pointer

    def last_pointer(self) -> Pointer:
        """What the channel showed when it was last looked at. An answer that names the pointer beside its release needs
        this one: the channel may have moved on since the release was taken."""
        return self._pointer or self.pointer()

    def shown(self, before: int | None = None) -> Iterator[Shown]:
        """What readers saw, newest first, or what came before a sequence number."""
        return shown(self._data, keys.CURRENT, before)

    def current(self) -> Release:
        """The published release; NotYet before the first."""
        return self._keep(self.pointer().release_id)

    def by_id(self, release_id: str) -> Release:
        """Any release that was ever written whole; NotFound for another id."""
        release = self._kept.get(release_id) or Release(self._data, release_id)
        try:
            if _ID.fullmatch(release_id) and release.manifest:
                return self._keep(release_id, release)
        except Missing:
            pass
        raise NotFound("There is no release of that id. The releases are listed at /v1/releases.")

    def as_at(self, asked: str | None) -> Release:
        """The current release, one by its id, or the one that was current at the end of a day."""
        if asked is None:
            return self.current()
        if _ID.fullmatch(asked):
            return self.by_id(asked)
        try:
            end = datetime.combine(date.fromisoformat(asked), datetime.max.time(), UTC)
        except ValueError:
            raise BadParameter("The query parameter as_at is no day of the calendar.", parameter="as_at") from None
        found = shown_at(self._data, keys.CURRENT, end)
        if found is None:
            raise NotFound("Nothing had been published by then. The releases are listed at /v1/releases.")
        return self.by_id(found.release_id)

    def _keep(self, release_id: str, new: Release | None = None) -> Release:
        release = self._kept.pop(release_id, None) or new or Release(self._data, release_id)
        self._kept[release_id] = release  # last, so that the first is the one that was not asked for the longest
        while len(self._kept) > self.KEPT:
            del self._kept[next(iter(self._kept))]
        return release
