"""All pages: the address of each, its view, and who may see it."""

from typing import NamedTuple

from functions.api.pages.page import View
from functions.api.pages.views.about import accessibility, cookies
from functions.api.pages.views.changes import release_changes, trust_changes
from functions.api.pages.views.downloads import downloads
from functions.api.pages.views.figure import figure, figure_chart, figure_data
from functions.api.pages.views.home import home
from functions.api.pages.views.method import method, peer_group, prices
from functions.api.pages.views.nation import opportunities, opportunity
from functions.api.pages.views.peers import peers
from functions.api.pages.views.releases import release, releases
from functions.api.pages.views.report import report
from functions.api.pages.views.trust_list import bars_file, trust_list
from functions.api.pages.views.trusts import trusts
from functions.api.pages.views.what_if import what_if
from functions.api.pages.views.why_peer import why_peer
from functions.api.pages.views.writes.decide import promote, promoted, resume, resumed, roll_back, rolled_back
from functions.api.pages.views.writes.feedback import feedback, send
from functions.api.pages.views.writes.operate import feedback_list, operate
from functions.api.pages.views.writes.receipts import receipt, receipt_csv, receipts
from functions.api.pages.views.writes.supply import begin_upload, dataset, progress, supply, upload, uploaded

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
    Address(r"/trusts/<code>\.svg", bars_file),
    Address("/trusts/<code>", trust_list),
    Address("/trusts/<code>/report", report),
    Address(r"/trusts/<code>/opportunities/<opportunity_id>\.svg", figure_chart),
    Address(r"/trusts/<code>/opportunities/<opportunity_id>\.csv", figure_data),
    Address("/trusts/<code>/opportunities/<opportunity_id>/what-if", what_if),
    Address("/trusts/<code>/opportunities/<opportunity_id>", figure),
    Address("/method", method),
    Address("/method/peers/<group>", peer_group),
    Address("/method/prices", prices),
    Address("/downloads", downloads),
    Address("/releases", releases),
    Address("/releases/<release_id>", release),
    Address("/feedback", feedback, kept=False),
    Address("/feedback", send, "POST", kept=False),
    Address("/supply", supply, scope=RECEIPTS, kept=False),
    Address("/supply/datasets/<dataset>", dataset, scope=RECEIPTS, kept=False),
    Address("/supply/upload", upload, scope=RECEIPTS, kept=False),
    Address("/supply/upload", begin_upload, "POST", RECEIPTS, kept=False),
    Address("/supply/uploads", uploaded, scope=RECEIPTS, kept=False),
    Address("/supply/uploads/<upload_id>", progress, scope=RECEIPTS, kept=False),
    Address("/supply/receipts", receipts, scope=RECEIPTS, kept=False),
    Address(r"/supply/receipts/<receipt_id>\.csv", receipt_csv, scope=RECEIPTS, kept=False),
    Address("/supply/receipts/<receipt_id>", receipt, scope=RECEIPTS, kept=False),
    Address("/operate", operate, scope=OPERATE, kept=False),
    Address("/operate/promote", promote, scope=OPERATE, kept=False),
    Address("/operate/promote", promoted, "POST", OPERATE, kept=False),
    Address("/operate/rollback", roll_back, scope=OPERATE, kept=False),
    Address("/operate/rollback", rolled_back, "POST", OPERATE, kept=False),
    Address("/operate/resume", resume, scope=OPERATE, kept=False),
    Address("/operate/resume", resumed, "POST", OPERATE, kept=False),
    Address("/operate/feedback", feedback_list, scope=OPERATE, kept=False),
    Address("/accessibility", accessibility, scope=None, kept=False),
    Address("/cookies", cookies, scope=None, kept=False),
)
