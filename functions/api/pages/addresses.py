"""All pages: the address of each, its view, and who may see it."""

from typing import NamedTuple

from functions.api.pages.page import View
from functions.api.pages.views.changes import release_changes, trust_changes
from functions.api.pages.views.home import home
from functions.api.pages.views.nation import opportunities, opportunity
from functions.api.pages.views.peers import peers
from functions.api.pages.views.trusts import trusts
from functions.api.pages.views.why_peer import why_peer

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
    Address("/trusts/<code>/peers", peers),
    Address("/trusts/<code>/peers/<other>", why_peer),
    Address("/trusts/<code>/changes", trust_changes),
    Address("/opportunities", opportunities),
    Address("/opportunities/<opportunity_id>", opportunity),
    Address("/releases/<release_id>/changes", release_changes),
)
