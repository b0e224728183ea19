"""Pages about the client itself, which are the same for everyone and need no release."""

from functions.api.pages.ask import Asking
from functions.api.pages.page import Page, PageRequest


def accessibility(_ask: Asking, _request: PageRequest) -> Page:
    """The page `/accessibility`."""
    return Page("accessibility.jinja", "Accessibility")


def cookies(_ask: Asking, _request: PageRequest) -> Page:
    """The page `/cookies`."""
    return Page("cookies.jinja", "Cookies")
