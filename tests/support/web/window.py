"""A browser's window on a served site. It notes whatever a visitor should never meet."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from tests.support.web.worlds import SIGN_IN_AS

WIDTHS = (1280, 390, 320)
"""A desktop, a phone, and what WCAG asks of reflow, in CSS pixels."""
_HEIGHTS = {1280: 900, 390: 844, 320: 640}


class Look(NamedTuple):
    """How a visitor looks at a page. `width` in CSS pixels; `scheme`: light or dark; `scripts`: whether they run."""

    width: int = 1280
    scheme: str = "light"
    forced_colours: bool = False
    scripts: bool = True
    paper: bool = False

    def __str__(self) -> str:
        others = {"forced": self.forced_colours, "no-scripts": not self.scripts, "print": self.paper}
        return "-".join([str(self.width), self.scheme, *(name for name, so in others.items() if so)])


DESKTOP = Look()


class Window:
    """A page of a fresh browser context. `faults` are sentences; every step ends by asserting that there are none."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.faults: list[str] = []
        self.requests: list[Request] = []
        self._expected = 200
        self._answer: Response | None = None
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"A script failed: {error}"))
        page.on("request", self._see)
        page.on("requestfailed", self._miss)
        page.on("response", self._receive)

    def go(self, address: str, status: int = 200) -> Page:
        """Open an address of the site, "/trusts?q=x". AssertionError if the answer's status is another, or there is
        any other fault."""
        with self.leads(status):
            self.page.goto(self.origin + address)
        return self.page

    @contextmanager
    def leads(self, status: int = 200) -> Iterator[None]:
        """What is done inside leads to another page, whose status this is. Redirects are followed."""
        self._expected, self._answer = status, None
        self.requests.clear()
        with self.page.expect_event("load"):
            yield
        answer: Any = self._answer
        assert answer is not None, "No page was asked for."
        assert answer.status == status, f"{answer.status} instead of {status}: {answer.url}"
        self._expected = 200
        self.check()

    def check(self) -> None:
        """AssertionError if anything has gone wrong since the window was opened."""
        assert not self.faults, "\n".join([f"On {self.page.url}:", *dict.fromkeys(self.faults)])

    def address(self) -> str:
        """The address that the visitor sees, without the origin."""
        return self.page.url.removeprefix(self.origin)

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium logs it when the page itself is an error page that was expected.
        if self._expected >= 400 and message.text.startswith("Failed to load resource"):
            answer: Any = self._answer
            if answer is not None and message.location.get("url") == answer.url:
                return
        self.faults.append(f"Logged to the console ({message.type}): {message.text}")

    def _see(self, request: Request) -> None:
        self.requests.append(request)
        if not request.url.startswith((f"{self.origin}/", "blob:", "data:")):
            self.faults.append(f"Asks another origin: {request.url}")

    def _miss(self, request: Request) -> None:
        # A script drops a question of its own when there is a newer one, and the browser all when a page is left.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"No answer: {request.url} ({request.failure})")

    def _receive(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame == self.page.main_frame and not _redirects(response):
            self._answer = response
        elif response.status >= 400:
            self.faults.append(f"Answers {response.status}: {response.url}")


def _redirects(response: Response) -> bool:
    return 300 <= response.status < 400 and response.status != 304


def sign_in(page: Page, origin: str, scopes: Collection[str]) -> None:
    """Give the page's visitor a session with these scopes: "operate", "supply:work"."""
    page.goto(f"{origin}{SIGN_IN_AS}?{urlencode({'scopes': ' '.join(scopes)})}")


def seen_as(page: Page, look: Look) -> None:
    """Look at an open page in another width, colours and medium. Whether scripts run stays as it is."""
    page.set_viewport_size({"width": look.width, "height": _HEIGHTS.get(look.width, 900)})
    page.emulate_media(
        media="print" if look.paper else "screen",
        color_scheme="dark" if look.scheme == "dark" else "light",
        forced_colors="active" if look.forced_colours else "none",
    )


@contextmanager
def window(
    browser: Browser, origin: str, look: Look = DESKTOP, scopes: Collection[str] | None = None, **context: Any
) -> Iterator[Window]:
    """A window of a fresh context, so without cookies, cache and history; closed and checked at the end. `scopes`: of a
    visitor who has signed in; None if the visitor has not. `context`: more options of Playwright's."""
    fresh = browser.new_context(
        java_script_enabled=look.scripts,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/London",
        **context,
    )
    fresh.set_default_timeout(20_000)
    try:
        page = fresh.new_page()
        seen_as(page, look)
        if scopes is not None:
            sign_in(page, origin, scopes)
        opened = Window(page, origin)
        yield opened
        opened.check()
    finally:
        fresh.close()
