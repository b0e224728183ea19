"""One release in memory: each table is fetched once, when it is first needed, and then looked up by key."""

import json
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
from shared.ids import ReleaseId, is_id
from shared.method.method import Method, published
from shared.method.names import Attribute, capital
from shared.method.opportunities import NATIONAL
from shared.method.peer_groups import PeerGroup, everyone
from shared.method.programme import Programme
from shared.releases.channels import Pointer, Shown, last_shown, read_pointer, shown, shown_at
from shared.releases.contents import Contents
from shared.releases.manifest import Manifest
from shared.releases.write import MANIFEST, METHOD
from shared.statuses import MetricStatus, PeerRole

Row = dict[str, Any]
Key = tuple[Any, ...]


class Rows:
    """A table's rows by key. Only the rows of requested keys are converted from Arrow: an answer needs a few, and
    converting all of them would take most of a cold start."""

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
    """The cells of some columns as one tuple for each row."""
    return zip(*(table[name].to_pylist() for name in columns), strict=True)


class GroupPeriod(NamedTuple):
    """A period of a peer group: its last day (None if the period has no dates) and its label."""

    end: date | None
    label: str | None


class Release:
    """The release with an id. It never changes, so each of its objects is read at most once."""

    def __init__(self, data: Store, release_id: str) -> None:
        self.data = data
        self.id = ReleaseId(release_id)
        self._tables: dict[str, pa.Table] = {}

    def body(self, name: str) -> bytes:
        """One of its objects as published; Missing if it has none of that name."""
        return self.data.get(keys.release(self.id, name)).body

    def table(self, name: str) -> pa.Table:
        """One of its tables; Missing if it has none of that name."""
        if name not in self._tables:
            self._tables[name] = tables.from_bytes(self.body(f"{name}.parquet"))
        return self._tables[name]

    @cached_property
    def manifest(self) -> Manifest:
        """Its manifest."""
        return Manifest.model_validate_json(self.body(MANIFEST))

    @cached_property
    def method(self) -> Method:
        """The method that it was computed with."""
        return published(json.loads(self.body(METHOD)))

    @cached_property
    def compared(self) -> changes.ComparedRelease:
        """The form that `changes` needs."""
        return changes.ComparedRelease(self.method, Contents(self.table))

    @property
    def programme(self) -> Programme:
        """The programme: its words, currency and rules."""
        return self.method.programme

    @cached_property
    def trusts(self) -> Mapping[str, Row]:
        """Rows of the table `trusts` by code, ordered by code; `attributes` by id."""
        table = self.table("trusts")
        # A release of before attributes had any names has a column for each of them.
        earlier = [name for name in table.column_names if name not in tables.TRUSTS.names]
        rows = {}
        for row in table.to_pylist():
            attributes = [*(row.get("attributes") or ()), *((name, row[name]) for name in earlier if row[name])]
            rows[row["trust_code"]] = row | {"attributes": dict(attributes)}
        return dict(sorted(rows.items()))

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes of trusts in the programme's order; those of an earlier release by id, without names."""
        register = self.programme.population.trust_register
        described = {one.id: one for one in (register.attributes if register else ())}
        used = dict.fromkeys([*described, *(name for row in self.trusts.values() for name in row["attributes"])])
        return tuple(
            described.get(name) or Attribute(id=name, measure=name, title=capital(name.replace("_", " ")))
            for name in used
        )

    def name(self, code: str) -> str | None:
        """The name of a trust; None if it is unknown."""
        trust_name: str | None = self.trusts.get(code, {}).get("trust_name")
        return trust_name

    def names(self, code: str) -> dict[str, str | None]:
        """A trust's code and names: the fields of a NamedTrust."""
        name = self.name(code)
        return {"trust_code": code, "trust_name": name, "display_name": self.programme.display_name(name)}

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
        """Rows of the table `trend` by (trust code, opportunity id)."""
        return Rows(self.table("trend"), "trust_code", "opportunity_id")

    @cached_property
    def _comparable(self) -> Mapping[Key, Mapping[str, float]]:
        table = self.table("metrics")
        columns = ("metric_id", "period_start", "period_end", "trust_code", "status", "value")
        cells = zip(_levels(table), *(table[name].to_pylist() for name in columns), strict=True)
        values: dict[Key, dict[str, float]] = {}
        for level, metric, start, end, code, status, value in cells:
            if status == MetricStatus.OK:
                values.setdefault((level, metric, start, end), {})[code] = value
        return values

    def comparable(self, metric: str, start: date | None, end: date | None, level: str | None) -> Mapping[str, float]:
        """Value by code of all organisations of a level that can be comparators for a metric and window."""
        return self._comparable.get((level, metric, start, end), {})

    def level_of(self, code: str | None) -> str | None:
        """The level of an organisation; None if the programme has no levels."""
        level: str | None = self.trusts.get(code or "", {}).get("level")
        return level

    def programme_of(self, level: str | None) -> Programme:
        """The programme in the words for the organisations of a level."""
        return self.programme.of_level(level)

    @cached_property
    def units(self) -> Rows:
        """Rows of the table `units` by (trust code, opportunity id); none in a release of before there were units."""
        return self._since("units", "trust_code", "opportunity_id")

    @cached_property
    def metrics(self) -> Rows:
        """Rows of the table `metrics` by (trust code,)."""
        return Rows(self.table("metrics"), "trust_code")

    @cached_property
    def totals(self) -> Rows:
        """Rows of the table `totals` by (opportunity id,); none in a release of before there were totals."""
        return self._since("totals", "opportunity_id")

    def _since(self, name: str, *columns: str) -> Rows:
        """The rows of a table that earlier releases lack, which then has none."""
        try:
            return Rows(self.table(name), *columns)
        except Missing:
            return Rows(tables.RELEASE_TABLES[name].empty_table(), *columns)

    @cached_property
    def _sources(self) -> Mapping[Key, tuple[str, ...]]:
        table = self.table("metrics")
        if "sources" not in table.column_names:  # a release of before metrics had several
            return {}
        cells = _cells(table, "metric_id", "period_start", "period_end", "sources")
        return {key: tuple(sources or ()) for *key_parts, sources in cells for key in [tuple(key_parts)]}

    def sources(self, metric: str, row: Row) -> tuple[str, ...]:
        """The datasets that a row's figures come from; empty in an earlier release."""
        return self._sources.get((metric, row["period_start"], row["period_end"]), ())

    @cached_property
    def peers(self) -> Rows:
        """Peer rows by (group id, trust code)."""
        return Rows(self.table("peers"), "group_id", "trust_code")

    @cached_property
    def characteristics(self) -> Rows:
        """Rows of the table `characteristics` by (group id,)."""
        return Rows(self.table("characteristics"), "group_id")

    @cached_property
    def findings(self) -> Rows:
        """Findings of the checks across files by (file id,)."""
        return Rows(self.table("findings"), "file_id")

    @cached_property
    def _periods(self) -> Mapping[Key, list[GroupPeriod]]:
        cells = set(_cells(self.table("peers"), "group_id", "period_end", "period"))
        periods: set[tuple[Key, GroupPeriod]] = {
            ((group, None), GroupPeriod(end, label)) for group, end, label in cells
        }
        if self.programme.population.levels:
            of_codes = set(_cells(self.table("peers"), "group_id", "trust_code", "period_end", "period"))
            periods = {((group, self.level_of(code)), GroupPeriod(end, label)) for group, code, end, label in of_codes}
        by_group: dict[Key, list[GroupPeriod]] = {}
        for key, period in periods:
            by_group.setdefault(key, []).append(period)
        return {key: sorted(known, key=_newest, reverse=True) for key, known in by_group.items()}

    def group_periods(self, group: str, level: str | None) -> list[GroupPeriod]:
        """The periods of a group at a level, newest first: levels may be compared by data of different years."""
        return self._periods.get((group, level), [])

    @cached_property
    def first_group(self) -> str:
        """The id of the group whose peers are shown unless another is asked for: the programme's own choice, else the
        first that is made of similar organisations, else any that a method describes, else `national`."""
        groups = self.method.peer_groups
        chosen = self.programme.peer_group
        nearest = (name for name, group in groups.items() if group.kind == "nearest")
        described = (name for name in groups if name != NATIONAL)
        return chosen if chosen in groups else next(nearest, None) or next(described, NATIONAL)

    def group(self, group: str, level: str | None = None) -> PeerGroup:
        """A group's definition. The group of all organisations is described in the words for a further level."""
        definition = self.method.peer_groups[group]
        if definition.kind == NATIONAL and level not in (None, self.programme.population.level):
            return everyone(self.programme.organisation_of(level))
        return definition

    def group_period(self, group: str, level: str | None, day: date) -> GroupPeriod | None:
        """The period of a group at a level to use for a window ending on `day`; None if there is none.

        A group by attribute can differ by period: its first period that ends on or after `day` is used. Of all other
        groups the newest period is used.
        """
        known = self.group_periods(group, level)
        if self.group(group).kind != "same_attribute":
            return known[0] if known else None
        return min((one for one in known if one.end is not None and one.end >= day), default=None, key=_newest)

    def members(self, group: str, code: str, day: date) -> set[str] | None:
        """The codes of a trust's comparators in a group for a window ending on `day`, with or without a value; None for
        all other trusts. They never include the trust itself."""
        if group == NATIONAL or self.group(group).kind == NATIONAL:
            return None
        period = self.group_period(group, self.level_of(code), day)
        rows = self.peers[group, code]
        return {
            row["peer_code"]
            for row in rows
            if row["role"] == PeerRole.PEER
            and period == (row["period_end"], row["period"])
            and row["peer_code"] != code
        }


def _levels(table: pa.Table) -> list[str | None]:
    """The column of levels; of an earlier release, which has none, nulls."""
    if "level" not in table.column_names:
        return [None] * table.num_rows
    levels: list[str | None] = table["level"].to_pylist()
    return levels


def _newest(period: GroupPeriod) -> tuple[date, str]:
    return period.end or date.min, period.label or ""


class Opened(NamedTuple):
    """The release of an answer, and when it was published; None if readers never saw it as the current one."""

    release: Release
    published_at: datetime | None


class Releases:
    """The current release and earlier ones. The pointer is cached for `pointer_seconds`; so are the KEPT releases that
    were used last."""

    KEPT = 3

    def __init__(self, data: Store, pointer_seconds: float, clock: Callable[[], float]) -> None:
        self._data = data
        self._seconds = pointer_seconds
        self._clock = clock
        self._read_at = float("-inf")
        self._pointer: Pointer | None = None
        self._kept: dict[str, Release] = {}
        self._published: tuple[int, dict[str, datetime | None]] = (0, {})

    def pointer(self) -> Pointer:
        """The pointer of the current release; NotYet before the first release."""
        now = self._clock()
        if self._pointer is None or now - self._read_at >= self._seconds:
            pointer, _etag = read_pointer(self._data, keys.CURRENT)
            if pointer is None:
                raise NotYet(
                    "No figures have been published yet. They appear when the first files have been processed.",
                    nothing_published=True,
                )
            self._pointer, self._read_at = pointer, now
        return self._pointer

    def last_pointer(self) -> Pointer:
        """The pointer as it was last read. An answer with a release and its pointer needs this one, because the pointer
        may have changed since the release was read."""
        return self._pointer or self.pointer()

    def shown(self, before: int | None = None) -> Iterator[Shown]:
        """All releases that are or were current, newest first; only those before a sequence number, if it is set."""
        return shown(self._data, keys.CURRENT, before)

    def current(self) -> Release:
        """The current release; NotYet before the first one."""
        return self._keep(self.pointer().release_id)

    def by_id(self, release_id: str) -> Release:
        """A release by its id; NotFound if none with that id was completely written."""
        release = self._kept.get(release_id) or Release(self._data, release_id)
        try:
            if is_id(release_id) and release.manifest:
                return self._keep(release_id, release)
        except Missing:
            pass
        raise NotFound("There is no release with that id.", addresses=["/v1/releases"])

    def as_at(self, id_or_day: str | None) -> Opened:
        """The release with an id, or the one that was current at the end of a day (UTC); without either the current
        one."""
        if id_or_day is None:
            release = self.current()
            return Opened(release, self.last_pointer().published_at)
        if is_id(id_or_day):
            return Opened(self.by_id(id_or_day), self.published_at(id_or_day))
        try:
            end = datetime.combine(date.fromisoformat(id_or_day), datetime.max.time(), UTC)
        except ValueError:
            raise BadParameter("Invalid query parameter as_at: there is no such date.", parameter="as_at") from None
        entry = shown_at(self._data, keys.CURRENT, end)
        if entry is None:
            raise NotFound("No release had been published by that day.", addresses=["/v1/releases"])
        return Opened(self.by_id(entry.release_id), entry.published_at)

    def published_at(self, release_id: str) -> datetime | None:
        """When a release last became the current one; None if it never was.

        This reads the history of what readers saw, once for each release that is not current, until that changes.
        """
        try:
            pointer = self.pointer()
        except NotYet:
            return None
        if pointer.release_id == release_id:
            return pointer.published_at
        if self._published[0] != pointer.sequence:
            self._published = (pointer.sequence, {})
        known = self._published[1]
        if release_id not in known:
            entry = last_shown(self._data, keys.CURRENT, release_id)
            known[release_id] = entry and entry.published_at
        return known[release_id]

    def _keep(self, release_id: str, new: Release | None = None) -> Release:
        release = self._kept.pop(release_id, None) or new or Release(self._data, release_id)
        self._kept[release_id] = release  # now the newest: the first one in the dict is the least recently used
        while len(self._kept) > self.KEPT:
            del self._kept[next(iter(self._kept))]
        return release
