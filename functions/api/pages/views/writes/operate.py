"""For operators: what readers see and by whose decision, the preview next to it, and what users wrote."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Page, PageRequest
from functions.api.pages.views.writes.forms import OPERATORS
from functions.api.pages.views.writes.moves import Move, moves, names_in, opportunity_titles
from functions.api.schemas.figures import CurrentRelease, PeerGroups
from functions.api.schemas.preview import PreviewAnswer, load
from functions.api.schemas.writes import FeedbackList, FileReceiptList
from shared.decision import RESUME, ROLL_BACK
from shared.formatting import headline
from shared.releases.channels import Pointer

if TYPE_CHECKING:
    from shared.releases.comparison import Comparison, Distribution, Moved
    from shared.releases.impact import OpportunityChange, PeerChange

_TRUSTS, _PEERS = 20, 20
_REJECTED = {"status": "rejected", "limit": "3"}


def operate(ask: Asking, _request: PageRequest) -> Page:
    """The page `/operate`."""
    now = current(ask)
    preview, why_none = previewed(ask)
    content = {
        "now": now,
        "by_whom": by_whom(now),
        "preview": preview,
        "why_none": why_none,
        "changes": None,
        "rejected": ask.get(FileReceiptList, "/v1/receipts", _REJECTED, pinned=False).receipts,
    }
    if preview and preview.comparison:
        content["changes"] = _changes(ask, preview.release_id, preview.comparison)
    return Page("operate.jinja", "For operators", content)


def feedback_list(ask: Asking, request: PageRequest) -> Page:
    """The page `/operate/feedback`: what users wrote, newest day first."""
    feedback = ask.get(FeedbackList, "/v1/feedback", request.query, pinned=False)
    titles = {}
    if any(item.about.opportunity_id for item in feedback.feedback):
        titles = opportunity_titles(ask, {})
    return Page("feedback_list.jinja", "Feedback", {"feedback": feedback, "titles": titles}, crumbs=(OPERATORS,))


def current(ask: Asking) -> Pointer:
    """What readers see now, whichever release the address names."""
    return ask.get(CurrentRelease, "/v1/releases/current", pinned=False).pointer


def previewed(ask: Asking) -> tuple[PreviewAnswer | None, str]:
    """The preview; or else why there is none."""
    load()
    try:
        return ask.get(PreviewAnswer, "/v1/releases/preview", pinned=False), ""
    except Refused as error:
        if error.status != 404:
            raise
        return None, str(error.problem["detail"])


def by_whom(pointer: Pointer) -> str:
    """By whose decision readers see a release."""
    decision = pointer.decision
    if decision is None:
        return "It was published automatically, from the files that had been landed. No operator has decided anything."
    who = f"{decision.who} on {decision.when.day} {decision.when:%B %Y}: “{decision.why.strip()}”"
    if decision.action == RESUME:
        return f"It was published automatically, from the files that had been landed. The hold was lifted by {who}"
    if decision.action == ROLL_BACK:
        return f"It was put back by {who}"
    if decision.release_id == pointer.release_id:
        return f"It was promoted by {who}"
    return f"It was published automatically, from files that were landed later. Its method was promoted by {who}"


# ---- what would change ----------------------------------------------------------------------------------------------


class OpportunityMoves(NamedTuple):
    """One opportunity before and after: how many have a gain, how many listed changes of each kind, and the median."""

    opportunity_id: str
    title: str
    gains: tuple[int, int]
    appear: int
    vanish: int
    rise: int
    fall: int
    medians: tuple[str, str]


class TrustMoves(NamedTuple):
    """One organisation: the number of its listed changes, and the largest of them."""

    number: int
    largest: Move


class PeerMoves(NamedTuple):
    """One organisation's peers in one group: who joined and who left, as codes."""

    code: str
    name: str
    group_id: str
    group: str
    period: str | None
    came: str
    went: str


def _changes(ask: Asking, preview: str, comparison: "Comparison") -> Mapping[str, object]:
    """What the template shows of a comparison."""
    impact, at = comparison.impact, {"as_at": preview}
    names = names_in(ask, at)
    opportunities = list(_opportunities(comparison, names.titles))
    trusts = _trusts(moves(impact.opportunities, names, comparison.currency))
    groups = {}
    if impact.peers:
        peer_groups = ask.get(PeerGroups, "/v1/peer-groups", at, pinned=False).peer_groups
        groups = {group.group_id: group.title for group in peer_groups}
    return {
        "summary": impact.summary,
        "at_least": headline(impact.at_least, comparison.currency),
        "counted": impact.counts.appear + impact.counts.vanish + impact.counts.move,
        "listed": len(impact.opportunities),
        "opportunities": opportunities,
        "unchanged": len(comparison.opportunities) - len(opportunities),
        "trusts": trusts[:_TRUSTS],
        "more_trusts": len(trusts) - _TRUSTS,
        "peers": [_peers(change, groups, names.organisations) for change in impact.peers[:_PEERS]],
        "more_peers": impact.counts.peer_sets - _PEERS,
        "findings": impact.findings,
    }


def _opportunities(comparison: "Comparison", titles: Mapping[str, str]) -> Iterator[OpportunityMoves]:
    """Those that differ: most listed changes first."""
    kinds = Counter((change.opportunity_id, _direction(change)) for change in comparison.impact.opportunities)

    def number(moved: "Moved") -> int:
        return sum(kinds[moved.opportunity_id, kind] for kind in ("appears", "vanishes", "rises", "falls"))

    for moved in sorted(comparison.opportunities, key=lambda one: (-number(one), one.opportunity_id)):
        if number(moved) or moved.before != moved.after:
            name = moved.opportunity_id
            yield OpportunityMoves(
                name,
                titles.get(name, name),
                (_gains(moved.before), _gains(moved.after)),
                kinds[name, "appears"],
                kinds[name, "vanishes"],
                kinds[name, "rises"],
                kinds[name, "falls"],
                (_median(moved.before, comparison.currency), _median(moved.after, comparison.currency)),
            )


def _direction(change: "OpportunityChange") -> str:
    """`appears`, `vanishes`, `rises` or `falls`: by the upper figure or, if that stays, by the lower one."""
    was, now = change.before, change.after
    if change.kind != "moves" or was is None or now is None:
        return change.kind
    ends = [(was.cash_upper, now.cash_upper), (was.cash_lower, now.cash_lower)]
    ends += [(was.share_upper, now.share_upper), (was.share_lower, now.share_lower)]
    for before, after in ends:
        if before is not None and after is not None and before != after:
            return "rises" if after > before else "falls"
    return "rises"  # only what is known of it changes


def _gains(side: "Distribution | None") -> int:
    return side.statuses.get("opportunity", 0) if side else 0


def _median(side: "Distribution | None", currency: str | None) -> str:
    """The median gain: money if there is any, else in the opportunity's own unit."""
    if side is None:
        return "not there"
    if side.cash_upper.median is not None:
        return headline(side.cash_upper.median, currency)
    return headline(side.units_upper.median, side.unit) if side.units_upper.median is not None else "no gain"


def _trusts(listed: Sequence[Move]) -> list[TrustMoves]:
    """By organisation, in the order of the largest change of each."""
    own: dict[str, list[Move]] = {}
    for move in listed:
        own.setdefault(move.code, []).append(move)
    return [TrustMoves(len(all_of_one), all_of_one[0]) for all_of_one in own.values()]


def _peers(change: "PeerChange", groups: Mapping[str, str], names: Mapping[str, str]) -> PeerMoves:
    return PeerMoves(
        change.trust_code,
        names.get(change.trust_code, change.trust_code),
        change.group_id,
        groups.get(change.group_id, change.group_id),
        change.period_after or change.period_before,
        _codes(change.came, change.came_count),
        _codes(change.went, change.went_count),
    )


def _codes(codes: Sequence[str], number: int) -> str:
    more = number - len(codes)
    return ", ".join(codes) + (f" and {more} more" if more > 0 else "")
