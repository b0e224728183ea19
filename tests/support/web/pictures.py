"""Pictures of the states for a person to look at: `python -m tests.support.web.pictures FOLDER [part of a name …]`."""

import argparse
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from infra.local.browser import browser
from infra.local.serve import served
from tests.support.web.states import COLOURS, LAYOUTS, PHONE, STATES
from tests.support.web.window import Look, seen_as, window
from tests.support.web.worlds import WORLDS, pages_of

PICTURED = (*LAYOUTS, *COLOURS, PHONE, Look(794, paper=True))
"""What the tests look at, and paper: A4 is 794 CSS pixels wide."""


def main() -> None:
    """Write <state>-<look>.png, the whole page each, of all states or those whose name has one of the parts."""
    parser = argparse.ArgumentParser(prog="tests.support.web.pictures", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("parts", nargs="*", default=[""])
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as worlds, browser() as running:
        origin = cache(lambda world: worlds.enter_context(served(pages_of(WORLDS[world]()))))
        for state in STATES:
            if any(part in state.name for part in arguments.parts):
                with window(running, origin(state.world), scopes=state.scopes) as visitor:
                    page = visitor.go(state.address, state.status)
                    for look in PICTURED:
                        seen_as(page, look)
                        page.screenshot(path=arguments.folder / f"{state.name}-{look}.png", full_page=True)


if __name__ == "__main__":
    main()
