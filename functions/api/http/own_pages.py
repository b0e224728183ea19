"""Addresses of the web client itself: where it is, and which paths a redirect may lead to."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

_LONGEST = 1_000
# A browser reads a backslash as a slash, drops tabs and line ends, and takes `//host` as another origin.
_PATH = re.compile(r"/(?!/)[!#-\[\]-~]*")


def local_path(text: str | None) -> str | None:
    """A path of the web client, with its query, as it was written; None if the text is anything else.

    It begins with a single slash and has printable ASCII only: other characters are percent-encoded in an address. The
    same holds of the path after it is decoded once or twice, since a server on the way may do that, and no part of it
    is `.` or `..`.
    """
    if not text or len(text) > _LONGEST or not _PATH.fullmatch(text):
        return None
    path = text.partition("?")[0].partition("#")[0]
    for _ in range(3):
        if path.startswith("//") or "\\" in path or not path.isprintable() or {".", ".."} & {*path.split("/")}:
            return None
        path = unquote(path)
    return text


def host_of(event: Mapping[str, Any]) -> str:
    """The host that a request was sent to, with its port if it has one, in lower case."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return str(headers.get("host") or (event.get("requestContext") or {}).get("domainName") or "").lower()


def page_at(pages: Iterable[str], host: str) -> str | None:
    """The address of the web client on a host, without a slash at its end; None if it has none there."""
    return next((page.rstrip("/") for page in pages if urlsplit(page).netloc.lower() == host), None)
