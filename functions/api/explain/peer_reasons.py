"""Why one trust is, or is not, a peer of another, for any pair of trusts in a group. Pure.

Rows are those of a release's tables `characteristics` and `peers`. Distances, shares, ranks and roles are recomputed
for the pair with the formulas of `functions.peers`; a test compares the two.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from math import inf, sqrt
from operator import add
from typing import Any, Literal, NamedTuple

from functions.api.schemas.peers import Reason
from shared.method.peer_groups import NearestGroup

type Row = Mapping[str, Any]
type Role = Literal["peer", "runner_up", "one_sided", "too_far"]


_ROUNDING = 1e-9
"""A sum of weights counts as half of the total if it is short by this fraction: that is rounding, not missing data."""


class ComparedVariable(NamedTuple):
    """One variable of a comparison: both raw values (None: missing), and its share of the distance, or of the squared
    distance if euclidean and in one part; None if either value is missing."""

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
    """A candidate's rank; the nearest, or the nearest preferred one, has rank 1. `compared_as` is the code whose
    characteristics were compared: its own, or that of a trust that it took over. `preferred`: the place of the
    attribute by which it is preferred, None if by none."""

    code: str
    rank: int
    role: Role
    distance: float
    compared_as: str
    preferred: int | None = None


class PeerReason(NamedTuple):
    """The reason for a pair. `candidate` is the other trust's rank, `out_of` the number of candidates, `distances`
    those of all of them, the nearest first, `last_peer` the last peer in the list.

    `compared_as` is the code whose characteristics were compared. `successors` are the reasons for the other's
    successors, if it is `replaced`. `attribute` and `other_attribute` are both trusts' values of the text that peers
    must share, or for a candidate of the text by which it is preferred.
    """

    reason: Reason
    other: str
    candidate: RankedCandidate | None = None
    out_of: int | None = None
    distances: tuple[float, ...] = ()
    last_peer: RankedCandidate | None = None
    compared_as: str | None = None
    comparison: TrustComparison | None = None
    successors: tuple["PeerReason", ...] = ()
    attribute: str | None = None
    other_attribute: str | None = None


class GroupMember:
    """One trust of a nearest group: its rows in the order of the variables, its texts by which others are
    preferred, and the text by which it is a candidate."""

    def __init__(self, rows: Sequence[Row], preferences: int) -> None:
        self.rows = [row for row in rows if row["weight"] is not None]
        texts: list[str | None] = [row["attribute"] for row in rows if row["weight"] is None]
        self.preferred, self.candidate_text = texts[:preferences], next(iter(texts[preferences:]), None)
        self.scaled: list[float | None] = [row["scaled"] for row in self.rows]
        self.attribute: str | None = rows[0]["attribute"]
        self.stands_for: tuple[str, ...] = tuple(rows[0]["stands_for"] or ())


class NearestTrusts:
    """All trusts of one nearest group, and their distances."""

    def __init__(self, group: NearestGroup, rows: Iterable[Row]) -> None:
        self.group = group
        by_code: dict[str, list[Row]] = {}
        for row in rows:
            by_code.setdefault(row["trust_code"], []).append(row)
        preferences = len(group.prefer.attributes) if group.prefer else 0
        self.trusts = {code: GroupMember(own, preferences) for code, own in sorted(by_code.items())}
        first = next(iter(self.trusts.values()), None)
        self._weights: list[float] = [row["weight"] for row in first.rows] if first else []

    def compare(self, code: str, other: str) -> TrustComparison:
        """Compare two trusts that have characteristics; KeyError if either has none."""
        one, two = self.trusts[code], self.trusts[other]
        shares, distance = self._between(one, two)
        known = [share for share in shares if share is not None]
        total = reduce(add, known, 0.0)
        return TrustComparison(
            distance,
            len(known),
            tuple(
                ComparedVariable(
                    left["measure"],
                    left["weight"],
                    left["value"],
                    right["value"],
                    None if share is None else share / total if total > 0 else 0.0,
                    left["period"],
                )
                for left, right, share in zip(one.rows, two.rows, shares, strict=True)
            ),
        )

    def _between(self, one: GroupMember, two: GroupMember) -> tuple[list[float | None], float | None]:
        """Each variable's share of the distance before they are divided by their sum, and the distance, None if too
        little is known of a part."""
        shares: list[float | None] = [None] * len(self._weights)
        distances: list[float | None] = []
        for part in self.group.parts:
            total = known = 0.0
            for place in part:
                x, y = one.scaled[place], two.scaled[place]
                if x is None or y is None:
                    continue
                weight = self._weights[place]
                share = weight * (abs(x - y) if self.group.distance == "cityblock" else (x - y) * (x - y))
                shares[place] = share
                total += share
                known += weight
            distance = self._part_distance(part, total, known)
            distances.append(distance)
            if len(self.group.parts) > 1:
                factor = (distance or 0.0) / (total or 1.0)
                for place in part:
                    share_of_part = shares[place]
                    shares[place] = None if share_of_part is None else share_of_part * factor
        complete = [distance for distance in distances if distance is not None]
        return shares, reduce(add, complete) if len(complete) == len(distances) else None

    def _part_distance(self, part: Sequence[int], total: float, known: float) -> float | None:
        whole = reduce(add, (self._weights[place] for place in part))  # `sum` would round unlike `functions.peers`
        if known < whole / 2 * (1 - _ROUNDING):
            return None
        combined = total * (whole / known) if self.group.combine == "sum" else total / known
        return sqrt(combined) if self.group.distance == "euclidean" else combined

    def same_attribute(self, code: str, other: str) -> bool:
        """Whether two trusts have the same value of the attribute that peers must share; True if there is none."""
        own = self.trusts[code].attribute
        return self.group.within is None or (own is not None and own == self.trusts[other].attribute)

    def ranking(self, code: str) -> list[tuple[float, str]]:
        """(distance, code) of all trusts that a trust can be compared with, nearest first."""
        own = self.trusts[code]
        distances = (
            (self._between(own, trust)[1], other)
            for other, trust in self.trusts.items()
            if other != code and self.same_attribute(code, other)
        )
        return sorted((distance, other) for distance, other in distances if distance is not None and distance < inf)

    def candidates(self, code: str) -> dict[str, RankedCandidate]:
        """All possible peers of a trust in order, with trusts replaced by their successors: each once, and never the
        trust itself or its own successors."""
        candidates = self._candidates(code)
        if self.group.mutual:
            own = self.trusts[code].stands_for
            for candidate in [one for one in candidates.values() if one.role == "peer"]:
                others = self._candidates(candidate.compared_as)
                if not any(name in others and others[name].role == "peer" for name in own):
                    candidates[candidate.code] = candidate._replace(role="one_sided")
        return candidates

    def _candidates(self, code: str) -> dict[str, RankedCandidate]:
        """The candidates as if peers need not be mutual."""
        group, excluded = self.group, self.excluded(code)
        nearest: dict[str, RankedCandidate] = {}
        for nth, (distance, compared_as) in enumerate(self.ranking(code)):
            for candidate in self.trusts[compared_as].stands_for:
                if candidate not in excluded and candidate not in nearest:
                    nearest[candidate] = RankedCandidate(candidate, nth, "too_far", distance, compared_as)
        ranked: dict[str, RankedCandidate] = {}
        peers = 0
        for one in self._in_order(code, list(nearest.values())):
            within = (peers if group.successors.refill or group.prefer else one.rank) < group.k
            peers += within
            role: Role = "peer" if within else "runner_up" if len(ranked) < peers + group.runners_up else "too_far"
            ranked[one.code] = one._replace(rank=len(ranked) + 1, role=role)
        return ranked

    def _in_order(self, code: str, nearest: list[RankedCandidate]) -> list[RankedCandidate]:
        """Candidates in order of distance, those that the group prefers first."""
        if self.group.prefer is None:
            return nearest
        own = self.trusts[code].preferred
        among = self.group.prefer.among
        pool = [one._replace(preferred=self._preference(own, one)) for one in nearest[:among]]
        pool.sort(key=lambda one: len(own) if one.preferred is None else one.preferred)
        return pool + nearest[among:]

    def _preference(self, own: Sequence[str | None], candidate: RankedCandidate) -> int | None:
        """The place of the first attribute that a candidate shares."""
        others = self.trusts[candidate.compared_as].preferred
        shared = (place for place, (x, y) in enumerate(zip(own, others, strict=True)) if x is not None and x == y)
        return next(shared, None)

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
        distances = tuple(sorted(one.distance for one in candidates.values()))
        context: dict[str, Any] = {"out_of": len(candidates), "distances": distances, "last_peer": last}
        if other in candidates:
            candidate = candidates[other]
            context |= self._compared(code, candidate.compared_as)
            if self.group.prefer:
                context |= self._preferences(code, candidate)
            return PeerReason(candidate.role, other, candidate, **context)
        if not self._may_be_a_peer(other):
            return PeerReason("not_a_candidate", other, other_attribute=self.trusts[other].candidate_text, **context)
        compared_as = next(iter(self._predecessors(code, other)), other if other in self.trusts else None)
        if compared_as is None:
            return PeerReason("no_characteristics", other, **context)
        context |= self._compared(code, compared_as) | self._attributes(code, compared_as)
        if other in self.trusts and other not in self.trusts[other].stands_for and compared_as == other:
            return self._gone(code, other, context)
        return PeerReason(
            "too_few_in_common" if self.same_attribute(code, compared_as) else "other_attribute", other, **context
        )

    def _may_be_a_peer(self, other: str) -> bool:
        """Whether a trust has a text that the group's candidates have; True if it needs none, or is not known."""
        rule = self.group.candidates
        return rule is None or other not in self.trusts or self.trusts[other].candidate_text in rule.only

    def _predecessors(self, code: str, other: str) -> list[str]:
        """The codes that lists replace by `other` (or `other` itself), those with the trust's attribute first."""
        codes = [one for one, trust in self.trusts.items() if other in trust.stands_for]
        return sorted(codes, key=lambda one: (not self.same_attribute(code, one), one != other, one))

    def _compared(self, code: str, compared_as: str) -> dict[str, Any]:
        return {"compared_as": compared_as, "comparison": self.compare(code, compared_as)}

    def _attributes(self, code: str, compared_as: str) -> dict[str, Any]:
        return {"attribute": self.trusts[code].attribute, "other_attribute": self.trusts[compared_as].attribute}

    def _preferences(self, code: str, candidate: RankedCandidate) -> dict[str, Any]:
        """Both trusts' texts of the attribute by which the candidate is preferred; of the last one if by none."""
        place = -1 if candidate.preferred is None else candidate.preferred
        return {
            "attribute": self.trusts[code].preferred[place],
            "other_attribute": self.trusts[candidate.compared_as].preferred[place],
        }

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
