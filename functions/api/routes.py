"""Every address, and the view that answers it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from functions.api.callers import ANY, OPERATE, READ, RECEIPTS, SUPPLY
from functions.api.feedback import feedback_given, give_feedback, give_named_feedback
from functions.api.file_receipts import file_receipt, file_receipts
from functions.api.national import categories, methodology, opportunities, opportunity, peer_groups
from functions.api.operations import promote, resume, roll_back
from functions.api.pairs import why_peer
from functions.api.peers import trust_peers
from functions.api.published import current, release, release_changes, release_table, releases_shown
from functions.api.search import trusts
from functions.api.trends import trend
from functions.api.trusts import trust, trust_opportunities, trust_opportunity
from functions.api.uploads import upload
from functions.api.what_if import what_if

View = Callable[..., Any]
"""Returns an Answer or a File, and names what it wants: `release` (the one asked for), `releases`, `desk`, `caller`,
`query` and `body` (models of its own), and the parts of its path."""


class Route(NamedTuple):
    """One address. `scope` is what a caller must be allowed to, in the words of `callers`."""

    path: str
    view: View
    method: str = "GET"
    scope: str = READ


ROUTES = (
    Route("/v1/trusts", trusts),
    Route("/v1/trusts/<code>", trust),
    Route("/v1/trusts/<code>/opportunities", trust_opportunities),
    Route("/v1/trusts/<code>/opportunities/<opportunity_id>", trust_opportunity),
    Route("/v1/trusts/<code>/opportunities/<opportunity_id>/trend", trend),
    Route("/v1/trusts/<code>/opportunities/<opportunity_id>/what-if", what_if, "POST"),
    Route("/v1/trusts/<code>/peers", trust_peers),
    Route("/v1/trusts/<code>/peers/<other>", why_peer),
    Route("/v1/opportunities", opportunities),
    Route("/v1/opportunities/<opportunity_id>", opportunity),
    Route("/v1/categories", categories),
    Route("/v1/peer-groups", peer_groups),
    Route("/v1/methodology", methodology),
    Route("/v1/releases", releases_shown),
    Route("/v1/releases/current", current),
    Route("/v1/releases/<release_id>", release),
    Route("/v1/releases/<release_id>/changes", release_changes),
    Route("/v1/releases/<release_id>/tables/<table>", release_table),
    Route("/v1/releases/<release_id>/promote", promote, "POST", OPERATE),
    Route("/v1/releases/<release_id>/rollback", roll_back, "POST", OPERATE),
    Route("/v1/releases/resume", resume, "POST", OPERATE),
    Route("/v1/uploads", upload, "POST", SUPPLY),
    Route("/v1/receipts", file_receipts, scope=RECEIPTS),
    Route("/v1/receipts/<file_id>", file_receipt, scope=RECEIPTS),
    Route("/v1/feedback", give_feedback, "POST"),
    Route("/v1/feedback/named", give_named_feedback, "POST", ANY),
    Route("/v1/feedback", feedback_given, scope=OPERATE),
)
