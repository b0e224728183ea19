"""Asking the API of a local stack as somebody: as the gateway hands a request on whose token it has checked."""

import json
from collections.abc import Mapping
from typing import Any

from infra.local import gateway
from infra.local.stack import LocalStack


def ask(
    stack: LocalStack,
    method: str,
    path: str,
    body: Any = None,
    query: Mapping[str, str] | None = None,
    scope: str = "",
    name: str = "somebody",
    **headers: str,
) -> gateway.Response:
    """One request by a caller of some scopes, with blanks between them; with no token where there are none."""
    sent = b"" if body is None else json.dumps(body).encode()
    signed = {"Authorization": f"Bearer {stack.token(name, *scope.split())}"} if scope else {}
    return stack.request(method, path, query, signed | headers, sent)
