"""Every page and state of the pages, one line each: what each test in a browser goes through."""

from typing import NamedTuple

from tests.support.api.comparison import tried
from tests.support.api.receipts import REJECTED, id_of
from tests.support.web.window import WIDTHS, Look


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
    State("unknown-page", "/nothing/here", status=404),
)

LOOKS = (
    *(Look(width, scheme) for width in WIDTHS for scheme in ("light", "dark")),
    Look(1280, forced_colours=True),
)
"""Axe goes through every state in each."""
