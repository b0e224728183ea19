"""One opportunity of one organisation: the gain, where it stands, how it is worked out, how sure it is, over time."""

from http import HTTPStatus
from typing import Any

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.figures import supposing
from functions.api.pages.figures.drawings import KINDS, MOST_SITES, drawings_of
from functions.api.pages.figures.facts import Facts, ask_opportunity, facts_of
from functions.api.pages.figures.files import chart_file, data_file
from functions.api.pages.figures.sums import the_sum
from functions.api.pages.figures.tables import compared_rows, site_rows, spread_rows, trend_rows
from functions.api.pages.figures.wording import (
    closing,
    compared_with,
    headline_of,
    reaching,
    same_gains,
    working_time,
)
from functions.api.pages.lists.marks import marks_of
from functions.api.pages.page import Crumb, Download, Made, Page, PageRequest, Redirect
from functions.api.schemas.figures import NamedOpportunity, OpportunityAnswer, OpportunityLines, PeerGroups
from shared.method.names import capital

_OWN_STEPS = ("standing", "units")
"""Steps of the calculation that have a part of the page of their own."""


def figure(ask: Asking, request: PageRequest) -> Made:
    """The page `/trusts/{code}/opportunities/{id}`."""
    answer = ask_opportunity(ask, request.path["code"], request.path["opportunity_id"])
    facts = facts_of(ask, answer)
    if facts is None:
        return divided(answer)
    groups = ask.get(PeerGroups, "/v1/peer-groups").peer_groups
    return Page("figure.jinja", f"{facts.line.title}, {facts.name}", _content(ask, facts) | {
        "form": supposing.blank(facts, groups),
    }, crumbs=crumbs_of(facts))  # fmt: skip


def divided(answer: OpportunityAnswer) -> Page:
    """The page for a code whose organisation was divided between several: it leads to each of them."""
    return Page("figure_divided.jinja", answer.definition.title, {"answer": answer})


def crumbs_of(facts: Facts, *more: Crumb) -> tuple[Crumb, ...]:
    """The pages above that of a figure."""
    return (Crumb(capital(facts.nouns.many), "/trusts"), Crumb(facts.name, f"/trusts/{facts.code}"), *more)


def figure_chart(ask: Asking, request: PageRequest) -> Made:
    """The address `….svg?chart=`: one drawing as a file."""
    facts, kind = _facts_and_kind(ask, request)
    return chart_file(facts, kind, ask.release) or _no_chart(kind)


def figure_data(ask: Asking, request: PageRequest) -> Made:
    """The address `….csv?chart=`: what one drawing shows. Over time, the API has this file already."""
    facts, kind = _facts_and_kind(ask, request)
    if kind == "trend":
        return Redirect(f"/files/trusts/{facts.code}/opportunities/{facts.line.opportunity_id}/trend.csv")
    return data_file(facts, kind, ask.release) or _no_chart(kind)


def _facts_and_kind(ask: Asking, request: PageRequest) -> tuple[Facts, str]:
    kind = request.query.get("chart", "strip")
    answer = ask_opportunity(ask, request.path["code"], request.path["opportunity_id"])
    facts = facts_of(ask, answer) if kind in KINDS else None
    if facts is None:
        _no_chart(kind)
        raise AssertionError
    return facts, kind


def _no_chart(kind: str) -> Download:
    known = ", ".join(KINDS)
    raise Refused(HTTPStatus.NOT_FOUND, {"detail": f"This figure has no chart of that name. Charts are: {known}."})


def _content(ask: Asking, facts: Facts) -> dict[str, Any]:
    line, receipt = facts.line, facts.receipt
    standing = next((step.words for step in receipt.steps if step.step == "standing"), line.standing)
    bigger, smaller = _neighbours(ask, facts)
    return {
        "facts": facts,
        "line": line,
        "receipt": receipt,
        "here": f"/trusts/{facts.code}/opportunities/{line.opportunity_id}",
        "headline": headline_of(facts),
        "closing": closing(facts),
        "against": compared_with(facts),
        "reaching": reaching(facts),
        "same": same_gains(facts),
        "working_time": working_time(facts),
        "marks": marks_of(line, line.native, facts.nouns),
        "standing": standing,
        "drawings": drawings_of(facts),
        "most_sites": MOST_SITES,
        "sum": the_sum(facts),
        "steps": [step for step in receipt.steps if step.step not in _OWN_STEPS],
        "compared": compared_rows(facts),
        "spread": spread_rows(facts),
        "windows": trend_rows(facts),
        "sites": site_rows(facts),
        "bigger": bigger,
        "smaller": smaller,
    }


def _neighbours(ask: Asking, facts: Facts) -> list[NamedOpportunity | None]:
    """The opportunity with the next bigger and the one with the next smaller gain."""
    pages = ask.pages(OpportunityLines, "/v1/trusts/<code>/opportunities", code=facts.code)
    before: NamedOpportunity | None = None
    found = False
    for one in (line for page in pages for line in page.opportunities):
        named = NamedOpportunity(opportunity_id=one.opportunity_id, title=one.title)
        if found:
            return [before, named]
        found = one.opportunity_id == facts.line.opportunity_id
        before = before if found else named
    return [before if found else None, None]
