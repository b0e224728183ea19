"""One release: of each table, what an answer needs is read when it is first needed, and kept while memory allows."""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from shared.releases.contents import Contents, Readings, of_text, shared_texts
from shared.releases.kept import Kept, Sized
from shared.releases.manifest import IN_PARTS, Manifest, Output
from shared.releases.parts import Parts
from shared.releases.readable import InMemory, Readable, rows_at, selected, strings
from shared.releases.write import LATEST, MANIFEST, METHOD, key_of, stored
from shared.statuses import MetricStatus, PeerRole

KEPT_BYTES = 1 << 27
"""The most memory for what was read of all releases."""

SAME_ATTRIBUTE = "same_attribute"
_NO_PEER: Mapping[str, Any] = dict.fromkeys(tables.PEERS.names)
_PER_CELL = 100
"""Bytes of a cell of a row in memory, about."""

Row = dict[str, Any]
Key = tuple[Any, ...]


class Rows:
    """A table's rows by key. Of the table only the parts that may have the key are read."""

    def __init__(self, table: Readable, kept: Kept, name: str, *columns: str) -> None:
        self._table, self._kept, self._name, self._columns = table, kept, name, columns

    def __getitem__(self, key: Key) -> list[Row]:
        """The rows of one key, in the table's order; none for an unknown key."""
        if None in key:
            return []
        return self._kept.get((self._name, *self._columns, *key), lambda: self._read(key))

    def _read(self, key: Key) -> Sized[list[Row]]:
        rows = self._table.where(None, **dict(zip(self._columns, key, strict=True)))
        return Sized(rows.to_pylist(), _PER_CELL * rows.num_rows * rows.num_columns + _PER_CELL)


class Trusts(Mapping[str, Row]):
    """Rows of the table `trusts` by code, ordered by code. Only those that are asked for are converted from Arrow."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        # A release of before attributes had any names has a column for each of them.
        self._earlier = [name for name in table.column_names if name not in tables.TRUSTS.names]
        codes = strings(table["trust_code"])
        self._places = {codes[place]: place for place in sorted(range(len(codes)), key=codes.__getitem__)}
        self._rows: dict[str, Row] = {}
        self._columns: dict[str, list[Any]] = {}

    def __getitem__(self, code: str) -> Row:
        if code not in self._rows:
            (row,) = self._table.slice(self._places[code], 1).to_pylist()
            self._rows[code] = self._with_attributes(row)
        return self._rows[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def all(self) -> Mapping[str, Row]:
        """All rows by code: converted at once, which is faster if all are needed."""
        if len(self._rows) < len(self._places):
            rows: list[Any] = self._table.to_pylist()
            self._rows = {code: self._with_attributes(rows[place]) for code, place in self._places.items()}
        return self._rows

    def _with_attributes(self, row: Row) -> Row:
        earlier = ((name, row[name]) for name in self._earlier if row[name])
        return row | {"attributes": dict([*(row.get("attributes") or ()), *earlier])}

    def _cell(self, column: str, code: str) -> Any:
        """One cell; None if the code is unknown, or an earlier release lacks the column."""
        if column not in self._columns:
            known = column in self._table.column_names
            self._columns[column] = self._table[column].to_pylist() if known else []
        cells, place = self._columns[column], self._places.get(code)
        return cells[place] if cells and place is not None else None

    def name(self, code: str) -> str | None:
        """The name of a trust; None if it has none, or is unknown."""
        name: str | None = self._cell("trust_name", code)
        return name

    def level(self, code: str) -> str | None:
        """The level of an organisation; None if the programme has no levels, or it is unknown."""
        level: str | None = self._cell("level", code)
        return level

    def attribute_ids(self) -> list[str]:
        """The attributes that any trust has, in the order in which they appear."""
        if "attributes" not in self._table.column_names:
            return [*dict.fromkeys(name for row in self.all().values() for name in row["attributes"])]
        if not self._places:
            return []
        ordered = rows_at(self._table.select(["attributes"]), array("q", self._places.values()))
        attributes: Any = ordered["attributes"].combine_chunks()
        ids: list[str] = attributes.keys.unique().to_pylist()
        return ids


class GroupPeriod(NamedTuple):
    """A period of a peer group: its last day (None if the period has no dates) and its label."""

    end: date | None
    label: str | None


class Release:
    """The release with an id. It never changes, so what was read stays right."""

    def __init__(self, data: Store, release_id: str, kept: Kept | None = None) -> None:
        self.data = data
        self.id = ReleaseId(release_id)
        self._kept = kept or Kept(KEPT_BYTES)
        self._tables: dict[str, Parts | None] = {}

    def body(self, name: str) -> bytes:
        """One of its objects as published; Missing if it has none of that name."""
        return self.data.get(keys.release(self.id, name)).body

    def table(self, name: str) -> Parts:
        """One of its tables; Missing if it has none of that name."""
        found = self._find(name)
        if found is None:
            raise Missing(keys.release(self.id, f"{name}.parquet"))
        return found

    def _find(self, name: str) -> Parts | None:
        """One of its tables or of their copies; None if it has none of that name, as an earlier release may."""
        if name not in self._tables:
            key = key_of(self.id, name)
            found = Parts.find(self.data, key, self._kept)
            if found is None and self._lists(name):
                raise Missing(key)  # it was deleted: an earlier release that lacks a table does not list it
            self._tables[name] = found
        return self._tables[name]

    def _lists(self, name: str) -> bool:
        """Whether the manifest lists a table, or the file of a metric in a table (`trend/cost`), as a file."""
        table, _, metric = name.partition("/")
        output = self._outputs.get(table)
        if output is None or not metric:
            return output is not None and not self.in_parts(table)
        return metric in output.parts

    @cached_property
    def _outputs(self) -> Mapping[str, Output]:
        return {one.name: one for one in self.manifest.outputs}

    def in_parts(self, table: str) -> bool:
        """Whether a table has a file for each metric."""
        return table in IN_PARTS and table in self._outputs and self._outputs[table].in_parts

    def files_of(self, table: str, metric: str | None = None) -> list[str]:
        """The names of a table's files: one, or one for each metric, or that of a metric, if it has any rows."""
        if not self.in_parts(table):
            return [table]
        return [f"{table}/{one}" for one in self._outputs[table].parts if metric in (None, one)]

    def _rows(self, name: str, *columns: str) -> Rows:
        return Rows(self.table(name), self._kept, f"{self.id}/{name}", *columns)

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
        return changes.ComparedRelease(self.method, self._contents)

    @cached_property
    def _contents(self) -> Contents:
        return Contents(self._find, self._kept, self.id)

    @property
    def programme(self) -> Programme:
        """The programme: its words, currency and rules."""
        return self.method.programme

    @cached_property
    def trusts(self) -> "Trusts":
        """Rows of the table `trusts` by code, ordered by code; `attributes` by id."""
        return Trusts(self.table("trusts").read())

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes of trusts in the programme's order; those of an earlier release by id, without names."""
        register = self.programme.population.trust_register
        described = {one.id: one for one in (register.attributes if register else ())}
        used = dict.fromkeys([*described, *self.trusts.attribute_ids()])
        return tuple(
            described.get(name) or Attribute(id=name, measure=name, title=capital(name.replace("_", " ")))
            for name in used
        )

    def name(self, code: str) -> str | None:
        """The name of a trust; None if it is unknown."""
        return self.trusts.name(code)

    def names(self, code: str) -> dict[str, str | None]:
        """A trust's code and names: the fields of a NamedTrust."""
        name = self.name(code)
        return {"trust_code": code, "trust_name": name, "display_name": self.programme.display_name(name)}

    @cached_property
    def by_trust(self) -> Rows:
        """Opportunity rows by (trust code,)."""
        return self._rows("opportunities", "trust_code")

    def of_opportunity(self, opportunity_id: str, columns: Sequence[str]) -> list[Row]:
        """Some columns of all rows of an opportunity; an earlier release may lack some."""
        return self._kept.get(
            (self.id, "of_opportunity", opportunity_id, *columns),
            lambda: self._of_opportunity(opportunity_id, columns),
        )

    def _of_opportunity(self, opportunity_id: str, columns: Sequence[str]) -> Sized[list[Row]]:
        table = self._by_opportunity
        rows = table.where([name for name in columns if name in table.column_names], opportunity_id=opportunity_id)
        return Sized(rows.to_pylist(), _PER_CELL * rows.num_rows * rows.num_columns)

    def on_page(self, opportunity_id: str, codes: Sequence[str]) -> list[Row]:
        """The whole rows of an opportunity for some trusts, in the order of their codes."""
        found = self._by_opportunity.where(None, opportunity_id=opportunity_id, trust_code=(*codes,)).to_pylist()
        by_code = {row["trust_code"]: row for row in found}
        return [by_code[code] for code in codes]

    @property
    def _by_opportunity(self) -> Parts:
        return self._find("by_opportunity") or self.table("opportunities")

    def trend(self, code: str | None, opportunity_id: str) -> list[Row]:
        """The rows of the table `trend` of a trust and an opportunity."""
        files = self.files_of("trend", self.method.opportunities[opportunity_id].metric)
        return [row for name in files for row in self._rows(name, "trust_code", "opportunity_id")[code, opportunity_id]]

    def comparable(self, metric: str, start: date | None, end: date | None, level: str | None) -> Readings:
        """The values of all organisations of a level that can be comparators for a metric and window."""
        return self._contents.readings(metric, start, end, level, MetricStatus.OK)

    def level_of(self, code: str | None) -> str | None:
        """The level of an organisation; None if the programme has no levels."""
        return self.trusts.level(code or "")

    def programme_of(self, level: str | None) -> Programme:
        """The programme in the words for the organisations of a level."""
        return self.programme.of_level(level)

    @cached_property
    def units(self) -> Rows:
        """Rows of the table `units` by (trust code, opportunity id); none in a release of before there were units."""
        return self._since("units", "trust_code", "opportunity_id")

    @cached_property
    def metrics(self) -> Rows:
        """Rows of the table `metrics` by (trust code,): the newest of each metric; in an earlier release, all."""
        return self._rows(LATEST if self._find(LATEST) else "metrics", "trust_code")

    @cached_property
    def distribution(self) -> Rows | None:
        """Rows of the table `distribution` by (metric id, first day, last day); None in a release of before it."""
        columns = ("metric_id", "period_start", "period_end")
        return self._rows("distribution", *columns) if self._find("distribution") else None

    @cached_property
    def totals(self) -> Rows:
        """Rows of the table `totals` by (opportunity id,); none in a release of before there were totals."""
        return self._since("totals", "opportunity_id")

    def _since(self, name: str, *columns: str) -> Rows:
        """The rows of a table that earlier releases lack, which then has none."""
        table = self._find(name) or InMemory(pa.Table.from_batches([], tables.RELEASE_TABLES[name]))
        return Rows(table, self._kept, f"{self.id}/{name}", *columns)

    def sources(self, metric: str, row: Row) -> tuple[str, ...]:
        """The datasets that a row's figures come from; empty in an earlier release."""
        rows = self._contents.of_window(metric, row["period_start"], row["period_end"], "sources")
        return tuple(rows["sources"][-1].as_py() or ()) if rows.num_rows else ()

    @cached_property
    def pairs(self) -> Rows:
        """Rows of the table `peers` by (group id, trust code); none of a group by attribute in a newer release."""
        return self._rows("peers", "group_id", "trust_code")

    def peers(self, group: str, code: str | None, period: str | None) -> list[Row]:
        """The rows of a trust's peers in a group for the period with a label."""
        texts = self._contents.instead_of_pairs(group) if self.group(group).kind == SAME_ATTRIBUTE else {}
        if not texts or code is None:
            return [row for row in self.pairs[group, code] if row["period"] == period]
        known = {"group_id": group, "trust_code": code, "role": str(PeerRole.PEER), "period": period}
        return [
            {**_NO_PEER, **known, "period_end": end, "peer_code": other}
            for (end, label), by_code in texts.items()
            if label == period
            for other in sorted(of_text(by_code, code))
        ]

    def texts(self, group: str, level: str | None, period: str | None) -> Mapping[str, str]:
        """The texts of a group by attribute for the period with a label, of the organisations of a level, by code."""
        found = (texts for (_, label), texts in self._contents.texts(group).items() if label == period)
        return {
            code: text
            for texts in found
            for code, text in texts.items()
            if not self.programme.population.levels or self.level_of(code) == level
        }

    def characteristics(self, group: str, level: str | None, columns: Sequence[str]) -> pa.Table:
        """Some columns of the rows of the table `characteristics` of a group, of the organisations of a level."""
        table = self.table("characteristics").where(columns, group_id=group)
        if not self.programme.population.levels:
            return table
        codes = [code for code in table["trust_code"].unique().to_pylist() if self.level_of(code) == level]
        return selected(table, {"trust_code": (*codes,)})

    @cached_property
    def findings(self) -> Rows:
        """Findings of the checks across files by (file id,)."""
        return self._rows("findings", "file_id")

    @cached_property
    def _periods(self) -> Mapping[Key, list[GroupPeriod]]:
        """The periods in which anyone of a level has peers, by group and level, newest first."""
        several = bool(self.programme.population.levels)
        columns = ("group_id", "period_end", "period", *(("trust_code",) if several else ()))
        by_group: dict[Key, set[GroupPeriod]] = {}
        for group, end, label, *codes in self.table("peers").distinct(*columns):
            for level in self._levels_of(codes):
                by_group.setdefault((group, level), set()).add(GroupPeriod(end, label))
        for group, definition in self.method.peer_groups.items():
            texts = self._contents.instead_of_pairs(group) if definition.kind == SAME_ATTRIBUTE else {}
            for (end, label), by_code in texts.items():
                several_have = shared_texts(by_code)
                alike = [code for code, text in by_code.items() if text in several_have]
                for level in self._levels_of(alike) if alike else ():
                    by_group.setdefault((group, level), set()).add(GroupPeriod(end, label))
        return {key: sorted(known, key=_newest, reverse=True) for key, known in by_group.items()}

    def _levels_of(self, codes: Iterable[str]) -> set[str | None]:
        return {self.level_of(code) for code in codes} if self.programme.population.levels else {None}

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
        if self.group(group).kind != SAME_ATTRIBUTE:
            return known[0] if known else None
        return min((one for one in known if one.end is not None and one.end >= day), default=None, key=_newest)

    def members(self, group: str, code: str, day: date) -> set[str] | None:
        """The codes of a trust's comparators in a group for a window ending on `day`, with or without a value; None for
        all other trusts. They never include the trust itself."""
        if group == NATIONAL or self.group(group).kind == NATIONAL:
            return None
        period = self.group_period(group, self.level_of(code), day)
        by_attribute = self.group(group).kind == SAME_ATTRIBUTE
        members = self._contents.members(group, code, by_attribute=by_attribute)
        return {*members.get(period, ())} - {code} if period else set()


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
        self._parts = Kept(KEPT_BYTES)
        self._stored: tuple[int, dict[ReleaseId, bool]] = (0, {})
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

    def renew(self) -> None:
        """Read the pointer again when it is next asked for. An operator's requests do: who decides what readers see has
        to see what they see now, whichever process took the decision."""
        self._read_at = float("-inf")

    def last_pointer(self) -> Pointer:
        """The pointer as it was last read. An answer with a release and its pointer needs this one, because the pointer
        may have changed since the release was read."""
        return self._pointer or self.pointer()

    def shown(self, before: int | None = None) -> Iterator[Shown]:
        """All releases that are or were current, newest first; only those before a sequence number, if it is set."""
        return shown(self._data, keys.CURRENT, before)

    def stored(self, release_ids: Iterable[ReleaseId]) -> set[ReleaseId]:
        """Which of some releases are kept. Each is looked up once, until the current release changes or one is found to
        be gone."""
        sequence, wanted = self.pointer().sequence, {*release_ids}
        if self._stored[0] != sequence:
            self._stored = (sequence, {})
        known = self._stored[1]
        unknown = wanted - known.keys()
        found = stored(self._data, unknown)
        known |= {one: one in found for one in unknown}
        return {one for one in wanted if known[one]}

    def forget(self) -> None:
        """Read everything again: an object of a release is gone."""
        self._kept.clear()
        self._stored = (0, {})
        self._read_at = float("-inf")

    def current(self) -> Release:
        """The current release; NotYet before the first one."""
        return self._keep(self.pointer().release_id)

    def by_id(self, release_id: str) -> Release:
        """A release by its id; NotFound if none with that id was completely written, or if it was deleted."""
        release = self._kept.get(release_id) or Release(self._data, release_id, self._parts)
        try:
            if is_id(release_id) and release.manifest:
                return self._keep(release_id, release)
        except Missing:
            self._stored = (0, {})
        once = last_shown(self._data, keys.CURRENT, release_id) if is_id(release_id) else None
        if once:
            raise NotFound(
                f"This release is no longer kept. It was published on {once.published_at:%d %B %Y}. /v1/releases says "
                "which releases are kept.",
                addresses=["/v1/releases"],
            )
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
        release = self._kept.pop(release_id, None) or new or Release(self._data, release_id, self._parts)
        self._kept[release_id] = release  # now the newest: the first one in the dict is the least recently used
        while len(self._kept) > self.KEPT:
            del self._kept[next(iter(self._kept))]
        return release
