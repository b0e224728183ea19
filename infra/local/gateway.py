"""HTTP requests as Lambda events and back, as an API Gateway HTTP API does it (payload format 2.0)."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from functions.api.http.auth import RESOURCE_SERVER
from infra.local.clock import MOMENT

HOST = "local.execute-api.localhost"
"""The host of the API in this process."""

Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Response:
    """An answer of the API; header names are lower case. `cookies`: the values of Set-Cookie."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body as UTF-8 text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Cors:
    """An HTTP API's CorsConfiguration. With one, the gateway answers preflights itself. It adds its own headers to each
    answer to a permitted origin, refusals included, and removes the function's."""

    origins: Sequence[str]
    methods: Sequence[str]
    headers: Sequence[str]
    exposed: Sequence[str]
    max_age: int

    def preflight(self, method: str, headers: Mapping[str, str]) -> Response | None:
        """The answer to a preflight; None for any other request."""
        sent = _lower_case(headers)
        if method.upper() != "OPTIONS" or not {"origin", "access-control-request-method"} <= sent.keys():
            return None
        permitted = {
            "access-control-allow-methods": ",".join(self.methods),
            "access-control-allow-headers": ",".join(self.headers),
            "access-control-max-age": str(self.max_age),
        }
        answer = self.added_to(Response(204, {}, b""), headers)
        return replace(answer, headers={**answer.headers, **permitted}) if answer.headers else answer

    def added_to(self, answer: Response, headers: Mapping[str, str]) -> Response:
        """An answer with the CORS headers for the request's origin."""
        kept = {name: value for name, value in answer.headers.items() if not name.startswith("access-control-")}
        origin = _lower_case(headers).get("origin")
        if origin and self._permits(origin):
            kept["access-control-allow-origin"] = "*" if "*" in self.origins else origin
            kept["access-control-expose-headers"] = ",".join(self.exposed)
        return replace(answer, headers=kept)

    def _permits(self, origin: str) -> bool:
        return any(one in ("*", origin) or (one == f"{origin.partition('://')[0]}://*") for one in self.origins)


def _lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def event(
    method: str,
    path: str,
    query: Query | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    claims: Mapping[str, Any] | None = None,
    now: datetime = MOMENT,
) -> dict[str, Any]:
    """A request as the event that the `$default` route passes to a function. `path` may be percent-encoded.

    `claims` are those of a token that an authorizer has checked; `now` (UTC) is the time of the request.
    """
    sent = {"host": HOST, **_lower_case(headers or {})}
    request: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(path),
        "rawQueryString": "",
        "headers": sent,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": HOST,
            "domainPrefix": "local",
            "http": {
                "method": method.upper(),
                "path": unquote(path),
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": sent.get("user-agent", "local"),
            },
            "requestId": "local",
            "routeKey": "$default",
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if claims is not None:
        request["requestContext"]["authorizer"] = handed_on(claims)
    request |= query_of(urlencode(query or {}, doseq=True))
    if body:
        request |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return request


def claims(name: str, *scopes: str) -> dict[str, str]:
    """The claims of a client's access token with our scopes."""
    ours = " ".join(f"{RESOURCE_SERVER}/{scope}" for scope in scopes)
    return {"client_id": name, "token_use": "access", "scope": ours}


def handed_on(claims: Mapping[str, Any]) -> dict[str, Any]:
    """A checked token's claims as they are in an event: all are strings, and a list is its items in brackets."""
    return {"jwt": {"claims": {name: _as_text(claim) for name, claim in claims.items()}, "scopes": None}}


def _as_text(claim: Any) -> str:
    return f"[{' '.join(map(_as_text, claim))}]" if isinstance(claim, list) else str(claim)


def query_of(raw: str) -> dict[str, Any]:
    """The members of an event for a query. The values of a repeated parameter are joined by commas."""
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return {"rawQueryString": raw} | ({"queryStringParameters": parameters} if parameters else {})


def refusal(status: int) -> Response:
    """The gateway's own answer when it does not call the function, or when the function fails."""
    message = {401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error"}[status]
    headers = {"content-type": "application/json"} | ({"www-authenticate": "Bearer"} if status in (401, 403) else {})
    return Response(status, headers, json.dumps({"message": message}).encode())


def response(answer: Mapping[str, Any]) -> Response:
    """A function's result as the answer that the client gets."""
    text = answer.get("body") or ""
    headers = {name.lower(): str(value) for name, value in (answer.get("headers") or {}).items()}
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers[name.lower()] = ", ".join(values)
    return Response(
        status=int(answer["statusCode"]),
        headers=headers,
        body=base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode(),
        cookies=tuple(answer.get("cookies") or ()),
    )
