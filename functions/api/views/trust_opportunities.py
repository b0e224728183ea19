"""What is answered about one trust: itself, its opportunities, and one of them with its receipt."""

from functions.api.explain import sentences
from functions.api.explain.calculation import price_used, receipt
from functions.api.http.paging import page
from functions.api.http.problems import not_one_of
from functions.api.http.queries import NoQuery, OpportunitiesQuery
from functions.api.lines import _definition, _group_of, _illustrative, comparators, line, overlapping
from functions.api.lookup import definition_of, resolve_trust, row_of
from functions.api.release import Release, Row
from functions.api.schemas.figures import (
    Calculation,
    OpportunityAnswer,
    OpportunityLines,
)
from shared.method.opportunities import NATIONAL, TARGET

# ---- opportunities -------------------------------------------------------------------------------------------------


def trust_opportunities(release: Release, query: OpportunitiesQuery, code: str) -> OpportunityLines:
    """A trust's opportunities, the biggest first; there is no total of them, and there must be none."""
    asked = resolve_trust(release, code)
    definitions, groups = release.method.opportunities, release.method.peer_groups
    not_one_of("category", query.category, {definition.category for definition in definitions.values()})
    not_one_of("comparator", query.comparator, {*groups, NATIONAL, TARGET})
    kept = [
        row
        for row in release.by_trust[(asked.answered_for,)]
        if ("all" in query.status or row["status"] in query.status)
        and query.category in (None, row["category"])
        and query.comparator in (None, row["comparator"])
    ]
    kept.sort(key=_biggest_first)
    shown, following = page(kept, query, _biggest_first)
    prices = {name: None for row in shown for name in _illustrative(release, row)}
    cautions = [price_used(name, release.method.prices[name]).words for name in prices]
    return OpportunityLines.of(
        asked,
        opportunities=[line(release, row) for row in shown],
        total=len(kept),
        next_cursor=following,
        cautions=(sentences.DO_NOT_ADD, sentences.LOCAL_DATA, *cautions),
    )


def _biggest_first(row: Row) -> tuple[bool, int, str]:
    return row["rank"] is None, row["rank"] or 0, row["opportunity_id"]


def trust_opportunity(release: Release, query: NoQuery, code: str, opportunity_id: str) -> OpportunityAnswer:
    """One figure with its receipt: every step from the trust's own value to what it might gain."""
    asked = resolve_trust(release, code)
    described = definition_of(release, opportunity_id)
    row = row_of(release, asked.answered_for, opportunity_id) if asked.answered_for else None
    return OpportunityAnswer.of(
        asked,
        definition=described,
        opportunity=line(release, row) if row else None,
        receipt=_receipt(release, row) if row else None,
        cautions=(sentences.DO_NOT_ADD, sentences.LOCAL_DATA),
    )


def _receipt(release: Release, row: Row) -> Calculation:
    definition, method = _definition(release, row), release.method
    return receipt(
        row,
        definition,
        method.metrics[definition.metric],
        method.prices,
        release.group(_group_of(row)),
        comparators(release, row),
        method.overlap_groups.get(definition.overlap_group),
        overlapping(release, row["opportunity_id"]),
    )
