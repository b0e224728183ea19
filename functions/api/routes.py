"""Every address and what it answers: pure views from a release and a query to an answer."""

import re
from collections.abc import Callable, Mapping

from functions.api import words
from functions.api.definitions import Opportunity
from functions.api.figures import quantile
from functions.api.paging import page
from functions.api.problems import not_one_of
from functions.api.queries import NoQuery, PageQuery, TrustsQuery, ValuesQuery
from functions.api.receipt import price_used
from functions.api.release import Release, Row
from functions.api.schemas import (
    Answer,
    Categories,
    Category,
    CurrentRelease,
    Described,
    DescribedGroup,
    Distribution,
    NamedOpportunity,
    National,
    Opportunities,
    PeerGroups,
    Trust,
    TrustList,
    Value,
)
from functions.api.trusts import (
    definition_of,
    present,
    trust,
    trust_opportunities,
    trust_opportunity,
    trust_peers,
)

View = Callable[..., Answer]
"""Called with the release, the query as the view's own annotation reads it, and the parts of the path."""


def trusts(release: Release, query: TrustsQuery) -> TrustList:
    """Trusts in the order of their codes. Those that others took over from are listed only when searched for."""
    exact = {"region": query.region, "icb": query.icb, "trust_type": query.type}
    for column, asked in exact.items():
        known = {row[column].casefold(): row[column] for row in release.trusts.values() if row[column]}
        not_one_of("type" if column == "trust_type" else column, asked and asked.casefold(), known)
    wanted = _letters(query.q or "").split()
    found = [
        row
        for code, row in release.trusts.items()
        if (query.q or not present(release, code))
        and all(asked is None or (row[name] or "").casefold() == asked.casefold() for name, asked in exact.items())
        and _matches(row, wanted)
    ]
    shown, following = page(found, query, lambda row: (row["trust_code"],))
    return TrustList(trusts=tuple(Trust.model_validate(row) for row in shown), total=len(found), next_cursor=following)


def _matches(row: Row, wanted: list[str]) -> bool:
    code, name = row["trust_code"].casefold(), f" {_letters(row['trust_name'] or '')}"
    return "".join(wanted) in code or all(f" {word}" in name for word in wanted)


def _letters(text: str) -> str:
    """A text as people type it: St George's is found as st georges."""
    return re.sub(r"[^\w\s]", "", text.casefold())


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


def current(release: Release, query: NoQuery) -> CurrentRelease:
    """Which release this is, and what it was made of."""
    return CurrentRelease(pointer=release.pointer, manifest=release.manifest)


ROUTES: Mapping[str, View] = {
    "/v1/trusts": trusts,
    "/v1/trusts/<code>": trust,
    "/v1/trusts/<code>/opportunities": trust_opportunities,
    "/v1/trusts/<code>/opportunities/<opportunity_id>": trust_opportunity,
    "/v1/trusts/<code>/peers": trust_peers,
    "/v1/opportunities": opportunities,
    "/v1/opportunities/<opportunity_id>": opportunity,
    "/v1/categories": categories,
    "/v1/peer-groups": peer_groups,
    "/v1/releases/current": current,
}
