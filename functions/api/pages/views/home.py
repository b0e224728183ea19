"""The start: what this is, the search, all organisations by their first attribute, and the newest release."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Page, PageRequest
from functions.api.pages.states import nothing_published
from functions.api.schemas.figures import CurrentRelease, ProgrammeAnswer, Trust, TrustList

_MOST = "500"


def home(ask: Asking, _request: PageRequest) -> Page:
    """The page `/`."""
    try:
        programme = ask.get(ProgrammeAnswer, "/v1/programme")
    except Refused as error:
        if error.problem.get("nothing_published"):
            return nothing_published(200)  # the client works: there is only nothing to show
        raise
    trusts = list(all_trusts(ask))
    current = ask.get(CurrentRelease, "/v1/releases/current")
    first = programme.attributes[0] if programme.attributes else None
    return Page(
        "home.jinja",
        f"{programme.name}: where the biggest gains lie",
        {
            "described": programme.description,
            "total": len(trusts),
            "by": first,
            "groups": list(_by_attribute(trusts, first.attribute)) if first else [("", trusts)],
            "current": current,
        },
    )


def all_trusts(ask: Asking) -> Iterator[Trust]:
    """Every organisation that exists, page by page."""
    query = {"limit": _MOST}
    while True:
        page = ask.get(TrustList, "/v1/trusts", query)
        yield from page.trusts
        if page.next_cursor is None:
            return
        query = {"limit": _MOST, "cursor": page.next_cursor}


def _by_attribute(trusts: Sequence[Trust], attribute: str) -> Iterator[tuple[str, list[Trust]]]:
    """Organisations by the name of an attribute, each by name; those without it last."""

    def name(trust: Trust) -> str:
        return next((one.name for one in trust.attributes if one.attribute == attribute), "")

    ordered = sorted(trusts, key=lambda one: (not name(one), name(one), one.display_name or one.trust_code))
    for title, members in groupby(ordered, name):
        yield title, list(members)
