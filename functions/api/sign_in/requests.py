"""What a request of a browser says about itself: its cookies, and the page that it comes from."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from functions.api.http.own_pages import host_of


def cookies_of(event: Mapping[str, Any]) -> dict[str, str]:
    """The cookies of a request. API Gateway lists them in `cookies`; the local emulator leaves them in the header."""
    listed = [*(event.get("cookies") or ()), _headers(event).get("cookie", "")]
    pairs = (pair.partition("=") for text in listed for pair in text.split(";"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def same_origin(event: Mapping[str, Any]) -> bool:
    """Whether a page of this client sent the request. A browser says so itself (Sec-Fetch-Site) or, if it is older,
    names the origin of the page."""
    headers = _headers(event)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(headers.get("origin", ""))
    return origin.scheme in ("https", "http") and bool(origin.netloc) and origin.netloc.lower() == host_of(event)


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
