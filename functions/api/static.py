"""What is the same for every release: the page that shows one, the API's description, and the page to try it on."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_HERE = "functions.api"
_SWAGGER = "aws_lambda_powertools.event_handler.openapi.swagger_ui"  # comes with Powertools, so no third party is asked

_TRY = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Headroom API</title>
<link rel="stylesheet" href="docs/swagger-ui.min.css">
</head>
<body>
<div id="ui"></div>
<script src="docs/swagger-ui-bundle.min.js"></script>
<script>SwaggerUIBundle({url: "openapi.json", dom_id: "#ui", deepLinking: true, tryItOutEnabled: true})</script>
</body>
</html>
"""


class Static(NamedTuple):
    """A text that changes with a deployment only, their tag, and the page's content security policy, if it is one."""

    media_type: str
    text: str
    tag: str
    policy: str | None


def _static(media_type: str, text: str, policy: str | None = None) -> Static:
    return Static(media_type, text, hashlib.sha256(text.encode()).hexdigest()[:32], policy)


def _file(package: str, name: str, media_type: str) -> Callable[[], Static]:
    return cache(lambda: _static(media_type, files(package).joinpath(name).read_text("utf-8")))


@cache
def page() -> Static:
    """The page that shows a release; its policy admits its own style and script by hash alone."""
    text = files(_HERE).joinpath("page.html").read_text("utf-8")
    policy = f"style-src {_hash(text, 'style')}; script-src {_hash(text, 'script')}; connect-src 'self'"
    return _static("text/html; charset=utf-8", text, _CLOSED + policy)


@cache
def docs() -> Static:
    """The page on which the API can be tried. Swagger UI writes styles into the page, so those it may."""
    policy = (
        f"style-src 'self' 'unsafe-inline'; script-src 'self' {_hash(_TRY, 'script')}; connect-src 'self'; "
        "img-src 'self' data:; font-src 'self'"
    )
    return _static("text/html; charset=utf-8", _TRY, _CLOSED + policy)


_CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "


def _hash(page: str, tag: str) -> str:
    """How a policy names what stands inside a page's last such tag."""
    inside = page.rsplit(f"<{tag}>", 1)[1].split(f"</{tag}>", 1)[0]
    return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"


STATIC: Mapping[str, Callable[[], Static]] = {
    "/": page,
    "/docs": docs,
    "/docs/swagger-ui.min.css": _file(_SWAGGER, "swagger-ui.min.css", "text/css; charset=utf-8"),
    "/docs/swagger-ui-bundle.min.js": _file(_SWAGGER, "swagger-ui-bundle.min.js", "text/javascript; charset=utf-8"),
    "/openapi.json": _file(_HERE, "openapi.json", "application/json"),
}
