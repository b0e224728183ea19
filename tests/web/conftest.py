"""One browser for all tests here that a process runs, and the releases it looks at."""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser

from infra.local.browser import browser as running
from infra.local.browser import executable
from infra.local.serve import served
from tests.support.web.presence import without
from tests.support.web.window import DESKTOP, Look, Window, window
from tests.support.web.worlds import WORLDS, pages_of


# Of this folder alone: while Playwright runs, an event loop does, which other tests could not bear.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if executable() is None:
        without()
    with running() as started:
        yield started


@pytest.fixture(scope="package")
def origin() -> Iterator[Callable[[str], str]]:
    """The origin at which a world is served, by its name. A release is made when the first test asks for it."""
    with ExitStack() as worlds:
        yield cache(lambda world: worlds.enter_context(served(pages_of(WORLDS[world]()))))


@pytest.fixture
def opened(browser: Browser, origin: Callable[[str], str]) -> Iterator[Callable[..., Window]]:
    """Open a window on a world: `opened("samples", Look(320, "dark"))`, for a visitor who has signed in if there are
    `scopes`. Each is checked and closed after the test."""
    with ExitStack() as windows:

        def open_one(
            world: str = "small", look: Look = DESKTOP, scopes: Collection[str] | None = None, **context: Any
        ) -> Window:
            return windows.enter_context(window(browser, origin(world), look, scopes, **context))

        yield open_one
