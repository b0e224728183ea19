"""What is answered about everyone: definitions, how values are spread, categories and peer groups."""

from functions.api.explain import sentences
from functions.api.explain.calculation import price_used
from functions.api.http.paging import page
from functions.api.http.queries import PageQuery, ValuesQuery
from functions.api.lookup import definition_of
from functions.api.release import Release
from functions.api.schemas.figures import (
    Described,
    Distribution,
    National,
    Opportunities,
    Value,
)
from shared.facts.quantiles import quantile


def opportunities(release: Release, query: PageQuery) -> Opportunities:
    """Every opportunity's definition."""
    definitions = [*release.method.opportunities.items()]
    shown, following = page(definitions, query, lambda item: (item[0],))
    return Opportunities(
        opportunities=tuple(Described(**dict(definition), opportunity_id=name) for name, definition in shown),
        total=len(definitions),
        next_cursor=following,
        cautions=(sentences.DO_NOT_ADD,),
    )


def opportunity(release: Release, query: ValuesQuery, opportunity_id: str) -> National:
    """One opportunity: its definition, how the values that may be compared are spread, and every trust's value."""
    described = definition_of(release, opportunity_id)
    metric, prices = release.method.metrics[described.metric], release.method.prices
    rows = sorted(release.by_opportunity[(opportunity_id,)], key=lambda row: row["trust_code"])
    shown, following = page(rows, query, lambda row: (row["trust_code"],))
    start, end = next(((row["period_start"], row["period_end"]) for row in rows), (None, None))
    compared = release.comparable(described.metric, start, end) if metric.comparable else {}
    return National(
        definition=described,
        metric=metric,
        prices=tuple(price_used(name, prices[name]) for name in described.price_ids()),
        period_start=start,
        period_end=end,
        distribution=_spread(list(compared.values()), metric.unit) if metric.comparable else None,
        unit=metric.unit,
        numerator_unit=metric.numerator_unit,
        denominator_unit=metric.denominator_unit,
        trusts=tuple(
            Value.model_validate(row | {"compared": row["trust_code"] in compared, "flags": row["flags"] or ()})
            for row in shown
        ),
        total=len(rows),
        next_cursor=following,
        cautions=(sentences.DO_NOT_ADD, *([] if metric.comparable else [sentences.NOT_COMPARABLE])),
    )


def _spread(values: list[float], unit: str) -> Distribution:
    points = {"min": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "max": 1.0}
    found = {name: quantile(values, q) if values else None for name, q in points.items()}
    return Distribution(n=len(values), unit=unit, **found)
