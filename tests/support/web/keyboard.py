"""Steps of a visitor who has a keyboard and nothing else."""

from typing import Literal

from playwright.sync_api import Locator

from tests.support.web.window import Window

type Role = Literal["link", "button", "textbox", "searchbox", "combobox", "radio", "checkbox"]


def tab_to(window: Window, role: Role, name: str, exact: bool = True, most: int = 400) -> Locator:
    """Press the tabulator key until something of this role and accessible name has the focus; AssertionError if that
    never happens. The first in the page's order, if there are several."""
    wanted = window.page.get_by_role(role, name=name, exact=exact).first
    return _tab(window, wanted, f"{role} “{name}”", most)


def tab_to_fold(window: Window, text: str, most: int = 400) -> Locator:
    """The same for the line that opens a fold."""
    return _tab(window, window.page.locator("summary", has_text=text).first, f"fold “{text}”", most)


def _tab(window: Window, wanted: Locator, name: str, most: int) -> Locator:
    assert wanted.count(), f"There is no {name} on {window.address()}."
    for _ in range(most):
        window.page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return wanted
    raise AssertionError(f"The keyboard does not reach the {name} on {window.address()}.")


def follow(window: Window, name: str, status: int = 200, exact: bool = True) -> None:
    """Go to a link by its name and press Enter."""
    tab_to(window, "link", name, exact)
    with window.leads(status):
        window.page.keyboard.press("Enter")


def press(window: Window, name: str, status: int = 200) -> None:
    """Go to a button by its name and press it; it leads to another page."""
    tab_to(window, "button", name)
    with window.leads(status):
        window.page.keyboard.press("Enter")


def write(window: Window, role: Role, name: str, text: str, exact: bool = True) -> None:
    """Go to a field by its label and write into it, instead of what it held."""
    tab_to(window, role, name, exact)
    window.page.keyboard.press("ControlOrMeta+A")
    window.page.keyboard.type(text)


def unfold(window: Window, text: str) -> None:
    """Go to a fold and open it."""
    tab_to_fold(window, text)
    window.page.keyboard.press("Enter")
