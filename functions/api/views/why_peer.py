"""Why one trust is, or is not, a peer of another."""

from functools import partial
from typing import Any

from functions.api.explain.peer_reasons import (
    CHARACTERISTIC,
    NearestTrusts,
    PeerReason,
    RankedCandidate,
    why_listed,
    why_national,
    why_same_attribute,
)
from functions.api.explain.peer_sentences import PeerSentences, variable_labels
from functions.api.http.problems import NotFound, check_choice
from functions.api.http.queries import WhyQuery
from functions.api.lookup import named_trust, resolve_trust
from functions.api.release import Release
from functions.api.schemas.figures import PeerGroupDefinition
from functions.api.schemas.peers import ComparedCharacteristic, RankedTrust, WhyPeer
from shared.method.opportunities import NATIONAL
from shared.method.peer_groups import NearestGroup, PeerGroup


def why_peer(release: Release, query: WhyQuery, code: str, other: str) -> WhyPeer:
    """Why another trust is, or is not, a peer of a trust in one group: its rank, and the differences between the two.

    `other` is not replaced by its successors: the answer names them.
    """
    trust = resolve_trust(release, code)
    if trust.answered_for is None:
        raise NotFound(trust.words or "", suggestions=[dict(one) for one in trust.successors])
    other = resolve_trust(release, other).requested_code
    check_choice("group", query.group, set(release.method.peer_groups))
    group_id = query.group or release.first_group
    level = release.level_of(trust.answered_for)
    periods = [one.label for one in release.group_periods(group_id, level) if one.label]
    check_choice("period", query.period, set(periods))
    period = query.period or next(iter(periods), None)
    organisation = release.programme_of(level).organisation
    if release.level_of(other) != level:
        raise NotFound(f"{other} is of another level than {trust.answered_for}, so it cannot be its peer.")
    group = release.group(group_id, level)
    reason = _reason(release, group_id, group, period, trust.answered_for, other)
    sentences = PeerSentences(partial(named_trust, release), trust.answered_for, group, period, organisation)
    return WhyPeer.of(
        trust,
        other=named_trust(release, other),
        group=PeerGroupDefinition.of(group_id, group),
        period=period,
        reason=reason.reason,
        stability=_stability(release, group_id, trust.answered_for, reason),
        replaced_by=tuple(named_trust(release, one.other) for one in reason.successors),
        attribute=reason.attribute,
        other_attribute=reason.other_attribute,
        explanation=sentences.explain(reason),
        **_figures(release, group, reason),
    )


def _reason(release: Release, group_id: str, group: PeerGroup, period: str | None, code: str, other: str) -> PeerReason:
    if group.kind == NATIONAL:
        return why_national(code, other)
    if group.kind == "landed_list":
        return why_listed(release.pairs[group_id, code], code, other)
    if isinstance(group, NearestGroup):
        return NearestTrusts(group, release.characteristics(group_id, release.level_of(code), CHARACTERISTIC)).why(
            code, other
        )
    return why_same_attribute(release.texts(group_id, release.level_of(code), period), code, other)


def _stability(release: Release, group_id: str, code: str, reason: PeerReason) -> float | None:
    rows = release.pairs[group_id, code]
    return next((row["stability"] for row in rows if row["peer_code"] == reason.other), None)


def _figures(release: Release, group: PeerGroup, reason: PeerReason) -> dict[str, Any]:
    comparison, labels = reason.comparison, variable_labels(group)
    return {
        "rank": reason.candidate and reason.candidate.rank,
        "out_of": reason.out_of,
        "distance": comparison and comparison.distance,
        "distances": reason.distances,
        "variables_used": comparison and comparison.variables_used,
        "last_peer": reason.last_peer and _ranked(release, reason.last_peer),
        "compared_as": reason.compared_as and named_trust(release, reason.compared_as),
        "characteristics": tuple(
            ComparedCharacteristic(
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


def _ranked(release: Release, candidate: RankedCandidate) -> RankedTrust:
    name = named_trust(release, candidate.code)
    return RankedTrust(**dict(name), rank=candidate.rank, distance=candidate.distance)
