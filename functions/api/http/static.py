"""Answers that do not depend on a release: the OpenAPI document, and the page for trying the API."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from aws_lambda_powertools.shared.version import VERSION

_HERE = "functions.api"
_SWAGGER = "aws_lambda_powertools.event_handler.openapi.swagger_ui"  # part of Powertools: no request to a third party
# Its script is 1.5 MB, 0.4 MB compressed. The version in the path lets a browser cache it for good.
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
    """A text that changes only with a deployment, its ETag, and a page's content security policy. `versioned`: its path
    contains its version, so it never changes."""

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
def docs() -> Static:
    """The page for trying the API. Swagger UI adds inline styles, so its policy allows them."""
    policy = (
        f"style-src 'self' 'unsafe-inline'; script-src 'self' {_hash(_TRY, 'script')}; connect-src 'self'; "
        "img-src 'self' data:; font-src 'self'"
    )
    return _static("text/html; charset=utf-8", _TRY, _CLOSED + policy)


_CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "


def _hash(page: str, tag: str) -> str:
    """The policy's source expression for the content of a page's last `tag`."""
    inside = page.rsplit(f"<{tag}>", 1)[1].split(f"</{tag}>", 1)[0]
    return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"


STATIC: Mapping[str, Callable[[], Static]] = {
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
