"""Releases: what readers saw and when, and what one is made of."""

from functions.api.pages.ask import Asking
from functions.api.pages.page import Crumb, Page, PageRequest
from functions.api.schemas.figures import ReleaseAnswer, ReleaseList

_ABOVE = Crumb("Releases", "/releases")


def releases(ask: Asking, request: PageRequest) -> Page:
    """The page `/releases`."""
    cursor = request.query.get("cursor")
    found = ask.get(ReleaseList, "/v1/releases", {"cursor": cursor} if cursor else {})
    return Page("releases.jinja", "Releases", {"found": found, "first": cursor is None})


def release(ask: Asking, request: PageRequest) -> Page:
    """The page `/releases/{id}`: the inputs of a release with their checksums, and its tables."""
    answer = ask.get(ReleaseAnswer, "/v1/releases/<release_id>", release_id=request.path["release_id"])
    manifest = answer.manifest
    return Page(
        "release.jinja",
        f"Release {manifest.release_id[:8]}",
        {"manifest": manifest, "published_at": answer.published_at},
        crumbs=(_ABOVE,),
    )
