"""What is answered about a trust's peers in one group: who they are, why, and who came next."""

from functions.api.explain.peer_sentences import labels as variable_labels
from functions.api.http.paging import page
from functions.api.http.problems import not_one_of
from functions.api.http.queries import PeersQuery
from functions.api.lookup import resolve_trust
from functions.api.release import Release, Row
from functions.api.schemas.figures import DescribedGroup, Peer, Peers, Share
from shared.formatting import SHARE, amount
from shared.method.opportunities import NATIONAL
from shared.method.peer_groups import NearestGroup, PeerGroup


def trust_peers(release: Release, query: PeersQuery, code: str) -> Peers:
    """A trust's peers in one group, why they are its peers, and who came next."""
    asked = resolve_trust(release, code)
    not_one_of("group", query.group, set(release.method.peer_groups))
    periods = [one.label for one in release.group_periods(query.group) if one.label]
    not_one_of("period", query.period, set(periods))
    period = query.period or next(iter(periods), None)
    rows = [row for row in release.peers[query.group, asked.answered_for] if row["period"] == period]
    by_role = {
        role: sorted((_peer(release, row) for row in rows if row["role"] == role), key=_nearest_first)
        for role in ("peer", "runner_up")
    }
    shown, following = page(by_role["peer"], query, _nearest_first)
    group = release.group(query.group)
    return Peers.of(
        asked,
        group=DescribedGroup.of(query.group, group),
        period=period,
        periods=periods,
        peers=shown,
        total=len(by_role["peer"]),
        next_cursor=following,
        runners_up=by_role["runner_up"],
        explanation=_about_peers(group, by_role["peer"], period),
    )


def _nearest_first(peer: Peer) -> tuple[int, str]:
    return peer.rank or 0, peer.trust_code


def _peer(release: Release, row: Row) -> Peer:
    labels = variable_labels(release.group(row["group_id"]))
    shares = sorted(row["contributions"] or (), key=lambda share: (-share[1], share[0]))
    return Peer(
        trust_code=row["peer_code"],
        trust_name=release.name(row["peer_code"]),
        rank=row["rank"],
        distance=row["distance"],
        variables_used=row["variables_used"],
        stability=row["stability"],
        shares=tuple(Share(variable=name, label=labels.get(name, name), share=share) for name, share in shares),
    )


def _about_peers(group: PeerGroup, peers: list[Peer], period: str | None) -> str:
    if group.kind == NATIONAL:
        return "Nationally a trust is compared with every other that has a value, which differs by opportunity."
    if not peers:
        return "This trust has no peers in this group: what the group is made from was not landed for it."
    said = f"{len(peers)} peers" + (f", from {period}." if period else ".")
    shaky = sum(1 for peer in peers if peer.stability is not None and peer.stability < 0.5)
    if shaky and isinstance(group, NearestGroup):
        noise = amount(group.stability.noise, SHARE)
        said += f" {shaky} of them would drop out more often than not if the characteristics were {noise} out."
    return said
