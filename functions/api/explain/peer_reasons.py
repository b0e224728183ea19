"""Why one trust is, or is not, a peer of another, for any pair of trusts in a group. Pure.

Rows are those of a release's tables `characteristics` and `peers`. Distances, shares, ranks and roles are recomputed
for the pair with the formulas of `functions.peers`; a test compares the two.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import islice, takewhile
from math import sqrt
from operator import add
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.api.schemas.peers import Reason
from shared.method.peer_groups import NearestGroup
from shared.releases.readable import floats, rows_at

if TYPE_CHECKING:
    import pyarrow as pa

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


class GroupMember(NamedTuple):
    """One trust of a nearest group: its place among all, the text that peers must share, the codes that are listed in
    its place, and its texts by which others are preferred, then that by which it is a candidate."""

    place: int
    attribute: str | None
    stands_for: tuple[str, ...]
    texts: list[str | None]


CHARACTERISTIC = ("trust_code", "measure", "value", "scaled", "weight", "attribute", "stands_for", "period")
"""The columns of the table `characteristics` that distances are recomputed from."""


class NearestTrusts:
    """All trusts of one nearest group, and their distances. `table`: the group's rows, the columns CHARACTERISTIC;
    every trust has the same variables in the same order."""

    def __init__(self, group: NearestGroup, table: "pa.Table") -> None:
        from shared.compute import pc

        self.group = group
        self._preferences = len(group.prefer.attributes) if group.prefer else 0
        variables = table.filter(pc.is_valid(table["weight"]))
        others = table.filter(pc.is_null(table["weight"]))
        coded = variables["trust_code"].combine_chunks().dictionary_encode()
        known = np.array(coded.dictionary.to_pylist(), dtype=np.object_)
        self._count = count = variables.num_rows // len(known) if len(known) else 0
        # By code; of each, its variables in their order.
        self._order = known.argsort().argsort()[_integers(coded.indices)].argsort(kind="stable")
        self._variables = variables
        self._scaled = np.array(floats(variables["scaled"]))[self._order].reshape(len(known), count)
        self._weights = floats(rows_at(variables, self._order[:count])["weight"])
        first = rows_at(variables.select(["attribute", "stands_for"]), self._order[:: count or 1].copy())
        self._within = np.array([*first["attribute"].to_pylist(), None], dtype=np.object_)[:-1]
        self._codes: list[str] = sorted(known.tolist())
        texts: dict[str, list[str | None]] = {code: [] for code in self._codes}
        for code, text in zip(map(str, others["trust_code"].to_pylist()), others["attribute"].to_pylist(), strict=True):
            texts[code].append(text)
        self.trusts = {
            code: GroupMember(place, attribute, tuple(stands_for or ()), texts[code])
            for place, (code, attribute, stands_for) in enumerate(
                zip(self._codes, self._within.tolist(), first["stands_for"].to_pylist(), strict=True)
            )
        }

    def _rows(self, code: str) -> list[Row]:
        start = self.trusts[code].place * self._count
        return [*rows_at(self._variables, self._order[start : start + self._count].copy()).to_pylist()]

    def compare(self, code: str, other: str) -> TrustComparison:
        """Compare two trusts that have characteristics; KeyError if either has none."""
        one, two = self._rows(code), self._rows(other)
        shares, distance = self._between(*([row["scaled"] for row in rows] for rows in (one, two)))
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
                for left, right, share in zip(one, two, shares, strict=True)
            ),
        )

    def _between(
        self, one: Sequence[float | None], two: Sequence[float | None]
    ) -> tuple[list[float | None], float | None]:
        """Each variable's share of the distance before they are divided by their sum, and the distance, None if too
        little is known of a part."""
        shares: list[float | None] = [None] * len(self._weights)
        distances: list[float | None] = []
        for part in self.group.parts:
            total = known = 0.0
            for place in part:
                x, y = one[place], two[place]
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

    def _from(self, code: str) -> NDArray[np.float64]:
        """The distances of all trusts from one, NaN where too little is known: those of `_between`, bit by bit."""
        own, whole_distance = self._scaled[self.trusts[code].place], None
        for part in self.group.parts:
            total, known = np.zeros(len(self._codes)), np.zeros(len(self._codes))
            for place in part:
                away = self._scaled[:, place] - own[place]
                away = abs(away) if self.group.distance == "cityblock" else away * away
                is_known = ~np.isnan(away)
                total += np.where(is_known, self._weights[place] * away, 0.0)
                known += np.where(is_known, self._weights[place], 0.0)
            whole = self._whole(part)
            enough = known >= whole / 2 * (1 - _ROUNDING)
            with np.errstate(divide="ignore", invalid="ignore"):
                combined = total * (whole / known) if self.group.combine == "sum" else total / known
            combined = np.where(enough, np.sqrt(combined) if self.group.distance == "euclidean" else combined, np.nan)
            whole_distance = combined if whole_distance is None else whole_distance + combined
        return np.full(len(self._codes), np.nan) if whole_distance is None else whole_distance

    def _whole(self, part: Sequence[int]) -> float:
        return reduce(add, (self._weights[place] for place in part))  # `sum` would round unlike `functions.peers`

    def _part_distance(self, part: Sequence[int], total: float, known: float) -> float | None:
        whole = self._whole(part)
        if known < whole / 2 * (1 - _ROUNDING):
            return None
        combined = total * (whole / known) if self.group.combine == "sum" else total / known
        return sqrt(combined) if self.group.distance == "euclidean" else combined

    def same_attribute(self, code: str, other: str) -> bool:
        """Whether two trusts have the same value of the attribute that peers must share; True if there is none."""
        own = self.trusts[code].attribute
        return self.group.within is None or (own is not None and own == self.trusts[other].attribute)

    def ranking(self, code: str) -> Iterator[tuple[float, str]]:
        """(distance, code) of all trusts that a trust can be compared with, nearest first."""
        distances = self._from(code)
        distances[self.trusts[code].place] = np.nan
        possible = distances < np.inf
        if self.group.within is not None:
            own = self.trusts[code].attribute
            possible &= (self._within == own) & (own is not None)
        places = np.flatnonzero(possible)
        places = places[distances[places].argsort(kind="stable")]  # equal ones stay in the order of their codes
        for place, distance in zip(places.tolist(), distances[places].tolist(), strict=True):
            yield distance, self._codes[place]

    def candidates(self, code: str) -> dict[str, RankedCandidate]:
        """All possible peers of a trust in order, with trusts replaced by their successors: each once, and never the
        trust itself or its own successors."""
        candidates = {one.code: one for one in self._candidates(code)}
        if self.group.mutual:
            own = self.trusts[code].stands_for
            for candidate in [one for one in candidates.values() if one.role == "peer"]:
                if not self._peers(candidate.compared_as).intersection(own):
                    candidates[candidate.code] = candidate._replace(role="one_sided")
        return candidates

    def _peers(self, code: str) -> set[str]:
        """The peers of a trust as if peers need not be mutual. They come before all that are not."""
        return {one.code for one in takewhile(lambda one: one.role == "peer", self._candidates(code))}

    def _candidates(self, code: str) -> Iterator[RankedCandidate]:
        """The candidates in order, as if peers need not be mutual."""
        group, peers = self.group, 0
        for nth, one in enumerate(self._in_order(code, self._nearest(code))):
            within = (peers if group.successors.refill or group.prefer else one.rank) < group.k
            peers += within
            role: Role = "peer" if within else "runner_up" if nth < peers + group.runners_up else "too_far"
            yield one._replace(rank=nth + 1, role=role)

    def _nearest(self, code: str) -> Iterator[RankedCandidate]:
        """The candidates in order of distance, each once; `rank` is the place of the trust that it stands for."""
        seen = self.excluded(code)
        for nth, (distance, compared_as) in enumerate(self.ranking(code)):
            for candidate in self.trusts[compared_as].stands_for:
                if candidate not in seen:
                    seen.add(candidate)
                    yield RankedCandidate(candidate, nth, "too_far", distance, compared_as)

    def _in_order(self, code: str, nearest: Iterator[RankedCandidate]) -> Iterator[RankedCandidate]:
        """Candidates in order of distance, those that the group prefers first."""
        if self.group.prefer is not None:
            own = self._preferred(code)
            among = islice(nearest, self.group.prefer.among)
            pool = [one._replace(preferred=self._preference(own, one)) for one in among]
            pool.sort(key=lambda one: len(own) if one.preferred is None else one.preferred)
            yield from pool
        yield from nearest

    def _preferred(self, code: str) -> list[str | None]:
        """A trust's texts by which others are preferred."""
        return self.trusts[code].texts[: self._preferences]

    def _candidate_text(self, code: str) -> str | None:
        """The text by which a trust is a candidate."""
        return next(iter(self.trusts[code].texts[self._preferences :]), None)

    def _preference(self, own: Sequence[str | None], candidate: RankedCandidate) -> int | None:
        """The place of the first attribute that a candidate shares."""
        others = self._preferred(candidate.compared_as)
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
                context |= self._shared(code, candidate)
            return PeerReason(candidate.role, other, candidate, **context)
        if not self._may_be_a_peer(other):
            return PeerReason("not_a_candidate", other, other_attribute=self._candidate_text(other), **context)
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
        return rule is None or other not in self.trusts or self._candidate_text(other) in rule.only

    def _predecessors(self, code: str, other: str) -> list[str]:
        """The codes that lists replace by `other` (or `other` itself), those with the trust's attribute first."""
        codes = [one for one, trust in self.trusts.items() if other in trust.stands_for]
        return sorted(codes, key=lambda one: (not self.same_attribute(code, one), one != other, one))

    def _compared(self, code: str, compared_as: str) -> dict[str, Any]:
        return {"compared_as": compared_as, "comparison": self.compare(code, compared_as)}

    def _attributes(self, code: str, compared_as: str) -> dict[str, Any]:
        return {"attribute": self.trusts[code].attribute, "other_attribute": self.trusts[compared_as].attribute}

    def _shared(self, code: str, candidate: RankedCandidate) -> dict[str, Any]:
        """Both trusts' texts of the attribute by which the candidate is preferred; of the last one if by none."""
        place = -1 if candidate.preferred is None else candidate.preferred
        return {
            "attribute": self._preferred(code)[place],
            "other_attribute": self._preferred(candidate.compared_as)[place],
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


def why_same_attribute(texts: Mapping[str, str], code: str, other: str) -> PeerReason:
    """The reason in a group by attribute; `texts` are those of one period by code."""
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


def _integers(numbers: "pa.Array[Any]") -> NDArray[np.int32]:
    held: Any = numbers.buffers()[1]
    return np.frombuffer(held, np.int32)[numbers.offset : numbers.offset + len(numbers)]


def why_national(code: str, other: str) -> PeerReason:
    """The reason in the national group, which contains all trusts."""
    return PeerReason("itself" if code == other else "everyone", other)
