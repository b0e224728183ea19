"""Finding an organisation: a form that works by itself, and its results as a list."""

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Crumb, Made, Page, PageRequest, Redirect
from functions.api.schemas.figures import ProgrammeAnswer, TrustAnswer, TrustList
from shared.method.names import capital

_LIMIT = "50"


def trusts(ask: Asking, request: PageRequest) -> Made:
    """The page `/trusts`. An exact code, or the only hit of a search, leads straight to its page."""
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    query = {name: value.strip() for name, value in request.query.items() if value.strip()}
    words = query.get("q", "")
    if words and (code := _exactly(ask, words)):
        return Redirect(f"/trusts/{code}")
    found = ask.get(TrustList, "/v1/trusts", {"limit": _LIMIT} | query)
    if words and found.total == 1:
        return Redirect(f"/trusts/{found.trusts[0].trust_code}")
    return Page(
        "trusts.jinja",
        f"Find {programme.an_organisation}",
        {"found": found, "query": query, "words": words, "heading": capital(programme.organisations)},
        crumbs=(Crumb("Start", "/"),),
    )


def _exactly(ask: Asking, words: str) -> str | None:
    """The code that was typed, if there is one; that of a closed organisation leads on to its successor there."""
    if not words.isalnum():
        return None
    try:
        answer = ask.get(TrustAnswer, "/v1/trusts/<code>", code=words.upper())
    except Refused:
        return None
    return answer.requested_code
