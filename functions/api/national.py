"""What is answered about everyone: definitions, how values are spread, categories and peer groups."""

from functions.api import words
from functions.api.definitions import Opportunity
from functions.api.figures import quantile
from functions.api.paging import page
from functions.api.queries import NoQuery, PageQuery, ValuesQuery
from functions.api.receipt import price_used
from functions.api.release import Release
from functions.api.schemas import (
    Categories,
    Category,
    Described,
    DescribedGroup,
    Distribution,
    Methodology,
    NamedOpportunity,
    National,
    Opportunities,
    PeerGroups,
    Value,
)
from functions.api.trusts import definition_of


def opportunities(release: Release, query: PageQuery) -> Opportunities:
    """Every opportunity's definition."""
    definitions = [*release.method.opportunities.items()]
    shown, following = page(definitions, query, lambda item: (item[0],))
    return Opportunities(
        opportunities=tuple(Described(**dict(definition), opportunity_id=name) for name, definition in shown),
        total=len(definitions),
        next_cursor=following,
        cautions=(words.DO_NOT_ADD,),
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
        cautions=(words.DO_NOT_ADD, *([] if metric.comparable else [words.NOT_COMPARABLE])),
    )


def _spread(values: list[float], unit: str) -> Distribution:
    points = {"min": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "max": 1.0}
    found = {name: quantile(values, q) if values else None for name, q in points.items()}
    return Distribution(n=len(values), unit=unit, **found)


def methodology(release: Release, query: NoQuery) -> Methodology:
    """How every figure of a release is made: the whole method by which it was computed, in its own words."""
    method = release.method
    return Methodology(
        name=method.programme.name,
        description=method.programme.description,
        method_id=release.manifest.method_id,
        opportunities=tuple(Described(**dict(one), opportunity_id=name) for name, one in method.opportunities.items()),
        metrics=method.metrics,
        peer_groups=tuple(DescribedGroup(**dict(one), group_id=name) for name, one in method.peer_groups.items()),
        prices=tuple(price_used(name, price) for name, price in method.prices.items()),
        cautions=(words.DO_NOT_ADD, words.LOCAL_DATA),
    )


def categories(release: Release, query: NoQuery) -> Categories:
    """The categories, each with its opportunities."""
    found: dict[str, list[tuple[str, Opportunity]]] = {}
    for item in release.method.opportunities.items():
        found.setdefault(item[1].category, []).append(item)
    return Categories(
        categories=tuple(
            Category(
                category=category,
                opportunities=tuple(
                    NamedOpportunity(opportunity_id=name, title=one.title) for name, one in found[category]
                ),
            )
            for category in sorted(found)
        )
    )


def peer_groups(release: Release, query: NoQuery) -> PeerGroups:
    """Whom trusts may be compared with, and how each group is made."""
    groups = release.method.peer_groups.items()
    return PeerGroups(peer_groups=tuple(DescribedGroup(**dict(group), group_id=name) for name, group in groups))
