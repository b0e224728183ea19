"""An organisation's peers in one group, the runners-up, why each, and the search for one that is not among them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.ask import Asking
from functions.api.pages.charts.bar import value_bar
from functions.api.pages.charts.shares import Share, shares
from functions.api.pages.page import Crumb, Made, Page, PageRequest, Redirect
from functions.api.schemas.figures import (
    DistanceShare,
    NamedTrust,
    Peer,
    PeerGroupDefinition,
    PeerGroups,
    ProgrammeAnswer,
    ResolvedTrust,
    TrustList,
    TrustPeers,
)
from shared.formatting import SHARE, amount, rough_percent
from shared.method.names import capital

_MOST = "200"
_NAMED = 3
_HITS = "50"


class PeerRow(NamedTuple):
    """A peer or a runner-up. `bar`: its distance; `stays`: how often it stays a peer; `largest`: its largest shares of
    the distance in words; `chart`: all of them."""

    code: str
    name: str
    distance: float | None
    bar: Markup | None
    stays: str
    largest: str
    chart: Markup | None


class Section(NamedTuple):
    """Rows of the table under a heading; the peers themselves have none."""

    title: str
    rows: Sequence[PeerRow]


def peers(ask: Asking, request: PageRequest) -> Made:
    """The page `/trusts/{code}/peers`. With `other` it leads on to the pair, or lists the names that match."""
    code = request.path["code"]
    chosen = {name: request.query[name] for name in ("group", "period") if request.query.get(name)}
    words = request.query.get("other", "").strip()
    found = _found(ask, words) if words else None
    if isinstance(found, str):
        return Redirect(f"/trusts/{code}/peers/{found}", chosen)
    cursor = {"cursor": request.query["cursor"]} if request.query.get("cursor") else {}
    answer = ask.get(TrustPeers, "/v1/trusts/<code>/peers", {"limit": _MOST} | chosen | cursor, code=code)
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    name = name_of(answer)
    everyone = (*answer.peers, *answer.runners_up, *answer.one_sided)
    return Page(
        "peers.jinja",
        f"Peers of {name}",
        {
            "answer": answer,
            "name": name,
            "groups": ask.get(PeerGroups, "/v1/peer-groups").peer_groups,
            "chosen": chosen,
            "ranked": any(one.distance is not None for one in everyone),
            "stable": answer.group.stability is not None and any(one.stability is not None for one in everyone),
            "sections": [one for one in _sections(answer, programme) if one.rows],
            "draws": answer.group.stability and answer.group.stability.draws,
            "noise": answer.group.stability and amount(answer.group.stability.noise, SHARE),
            "words": words,
            "found": found,
        },
        crumbs=crumbs_of(answer, programme),
    )


def name_of(one: NamedTrust | ResolvedTrust) -> str:
    """An organisation's name as people write it; its code if it has none."""
    code = one.trust_code if isinstance(one, NamedTrust) else one.answered_for or one.requested_code
    return one.display_name or code


def crumbs_of(answer: ResolvedTrust, programme: ProgrammeAnswer, *more: Crumb) -> tuple[Crumb, ...]:
    """The pages above one about an organisation."""
    code = answer.answered_for or answer.requested_code
    return (Crumb(capital(programme.organisations), "/trusts"), Crumb(name_of(answer), f"/trusts/{code}"), *more)


def _found(ask: Asking, words: str) -> str | TrustList:
    """The code that was typed or that alone matches; else all that match."""
    found = ask.get(TrustList, "/v1/trusts", {"q": words, "limit": _HITS})
    codes = [one.trust_code for one in found.trusts]
    return words.upper() if words.upper() in codes else codes[0] if found.total == 1 else found


def _sections(answer: TrustPeers, programme: ProgrammeAnswer) -> list[Section]:
    if not any(one.distance is not None for one in answer.peers):
        return [Section("", [_row(one, answer.group, 0.0) for one in sorted(answer.peers, key=name_of)])]
    far = [one.distance for one in (*answer.peers, *answer.runners_up, *answer.one_sided) if one.distance is not None]
    largest = max(far, default=0.0)

    def rows(peers: Iterable[Peer]) -> list[PeerRow]:
        return [_row(one, answer.group, largest) for one in peers]

    last = answer.next_cursor is None
    return [
        Section("", rows(answer.peers)),
        Section("Next, if one drops out", rows(answer.runners_up if last else ())),
        Section(
            f"Near, but each has {programme.organisations} that are nearer to it",
            rows(answer.one_sided if last else ()),
        ),
    ]


def _row(peer: Peer, group: PeerGroupDefinition, largest: float) -> PeerRow:
    name = name_of(peer)
    parts = [one for one in peer.shares if one.share > 0]
    sentence = f"What the distance to {name} is made of: {_listed(parts)}." if parts else ""
    return PeerRow(
        code=peer.trust_code,
        name=name,
        distance=peer.distance,
        bar=None if peer.distance is None else value_bar(peer.distance, largest),
        stays="" if peer.stability is None or group.stability is None else tries(peer.stability, group.stability.draws),
        largest=_listed(parts[:_NAMED]),
        chart=shares([Share(one.label, one.share) for one in peer.shares], sentence) if parts else None,
    )


def _listed(parts: Iterable[DistanceShare]) -> str:
    return ", ".join(f"{one.label} ({rough_percent(one.share)})" for one in parts)


def tries(share: float, draws: int) -> str:
    """How often a peer stays one: `in all of 200 tries`, `in 63 of 200 tries`."""
    count = round(share * draws)
    some = {draws: "all", 0: "none"}.get(count, str(count))
    return f"in {some} of {draws} tries"
