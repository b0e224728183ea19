"""Every address, and the view that answers it."""

from functions.api.http.auth import ANY, OPERATE, RECEIPTS, SUPPLY
from functions.api.http.route import Route
from functions.api.views.feedback import feedback_given, give_feedback, give_named_feedback
from functions.api.views.methodology import categories, methodology, peer_groups
from functions.api.views.operations import promote, resume, roll_back
from functions.api.views.opportunities import opportunities, opportunity
from functions.api.views.peers import trust_peers
from functions.api.views.receipts import file_receipt, file_receipts
from functions.api.views.releases import current, release, release_changes, release_table, releases_shown
from functions.api.views.trend import trend
from functions.api.views.trust_opportunities import trust_opportunities, trust_opportunity
from functions.api.views.trusts import trust, trusts
from functions.api.views.uploads import upload
from functions.api.views.what_if import what_if
from functions.api.views.why_peer import why_peer

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
