"""Every page and state: without barriers in every look and by keyboard alone; within budgets and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from infra.local.page_load import load
from tests.support.web import checks
from tests.support.web.states import COLOURS, LAYOUTS, PHONE, STATES, State
from tests.support.web.window import Look, Window, seen_as, sign_in

pytestmark = pytest.mark.web

each_state = pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)

Opened = Callable[..., Window]

HTML, STYLE, SCRIPT = 25_000, 20_000, 8_000
"""The most bytes of each, compressed."""
UNSEEN = 0.005
"""The most that may move while a page arrives: a word by some pixels. How much is painted before the whole has come
depends on how busy the machine is."""
ASKED = {"document", "stylesheet", "script", "other"}
"""What a page asks for, once each; the other one is the icon, for the browser's own window."""
SCRIPTED = "[data-copy], [data-picture], [data-print], [data-script], [data-sort] > button"
SHOWN = """scripted => {
  const seen = one => one.checkVisibility() && !one.matches(scripted) && !one.closest('[data-script]');
  const words = text => text.replace(/\\s+/g, ' ').trim();
  const of = (kind, what) => [...document.querySelectorAll(kind)].filter(seen).map(what);
  return {
    text: of('main :is(h1, h2, h3, h4, p, dt, dd, caption, th, td, summary, label)', one => words(one.textContent)),
    links: of('a[href]', one => one.getAttribute('href')),
    fields: of('input, select, textarea, button', one => [one.name, one.value, one.type]),
  };
}"""


@each_state
def test_no_barriers(opened: Opened, state: State) -> None:
    """In every look, by keyboard alone, and with wide spacing: one page, loaded once, since loading takes longest."""
    page = opened(state.world, scopes=state.scopes).go(state.address, state.status)
    faults = checks.on_looks(page, LAYOUTS, COLOURS, [PHONE])
    for look in (Look(), Look(390, "dark")):
        seen_as(page, look)
        faults += [f"{look}: {fault}" for fault in checks.focus(page)]
    seen_as(page, Look(320))
    faults += checks.cut_off(page)
    assert not faults, "\n".join(faults)


@each_state
def test_budgets_are_kept_and_nothing_is_missing_without_scripts(
    browser: Browser, origin: Callable[[str], str], opened: Opened, state: State
) -> None:
    """Without scripts there are the same text, links and fields, but for what is a script's to do."""
    world = origin(state.world)
    with browser.new_context() as context:
        if state.scopes is not None:
            sign_in(context.new_page(), world, state.scopes)
        page = context.new_page()
        loaded = load(page, world + state.address)
        expected = page.evaluate(SHOWN, SCRIPTED)
    assert loaded.status == state.status
    assert loaded.sent.keys() == ASKED
    assert loaded.requests == len(ASKED)
    assert loaded.sent["document"] <= HTML
    assert loaded.sent["stylesheet"] <= STYLE
    assert loaded.sent["script"] <= SCRIPT
    assert loaded.shift <= UNSEEN
    without = opened(state.world, Look(scripts=False), state.scopes).go(state.address, state.status)
    assert expected["text"]
    assert without.evaluate(SHOWN, SCRIPTED) == expected
