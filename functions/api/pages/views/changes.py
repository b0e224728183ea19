"""What changed between two releases: each figure of one organisation with its causes; all by their largest move."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from markupsafe import Markup

from functions.api.changes import Change, FigureChange, expression_of
from functions.api.pages.ask import Asking
from functions.api.pages.charts.bridge import Bridge, Part, bridge
from functions.api.pages.everyone import all_trusts
from functions.api.pages.lists.inputs import made_otherwise
from functions.api.pages.page import Crumb, Page, PageRequest
from functions.api.pages.views.peers import crumbs_of, name_of
from functions.api.schemas.figures import (
    OpportunityDefinition,
    OpportunityList,
    ProgrammeAnswer,
    ReleaseChanges,
    ReleaseList,
    ReleaseListItem,
    TrustAnswer,
    TrustChanges,
)
from shared.formatting import headline, span
from shared.method.names import capital
from shared.statuses import OpportunityStatus

_ON_PAGE = "20"
_EARLIER = 50
"""As many earlier releases can be chosen from."""
_NAMED = 10
KINDS = {"moved": "moved", "appeared": "appeared", "vanished": "vanished", "others": "changed otherwise"}
"""Figures of both releases, gains that are new, gains that are gone, and figures that are a gain in neither."""

_HEADINGS = {
    "appeared": "Gains that are new",
    "vanished": "Gains that are gone",
    "others": "Other changes",
}
_PARTS = {
    "own_value": "Own value",
    "benchmark_moved": "Benchmark",
    "comparators_changed": "Comparators",
    "method_changed": "Price or method",
}
_LEAST = 1e-6
"""A part of a change that is smaller than this share of the figure has no bar."""
_CHANGES = "/v1/releases/<release_id>/changes"


class Move(NamedTuple):
    """One figure in both releases, as text. `per_year`: its change in money over a year, empty without any; `chart`:
    its parts, None where it is not split; `came` and `went`: comparators, some of them by name."""

    opportunity_id: str
    title: str
    sentence: str
    before: str
    after: str
    per_year: str
    chart: Markup | None
    notes: tuple[str, ...]
    came: str
    went: str


class MovedTrust(NamedTuple):
    """An organisation in the list of all. `title` and `sentence`: its largest change."""

    code: str
    name: str
    title: str
    sentence: str
    per_year: str
    counts: str


def trust_changes(ask: Asking, request: PageRequest) -> Page:
    """The page `/trusts/{code}/changes`: since the release `since`, or the one that readers saw before."""
    trust = ask.get(TrustAnswer, "/v1/trusts/<code>", code=request.path["code"])
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    release_id = ask.release.id if ask.release else ""
    content = _between(ask, release_id, request.query.get("since"))
    since = content["since"]
    if since is not None:
        query = {"since": since, "trust": trust.requested_code}
        answer = ask.get(ReleaseChanges, _CHANGES, query, pinned=False, release_id=release_id)
        content["moves"] = _moves(ask, programme, [change for one in answer.trusts for change in one.changes])
        content["inputs"] = made_otherwise(ask, since, release_id)
        content["kinds"] = _HEADINGS
    return Page(
        "trust_changes.jinja",
        f"What changed for {name_of(trust)}",
        content | {"trust": trust},
        crumbs=crumbs_of(trust, programme),
    )


def release_changes(ask: Asking, request: PageRequest) -> Page:
    """The page `/releases/{id}/changes`: organisations by their largest change, a page at a time."""
    release_id = request.path["release_id"]
    content = _between(ask, release_id, request.query.get("since"))
    since = content["since"]
    if since is not None:
        query = {"since": since, "order": "move", "changed": "true", "limit": _ON_PAGE}
        query |= {"cursor": request.query["cursor"]} if request.query.get("cursor") else {}
        answer = ask.get(ReleaseChanges, _CHANGES, query, pinned=False, release_id=release_id)
        programme = ask.get(ProgrammeAnswer, "/v1/programme")
        definitions = _definitions(ask)
        content |= {
            "answer": answer,
            "inputs": made_otherwise(ask, since, release_id),
            "trusts": [_moved_trust(one, definitions, programme.currency) for one in answer.trusts],
        }
    return Page(
        "release_changes.jinja",
        "What changed",
        content | {"release_id": release_id},
        crumbs=(Crumb("Releases", "/releases"),),
    )


def _between(ask: Asking, release_id: str, since: str | None) -> dict[str, Any]:
    """What both pages say of the two releases. `since` is None if readers saw no other release before."""
    shown = list(_shown(ask))
    earlier = _earlier(shown, release_id)
    return {
        "since": since or (earlier[0].release_id if earlier else None),
        "earlier": earlier[:_EARLIER],
        "after": release_id,
        "published": {one.release_id: one.published_at for one in reversed(shown)},
    }


def _shown(ask: Asking) -> Iterator[ReleaseListItem]:
    """What readers saw, newest first; a release that became current again more than once."""
    for page in ask.pages(ReleaseList, "/v1/releases", pinned=False):
        yield from page.releases


def _earlier(shown: Sequence[ReleaseListItem], release_id: str) -> list[ReleaseListItem]:
    """The other releases that readers saw before this one and that are kept, each once, newest first; all of them
    before one that was never published."""
    ids = [one.release_id for one in shown]
    before = shown[ids.index(release_id) + 1 :] if release_id in ids else shown
    once = {one.release_id: one for one in reversed(before) if one.kept and one.release_id != release_id}
    return sorted(once.values(), key=lambda one: -one.sequence)


def _definitions(ask: Asking) -> Mapping[str, OpportunityDefinition]:
    pages = ask.pages(OpportunityList, "/v1/opportunities")
    return {one.opportunity_id: one for page in pages for one in page.opportunities}


def _title(change: Change, definitions: Mapping[str, OpportunityDefinition]) -> str:
    known = definitions.get(change.opportunity_id)
    return known.title if known else capital(change.opportunity_id.replace("_", " "))


def _largest_first(change: Change) -> tuple[bool, float, str]:
    """By the change in money over a year; changes without money last, by their ids."""
    per_year = change.cash_per_year_change
    return per_year is None, -abs(per_year or 0.0), change.opportunity_id


def _kind(change: Change) -> str:
    before, after = (status == OpportunityStatus.OPPORTUNITY for status in (change.before_status, change.after_status))
    return "moved" if before and after else "appeared" if after else "vanished" if before else "others"


def _moves(ask: Asking, programme: ProgrammeAnswer, changes: Sequence[Change]) -> dict[str, list[Move]]:
    """Each kind of change, the largest first."""
    definitions = _definitions(ask)
    compared = any(change.came or change.went for change in changes)
    names = {one.trust_code: name_of(one) for one in all_trusts(ask)} if compared else {}
    moves: dict[str, list[Move]] = {kind: [] for kind in KINDS}
    for change in sorted(changes, key=_largest_first):
        moves[_kind(change)].append(_move(change, definitions, names, programme.currency))
    return moves


def _move(
    change: Change, definitions: Mapping[str, OpportunityDefinition], names: Mapping[str, str], currency: str
) -> Move:
    known = definitions.get(change.opportunity_id)
    title = _title(change, definitions)
    figures = {one.figure: one for one in change.figures}
    shown = expression_of(figures, (known and known.native) or "units")
    lower, upper = figures.get(f"{shown}_lower"), figures.get(f"{shown}_upper")
    return Move(
        opportunity_id=change.opportunity_id if known else "",
        title=title,
        sentence=unbroken(change.sentence),
        before=_gain(lower.before, upper.before, upper.unit, change.before_status) if lower and upper else "",
        after=_gain(lower.after, upper.after, upper.unit, change.after_status) if lower and upper else "",
        per_year=signed(change.cash_per_year_change, currency),
        chart=_chart(title, upper) if upper else None,
        notes=change.notes,
        came=_named(change.came, names),
        went=_named(change.went, names),
    )


def _gain(lower: float | None, upper: float | None, unit: str | None, status: str | None) -> str:
    if status == OpportunityStatus.AT_OR_BETTER:
        return "As good as its benchmark, or better"
    return "No figure" if upper is None else span(lower, upper, unit, rough=True)


def unbroken(sentence: str) -> str:
    """A sentence in which no line ends between a sign and its amount."""
    return "".join(f"{letter}\N{WORD JOINER}" if letter in "+−" else letter for letter in sentence)


def signed(change: float | None, unit: str) -> str:
    """A change with its sign: `+£1.2m`, `−£50,000`; empty without one."""
    return f"{'−' if change < 0 else '+'}{headline(abs(change), unit)}" if change else ""


def _chart(title: str, figure: FigureChange) -> Markup | None:
    """The parts of a figure's change as bars; None if it did not move or is not split."""
    if figure.parts is None or not figure.total or figure.before is None or figure.after is None:
        return None
    parts = asdict(figure.parts)
    least = _LEAST * max(abs(figure.before), abs(figure.after), *map(abs, parts.values()))
    return bridge(
        Bridge(
            figure.unit,
            Part("Before", figure.before),
            tuple(Part(_PARTS[name], part) for name, part in parts.items() if abs(part) > least),
            Part("After", figure.after),
        ),
        f"{title}: from {headline(figure.before, figure.unit)} to {headline(figure.after, figure.unit)}.",
    )


def _named(codes: Sequence[str], names: Mapping[str, str]) -> str:
    """Codes as names, the first few of many."""
    more = len(codes) - _NAMED
    listed = ", ".join(names.get(code, code) for code in codes[:_NAMED])
    return f"{listed} and {more:,} more" if more > 0 else listed


def _moved_trust(trust: TrustChanges, definitions: Mapping[str, OpportunityDefinition], currency: str) -> MovedTrust:
    largest = min(trust.changes, key=_largest_first)
    counts = Counter(map(_kind, trust.changes))
    return MovedTrust(
        code=trust.trust_code,
        name=name_of(trust),
        title=_title(largest, definitions),
        sentence=unbroken(largest.sentence),
        per_year=signed(largest.cash_per_year_change, currency),
        counts=", ".join(f"{counts[kind]} {words}" for kind, words in KINDS.items() if counts[kind]),
    )
