"""The programme and the method of a release: all of it, its categories, or its peer groups."""

from functions.api.explain import sentences
from functions.api.explain.calculation import price_used
from functions.api.explain.method_steps import method_steps
from functions.api.explain.recipes import Words
from functions.api.http.queries import Query
from functions.api.release import Release
from functions.api.schemas.figures import (
    AttributeDefinition,
    Categories,
    Category,
    LevelDefinition,
    Methodology,
    NamedOpportunity,
    OpportunityDefinition,
    OverlapGroupDefinition,
    PeerGroupDefinition,
    PeerGroups,
    ProgrammeAnswer,
    RecipeLine,
)
from shared.formatting import currency_sign
from shared.method.opportunities import Opportunity
from shared.method.overlaps import overlapping


def programme(release: Release, query: Query) -> ProgrammeAnswer:
    """The programme: its name, its words for organisations, its currency, and the attributes of organisations."""
    about = release.programme
    return ProgrammeAnswer(
        name=about.name,
        description=about.description,
        organisation=about.organisation.one,
        organisations=about.organisation.many,
        an_organisation=about.organisation.with_article,
        code=about.code.called,
        currency=about.currency,
        currency_sign=currency_sign(about.currency),
        attributes=tuple(
            AttributeDefinition(attribute=one.id, title=one.title, names=one.names) for one in release.attributes
        ),
        levels=tuple(
            LevelDefinition(level=one.id, organisation=words.one, organisations=words.many)
            for one in about.population.levels
            for words in [about.organisation_of(one.id)]
        ),
        trust_type_names=about.population.trust_type_names,
    )


def methodology(release: Release, query: Query) -> Methodology:
    """The whole method that a release was computed with."""
    method = release.method
    groups = method.overlap_groups
    return Methodology(
        name=method.programme.name,
        description=method.programme.description,
        method_id=release.manifest.method_id,
        steps=tuple(
            RecipeLine(title=title, words=words) for title, words in method_steps(method.programme.organisation)
        ),
        opportunities=tuple(
            OpportunityDefinition(**dict(one), opportunity_id=name) for name, one in method.opportunities.items()
        ),
        metrics=method.metrics,
        peer_groups=tuple(PeerGroupDefinition.of(name, one) for name, one in method.peer_groups.items()),
        overlap_groups=tuple(
            OverlapGroupDefinition(
                **dict(group) | {"overlap_group": name, "overlaps": sorted(overlapping(groups, name) - {name})}
            )
            for name, group in groups.items()
        ),
        prices=tuple(price_used(name, price) for name, price in method.prices.items()),
        cautions=(sentences.DO_NOT_ADD, sentences.LOCAL_DATA),
    )


def categories(release: Release, query: Query) -> Categories:
    """All categories, each with its opportunities."""
    by_category: dict[str, list[tuple[str, Opportunity]]] = {}
    for item in release.method.opportunities.items():
        by_category.setdefault(item[1].category, []).append(item)
    return Categories(
        categories=tuple(
            Category(
                category=category,
                opportunities=tuple(
                    NamedOpportunity(opportunity_id=name, title=one.title) for name, one in by_category[category]
                ),
            )
            for category in sorted(by_category)
        )
    )


def peer_groups(release: Release, query: Query) -> PeerGroups:
    """All peer groups, each with its definition."""
    words = Words(release.method)
    groups = release.method.peer_groups.items()
    return PeerGroups(
        peer_groups=tuple(
            PeerGroupDefinition.of(name, group).model_copy(update={"recipe": words.made(group)})
            for name, group in groups
        )
    )
