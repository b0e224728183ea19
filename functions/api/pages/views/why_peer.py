"""A pair: why one organisation is, or is not, a peer of another, and how far apart they are in each characteristic."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.ask import Asking
from functions.api.pages.charts.bar import value_bar
from functions.api.pages.charts.benchmarks import Named
from functions.api.pages.charts.ruler import Ruler, ruler
from functions.api.pages.page import Crumb, Page, PageRequest
from functions.api.pages.views.peers import crumbs_of, name_of, tries
from functions.api.schemas.figures import PeerGroups, ProgrammeAnswer
from functions.api.schemas.peers import ComparedCharacteristic, WhyPeer
from shared.formatting import number, ordinal, rough_percent

_PAIRED = ("itself", "everyone")
"""Reasons that do not say that the other is a peer, nor that it is not."""


class Characteristic(NamedTuple):
    """A characteristic of both, as text; its share of the distance as text and bar, None where a value is missing.
    `weight`: how much it counts, empty if all count the same."""

    label: str
    weight: str
    own: str
    other: str
    share: str
    bar: Markup | None


def why_peer(ask: Asking, request: PageRequest) -> Page:
    """The page `/trusts/{code}/peers/{other}`."""
    chosen = {name: request.query[name] for name in ("group", "period") if request.query.get(name)}
    answer = ask.get(
        WhyPeer, "/v1/trusts/<code>/peers/<other>", chosen, code=request.path["code"], other=request.path["other"]
    )
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    own, other = name_of(answer), name_of(answer.other)
    code = answer.answered_for or answer.requested_code
    verb = "is" if answer.reason == "peer" else "is not"
    draws = answer.group.stability.draws if answer.group.stability else 0
    return Page(
        "why_peer.jinja",
        f"{other} and {own}" if answer.reason in _PAIRED else f"Why {other} {verb} a peer of {own}",
        {
            "answer": answer,
            "own": own,
            "other": other,
            "code": code,
            "chosen": chosen,
            "groups": ask.get(PeerGroups, "/v1/peer-groups").peer_groups,
            "ruler": _ruler(answer, programme),
            "characteristics": _characteristics(answer.characteristics),
            "stays": None if answer.stability is None or not draws else tries(answer.stability, draws),
        },
        crumbs=crumbs_of(answer, programme, Crumb("Peers", f"/trusts/{code}/peers")),
    )


def _ruler(answer: WhyPeer, programme: ProgrammeAnswer) -> Markup | None:
    """The distances of all candidates, with the last peer's and that of the other one."""
    if not answer.distances:
        return None
    last, out_of = answer.last_peer, len(answer.distances)
    other = None
    words = f"The distances of {out_of:,} {programme.organisations}, from {_figure(answer.distances[0])} to "
    words += f"{_figure(answer.distances[-1])}."
    if last:
        words += f" The last peer, {name_of(last)}, is at {_figure(last.distance)}."
    if answer.distance is not None:
        place = f"{ordinal(answer.rank)}, " if answer.rank else ""
        other = Named(f"{place}{answer.other.trust_code}", answer.distance)
        words += f" {name_of(answer.other)} is at {_figure(answer.distance)}."
    return ruler(
        Ruler(
            candidates=answer.distances,
            caption=f"All {out_of:,} {programme.organisations} that could be peers",
            last=Named(f"Last peer, {last.trust_code}", last.distance) if last else None,
            other=other,
        ),
        words,
    )


def _characteristics(parts: Sequence[ComparedCharacteristic]) -> list[Characteristic]:
    """The largest share of the distance first; those that are missing for either last, in the group's order."""
    same = len({one.weight for one in parts}) < 2
    largest = max((one.share for one in parts if one.share is not None), default=0.0)
    ordered = sorted(parts, key=lambda one: (one.share is None, -(one.share or 0.0)))
    return [
        Characteristic(
            label=one.label,
            weight="" if same else f"weight {number(one.weight)}",
            own=_figure(one.value),
            other=_figure(one.other_value),
            share="not compared" if one.share is None else rough_percent(one.share),
            bar=None if one.share is None else value_bar(one.share, largest),
        )
        for one in ordered
    ]


def _figure(value: float | None) -> str:
    return "missing" if value is None else number(value)
