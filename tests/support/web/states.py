"""Every page and state of the pages, one line each: what each test in a browser goes through."""

from typing import NamedTuple

from tests.support.api.published import RELEASE
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


STATES = (
    State("home", "/", main=True),
    State("home-samples", "/", "samples"),
    State("home-empty", "/", "empty"),
    State("home-operator", "/", scopes=("operate",)),
    State("method", "/method"),
    State("method-samples", "/method", "samples"),
    State("method-peers", "/method/peers/recommended", "samples"),
    State("method-peers-attribute", "/method/peers/estate_type"),
    State("method-prices", "/method/prices", "samples"),
    State("downloads", "/downloads"),
    State("releases", "/releases"),
    State("release", f"/releases/{RELEASE}"),
    State("feedback", "/feedback?opportunity=cleaning_cost&trust=RAA"),
    State("accessibility", "/accessibility"),
    State("cookies", "/cookies"),
    State("unknown-page", "/nothing/here", status=404),
    State("unknown-trust", "/trusts/RAZ", status=404),
    State("unknown-opportunity", "/trusts/RAA/opportunities/cleaning", status=404),
    State("unknown-release", f"/trusts?as_at={'f' * 32}", status=404),
    State("not-for-you", "/operate", status=403, scopes=("read",)),
)

LOOKS = (
    *(Look(width, scheme) for width in WIDTHS for scheme in ("light", "dark")),
    Look(1280, forced_colours=True),
)
"""Axe goes through every state in each."""
