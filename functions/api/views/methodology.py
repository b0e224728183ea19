"""What a release's method defines: everything, categories, peer groups."""

from functions.api.explain import sentences
from functions.api.explain.calculation import price_used
from functions.api.http.queries import NoQuery
from functions.api.release import Release
from functions.api.schemas.figures import (
    Categories,
    Category,
    Described,
    DescribedGroup,
    Methodology,
    NamedOpportunity,
    PeerGroups,
)
from shared.method.opportunities import Opportunity


def methodology(release: Release, query: NoQuery) -> Methodology:
    """How every figure of a release is made: the whole method by which it was computed, in its own words."""
    method = release.method
    return Methodology(
        name=method.programme.name,
        description=method.programme.description,
        method_id=release.manifest.method_id,
        opportunities=tuple(Described(**dict(one), opportunity_id=name) for name, one in method.opportunities.items()),
        metrics=method.metrics,
        peer_groups=tuple(DescribedGroup.of(name, one) for name, one in method.peer_groups.items()),
        prices=tuple(price_used(name, price) for name, price in method.prices.items()),
        cautions=(sentences.DO_NOT_ADD, sentences.LOCAL_DATA),
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
    return PeerGroups(peer_groups=tuple(DescribedGroup.of(name, group) for name, group in groups))
