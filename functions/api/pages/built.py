"""What the build made of the pages: their style, their script and their compiled templates.

It stands in `.web/`, at the root of a checkout and of the function's artefact. An artefact has no sources of templates
and takes the compiled ones; a checkout always reads its sources, so that it never shows what an older build made.
"""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, ModuleLoader, PackageLoader

PAGES = Path(__file__).parent
TEMPLATES = PAGES / "templates"
WEB = PAGES.parents[2] / ".web"

TRIM: Final = True
"""Jinja's `trim_blocks` and `lstrip_blocks`: for the build, and for a checkout that reads the sources."""

MEDIA_TYPES = {"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8"}
"""The assets by name."""


@cache
def assets_hash(web: Path = WEB) -> str:
    """The hash of all assets' content, which is part of their address; `unbuilt` where nothing was built."""
    try:
        return (web / "hash").read_text("ascii")
    except FileNotFoundError:
        return "unbuilt"


@cache
def asset(name: str, web: Path = WEB) -> bytes | None:
    """The content of an asset; None if there is none of this name, or nothing was built."""
    try:
        return (web / name).read_bytes() if name in MEDIA_TYPES else None
    except FileNotFoundError:
        return None


def template_loader(templates: Path = TEMPLATES, web: Path = WEB) -> BaseLoader:
    """The templates' sources, with those of NHS.UK frontend, where there are sources; else the compiled ones."""
    if templates.is_dir():
        return ChoiceLoader([FileSystemLoader(templates), PackageLoader("nhsuk_frontend_jinja")])
    return ModuleLoader(web / "templates")
