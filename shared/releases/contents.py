"""What a release holds, looked up by trust, metric and group, and what two releases hold side by side.

Every comparison of two releases is made of these: `functions.api.changes` splits one trust's changes into their
reasons, `shared.releases.impact` counts and words what changes for everyone, `shared.releases.comparison` sets
distributions next to each other. None of them needs pandas or AWS.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.releases.kept import Kept, Sized
from shared.releases.readable import InMemory, Readable, arrow_array, combinations, floats, same, selected, strings
from shared.statuses import MetricStatus, PeerRole

if TYPE_CHECKING:
    import pyarrow as pa

type Row = Mapping[str, Any]
"""One row of a table, by column."""

type ReadTable = Callable[[str], Readable | None]
"""A release's table by name, `metrics/cost` being the rows of one metric in a table that has a file for each; None if
there is none, which counts as an empty one."""

type PeerPeriod = tuple[date | None, str | None]
"""A period that peers are known for: its last day (None for one without days) and its label."""

PLAUSIBLE = (MetricStatus.OK, MetricStatus.BELOW_MINIMUM)
"""Statuses of plausible values. Whether a denominator is large enough is a rule of the method, which may change."""

_MOST = 1 << 27
_PER_CODE = 150  # bytes of a code in a dictionary, about


type Reading = tuple[float, float]
"""A trust's value of a metric, and its denominator."""


class Readings:
    """The values of a metric over a window: columns trust_code, value and denominator."""

    def __init__(self, table: "pa.Table") -> None:
        self._table = table

    def among(self, codes: Set[str] | None) -> dict[str, Reading]:
        """Those of some trusts, or of all, by code."""
        table = self._table if codes is None else selected(self._table, {"trust_code": (*codes,)})
        readings = zip(_numbers(table["value"]), _numbers(table["denominator"]), strict=True)
        return dict(zip(strings(table["trust_code"]), readings, strict=True))

    @cached_property
    def ordered(self) -> Sequence[float]:
        """The values from the smallest to the largest."""
        return sorted(_numbers(self._table["value"]))

    @property
    def columns(self) -> "pa.Table":
        """Them as they are: trust_code, value and denominator."""
        return self._table


def _numbers(column: "pa.ChunkedArray[Any]") -> list[float]:
    """The cells of a column, faster than one by one."""
    cells: list[Any] = column.to_pylist() if column.null_count else floats(column)
    return cells


class Contents:
    """The tables of one release. What was looked up is `kept`, by the name of the release."""

    def __init__(self, read: ReadTable, kept: Kept | None = None, name: str = "") -> None:
        self._read = read
        self._kept = kept or Kept(_MOST)
        self.name = name

    def remember[Value](self, key: tuple[Hashable, ...], make: Callable[[], Sized[Value]]) -> Value:
        """What was made of this release's tables, made if it is not kept."""
        return self._kept.get((self.name, *key), make)

    @classmethod
    def of(cls, tables: "Mapping[str, pa.Table]") -> "Contents":
        """Those of whole tables, by name."""
        return cls(lambda name: InMemory(tables[name]) if name in tables else None)

    def table(self, name: str, *columns: str) -> "pa.Table | None":
        """Some columns of a whole table; nulls for a column that an earlier release lacks."""
        content = self._read(name)
        return None if content is None else _with_nulls(content.read(_known(content, columns)), columns)

    def columns(self, name: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """The same, row by row."""
        table = self.table(name, *columns)
        return iter(()) if table is None else zip(*(table[one].to_pylist() for one in columns), strict=True)

    def where(self, name: str, *columns: str, **wanted: Any) -> Iterator[tuple[Any, ...]]:
        """Some columns of the rows that have the wanted values, row by row."""
        table = self._read(name)
        if table is None:
            return iter(())
        rows = table.where(columns, **wanted)
        return zip(*(rows[one].to_pylist() for one in columns), strict=True)

    def trusts(self) -> set[str]:
        """The codes that have opportunity rows."""
        return {code for (code,) in self.columns("opportunities", "trust_code")}

    def opportunities(self, trusts: Sequence[str]) -> Mapping[tuple[str, str], Row]:
        """The whole rows of some trusts by opportunity and trust; none for a code that has no rows."""
        table = self._read("opportunities")
        rows = table.where(None, trust_code=(*trusts,)).to_pylist() if table else []
        return {(row["opportunity_id"], row["trust_code"]): row for row in rows}

    @cached_property
    def opportunity_ids(self) -> frozenset[str]:
        """The opportunities that anyone has."""
        table = self._figures
        return frozenset(name for (name,) in table.distinct("opportunity_id")) if table else frozenset()

    def of_opportunity(self, opportunity: str, *columns: str) -> "pa.Table":
        """Some of FIGURES of the rows of one opportunity, of all levels; nulls for a column that an earlier release
        lacks."""
        table = self._figures
        if table is None:
            return _none(columns)
        return _with_nulls(table.where(_known(table, columns), opportunity_id=opportunity), columns)

    @property
    def _figures(self) -> Readable | None:
        return self._read("figures") or self._read("by_opportunity") or self._read("opportunities")

    @cached_property
    def above(self) -> frozenset[str]:
        """The organisations of further levels that have opportunities."""
        levels = [*self.columns("opportunities", "level", "trust_code")]
        return frozenset(code for level, code in levels if level != levels[0][0])

    def own(self, *columns: str) -> "pa.Table":
        """Some columns of `opportunities`, of the programme's own organisations: further levels follow these."""
        from shared.compute import pc

        table = self.table("opportunities", *columns, "level")
        if table is None or not table.num_rows:
            return _none(columns)
        own = table["level"][0]
        if own.is_valid:
            return table.filter(pc.equal(table["level"], own)).select([*columns])
        return table.filter(pc.is_null(table["level"])).select([*columns])

    def readings(
        self, metric: str, start: date | None, end: date | None, level: str | None, *statuses: MetricStatus
    ) -> Readings:
        """The values of a metric over a window of everyone of a level that have one of some statuses."""
        return self._kept.get(
            (self.name, "readings", metric, start, end, level, statuses),
            lambda: self._readings(metric, start, end, level, statuses),
        )

    def _readings(
        self, metric: str, start: date | None, end: date | None, level: str | None, statuses: tuple[MetricStatus, ...]
    ) -> Sized[Readings]:
        from shared.compute import pc

        names = ("trust_code", "value", "denominator", "status", "level")
        rows = _of_level(self.of_window(metric, start, end, *names), level).drop_columns("level")
        kept = rows.select(names[:3])
        if rows.num_rows:
            kept = kept.filter(pc.is_in(rows["status"], value_set=arrow_array(statuses))).combine_chunks()
        return Sized(Readings(kept), 3 * kept.nbytes)

    def of_window(self, metric: str, start: date | None, end: date | None, *columns: str) -> "pa.Table":
        """Some columns of the rows of a metric and a window in `metrics`, of all levels."""
        table = self._read(f"metrics/{metric}") or self._read("by_metric") or self._read("metrics")
        if table is None or start is None or end is None:
            return _none(columns)
        found = table.where(_known(table, columns), metric_id=metric, period_start=start, period_end=end)
        return _with_nulls(found, columns)

    def texts(self, group: str) -> Mapping[PeerPeriod, Mapping[str, str]]:
        """The texts of a group by attribute, by trust, by period, oldest first."""
        return self._kept.get((self.name, "texts", group), lambda: self._texts(group))

    def _texts(self, group: str) -> Sized[Mapping[PeerPeriod, Mapping[str, str]]]:
        from shared.compute import pc

        names = ("period_end", "period", "trust_code", "attribute")
        table = self._read("characteristics")
        rows = table.where(names, group_id=group) if table else _none(names)
        periods: list[PeerPeriod] = [*combinations(rows, *names[:2])] if rows.num_rows else []
        ordered: dict[PeerPeriod, Mapping[str, str]] = {}
        for end, label in sorted(periods, key=age):
            own = rows.filter(pc.and_(same(rows["period_end"], end), same(rows["period"], label)))
            ordered[end, label] = dict(zip(strings(own["trust_code"]), strings(own["attribute"]), strict=True))
        return Sized(ordered, _PER_CODE * (1 + sum(map(len, ordered.values()))))

    @cached_property
    def groups(self) -> frozenset[str]:
        """The groups that have peers."""
        return self._in_pairs | self._by_attribute

    @cached_property
    def _in_pairs(self) -> frozenset[str]:
        table = self._read("peers")
        return frozenset(group for (group,) in table.distinct("group_id")) if table else frozenset()

    @cached_property
    def _by_attribute(self) -> frozenset[str]:
        """The groups of which texts are known, and neither pairs nor figures."""
        from shared.compute import pc

        table = self.table("characteristics", "group_id", "weight")
        if table is None:
            return frozenset()
        nearest = table.filter(pc.is_valid(table["weight"]))
        groups, figures = (set(map(str, rows["group_id"].unique().to_pylist())) for rows in (table, nearest))
        return frozenset(groups - figures - self._in_pairs)

    def instead_of_pairs(self, group: str) -> Mapping[PeerPeriod, Mapping[str, str]]:
        """The texts of a group by attribute, by which all that have the same one are peers. None if the release holds
        pairs of the group's peers, as earlier ones do."""
        return {} if group in self._in_pairs else self.texts(group)

    def alike(self, group: str) -> Mapping[PeerPeriod, Mapping[str, str]]:
        """Like `instead_of_pairs`; none of any other group."""
        return self.texts(group) if group in self._by_attribute else {}

    def classes(self, group: str) -> Mapping[PeerPeriod, Mapping[str, frozenset[str]]]:
        """All that have a text of a group by attribute, by text, by period, oldest first: one set for all of them."""
        return self.remember(("classes", group), lambda: self._classes(group))

    def _classes(self, group: str) -> Sized[Mapping[PeerPeriod, Mapping[str, frozenset[str]]]]:
        found: dict[PeerPeriod, Mapping[str, frozenset[str]]] = {}
        for period, by_code in self.texts(group).items():
            codes: dict[str, set[str]] = {}
            for code, text in by_code.items():
                codes.setdefault(text, set()).add(code)
            found[period] = {text: frozenset(alike) for text, alike in codes.items()}
        return Sized(found, _PER_CODE * (1 + sum(map(len, self.texts(group).values()))))

    def members(self, group: str, trust: str, *, by_attribute: bool) -> Mapping[PeerPeriod, frozenset[str]]:
        """A trust's peers in a group by period, oldest first; runners-up are not peers. `by_attribute`: all others that
        have its text are its peers."""
        return self._kept.get(
            (self.name, "members", group, trust, by_attribute), lambda: self._members(group, trust, by_attribute)
        )

    def _members(self, group: str, trust: str, by_attribute: bool) -> Sized[Mapping[PeerPeriod, frozenset[str]]]:
        codes: dict[PeerPeriod, set[str] | frozenset[str]] = {}
        texts = self.instead_of_pairs(group) if by_attribute else {}
        for period, by_code in texts.items():
            if trust in by_code and (alike := self.classes(group)[period][by_code[trust]] - {trust}):
                codes[period] = alike
        names = ("role", "period_end", "period", "peer_code")
        rows = () if texts else self.where("peers", *names, group_id=group, trust_code=trust)
        for role, end, label, peer in rows:
            if role == PeerRole.PEER:
                codes[end, label] = codes.get((end, label), frozenset()) | {peer}
        found = {period: frozenset(codes[period]) for period in sorted(codes, key=age)}
        return Sized(found, _PER_CODE * (1 + sum(map(len, found.values()))))

    def ends_by_attribute(self, group: str) -> Sequence[date]:
        """The last days of the periods in which anyone has peers in a group by attribute, oldest first."""
        return self._kept.get((self.name, "ends", group), lambda: Sized(self._ends(group), _PER_CODE))

    def _ends(self, group: str) -> Sequence[date]:
        texts = self.instead_of_pairs(group)
        ends = {period[0] for period, by_code in texts.items() if shared_texts(by_code)}
        if not texts:
            ends = {
                end for role, end in self.where("peers", "role", "period_end", group_id=group) if role == PeerRole.PEER
            }
        return sorted(end for end in ends if end is not None)


def _known(table: Readable, columns: Sequence[str]) -> list[str]:
    held = {*table.column_names}
    return [name for name in columns if name in held]


def _with_nulls(table: "pa.Table", columns: Sequence[str]) -> "pa.Table":
    import pyarrow as pa

    for name in columns:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows))
    return table.select([*columns])


def _of_level(rows: "pa.Table", level: str | None) -> "pa.Table":
    from shared.compute import pc

    if level is not None:
        return selected(rows, {"level": level})
    return rows if rows["level"].null_count == rows.num_rows else rows.filter(pc.is_null(rows["level"]))


def _none(columns: Sequence[str]) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_batches([], pa.schema([pa.field(name, pa.null()) for name in columns]))


def of_text(texts: Mapping[str, str], code: str) -> frozenset[str]:
    """The others that have the same text as a code; none if it has none."""
    own = texts.get(code)
    return frozenset() if own is None else frozenset(other for other, text in texts.items() if text == own) - {code}


def shared_texts(texts: Mapping[str, str]) -> frozenset[str]:
    """The texts that more than one code has."""
    return frozenset(text for text, codes in Counter(texts.values()).items() if codes > 1)


def age(period: PeerPeriod) -> tuple[date, str]:
    """What periods are ordered by, oldest first."""
    return period[0] or date.min, period[1] or ""


class Pair(NamedTuple):
    """One opportunity of one trust in two releases; None where a release has no such row."""

    trust: str
    opportunity: str
    before: Row | None
    after: Row | None


def pairs_of(before: Contents, after: Contents, trusts: Sequence[str]) -> list[Pair]:
    """Every opportunity that some trusts have a row for in either release, whole rows, in order of their ids and then
    of the trusts' codes."""
    earlier, later = before.opportunities(trusts), after.opportunities(trusts)
    keys = sorted(earlier.keys() | later.keys())
    return [Pair(trust, name, earlier.get((name, trust)), later.get((name, trust))) for name, trust in keys]
