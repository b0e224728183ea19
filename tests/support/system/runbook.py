"""docs/operating.md as a program."""

from infra.local.emulator import Emulator
from tests.support.system.pages import Page

BEGIN = "Begin here"
_PAGE = Page(
    "docs/operating.md",
    BEGIN,
    {"export STAGE=prod": "export STAGE=local", "STACK_NAME=headroom-$STAGE": "STACK_NAME=headroom"},
)
sections, blocks = _PAGE.sections, _PAGE.blocks


def run(emulator: Emulator, title: str, place: int | None = None, only_check: bool = False, **variables: str) -> str:
    """See `Page.run`."""
    return _PAGE.run(emulator, title, place, only_check=only_check, **variables)
