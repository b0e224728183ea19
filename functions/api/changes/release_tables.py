"""What a release holds, looked up by what a change asks for. Each table is gone through once, when first needed."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa

from functions.api.changes.rules import OpportunityRules
from shared.method.method import Method
from shared.method.opportunities import NATIONAL

Row = Mapping[str, Any]
"""One row of the table `opportunities`."""

_MEASURED = ("ok", "below_minimum")
"""Statuses of values that are believed. Whether a denominator suffices is a rule of the method, which may change."""


class Reading(NamedTuple):
    """A trust's value of a metric, and what it rests on."""

    value: float
    denominator: float


class ReleaseTables:
    """A release: its method and its tables `opportunities`, `metrics` and `peers`."""

    def __init__(self, method: Method, opportunities: pa.Table, metrics: pa.Table, peers: pa.Table) -> None:
        self._method = method
        self._rules: dict[str, OpportunityRules] = {}
        self._opportunities, self._metrics, self._peers = opportunities, metrics, peers

    def rules(self, opportunity: str) -> OpportunityRules:
        """An opportunity's rules; KeyError if the method has none of that name."""
        if opportunity not in self._rules:
            self._rules[opportunity] = OpportunityRules.of(self._method, opportunity)
        return self._rules[opportunity]

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        """Trust → first and last of its rows, which stand together."""
        found: dict[str, tuple[int, int]] = {}
        codes: list[Any] = self._opportunities["trust_code"].to_pylist()
        for place, code in enumerate(codes):
            found[code] = (found.get(code, (place, place))[0], place)
        return found

    def trusts(self) -> Iterable[str]:
        """The codes that have rows."""
        return self._places.keys()

    def rows(self, trust: str) -> Mapping[str, Row]:
        """A trust's rows by opportunity; none for a code that has no rows."""
        first, last = self._places.get(trust, (0, -1))
        rows = self._opportunities.slice(first, last - first + 1).to_pylist()
        return {row["opportunity_id"]: row for row in rows if row["trust_code"] == trust}

    @cached_property
    def _readings(self) -> Mapping[tuple[str, date, date], dict[str, Reading]]:
        names = ("metric_id", "period_start", "period_end", "trust_code", "status", "value", "denominator")
        found: dict[tuple[str, date, date], dict[str, Reading]] = {}
        columns = (self._metrics[name].to_pylist() for name in names)
        for metric, start, end, code, status, value, denominator in zip(*columns, strict=True):
            if status in _MEASURED:
                found.setdefault((metric, start, end), {})[code] = Reading(value, denominator)
        return found

    def readings(self, metric: str, start: date, end: date) -> Mapping[str, Reading]:
        """Everyone's believed values of a metric over a window, by trust code."""
        return self._readings.get((metric, start, end), {})

    @cached_property
    def _members(self) -> Mapping[str, Mapping[date | None, Mapping[str, frozenset[str]]]]:
        """Group → last day of its period → trust → peers."""
        names = ("group_id", "period_end", "trust_code", "peer_code", "role")
        found: dict[str, dict[date | None, dict[str, set[str]]]] = {}
        for group, end, code, peer, role in zip(*(self._peers[name].to_pylist() for name in names), strict=True):
            if role == "peer" and peer != code:
                found.setdefault(group, {}).setdefault(end, {}).setdefault(code, set()).add(peer)
        return {
            group: {end: {code: frozenset(peers) for code, peers in sets.items()} for end, sets in periods.items()}
            for group, periods in found.items()
        }

    def members(self, group: str, trust: str, day: date) -> frozenset[str] | None:
        """Whom a trust is compared with in a group for a window ending on `day`; None for everyone.

        A group by attribute changes from period to period, so it is the one that had not ended yet.
        """
        kind = self._method.peer_groups[group].kind if group in self._method.peer_groups else group
        if kind == NATIONAL:
            return None
        periods = self._members.get(group, {})
        if kind != "same_attribute":
            return frozenset().union(*(sets.get(trust, frozenset()) for sets in periods.values()))
        end = min((end for end in periods if end is not None and end >= day), default=None)
        return periods.get(end, {}).get(trust, frozenset())
