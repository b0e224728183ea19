"""What is answered about a pair: why one trust is, or is not, among another's peers."""

from typing import Any

from functions.api.explain import peer_sentences
from functions.api.explain.peer_reasons import Nearest, Place, Why, why_listed, why_national, why_same_attribute
from functions.api.http.problems import NotFound, not_one_of
from functions.api.http.queries import WhyQuery
from functions.api.lookup import named, resolve_trust
from functions.api.release import Release
from functions.api.schemas.figures import DescribedGroup
from functions.api.schemas.peers import Compared, Placed, WhyPeer
from shared.method.opportunities import NATIONAL
from shared.method.peer_groups import NearestGroup, PeerGroup


def why_peer(release: Release, query: WhyQuery, code: str, other: str) -> WhyPeer:
    """Why another trust is, or is not, a trust's peer in one group: where it stands, and what sets the two apart.

    The other is taken as it is, so that an old code is told what became of it.
    """
    asked = resolve_trust(release, code)
    if asked.answered_for is None:
        raise NotFound(asked.words or "", suggestions=[one.trust_code for one in asked.successors])
    other = resolve_trust(release, other).requested_code
    not_one_of("group", query.group, set(release.method.peer_groups))
    periods = [one.label for one in release.group_periods(query.group) if one.label]
    not_one_of("period", query.period, set(periods))
    period = query.period or next(iter(periods), None)
    group = release.group(query.group)
    found = _why(release, query.group, group, period, asked.answered_for, other)
    words = peer_sentences.Words(lambda one: named(release, one), asked.answered_for, group, period)
    return WhyPeer.of(
        asked,
        other=named(release, other),
        group=DescribedGroup.of(query.group, group),
        period=period,
        reason=found.reason,
        stability=_stability(release, query.group, asked.answered_for, found),
        replaced_by=tuple(named(release, one.other) for one in found.successors),
        attribute=found.attribute,
        other_attribute=found.other_attribute,
        explanation=words.said(found),
        **_figures(release, group, found),
    )


def _why(release: Release, group_id: str, group: PeerGroup, period: str | None, code: str, other: str) -> Why:
    if group.kind == NATIONAL:
        return why_national(code, other)
    if group.kind == "landed_list":
        return why_listed(release.peers[group_id, code], code, other)
    rows = release.characteristics[group_id,]
    if isinstance(group, NearestGroup):
        return Nearest(group, rows).why(code, other)
    return why_same_attribute((row for row in rows if row["period"] == period), code, other)


def _stability(release: Release, group_id: str, code: str, found: Why) -> float | None:
    rows = release.peers[group_id, code]
    return next((row["stability"] for row in rows if row["peer_code"] == found.other), None)


def _figures(release: Release, group: PeerGroup, found: Why) -> dict[str, Any]:
    comparison, labels = found.comparison, peer_sentences.labels(group)
    return {
        "rank": found.place and found.place.rank,
        "out_of": found.out_of,
        "distance": comparison and comparison.distance,
        "variables_used": comparison and comparison.variables_used,
        "last_peer": found.last_peer and _placed(release, found.last_peer),
        "compared_as": found.near and named(release, found.near),
        "characteristics": tuple(
            Compared(
                variable=part.measure,
                label=labels.get(part.measure, part.measure),
                weight=part.weight,
                value=part.value,
                other_value=part.other_value,
                share=part.share,
                period=part.period,
            )
            for part in (comparison.parts if comparison else ())
        ),
    }


def _placed(release: Release, place: Place) -> Placed:
    return Placed(**dict(named(release, place.code)), rank=place.rank, distance=place.distance)
