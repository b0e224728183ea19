"""Why one trust is, or is not, a peer of another, for any pair of trusts in a group. Pure.

Rows are those of a release's tables `characteristics` and `peers`. Distances, shares, ranks and roles are recomputed
for the pair with the formulas of `functions.peers`; a test compares the two.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf, sqrt
from typing import Any, Literal, NamedTuple

from functions.api.schemas.peers import Reason
from shared.method.peer_groups import NearestGroup

type Row = Mapping[str, Any]
type Role = Literal["peer", "runner_up", "too_far"]


_ROUNDING = 1e-9
"""A sum of weights counts as half of the total if it is short by this fraction: that is rounding, not missing data."""


class ComparedVariable(NamedTuple):
    """One variable of a comparison: both raw values (None: missing), and its share of the distance, or of the squared
    distance if euclidean; None if either value is missing."""

    measure: str
    weight: float
    value: float | None
    other_value: float | None
    share: float | None
    period: str | None


class TrustComparison(NamedTuple):
    """Two trusts compared by their characteristics; the distance is None if too few are known for both."""

    distance: float | None
    variables_used: int
    parts: tuple[ComparedVariable, ...]


class RankedCandidate(NamedTuple):
    """A candidate's rank; the nearest has rank 1. `compared_as` is the code whose characteristics were compared: its
    own, or that of a trust that it took over."""

    code: str
    rank: int
    role: Role
    distance: float
    compared_as: str


class PeerReason(NamedTuple):
    """The reason for a pair. `candidate` is the other trust's rank, `out_of` the number of candidates, `last_peer` the
    farthest peer.

    `compared_as` is the code whose characteristics were compared. `successors` are the reasons for the other's
    successors, if it is `replaced`. `attribute` and `other_attribute` are both trusts' values of the text that peers
    must share.
    """

    reason: Reason
    other: str
    candidate: RankedCandidate | None = None
    out_of: int | None = None
    last_peer: RankedCandidate | None = None
    compared_as: str | None = None
    comparison: TrustComparison | None = None
    successors: tuple["PeerReason", ...] = ()
    attribute: str | None = None
    other_attribute: str | None = None


class GroupMember:
    """One trust of a nearest group: its rows in the order of the variables."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.scaled: list[float | None] = [row["scaled"] for row in rows]
        self.attribute: str | None = rows[0]["attribute"]
        self.stands_for: tuple[str, ...] = tuple(rows[0]["stands_for"] or ())


class NearestTrusts:
    """All trusts of one nearest group, and their distances."""

    def __init__(self, group: NearestGroup, rows: Iterable[Row]) -> None:
        self.group = group
        by_code: dict[str, list[Row]] = {}
        for row in rows:
            by_code.setdefault(row["trust_code"], []).append(row)
        self.trusts = {code: GroupMember(own) for code, own in sorted(by_code.items())}
        first = next(iter(self.trusts.values()), None)
        self._weights: list[float] = [row["weight"] for row in first.rows] if first else []
        self._least = sum(self._weights) / 2 * (1 - _ROUNDING)

    def compare(self, code: str, other: str) -> TrustComparison:
        """Compare two trusts that have characteristics; KeyError if either has none."""
        one, two = self.trusts[code], self.trusts[other]
        parts, total, shared = self._sums(one, two)
        known = [part for part in parts if part is not None]
        return TrustComparison(
            self._distance(total, shared),
            len(known),
            tuple(
                ComparedVariable(
                    left["measure"],
                    left["weight"],
                    left["value"],
                    right["value"],
                    None if part is None else part / total if total > 0 else 0.0,
                    left["period"],
                )
                for left, right, part in zip(one.rows, two.rows, parts, strict=True)
            ),
        )

    def _sums(self, one: GroupMember, two: GroupMember) -> tuple[list[float | None], float, float]:
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

    def same_attribute(self, code: str, other: str) -> bool:
        """Whether two trusts have the same value of the attribute that peers must share; True if there is none."""
        own = self.trusts[code].attribute
        return self.group.within is None or (own is not None and own == self.trusts[other].attribute)

    def ranking(self, code: str) -> list[tuple[float, str]]:
        """(distance, code) of all trusts that a trust can be compared with, nearest first."""
        own = self.trusts[code]
        distances = (
            (self._distance(*self._sums(own, trust)[1:]), other)
            for other, trust in self.trusts.items()
            if other != code and self.same_attribute(code, other)
        )
        return sorted((distance, other) for distance, other in distances if distance is not None and distance < inf)

    def candidates(self, code: str) -> dict[str, RankedCandidate]:
        """All possible peers of a trust in order, with trusts replaced by their successors: each once, and never the
        trust itself or its own successors."""
        group, excluded = self.group, self.excluded(code)
        ranked: dict[str, RankedCandidate] = {}
        peers = 0
        for nth, (distance, compared_as) in enumerate(self.ranking(code)):
            for candidate in self.trusts[compared_as].stands_for:
                if candidate in excluded or candidate in ranked:
                    continue
                within = (peers if group.successors.refill else nth) < group.k
                peers += within
                role: Role = "peer" if within else "runner_up" if len(ranked) < peers + group.runners_up else "too_far"
                ranked[candidate] = RankedCandidate(candidate, len(ranked) + 1, role, distance, compared_as)
        return ranked

    def excluded(self, code: str) -> set[str]:
        """The codes that a trust's list never contains: its own, and those of its successors."""
        return {code, *self.trusts[code].stands_for}

    def why(self, code: str, other: str) -> PeerReason:
        """Why another trust is, or is not, among a trust's peers."""
        if code == other:
            return PeerReason("itself", other)
        if code not in self.trusts:
            return PeerReason("none_of_its_own", other)
        if other in self.trusts[code].stands_for:
            return PeerReason("own_successor", other)
        candidates = self.candidates(code)
        last = next((one for one in reversed(candidates.values()) if one.role == "peer"), None)
        context: dict[str, Any] = {"out_of": len(candidates), "last_peer": last}
        if other in candidates:
            candidate = candidates[other]
            context |= self._compared(code, candidate.compared_as)
            return PeerReason(candidate.role, other, candidate, **context)
        compared_as = next(iter(self._predecessors(code, other)), other if other in self.trusts else None)
        if compared_as is None:
            return PeerReason("no_characteristics", other, **context)
        context |= self._compared(code, compared_as) | self._attributes(code, compared_as)
        if other in self.trusts and other not in self.trusts[other].stands_for and compared_as == other:
            return self._gone(code, other, context)
        return PeerReason(
            "too_few_in_common" if self.same_attribute(code, compared_as) else "other_attribute", other, **context
        )

    def _predecessors(self, code: str, other: str) -> list[str]:
        """The codes that lists replace by `other` (or `other` itself), those with the trust's attribute first."""
        codes = [one for one, trust in self.trusts.items() if other in trust.stands_for]
        return sorted(codes, key=lambda one: (not self.same_attribute(code, one), one != other, one))

    def _compared(self, code: str, compared_as: str) -> dict[str, Any]:
        return {"compared_as": compared_as, "comparison": self.compare(code, compared_as)}

    def _attributes(self, code: str, compared_as: str) -> dict[str, Any]:
        return {"attribute": self.trusts[code].attribute, "other_attribute": self.trusts[compared_as].attribute}

    def _gone(self, code: str, other: str, context: dict[str, Any]) -> PeerReason:
        """The reason for a trust that no longer exists: closed, or replaced by its successors."""
        successors = self.trusts[other].stands_for
        if not successors:
            return PeerReason("closed", other, **context)
        if set(successors) <= self.excluded(code):
            return PeerReason("own_predecessor" if code in successors else "same_successor", other, **context)
        reasons = tuple(self.why(code, successor) for successor in successors)
        return PeerReason("replaced", other, successors=reasons, **context)


def why_same_attribute(rows: Iterable[Row], code: str, other: str) -> PeerReason:
    """The reason in a group by attribute; `rows` are its rows of one period."""
    texts = {row["trust_code"]: row["attribute"] for row in rows}
    own, others = texts.get(code), texts.get(other)
    if code == other:
        return PeerReason("itself", other)
    if own is None:
        return PeerReason("none_of_its_own", other, other_attribute=others)
    if others is None:
        return PeerReason("no_characteristics", other, attribute=own)
    return PeerReason("peer" if own == others else "other_attribute", other, attribute=own, other_attribute=others)


def why_listed(rows: Iterable[Row], code: str, other: str) -> PeerReason:
    """The reason in a supplied list; `rows` are the trust's rows of the table `peers`."""
    if code == other:
        return PeerReason("itself", other)
    listed = {row["peer_code"] for row in rows}
    if not listed:
        return PeerReason("none_of_its_own", other)
    return PeerReason("peer" if other in listed else "not_listed", other)


def why_national(code: str, other: str) -> PeerReason:
    """The reason in the national group, which contains all trusts."""
    return PeerReason("itself" if code == other else "everyone", other)
