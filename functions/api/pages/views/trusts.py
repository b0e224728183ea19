"""Finding an organisation: a form that works by itself, and its results as a list."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import NamedTuple

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Made, Page, PageRequest, Redirect
from functions.api.schemas.figures import ProgrammeAnswer, TrustAnswer, TrustList
from shared.method.names import capital

_LIMIT = "50"


class Choice(NamedTuple):
    """A list to choose from: the parameter's name, its label, and pairs of a value and its name, by name."""

    parameter: str
    label: str
    options: tuple[tuple[str, str], ...]


def trusts(ask: Asking, request: PageRequest) -> Made:
    """The page `/trusts`. An exact code, or the only hit of a search, leads straight to its page."""
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    query = {name: value.strip() for name, value in request.query.items() if value.strip()}
    words = query.get("q", "")
    if words and (code := _exactly(ask, words)):
        return Redirect(f"/trusts/{code}")
    found = ask.get(TrustList, "/v1/trusts", {"limit": _LIMIT} | query)
    if words and found.total == 1 and len(query) == 1:
        return Redirect(f"/trusts/{found.trusts[0].trust_code}")
    return Page(
        "trusts.jinja",
        f"Find {programme.an_organisation}",
        {
            "found": found,
            "query": {name: value for name, value in query.items() if name != "cursor"},
            "words": words,
            "choices": list(_choices(programme)),
            "first": "cursor" not in query,
        },
    )


def _exactly(ask: Asking, words: str) -> str | None:
    """The code that was typed, if there is one; that of a closed organisation leads on to its successor there."""
    if not words.isalnum():
        return None
    try:
        return ask.get(TrustAnswer, "/v1/trusts/<code>", code=words.upper()).requested_code
    except Refused:
        return None


def _choices(programme: ProgrammeAnswer) -> Iterator[Choice]:
    if programme.trust_type_names:
        yield Choice("type", "Type", _by_name(programme.trust_type_names))
    for attribute in programme.attributes:
        if attribute.names:
            yield Choice(attribute.attribute, attribute.title, _by_name(attribute.names))
    if len(programme.levels) > 1:
        yield Choice("level", "Level", tuple((one.level, capital(one.organisations)) for one in programme.levels))


def _by_name(names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(names.items(), key=itemgetter(1)))
