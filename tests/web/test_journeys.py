"""Whole journeys of readers and operators: with a mouse, without scripts, and by keyboard alone."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.support.api.published import NEXT, RELEASE
from tests.support.web import keyboard
from tests.support.web.window import Look, Window

pytestmark = pytest.mark.web

Opened = Callable[..., Window]

# The published gaps, of £7,230,810 of cleaning, are worth £374,876 and £1,065,056. With £230,810 less they are worth as
# much less: £144,066 and £834,246.
SUPPOSED = "£144,000 to £834,000"


def text(window: Window) -> str:
    return " ".join(window.page.locator("main").inner_text().split())


def click(window: Window, name: str, role: str = "link") -> None:
    with window.leads():
        window.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


@pytest.mark.parametrize("look", [Look(), Look(390), Look(scripts=False)], ids=str)
def test_a_reader_finds_a_figure_supposes_another_and_shares_it(opened: Opened, look: Look) -> None:
    reader = opened("samples", look)
    reader.go("/")
    reader.page.get_by_label("Find a trust by name or code").first.fill("lower middling")
    click(reader, "Find", "button")
    assert reader.address() == "/trusts/RIL"  # the only hit
    assert "£9.07m to £10.9m" in text(reader)
    click(reader, "Cleaning cost")
    assert "£375,000 to £1.07m" in text(reader)
    reader.page.get_by_label("Cleaning service cost, £").fill("7,000,000")
    click(reader, "Work it out", "button")
    assert SUPPOSED in text(reader)
    shared = reader.page.get_by_role("link", name="Link to exactly these figures").get_attribute("href")
    assert shared is not None
    colleague = opened("samples")
    path = urlsplit(reader.page.evaluate("address => new URL(address, location.href).href", shared))
    colleague.go(f"{path.path}?{path.query}")
    assert SUPPOSED in text(colleague)


def test_the_same_by_keyboard_alone(opened: Opened) -> None:
    reader = opened("samples")
    reader.go("/")
    keyboard.write(reader, "searchbox", "Find a trust by name or code", "RIL")
    keyboard.press(reader, "Find")
    assert reader.address() == "/trusts/RIL"
    keyboard.follow(reader, "Cleaning cost")
    keyboard.write(reader, "textbox", "Cleaning service cost, £", "7000000")
    keyboard.press(reader, "Work it out")
    assert SUPPOSED in text(reader)


def test_what_is_typed_is_worked_out_without_leaving_the_field(opened: Opened) -> None:
    reader = opened("samples")
    reader.go("/trusts/RIL/opportunities/cleaning_cost/what-if")
    field = reader.page.get_by_label("Cleaning service cost, £")
    field.fill("7,000,000")
    reader.page.locator("#result", has_text=SUPPOSED).wait_for()
    assert field.evaluate("element => element === document.activeElement")


def test_an_operator_promotes_and_a_second_one_with_a_stale_page_is_refused(opened: Opened) -> None:
    first, second = opened("decided", scopes=("read", "operate")), opened("decided", scopes=("read", "operate"))
    for operator in (first, second):
        operator.go("/operate")
        assert NEXT[:8] in text(operator)
        operator.go("/operate/promote")
    decide(first, "The new prices are agreed.", 200)
    assert NEXT[:8] in text(first)
    decide(second, "I did not know.", 409)
    assert "something has changed meanwhile" in text(second)
    assert "I did not know." in text(second)  # what was written is not lost
    first.go("/operate/rollback")
    assert RELEASE[:8] in text(first)


def decide(window: Window, why: str, status: int) -> None:
    window.page.get_by_label("Why?").fill(why)
    window.page.locator("#looked").check()
    with window.leads(status):
        window.page.locator("main form button").last.click()
