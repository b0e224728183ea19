"""Opportunities for all trusts: their definitions, and the national distribution of one opportunity's values."""

from functions.api.explain import sentences
from functions.api.explain.calculation import price_used
from functions.api.http.paging import page
from functions.api.http.queries import PageQuery, ValuesQuery
from functions.api.lookup import definition_of
from functions.api.release import Release
from functions.api.schemas.figures import (
    NationalValues,
    OpportunityDefinition,
    OpportunityList,
    TrustValue,
    ValueDistribution,
)
from shared.facts.quantiles import quantile


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
    rows = sorted(release.by_opportunity[(opportunity_id,)], key=lambda row: row["trust_code"])
    on_page, next_cursor = page(rows, query, lambda row: (row["trust_code"],))
    start, end = next(((row["period_start"], row["period_end"]) for row in rows), (None, None))
    compared = release.comparable(definition.metric, start, end) if metric.comparable else {}
    return NationalValues(
        definition=definition,
        metric=metric,
        prices=tuple(price_used(name, prices[name]) for name in definition.price_ids()),
        period_start=start,
        period_end=end,
        distribution=_distribution(list(compared.values()), metric.unit) if metric.comparable else None,
        unit=metric.unit,
        numerator_unit=metric.numerator_unit,
        denominator_unit=metric.denominator_unit,
        trusts=tuple(
            TrustValue.model_validate(
                row
                | {
                    "display_name": release.programme.display_name(row["trust_name"]),
                    "compared": row["trust_code"] in compared,
                    "flags": row["flags"] or (),
                }
            )
            for row in on_page
        ),
        total=len(rows),
        next_cursor=next_cursor,
        cautions=(
            sentences.DO_NOT_ADD,
            *([] if metric.comparable else [sentences.not_comparable(release.programme.organisation)]),
        ),
    )


def _distribution(values: list[float], unit: str) -> ValueDistribution:
    points = {"min": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "max": 1.0}
    quantiles = {name: quantile(values, q) if values else None for name, q in points.items()}
    return ValueDistribution(n=len(values), unit=unit, **quantiles)
