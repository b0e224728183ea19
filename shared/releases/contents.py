"""What releases hold, looked up and paired: every comparison of two releases is a summary of these pairs.

Three summaries exist: `functions.api.changes` splits one trust's changes into their reasons, `shared.releases.impact`
counts and words what changes for everyone, `shared.releases.comparison` sets distributions next to each other. None of
them needs pandas or AWS.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.statuses import MetricStatus

if TYPE_CHECKING:
    import pyarrow as pa

type Row = Mapping[str, Any]
"""One row of a table, by column."""

type ReadTable = Callable[[str], "pa.Table | None"]
"""A release's table by name; None if there is none, which counts as an empty one."""

type PeerPeriod = tuple[date | None, str | None]
"""A period that peers are known for: its last day (None for one without days) and its label."""

_PLAUSIBLE = (MetricStatus.OK, MetricStatus.BELOW_MINIMUM)
"""Statuses of plausible values. Whether a denominator is large enough is a rule of the method, which may change."""


class Reading(NamedTuple):
    """A trust's value of a metric, and its denominator."""

    value: float
    denominator: float


class Contents:
    """The tables of one release. Each is read and indexed once, when it is first needed."""

    def __init__(self, read: ReadTable) -> None:
        self._read = read

    def columns(self, table: str, *names: str) -> Iterator[tuple[Any, ...]]:
        """Some columns of a table, row by row; nulls for a column that an earlier release lacks."""
        content = self._read(table)
        if content is None:
            return iter(())
        absent = [None] * content.num_rows
        known = {*content.column_names}
        return zip(*(content[name].to_pylist() if name in known else absent for name in names), strict=True)

    def rows(self, table: str, *names: str) -> Sequence[Row]:
        """Some columns of a table, as rows."""
        content = self._read(table)
        if content is None:
            return []
        rows: Sequence[Row] = content.select(list(names)).to_pylist()
        return rows

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        """Trust → first and last of its rows in `opportunities`, which are consecutive."""
        places: dict[str, tuple[int, int]] = {}
        for place, (code,) in enumerate(self.columns("opportunities", "trust_code")):
            places[code] = (places.get(code, (place, place))[0], place)
        return places

    def trusts(self) -> set[str]:
        """The codes that have opportunity rows."""
        return {*self._places}

    def opportunities(self, trust: str) -> Mapping[str, Row]:
        """A trust's whole rows by opportunity; none for a code that has no rows."""
        table = self._read("opportunities")
        if table is None or trust not in self._places:
            return {}
        first, last = self._places[trust]
        rows = table.slice(first, last - first + 1).to_pylist()
        return {row["opportunity_id"]: row for row in rows if row["trust_code"] == trust}

    def levels(self, table: str) -> Sequence[str | None]:
        """The level of each row of a table; nulls in a release of before there were levels."""
        content = self._read(table)
        if content is None or "level" not in content.column_names:
            return [None] * (0 if content is None else content.num_rows)
        levels: Sequence[str | None] = content["level"].to_pylist()
        return levels

    @cached_property
    def above(self) -> frozenset[str]:
        """The organisations of further levels that have opportunities."""
        levels = self.levels("opportunities")
        codes = zip(levels, self.columns("opportunities", "trust_code"), strict=True)
        return frozenset(code for level, (code,) in codes if level != levels[0])

    def own_rows(self, *names: str) -> Sequence[Row]:
        """Some columns of `opportunities`, of the programme's own organisations: further levels follow these."""
        levels = self.levels("opportunities")
        rows = zip(levels, self.rows("opportunities", *names), strict=True)
        return [row for level, row in rows if level == levels[0]]

    @cached_property
    def _readings(self) -> Mapping[tuple[str | None, str, date, date], dict[str, Reading]]:
        readings: dict[tuple[str | None, str, date, date], dict[str, Reading]] = {}
        names = ("metric_id", "period_start", "period_end", "trust_code", "status", "value", "denominator")
        cells = zip(self.levels("metrics"), self.columns("metrics", *names), strict=True)
        for level, (metric, start, end, code, status, value, denominator) in cells:
            if status in _PLAUSIBLE:
                readings.setdefault((level, metric, start, end), {})[code] = Reading(value, denominator)
        return readings

    def readings(self, metric: str, start: date, end: date, level: str | None) -> Mapping[str, Reading]:
        """The believed values of a metric over a window of everyone of a level, by trust code."""
        return self._readings.get((level, metric, start, end), {})

    @cached_property
    def peers(self) -> Mapping[tuple[str, str], Mapping[PeerPeriod, frozenset[str]]]:
        """(group, trust) → its peers by period, oldest first. Runners-up are not peers."""
        names = ("group_id", "trust_code", "peer_code", "role", "period_end", "period")
        codes: dict[tuple[str, str], dict[PeerPeriod, set[str]]] = {}
        for group, code, peer, role, end, label in self.columns("peers", *names):
            if role == "peer":
                codes.setdefault((group, code), {}).setdefault((end, label), set()).add(peer)
        return {
            key: {period: frozenset(peers) for period, peers in sorted(periods.items(), key=lambda item: _age(item[0]))}
            for key, periods in codes.items()
        }

    @cached_property
    def group_ends(self) -> Mapping[str, list[date]]:
        """Group → the last days of the periods that it is known for, oldest first."""
        ends: dict[str, set[date]] = {}
        for (group, _), periods in self.peers.items():
            ends.setdefault(group, set()).update(end for end, _ in periods if end is not None)
        return {group: sorted(days) for group, days in ends.items()}


def _age(period: PeerPeriod) -> tuple[date, str]:
    return period[0] or date.min, period[1] or ""


class Pair(NamedTuple):
    """One opportunity of one trust in two releases; None where a release has no such row."""

    trust: str
    opportunity: str
    before: Row | None
    after: Row | None


def pairs_of(before: Contents, after: Contents, trust: str) -> list[Pair]:
    """Every opportunity that a trust has a row for in either release, whole rows, in order of their ids."""
    earlier, later = before.opportunities(trust), after.opportunities(trust)
    return [Pair(trust, name, earlier.get(name), later.get(name)) for name in sorted(earlier.keys() | later.keys())]


def all_pairs(before: Contents, after: Contents, *columns: str) -> list[Pair]:
    """Every opportunity of every trust in either release, with some columns, in order of codes and ids; those of the
    programme's own organisations alone."""
    names = ("trust_code", "opportunity_id", *columns)
    earlier, later = (
        {(row["trust_code"], row["opportunity_id"]): row for row in release.own_rows(*names)}
        for release in (before, after)
    )
    return [Pair(*key, earlier.get(key), later.get(key)) for key in sorted(earlier.keys() | later.keys())]
