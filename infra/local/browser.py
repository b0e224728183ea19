"""Chromium, driven by Playwright: for tests of the pages, their pictures and measurements."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from infra.errors import CommandError
from infra.template import ROOT

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
UNPACKED = ROOT / ".venv-chromium" / "unpacked" / "chromium"
"""Where `make .venv-chromium/.stamp` leaves the Chromium of an npm package."""
MISSING = "No Chromium found: apt-get install chromium (Debian, Ubuntu), or, without root, make .venv-chromium/.stamp."
# Chromium itself asks for nothing, and no host but this machine has an address.
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE *.localhost, EXCLUDE localhost",
)


class NoBrowser(CommandError):
    """There is no Chromium on this machine."""


def executable(unpacked: Path = UNPACKED) -> str | None:
    """The path of Chromium: the machine's own, else the unpacked one; None if there is neither."""
    own = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return own or (str(unpacked) if unpacked.exists() else None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser with an empty profile of its own. NoBrowser if there is no Chromium."""
    program = executable()
    if program is None:
        raise NoBrowser(MISSING)
    # The unpacked one brings libraries that a machine without a browser may lack.
    libraries = f"{UNPACKED.parent}/al2023/lib" if program == str(UNPACKED) else ""
    environment: dict[str, str | float | bool] = {**os.environ, **({"LD_LIBRARY_PATH": libraries} if libraries else {})}
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=_FLAGS, env=environment) as running,
    ):
        yield running
