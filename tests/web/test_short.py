"""The short form, part of `make test`: the main pages at one width, and one journey by keyboard."""

from collections.abc import Callable

import pytest

from tests.support.web import checks, keyboard
from tests.support.web.states import STATES, State
from tests.support.web.window import Look, Window

MAIN = [state for state in STATES if state.main]

Opened = Callable[..., Window]


@pytest.mark.parametrize("state", MAIN, ids=lambda state: state.name)
def test_main_pages_have_no_barriers(opened: Opened, state: State) -> None:
    page = opened(state.world, Look(390), state.scopes).go(state.address, state.status)
    faults = checks.on_looks(page, [Look(390)])
    assert not faults, "\n".join(faults)


def test_from_the_search_to_the_list_by_keyboard(opened: Opened) -> None:
    visitor = opened()
    visitor.go("/")
    keyboard.write(visitor, "searchbox", "Find a trust by name or code", "saint")
    keyboard.press(visitor, "Find")
    assert visitor.address() == "/trusts?q=saint"
    assert "Saint B" in visitor.page.locator("main").inner_text()


def test_a_session_is_known(opened: Opened) -> None:
    assert "Sam Example" in opened(scopes=("operate",)).go("/").locator("header").inner_text()
    assert "Sam Example" not in opened().go("/").locator("header").inner_text()
