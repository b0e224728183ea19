"""All pages: the address of each, its view, and who may see it."""

from typing import NamedTuple

from functions.api.pages.page import View
from functions.api.pages.views.about import accessibility, cookies
from functions.api.pages.views.home import home
from functions.api.pages.views.releases import release, releases
from functions.api.pages.views.trusts import trusts
from functions.api.pages.views.writes.feedback import feedback, send

READ, OPERATE, RECEIPTS, ANY = "read", "operate", "receipts", "any"


class Address(NamedTuple):
    """One page. `scope`: what its reader must have, as of a route of the API; None if the page is for everyone. `kept`:
    whether a browser may keep it and ask whether it is still right, which needs that it depends on releases and scopes
    alone."""

    path: str
    view: View
    method: str = "GET"
    scope: str | None = READ
    kept: bool = True


ADDRESSES = (
    Address("/", home),
    Address("/trusts", trusts),
    Address("/releases", releases),
    Address("/releases/<release_id>", release),
    Address("/feedback", feedback, kept=False),
    Address("/feedback", send, "POST", kept=False),
    Address("/accessibility", accessibility, scope=None, kept=False),
    Address("/cookies", cookies, scope=None, kept=False),
)
