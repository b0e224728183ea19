"""What is the same for every release: the page that shows one, the API's description, and the page to try it on."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from aws_lambda_powertools.shared.version import VERSION

_HERE = "functions.api"
_SWAGGER = "aws_lambda_powertools.event_handler.openapi.swagger_ui"  # comes with Powertools, so no third party is asked
# Its script is 1.5 MB, 0.4 MB compressed. With the version in the address a browser fetches it once, not at each visit.
_SWAGGER_AT = f"docs/{VERSION}"

_TRY = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Headroom API</title>
<link rel="stylesheet" href="{_SWAGGER_AT}/swagger-ui.min.css">
</head>
<body>
<div id="ui"></div>
<script src="{_SWAGGER_AT}/swagger-ui-bundle.min.js"></script>
<script>SwaggerUIBundle({{url: "openapi.json", dom_id: "#ui", deepLinking: true, tryItOutEnabled: true}})</script>
</body>
</html>
"""


class Static(NamedTuple):
    """A text that changes with a deployment only, its tag, a page's content security policy, and whether its address
    names its version, so that it never changes there."""

    media_type: str
    text: str
    tag: str
    policy: str | None = None
    versioned: bool = False


def _static(media_type: str, text: str, policy: str | None = None, versioned: bool = False) -> Static:
    return Static(media_type, text, hashlib.sha256(text.encode()).hexdigest()[:32], policy, versioned)


def _file(package: str, name: str, media_type: str, versioned: bool = False) -> Callable[[], Static]:
    return cache(lambda: _static(media_type, files(package).joinpath(name).read_text("utf-8"), versioned=versioned))


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
    **{
        f"/{_SWAGGER_AT}/{name}": _file(_SWAGGER, name, media_type, versioned=True)
        for name, media_type in (
            ("swagger-ui.min.css", "text/css; charset=utf-8"),
            ("swagger-ui-bundle.min.js", "text/javascript; charset=utf-8"),
        )
    },
    "/openapi.json": _file(_HERE, "openapi.json", "application/json"),
}
