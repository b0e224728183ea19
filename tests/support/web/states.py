"""Every page and state of the pages, one line each: what each test in a browser goes through."""

from typing import NamedTuple

from tests.support.api.published import NEXT, RELEASE
from tests.support.api.receipts import REJECTED, id_of
from tests.support.pages.comparison import tried
from tests.support.web.window import Look


class State(NamedTuple):
    """`name`: of the pictures' files, too. `world`: what it stands on (worlds.WORLDS). `scopes`: of a visitor who has
    signed in; None if the visitor has not. `main`: seen in `make test`."""

    name: str
    address: str
    world: str = "small"
    status: int = 200
    scopes: tuple[str, ...] | None = None
    main: bool = False


SUPPLIER, OPERATOR = ("read", "supply:d"), ("read", "operate")

STATES = (
    State("home", "/", main=True),
    State("home-samples", "/", "samples"),
    State("home-empty", "/", "empty"),
    State("home-pinned", f"/?as_at={NEXT}"),
    State("trusts", "/trusts?q=saint"),
    State("trusts-samples", "/trusts", "samples"),
    State("trusts-none", "/trusts?q=nothing+like+it"),
    State("figure", "/trusts/RAA/opportunities/cleaning_cost", main=True),
    State("figure-samples", "/trusts/RIL/opportunities/cleaning_cost", "samples"),
    State("figure-ahead", "/trusts/RAA/opportunities/soft_fm_cost"),
    State("figure-target", "/trusts/RAA/opportunities/space_target"),
    State("figure-no-data", "/trusts/RAH/opportunities/cleaning_cost"),
    State("figure-unknown", "/trusts/RAA/opportunities/nothing", status=404),
    State("what-if", "/trusts/RAA/opportunities/cleaning_cost/what-if"),
    State("what-if-result", "/trusts/RAA/opportunities/cleaning_cost/what-if?numerator=400000"),
    State("what-if-refused", "/trusts/RAA/opportunities/cleaning_cost/what-if?numerator=many", status=422),
    State("peers", "/trusts/RAA/peers"),
    State("peers-samples", "/trusts/RIL/peers", "samples"),
    State("peers-national", "/trusts/RAA/peers?group=national"),
    State("why-peer", "/trusts/RAA/peers/RAB"),
    State("why-peer-samples", "/trusts/RIL/peers/RIH", "samples"),
    State("changes", f"/trusts/RAA/changes?since={NEXT}"),
    State("release-changes", f"/releases/{RELEASE}/changes?since={NEXT}"),
    State("release-changes-none", f"/releases/{RELEASE}/changes"),
    State("opportunities", "/opportunities"),
    State("nation", "/opportunities/cleaning_cost"),
    State("nation-samples", "/opportunities/cleaning_cost", "samples"),
    State("method", "/method"),
    State("method-samples", "/method", "samples"),
    State("method-peers", "/method/peers/recommended", "samples"),
    State("method-prices", "/method/prices", "samples"),
    State("downloads", "/downloads"),
    State("releases", "/releases"),
    State("release", f"/releases/{RELEASE}"),
    State("feedback", "/feedback?opportunity=cleaning_cost&trust=RAA"),
    State("supply-samples", "/supply", "samples", scopes=("read", "supply:sickness_absence", "supply:eric_site")),
    State("supply-dataset", "/supply/datasets/eric_site", "samples", scopes=("read", "supply:eric_site")),
    State("operate-samples", "/operate", "samples", scopes=("operate",)),
    State("accessibility", "/accessibility"),
    State("cookies", "/cookies"),
    State("home-operator", "/", scopes=("operate",)),
    State("supply", "/supply", "desk", scopes=SUPPLIER),
    State("supply-empty", "/supply", "empty", scopes=SUPPLIER),
    State("supply-contract", "/supply/datasets/d", scopes=SUPPLIER),
    State("supply-upload", "/supply/upload?dataset=d&period=2020-21", scopes=SUPPLIER),
    State("supply-receipts", "/supply/receipts", "desk", scopes=SUPPLIER),
    State("supply-rejected", f"/supply/receipts/{id_of(REJECTED)}", "desk", scopes=SUPPLIER),
    State("supply-tried", f"/supply/receipts/{id_of(tried('done'))}?tried=yes", "desk", scopes=SUPPLIER),
    State("operate", "/operate", "desk", scopes=OPERATOR),
    State("operate-not-compared", "/operate", scopes=OPERATOR),
    State("operate-promote", "/operate/promote", scopes=OPERATOR),
    State("operate-rollback", "/operate/rollback", scopes=OPERATOR),
    State("operate-no-hold", "/operate/resume", scopes=OPERATOR),
    State("operate-feedback", "/operate/feedback", "desk", scopes=OPERATOR),
    State("operate-closed", "/operate", status=403, scopes=SUPPLIER),
    State("list", "/trusts/RAA", main=True),
    State("list-samples", "/trusts/RIL", "samples"),
    State("list-filtered", "/trusts/RIL?quartile=4&show=staff", "samples"),
    State("list-activity", "/trusts/RIL?show=activity&category=estates", "samples"),
    State("list-nothing-left", "/trusts/RAA?category=nothing"),
    State("list-without-gain", "/trusts/RAH"),
    State("list-merged", "/trusts/ROL"),
    State("list-divided", "/trusts/RSP"),
    State("unknown-trust", "/trusts/RAZ", status=404),
    State("report", "/trusts/RAA/report"),
    State("report-samples", "/trusts/RIL/report", "samples"),
    State("method-peers-attribute", "/method/peers/estate_type"),
    State("unknown-page", "/nothing/here", status=404),
    State("unknown-opportunity", "/trusts/RAA/opportunities/cleaning", status=404),
    State("unknown-release", f"/trusts?as_at={'f' * 32}", status=404),
    State("not-for-you", "/operate", status=403, scopes=("read",)),
)

LAYOUTS = (Look(1280), Look(320))
"""The two layouts of a page: axe looks for everything in each. Which of its rules are broken depends on the layout."""
COLOURS = (Look(1280, "dark"), Look(320, "dark"), Look(1280, forced_colours=True))
"""In which it looks for what depends on colours."""
PHONE = Look(390)
"""The layout of 320 pixels, in which nothing may reach beyond the edge either."""
