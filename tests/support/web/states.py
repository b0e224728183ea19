"""Every page and state of the pages, one line each: what each test in a browser goes through."""

from typing import NamedTuple

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
    State("unknown-page", "/nothing/here", status=404),
)

LOOKS = (
    *(Look(width, scheme) for width in WIDTHS for scheme in ("light", "dark")),
    Look(1280, forced_colours=True),
)
"""Axe goes through every state in each."""
