"""Opportunities for all trusts: their definitions, and the national distribution of one opportunity's values."""

from datetime import date

from functions.api import ordering
from functions.api.explain import sentences
from functions.api.explain.calculation import price_used
from functions.api.explain.recipes import Words, recipe
from functions.api.explain.standing import total_sentence
from functions.api.http.paging import page
from functions.api.http.problems import check_choice
from functions.api.http.queries import PageQuery, ValuesQuery
from functions.api.lines import distribution_of, expression_units
from functions.api.lookup import definition_of
from functions.api.ordering import by_code, by_gain, by_percentile, wanted
from functions.api.release import Release
from functions.api.schemas.figures import (
    NationalTotal,
    NationalValues,
    OpportunityDefinition,
    OpportunityList,
    Recipe,
    RecipeLine,
    TrustValue,
)
from shared.method.opportunities import Opportunity


def opportunities(release: Release, query: PageQuery) -> OpportunityList:
    """The definitions of all opportunities."""
    definitions = [*release.method.opportunities.items()]
    on_page, next_cursor = page(definitions, query, lambda item: (item[0],))
    return OpportunityList(
        opportunities=tuple(
            OpportunityDefinition(**dict(definition), opportunity_id=name) for name, definition in on_page
        ),
        total=len(definitions),
        next_cursor=next_cursor,
        cautions=(sentences.DO_NOT_ADD,),
    )


def opportunity(release: Release, query: ValuesQuery, opportunity_id: str) -> NationalValues:
    """One opportunity: its definition, the distribution of comparable values, and each trust's value."""
    definition = definition_of(release, opportunity_id)
    metric, prices = release.method.metrics[definition.metric], release.method.prices
    levels = [one.id for one in release.programme.population.levels]
    check_choice("level", query.level, {*levels})
    level = query.level or release.programme.population.level
    known = release.of_opportunity(opportunity_id, ("level", "period_start", "period_end", *ordering.COLUMNS))
    everyone = [row for row in known if row.get("level") == level]
    organisation = release.programme_of(level).organisation
    start, end = next(((row["period_start"], row["period_end"]) for row in everyone), (None, None))
    key = {"code": by_code, "gain": by_gain, "percentile": by_percentile}[query.order]
    rows = sorted((row for row in everyone if wanted(row, query)), key=key)
    on_page, next_cursor = page(rows, query, key)
    shown = release.on_page(opportunity_id, [row["trust_code"] for row in on_page])
    codes = {row["trust_code"] for row in shown} if metric.comparable else set()
    compared = release.comparable(definition.metric, start, end, level).among(codes)
    return NationalValues(
        definition=definition,
        metric=metric,
        recipe=_recipe(release, opportunity_id),
        prices=tuple(price_used(name, prices[name]) for name in definition.price_ids()),
        period_start=start,
        period_end=end,
        level=level,
        distribution=distribution_of(release, definition.metric, start, end, level),
        national_total=_total(release, definition, opportunity_id, (level, start, end)),
        unit=metric.unit,
        numerator_unit=metric.numerator_unit,
        denominator_unit=metric.denominator_unit,
        trusts=tuple(
            TrustValue.model_validate(
                row
                | {
                    "display_name": release.programme.display_name(row["trust_name"]),
                    "comparable": row["trust_code"] in compared,
                    "flags": row["flags"] or (),
                }
            )
            for row in shown
        ),
        total=len(rows),
        next_cursor=next_cursor,
        cautions=(
            sentences.DO_NOT_ADD,
            *([] if metric.comparable else [sentences.not_comparable(organisation)]),
        ),
    )


def _recipe(release: Release, opportunity_id: str) -> Recipe:
    words = Words(release.method)
    definition = release.method.opportunities[opportunity_id]
    metric = release.method.metrics[definition.metric]
    return Recipe(
        value=f"{metric.title} = {words.ratio(metric)}",
        gain=f"Gain in {words.unit(definition.unit)} = {words.gain(definition, metric)}" if metric.comparable else None,
        lines=tuple(
            RecipeLine(title=title, words=sentences) for title, sentences in recipe(words, opportunity_id, definition)
        ),
    )


def _total(
    release: Release,
    definition: Opportunity,
    opportunity_id: str,
    of: tuple[str | None, date | None, date | None],
) -> NationalTotal | None:
    for row in release.totals[(opportunity_id,)]:
        if (row.get("level"), row["period_start"], row["period_end"]) == of:
            words = total_sentence(row, definition, release.programme_of(of[0]).organisation)
            return NationalTotal.model_validate(row | expression_units(definition) | {"words": words})
    return None
