"""A second reader of a release: whole tables, row by row, in the plainest way. Peers by attribute are its pairs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any

import pyarrow as pa

from functions.api.release import GroupPeriod, Release
from shared import keys, tables
from shared.releases.contents import Contents

type Row = dict[str, Any]


class Readings(dict[str, tuple[float, float]]):
    """Values with denominators by code."""

    def among(self, codes: Set[str] | None) -> dict[str, tuple[float, float]]:
        return {code: pair for code, pair in self.items() if codes is None or code in codes}

    @property
    def ordered(self) -> list[float]:
        return sorted(value for value, _ in self.values())


class Keyed:
    def __init__(self, rows: Iterable[Row], *columns: str) -> None:
        self.rows: dict[Any, list[Row]] = {}
        for row in rows:
            self.rows.setdefault(tuple(row[name] for name in columns), []).append(row)

    def __getitem__(self, key: Any) -> list[Row]:
        return self.rows.get(key, [])


class Trusts(dict[str, Row]):
    def all(self) -> Mapping[str, Row]:
        return self

    def name(self, code: str) -> Any:
        return self.get(code, {}).get("trust_name")

    def level(self, code: str) -> Any:
        return self.get(code, {}).get("level")

    def attribute_ids(self) -> list[str]:
        return [name for row in self.values() for name in row["attributes"]]


def _in_order(row: Row) -> tuple[Any, ...]:
    names = ("group_id", "period_end", "trust_code", "role", "rank", "peer_code")
    return tuple((row[name] is None, row[name] or 0 if name == "rank" else str(row[name])) for name in names)


class WholeRelease(Release):
    """Like Release, from lists of rows."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.read: dict[str, list[Row]] = {}
        self.keyed: dict[Any, Keyed] = {}

    def rows(self, name: str) -> list[Row]:
        if name not in self.read:
            folder = keys.release(self.id, f"{name}.parquet").rpartition("/")[0]
            bodies = [self.data.get(key).body for key in self.data.names(f"{folder}/")]
            self.read[name] = [row for body in bodies for row in tables.from_bytes(body).to_pylist()]
            if name == "peers":
                self.read[name] = sorted([*self.read[name], *self._alike()], key=_in_order)
        return self.read[name]

    def _alike(self) -> Iterator[Row]:
        """The pairs of groups by an attribute, if the table has none: everyone with everyone else of the same text."""
        stated = {row["group_id"] for row in self.read["peers"]}
        groups = {name for name, one in self.method.peer_groups.items() if one.kind == "same_attribute"} - stated
        members = [row for row in self.rows("characteristics") if row["group_id"] in groups]
        empty = dict.fromkeys(tables.PEERS.names)
        for one in members:
            for other in members:
                same = all(one[name] == other[name] for name in ("group_id", "attribute", "period", "period_end"))
                if same and one["trust_code"] != other["trust_code"]:
                    about = {name: one[name] for name in ("group_id", "trust_code", "period", "period_end")}
                    yield empty | about | {"peer_code": other["trust_code"], "role": "peer"}

    def trend(self, code: Any, opportunity_id: str) -> list[Row]:
        found: list[Row] = self.by("trend", "trust_code", "opportunity_id")[code, opportunity_id]
        return found

    def by(self, name: str, *columns: str) -> Any:
        if (name, columns) not in self.keyed:
            self.keyed[name, columns] = Keyed(self.rows(name), *columns)
        return self.keyed[name, columns]

    trusts: Any = property(lambda self: self._trusts())
    by_trust: Any = property(lambda self: self.by("opportunities", "trust_code"))
    units: Any = property(lambda self: self.by("units", "trust_code", "opportunity_id"))
    metrics: Any = property(lambda self: self.by("metrics", "trust_code"))
    distribution: Any = property(lambda self: None)  # counted from all values instead
    totals: Any = property(lambda self: self.by("totals", "opportunity_id"))
    pairs: Any = property(lambda self: self.by("peers", "group_id", "trust_code"))
    findings: Any = property(lambda self: self.by("findings", "file_id"))
    _contents: Any = property(lambda self: WholeContents(self))

    def _trusts(self) -> Trusts:
        if "" not in self.keyed:
            rows = (
                (row["trust_code"], row | {"attributes": dict(row["attributes"] or ())}) for row in self.rows("trusts")
            )
            self.keyed[""] = Trusts(sorted(rows))  # type: ignore[assignment]
        return self.keyed[""]  # type: ignore[return-value]

    def of_opportunity(self, opportunity_id: str, columns: Sequence[str]) -> list[Row]:
        return list(self.by("opportunities", "opportunity_id")[opportunity_id,])

    def on_page(self, opportunity_id: str, codes: Sequence[str]) -> list[Row]:
        by_code = {row["trust_code"]: row for row in self.of_opportunity(opportunity_id, ())}
        return [by_code[code] for code in codes]

    def comparable(self, metric: str, start: date | None, end: date | None, level: str | None) -> Any:
        return WholeContents(self).readings(metric, start, end, level, "ok")

    def sources(self, metric: str, row: Row) -> tuple[str, ...]:
        found = self.by("metrics", "metric_id", "period_start", "period_end")[
            metric, row["period_start"], row["period_end"]
        ]
        return tuple(found[-1]["sources"] or ()) if found else ()

    def peers(self, group: str, code: str | None, period: str | None) -> list[Row]:
        return [row for row in self.pairs[group, code] if row["period"] == period]

    def texts(self, group: str, level: str | None, period: str | None) -> dict[str, str]:
        rows = self.by("characteristics", "group_id", "period")[group, period]
        return {row["trust_code"]: row["attribute"] for row in rows if self.level_of(row["trust_code"]) == level}

    def characteristics(self, group: str, level: str | None, columns: Sequence[str]) -> pa.Table:
        rows = self.by("characteristics", "group_id")[group,]
        own = [row for row in rows if self.level_of(row["trust_code"]) == level]
        return pa.Table.from_pylist(own, tables.CHARACTERISTICS)

    def group_periods(self, group: str, level: str | None) -> list[GroupPeriod]:
        levels = bool(self.programme.population.levels)
        found = {
            GroupPeriod(row["period_end"], row["period"])
            for row in self.by("peers", "group_id")[group,]
            if not levels or self.level_of(row["trust_code"]) == level
        }
        known = found if levels or level is None else set()
        return sorted(known, key=lambda one: (one.end or date.min, one.label or ""), reverse=True)


class WholeContents(Contents):
    """Like Contents, of lists of rows."""

    def __init__(self, release: WholeRelease) -> None:
        super().__init__(release._find)
        self.release = release

    def opportunities(self, trusts: Sequence[str]) -> Mapping[tuple[str, str], Row]:
        return {(row["opportunity_id"], code): row for code in trusts for row in self.release.by_trust[code,]}

    def readings(self, metric: str, start: Any, end: Any, level: str | None, *statuses: str) -> Any:
        rows = self.release.by("metrics", "metric_id", "period_start", "period_end", "level")[metric, start, end, level]
        return Readings(
            (row["trust_code"], (row["value"], row["denominator"])) for row in rows if row["status"] in statuses
        )

    def members(self, group: str, trust: str, *, by_attribute: bool) -> Any:
        found: dict[Any, set[str]] = {}
        for row in self.release.pairs[group, trust]:
            if row["role"] == "peer":
                found.setdefault((row["period_end"], row["period"]), set()).add(row["peer_code"])
        return {
            period: frozenset(found[period])
            for period in sorted(found, key=lambda one: (one[0] or date.min, one[1] or ""))
        }

    def ends_by_attribute(self, group: str) -> Sequence[date]:
        rows = self.release.by("peers", "group_id")[group,]
        return sorted({row["period_end"] for row in rows if row["role"] == "peer" and row["period_end"]})
