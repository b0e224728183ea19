"""What `make web` has built of the client: style, script and compiled templates, in the folder `.web`."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jinja2

_BUILT = Path(__file__).parents[3] / ".web"
_TEMPLATES = Path(__file__).parent / "templates"
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
def assets() -> Assets:
    """The built files; without any in a checkout in which nothing was built."""
    files = {name: (_BUILT / name).read_bytes() for name in MEDIA_TYPES if (_BUILT / name).exists()}
    tag = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
    return Assets(tag, tag, files)


def loader() -> jinja2.BaseLoader:
    """Where Jinja finds the templates."""
    return jinja2.FileSystemLoader(_TEMPLATES)
