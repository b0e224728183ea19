"""The pictures of the pages in README and docs: `python -m infra.generate.pictures [name …]` writes docs/images/*.png.

It makes a release of the samples in this process, serves it on a loopback port and photographs pages with Chromium,
which has to be installed (Debian, Ubuntu: `apt-get install chromium`). Pictures depend on the machine's fonts, so
`make check` does not compare them.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser

from infra.errors import CommandError
from infra.local.browser import browser
from infra.local.released import released
from infra.local.serve import served
from infra.template import ROOT

FOLDER = ROOT / "docs" / "images"
LARGEST = 150_000
"""Bytes of one picture."""


class TooLarge(CommandError):
    """A picture has more bytes than a page of the documentation should load."""


class Picture(NamedTuple):
    """The topmost part of a page. `width` and `height` of the window in CSS pixels; the file has `scale` times as
    many."""

    name: str
    address: str
    width: int = 1000
    height: int = 1100
    scale: float = 0.8
    dark: bool = False

    @property
    def path(self) -> Path:
        """The file."""
        return FOLDER / f"{self.name}.png"


PICTURES = (
    Picture("home", "/"),
    Picture("trust", "/trusts/RIL", height=1200),
    Picture("figure", "/trusts/RIL/opportunities/cleaning_cost", height=1400),
    Picture("peers", "/trusts/RIL/peers"),
    Picture("nation", "/opportunities/cleaning_cost"),
    Picture("figure-phone", "/trusts/RIL/opportunities/cleaning_cost", 390, 800, 1.55, dark=True),
)


def main(names: Sequence[str]) -> int:
    """Write all pictures, or those of these names. TooLarge; NoBrowser."""
    with (
        released(ROOT / "samples" / "landing") as app,
        served(lambda event: app.resolve(event, None)) as origin,
        browser() as running,
    ):
        for picture in PICTURES:
            if not names or picture.name in names:
                photograph(running, origin, picture)
    return 0


def photograph(running: Browser, origin: str, picture: Picture) -> None:
    """Write one picture. TooLarge, and the file is left for a look, if it has more bytes than `LARGEST`."""
    context = running.new_context(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=picture.scale,
        color_scheme="dark" if picture.dark else "light",
    )
    try:
        page = context.new_page()
        response = page.goto(origin + picture.address, wait_until="networkidle")
        if response is None or not response.ok:
            raise CommandError(f"{picture.address} is no page of this release.")
        picture.path.parent.mkdir(parents=True, exist_ok=True)
        body = page.screenshot(path=picture.path)
    finally:
        context.close()
    if len(body) > LARGEST:
        raise TooLarge(f"{picture.path.name} has {len(body):,} bytes, more than {LARGEST:,}: show less of the page.")
    print(f"{picture.path.relative_to(ROOT)}: {len(body):,} bytes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
