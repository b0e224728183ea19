"""All endpoints, each with its view."""

from functions.api.http.auth import ANY, OPERATE, RECEIPTS, SUPPLY
from functions.api.http.route import ApiRoute
from functions.api.views.datasets import dataset, datasets
from functions.api.views.me import me
from functions.api.views.methodology import categories, methodology, peer_groups, programme
from functions.api.views.opportunities import opportunities, opportunity
from functions.api.views.peers import trust_peers
from functions.api.views.receipts import file_receipt, file_receipts
from functions.api.views.releases import current, list_releases, preview, release, release_changes, release_table
from functions.api.views.tables import tables
from functions.api.views.trend import trend
from functions.api.views.trust_metrics import trust_metrics
from functions.api.views.trust_opportunities import trust_opportunities, trust_opportunity
from functions.api.views.trusts import trust, trusts
from functions.api.views.upload_progress import upload_progress
from functions.api.views.what_if import what_if
from functions.api.views.why_peer import why_peer
from functions.api.views.writes.feedback import give_feedback, give_named_feedback, list_feedback
from functions.api.views.writes.operations import promote, resume, roll_back
from functions.api.views.writes.uploads import upload

ROUTES = (
    ApiRoute("/v1/trusts", trusts),
    ApiRoute("/v1/trusts/<code>", trust),
    ApiRoute("/v1/trusts/<code>/opportunities", trust_opportunities),
    ApiRoute("/v1/trusts/<code>/opportunities/<opportunity_id>", trust_opportunity),
    ApiRoute("/v1/trusts/<code>/opportunities/<opportunity_id>/trend", trend),
    ApiRoute("/v1/trusts/<code>/opportunities/<opportunity_id>/what-if", what_if, "POST"),
    ApiRoute("/v1/trusts/<code>/metrics", trust_metrics),
    ApiRoute("/v1/trusts/<code>/peers", trust_peers),
    ApiRoute("/v1/trusts/<code>/peers/<other>", why_peer),
    ApiRoute("/v1/opportunities", opportunities),
    ApiRoute("/v1/opportunities/<opportunity_id>", opportunity),
    ApiRoute("/v1/programme", programme),
    ApiRoute("/v1/categories", categories),
    ApiRoute("/v1/peer-groups", peer_groups),
    ApiRoute("/v1/methodology", methodology),
    ApiRoute("/v1/datasets", datasets),
    ApiRoute("/v1/datasets/<dataset>", dataset),
    ApiRoute("/v1/tables", tables),
    ApiRoute("/v1/releases", list_releases),
    ApiRoute("/v1/releases/current", current),
    ApiRoute("/v1/releases/preview", preview, scope=OPERATE),
    ApiRoute("/v1/releases/<release_id>", release),
    ApiRoute("/v1/releases/<release_id>/changes", release_changes),
    ApiRoute("/v1/releases/<release_id>/tables/<table>", release_table),
    ApiRoute("/v1/releases/<release_id>/promote", promote, "POST", OPERATE),
    ApiRoute("/v1/releases/<release_id>/rollback", roll_back, "POST", OPERATE),
    ApiRoute("/v1/releases/resume", resume, "POST", OPERATE),
    ApiRoute("/v1/me", me, scope=ANY),
    ApiRoute("/v1/uploads", upload, "POST", SUPPLY),
    ApiRoute("/v1/uploads/<upload_id>", upload_progress, scope=RECEIPTS),
    ApiRoute("/v1/receipts", file_receipts, scope=RECEIPTS),
    ApiRoute("/v1/receipts/<file_id>", file_receipt, scope=RECEIPTS),
    ApiRoute("/v1/feedback", give_feedback, "POST"),
    # API Gateway passes no token's claims to a route that is open to all, so a signed copy needs a route of its own.
    ApiRoute("/v1/feedback/named", give_named_feedback, "POST", ANY),
    ApiRoute("/v1/feedback", list_feedback, scope=OPERATE),
)
