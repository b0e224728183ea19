"""The start: what this is, the search, all organisations by their first attribute, and the newest release."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.everyone import all_trusts, first_page
from functions.api.pages.page import Made, Page, PageRequest
from functions.api.pages.states import nothing_published
from functions.api.schemas.figures import AttributeDefinition, ProgrammeAnswer, ReleaseList, Trust, TrustList
from shared.method.names import capital

MOST_LISTED = 600
"""Of more organisations than this, the page has only the counts: all their names would be too much to load."""

_ONE = "1"


class Group(NamedTuple):
    """Organisations with the same value of an attribute. `trusts` is empty where they are only counted; `query` then
    finds them."""

    title: str
    number: int
    trusts: Sequence[Trust] = ()
    query: Mapping[str, str] = {}


class Level(NamedTuple):
    """The organisations of one level; of all if the programme has none."""

    organisations: str
    number: int
    groups: Sequence[Group]


def home(ask: Asking, _request: PageRequest) -> Made:
    """The page `/`."""
    try:
        programme = ask.get(ProgrammeAnswer, "/v1/programme")
    except Refused as error:
        if error.problem.get("nothing_published"):
            return nothing_published(200)  # the client works: there is only nothing to show
        raise
    first = programme.attributes[0] if programme.attributes else None
    listed = first_page(ask)
    if listed.total > MOST_LISTED:
        levels = [*_counted(ask, programme, first)]
    else:
        levels = [*_named(programme, first, [*all_trusts(ask, listed)])]
    # A rollback is a new item of this list: two items with another release between them differ all the same.
    published = ask.get(ReleaseList, "/v1/releases", {"limit": "2"}, pinned=False).releases
    return Page(
        "home.jinja",
        f"{programme.name}: where the biggest gains lie",
        {
            "described": programme.description,
            "levels": levels,
            "shown_now": published[0] if published else None,
            "before": published[1] if len(published) > 1 else None,
        },
    )


def _named(programme: ProgrammeAnswer, by: AttributeDefinition | None, trusts: Sequence[Trust]) -> Iterator[Level]:
    if not programme.levels:
        yield Level(programme.organisations, len(trusts), [*_by_attribute(trusts, by)])
    for level in programme.levels:
        members = [one for one in trusts if one.level == level.level]
        yield Level(level.organisations, len(members), [*_by_attribute(members, by)])


def _by_attribute(trusts: Sequence[Trust], by: AttributeDefinition | None) -> Iterator[Group]:
    """Organisations by the name of an attribute, each by name; those without it last."""

    def name(trust: Trust) -> str:
        return next((one.name for one in trust.attributes if by and one.attribute == by.attribute), "")

    ordered = sorted(trusts, key=lambda one: (not name(one), name(one), one.display_name or one.trust_code))
    for title, members in groupby(ordered, name):
        of_group = [*members]
        without = f"Without a {by.title.lower()}" if by and len(of_group) < len(trusts) else "All"
        yield Group(title or without, len(of_group), of_group)


def _counted(ask: Asking, programme: ProgrammeAnswer, by: AttributeDefinition | None) -> Iterator[Level]:
    """Only how many there are: by level, and in the first level by attribute."""
    levels = [(one.organisations, {"level": one.level}) for one in programme.levels]
    for number, (organisations, query) in enumerate(levels or [(programme.organisations, {})]):
        values = by.names if by and number == 0 else {}
        groups = [Group(f"All {organisations}", _count(ask, query), query=query)]
        for value, title in sorted(values.items(), key=lambda one: one[1]):
            of_value = query | {by.attribute if by else "": value}
            if count := _count(ask, of_value):
                groups.append(Group(capital(title), count, query=of_value))
        yield Level(organisations, groups[0].number, groups)


def _count(ask: Asking, query: Mapping[str, str]) -> int:
    try:
        return ask.get(TrustList, "/v1/trusts", {"limit": _ONE} | dict(query)).total
    except Refused:  # the programme names a value that no organisation has
        return 0
