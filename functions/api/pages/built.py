"""What `make web` has built of the pages: style, script and compiled templates, in the folder `.web`.

It stands at the root of a checkout and of the function's artefact. An artefact has no sources of templates and takes
the compiled ones; a checkout always reads its sources, so that it never shows what an older build made of them.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jinja2

PAGES = Path(__file__).parent
TEMPLATES = PAGES / "templates"
WEB = PAGES.parents[2] / ".web"
MEDIA_TYPES = {
    "app.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


class Assets(NamedTuple):
    """Style and script by name. `tag` is the hash of both, part of their address; `build` that of templates too."""

    tag: str
    build: str
    files: Mapping[str, bytes]


@cache
def assets(web: Path = WEB) -> Assets:
    """The built files; without any in a checkout in which nothing was built."""
    try:
        tag, build = (web / "hashes").read_text("ascii").split()
    except FileNotFoundError:
        return Assets("unbuilt", "unbuilt", {})
    return Assets(tag, build, {name: (web / name).read_bytes() for name in MEDIA_TYPES})


def loader(templates: Path = TEMPLATES, web: Path = WEB) -> jinja2.BaseLoader:
    """Where Jinja finds the templates: their sources and those of NHS.UK frontend, or what was compiled of them."""
    if templates.is_dir():
        sources = jinja2.FileSystemLoader(templates)
        return jinja2.ChoiceLoader([sources, jinja2.PackageLoader("nhsuk_frontend_jinja")])
    return jinja2.ModuleLoader(web / "templates")
