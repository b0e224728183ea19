"""What organisations are called on a page about one of them."""

from functions.api.schemas.figures import ProgrammeAnswer, Trust
from shared.method.names import Organisation


def nouns_of(programme: ProgrammeAnswer, level: str | None) -> Organisation:
    """The noun for organisations of a level; the programme's own without levels."""
    found = next((one for one in programme.levels if one.level == level), None)
    if found is None:
        return Organisation(one=programme.organisation, many=programme.organisations)
    return Organisation(one=found.organisation, many=found.organisations)


def about(trust: Trust) -> list[str]:
    """What stands under an organisation's name: its code, its type and its attributes by name. An attribute whose value
    has no name is its title and the code: Region Y92. Those that are organisations of further levels are left out:
    a page has links to them."""
    linked = {one.trust_code for one in trust.belongs_to}
    attributes = [
        one.name if one.name != one.code else f"{one.title} {one.code}"
        for one in trust.attributes
        if one.code not in linked
    ]
    return [trust.trust_code, *([trust.trust_type_name] if trust.trust_type_name else []), *attributes]


def within_sentence(title: str) -> str:
    """A title as it stands inside a sentence: agency spend, A&E attendances."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title
