"""A trust's opportunities, and one of them with its calculation."""

from functions.api.explain import sentences
from functions.api.explain.calculation import calculation, price_used
from functions.api.explain.standing import side_by_side_sentence
from functions.api.explain.titles import sum_titles
from functions.api.http.paging import page
from functions.api.http.problems import check_choice
from functions.api.http.queries import OpportunitiesQuery, Query
from functions.api.lines import (
    comparators,
    definition_of_row,
    distribution_of,
    group_of_row,
    illustrative_prices,
    line,
    overlapping,
    standing_words,
)
from functions.api.lookup import definition_of, resolve_trust, row_of
from functions.api.ordering import by_percentile, by_place, wanted
from functions.api.release import Release, Row
from functions.api.schemas.figures import (
    Calculation,
    OpportunityAnswer,
    OpportunityLines,
    Step,
    UnitsOfFigure,
    ValueDistribution,
)
from functions.api.units import units_of
from shared.method.opportunities import NATIONAL, TARGET


def trust_opportunities(release: Release, query: OpportunitiesQuery, code: str) -> OpportunityLines:
    """A trust's opportunities, largest first. There is no total, because opportunities overlap."""
    trust = resolve_trust(release, code)
    definitions, groups = release.method.opportunities, release.method.peer_groups
    check_choice("category", query.category, {definition.category for definition in definitions.values()})
    check_choice("comparator", query.comparator, {*groups, NATIONAL, TARGET})
    rows = [
        row
        for row in release.by_trust[(trust.answered_for,)]
        if ("all" in query.status or row["status"] in query.status)
        and query.category in (None, row["category"])
        and query.comparator in (None, row["comparator"])
        and wanted(row, query)
    ]
    key = by_percentile if query.order == "percentile" else by_place
    rows.sort(key=key)
    on_page, next_cursor = page(rows, query, key)
    prices = {name: None for row in on_page for name in illustrative_prices(release, row)}
    cautions = [price_used(name, release.method.prices[name]).words for name in prices]
    return OpportunityLines.of(
        trust,
        opportunities=[line(release, row) for row in on_page],
        total=len(rows),
        next_cursor=next_cursor,
        cautions=(sentences.DO_NOT_ADD, sentences.LOCAL_DATA, *cautions),
    )


def trust_opportunity(release: Release, query: Query, code: str, opportunity_id: str) -> OpportunityAnswer:
    """One figure with its calculation: every step from the trust's value to its possible gain."""
    trust = resolve_trust(release, code)
    definition = definition_of(release, opportunity_id)
    row = row_of(release, trust.answered_for, opportunity_id) if trust.answered_for else None
    units = units_of(release, row) if row else None
    sources = release.sources(definition.metric, row) if row else ()
    numerator, denominator = sum_titles(release.method, release.method.metrics[definition.metric], sources)
    return OpportunityAnswer.of(
        trust,
        definition=definition,
        opportunity=line(release, row) if row else None,
        receipt=_calculation(release, row, units) if row else None,
        units=units,
        distribution=_distribution(release, row) if row else None,
        numerator_title=numerator,
        denominator_title=denominator,
        sources=sources,
        cautions=(sentences.DO_NOT_ADD, sentences.LOCAL_DATA),
    )


def _distribution(release: Release, row: Row) -> ValueDistribution | None:
    metric_id = definition_of_row(release, row).metric
    return distribution_of(release, metric_id, row["period_start"], row["period_end"], row.get("level"))


def _calculation(release: Release, row: Row, units: UnitsOfFigure | None) -> Calculation:
    definition, method = definition_of_row(release, row), release.method
    told = calculation(
        row,
        definition,
        method.metrics[definition.metric],
        method.prices,
        release.group(group_of_row(row), row.get("level")),
        comparators(release, row),
        method.overlap_groups.get(definition.overlap_group),
        overlapping(release, row["opportunity_id"]),
        release.programme_of(row.get("level")),
    )
    metric = method.metrics[definition.metric]
    first, *others = told.steps
    more = [Step(step="units", words=units.words, value=units.counted, unit=units.plural)] if units else []
    if (standing := standing_words(release, row)) is not None:
        words = " ".join(filter(None, (standing, side_by_side_sentence(row, metric, itself=definition.including_itself))))
        others.append(Step(step="standing", words=words, value=row["percentile"], unit="percentile"))
    return told.model_copy(update={"steps": (first, *more, *others)})
