"""A trust's peers in one group, what makes them similar, and the runners-up."""

from functions.api.explain.peer_sentences import preference, variable_labels
from functions.api.http.paging import page
from functions.api.http.problems import check_choice
from functions.api.http.queries import PeersQuery
from functions.api.lookup import resolve_trust
from functions.api.release import Release, Row
from functions.api.schemas.figures import DistanceShare, Peer, PeerGroupDefinition, TrustPeers
from shared.formatting import SHARE, amount
from shared.method.names import Organisation
from shared.method.opportunities import NATIONAL
from shared.method.peer_groups import NearestGroup, PeerGroup
from shared.statuses import PeerRole


def trust_peers(release: Release, query: PeersQuery, code: str) -> TrustPeers:
    """A trust's peers in one group, what makes them similar, and the runners-up."""
    trust = resolve_trust(release, code)
    check_choice("group", query.group, set(release.method.peer_groups))
    group_id = query.group or release.first_group
    level = release.level_of(trust.answered_for)
    periods = [one.label for one in release.group_periods(group_id, level) if one.label]
    check_choice("period", query.period, set(periods))
    period = query.period or next(iter(periods), None)
    rows = release.peers(group_id, trust.answered_for, period)
    by_role = {
        role: sorted((_peer(release, row) for row in rows if row["role"] == role), key=_nearest_first)
        for role in PeerRole
    }
    peers, one_sided = by_role[PeerRole.PEER], by_role[PeerRole.ONE_SIDED]
    on_page, next_cursor = page(peers, query, _nearest_first)
    group = release.group(group_id, level)
    return TrustPeers.of(
        trust,
        group=PeerGroupDefinition.of(group_id, group),
        period=period,
        periods=periods,
        peers=on_page,
        total=len(peers),
        next_cursor=next_cursor,
        runners_up=by_role[PeerRole.RUNNER_UP],
        one_sided=one_sided,
        explanation=_explanation(release.programme_of(level).organisation, group, peers, len(one_sided), period),
    )


def _nearest_first(peer: Peer) -> tuple[int, str]:
    return peer.rank or 0, peer.trust_code


def _peer(release: Release, row: Row) -> Peer:
    labels = variable_labels(release.group(row["group_id"]))
    shares = sorted(row["contributions"] or (), key=lambda share: (-share[1], share[0]))
    return Peer(
        **release.names(row["peer_code"]),
        rank=row["rank"],
        distance=row["distance"],
        variables_used=row["variables_used"],
        stability=row["stability"],
        shares=tuple(DistanceShare(variable=name, label=labels.get(name, name), share=share) for name, share in shares),
    )


def _explanation(
    organisation: Organisation, group: PeerGroup, peers: list[Peer], one_sided: int, period: str | None
) -> str:
    if group.kind == NATIONAL:
        others = f"all other {organisation.many} that have a value"
        return f"Nationally, {organisation.with_article} is compared with {others}. They differ by opportunity."
    if not peers and one_sided:
        because = "those that are nearest to it have others nearer"
        return f"This {organisation.one} has no peers in this group: {because}."
    if not peers:
        because = "because the data that defines the group is missing for it"
        return f"This {organisation.one} has no peers in this group, {because}."
    source = f"by the supplied list “{period}”" if group.kind == "landed_list" else f"based on data for {period}"
    sentence = ("1 peer" if len(peers) == 1 else f"{len(peers)} peers") + (f", {source}." if period else ".")
    if one_sided:
        sentence += f" Left out, because others are nearer to them: {one_sided} of its nearest."
    if isinstance(group, NearestGroup) and group.prefer:
        sentence += f" {preference(group.prefer)}"
    unstable = sum(1 for peer in peers if peer.stability is not None and peer.stability < 0.5)
    if unstable and isinstance(group, NearestGroup):
        noise = amount(group.stability.noise, SHARE)
        sentence += f" {unstable} of them would usually drop out if the characteristics were {noise} out."
    return sentence
