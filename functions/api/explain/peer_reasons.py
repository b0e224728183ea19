"""Why one trust is, or is not, a peer of another: any pair of a group, from a release's characteristics. Pure.

Rows are those of the tables `characteristics` and `peers`. Distances, shares, ranks and roles are those that the peers
were computed with, worked out anew for the pair; a test holds both together.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf, sqrt
from typing import Any, Literal, NamedTuple

from functions.api.schemas.peers import Reason
from shared.method.peer_groups import NearestGroup

type Row = Mapping[str, Any]
type Role = Literal["peer", "runner_up", "too_far"]


_ROUNDING = 1e-9
"""A sum of weights may miss half of the total by this fraction: that is rounding, not missing data."""


class Part(NamedTuple):
    """One variable of a comparison: both raw values (None: missing), and its share of the distance, of its square when
    euclidean; None where one of the two lacks it."""

    measure: str
    weight: float
    value: float | None
    other_value: float | None
    share: float | None
    period: str | None


class Comparison(NamedTuple):
    """Two trusts by their characteristics; the distance is None where they share too few."""

    distance: float | None
    variables_used: int
    parts: tuple[Part, ...]


class Place(NamedTuple):
    """Where a code stands among all that could be listed, the nearest being 1st; `near` is whose characteristics were
    compared: its own, or those of a trust that it took over."""

    code: str
    rank: int
    role: Role
    distance: float
    near: str


class Why(NamedTuple):
    """The answer for a pair. `place` is the other's, `out_of` how many could be listed, `last_peer` the last that is.

    `near` is whose characteristics the comparison is with. `successors` are the answers for those that stand for the
    other, where it is `replaced`. `attribute` and `other_attribute` are what both state of the text they must share.
    """

    reason: Reason
    other: str
    place: Place | None = None
    out_of: int | None = None
    last_peer: Place | None = None
    near: str | None = None
    comparison: Comparison | None = None
    successors: tuple["Why", ...] = ()
    attribute: str | None = None
    other_attribute: str | None = None


class Trust:
    """One trust of a nearest group: its rows in the order of the variables."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.scaled: list[float | None] = [row["scaled"] for row in rows]
        self.attribute: str | None = rows[0]["attribute"]
        self.stands_for: tuple[str, ...] = tuple(rows[0]["stands_for"] or ())


class Nearest:
    """Everyone of one nearest group, and how they are compared."""

    def __init__(self, group: NearestGroup, rows: Iterable[Row]) -> None:
        self.group = group
        by_code: dict[str, list[Row]] = {}
        for row in rows:
            by_code.setdefault(row["trust_code"], []).append(row)
        self.trusts = {code: Trust(found) for code, found in sorted(by_code.items())}
        first = next(iter(self.trusts.values()), None)
        self._weights: list[float] = [row["weight"] for row in first.rows] if first else []
        self._least = sum(self._weights) / 2 * (1 - _ROUNDING)

    def compare(self, code: str, other: str) -> Comparison:
        """Two trusts that have characteristics."""
        one, two = self.trusts[code], self.trusts[other]
        parts, total, shared = self._sums(one, two)
        known = [part for part in parts if part is not None]
        return Comparison(
            self._distance(total, shared),
            len(known),
            tuple(
                Part(
                    mine["measure"],
                    mine["weight"],
                    mine["value"],
                    theirs["value"],
                    None if part is None else part / total if total > 0 else 0.0,
                    mine["period"],
                )
                for mine, theirs, part in zip(one.rows, two.rows, parts, strict=True)
            ),
        )

    def _sums(self, one: Trust, two: Trust) -> tuple[list[float | None], float, float]:
        parts: list[float | None] = []
        total = shared = 0.0
        squared = self.group.distance == "euclidean"
        for weight, x, y in zip(self._weights, one.scaled, two.scaled, strict=True):
            if x is None or y is None:
                parts.append(None)
                continue
            part = weight * ((x - y) * (x - y) if squared else abs(x - y))
            parts.append(part)
            total += part
            shared += weight
        return parts, total, shared

    def _distance(self, total: float, shared: float) -> float | None:
        if shared < self._least:
            return None
        return sqrt(total / shared) if self.group.distance == "euclidean" else total / shared

    def alike(self, code: str, other: str) -> bool:
        """Whether two state the same of the attribute that the group's candidates must share, if there is one."""
        mine = self.trusts[code].attribute
        return self.group.within is None or (mine is not None and mine == self.trusts[other].attribute)

    def ranking(self, code: str) -> list[tuple[float, str]]:
        """All that a trust may be compared with, nearest first, by (distance, code)."""
        me = self.trusts[code]
        found = (
            (self._distance(*self._sums(me, trust)[1:]), other)
            for other, trust in self.trusts.items()
            if other != code and self.alike(code, other)
        )
        return sorted((distance, other) for distance, other in found if distance is not None and distance < inf)

    def places(self, code: str) -> dict[str, Place]:
        """All that could stand in a trust's list, as its successor rule names them, in order: no one twice, and never
        the trust itself or its own successors."""
        group, barred = self.group, self.barred(code)
        found: dict[str, Place] = {}
        peers = 0
        for nth, (distance, near) in enumerate(self.ranking(code)):
            for named in self.trusts[near].stands_for:
                if named in barred or named in found:
                    continue
                within = (peers if group.successors.refill else nth) < group.k
                peers += within
                role: Role = "peer" if within else "runner_up" if len(found) < peers + group.runners_up else "too_far"
                found[named] = Place(named, len(found) + 1, role, distance, near)
        return found

    def barred(self, code: str) -> set[str]:
        """Whom a trust's list may never name: itself and whoever stands for it."""
        return {code, *self.trusts[code].stands_for}

    def why(self, code: str, other: str) -> Why:
        """Why another trust is, or is not, in a trust's list."""
        if code == other:
            return Why("itself", other)
        if code not in self.trusts:
            return Why("none_of_its_own", other)
        if other in self.trusts[code].stands_for:
            return Why("own_successor", other)
        places = self.places(code)
        last = next((place for place in reversed(places.values()) if place.role == "peer"), None)
        context: dict[str, Any] = {"out_of": len(places), "last_peer": last}
        if other in places:
            place = places[other]
            return Why(place.role, other, place, near=place.near, comparison=self.compare(code, place.near), **context)
        near = next(iter(self._named_by(code, other)), other if other in self.trusts else None)
        if near is None:
            return Why("no_characteristics", other, **context)
        compared = {"near": near, "comparison": self.compare(code, near), **context} | self._attributes(code, near)
        if other in self.trusts and other not in self.trusts[other].stands_for and near == other:
            return self._gone(code, other, compared)
        return Why("too_few_in_common" if self.alike(code, near) else "other_attribute", other, **compared)

    def _named_by(self, code: str, other: str) -> list[str]:
        """The trusts that lists name as another, those first that the trust could be compared with."""
        found = [near for near, trust in self.trusts.items() if other in trust.stands_for]
        return sorted(found, key=lambda near: (not self.alike(code, near), near != other, near))

    def _attributes(self, code: str, near: str) -> dict[str, Any]:
        return {"attribute": self.trusts[code].attribute, "other_attribute": self.trusts[near].attribute}

    def _gone(self, code: str, other: str, compared: dict[str, Any]) -> Why:
        """For one that no list names any more: through those that stand for it."""
        standing = self.trusts[other].stands_for
        if not standing:
            return Why("closed", other, **compared)
        if set(standing) <= self.barred(code):
            return Why("own_predecessor" if code in standing else "same_successor", other, **compared)
        told = tuple(self.why(code, successor) for successor in standing)
        return Why("replaced", other, successors=told, **compared)


def why_same_attribute(rows: Iterable[Row], code: str, other: str) -> Why:
    """For a group by attribute, from its rows of one period."""
    texts = {row["trust_code"]: row["attribute"] for row in rows}
    mine, theirs = texts.get(code), texts.get(other)
    if code == other:
        return Why("itself", other)
    if mine is None:
        return Why("none_of_its_own", other, other_attribute=theirs)
    if theirs is None:
        return Why("no_characteristics", other, attribute=mine)
    return Why("peer" if mine == theirs else "other_attribute", other, attribute=mine, other_attribute=theirs)


def why_listed(rows: Iterable[Row], code: str, other: str) -> Why:
    """For a list as landed, from the trust's own rows of `peers`."""
    if code == other:
        return Why("itself", other)
    listed = {row["peer_code"] for row in rows}
    if not listed:
        return Why("none_of_its_own", other)
    return Why("peer" if other in listed else "not_listed", other)


def why_national(code: str, other: str) -> Why:
    """For the group that everyone is in."""
    return Why("itself" if code == other else "everyone", other)
