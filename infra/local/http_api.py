"""The HTTP API that the template declares, in this process: its routes, the scopes they require, and its CORS settings.

A token here is its claims in base64, without a signature. Signatures, issuers, audiences and times are checked by API
Gateway; the tests on the emulator try those.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from infra.local import gateway
from infra.template import Template, of_type, settled

_SCOPES = "AuthorizationScopes"


class NotAuthorised(Exception):
    """The gateway does not pass the request on to the function; `status` is 401 or 403."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class GatewayRoute:
    """One route: its key, whether it takes a token, and the scopes of which the token needs one, if any."""

    key: str
    takes_token: bool
    scopes: tuple[str, ...] = ()

    def matches(self, method: str, path: str) -> bool:
        """Whether a request could take this route."""
        route_method, _, pattern = self.key.partition(" ")
        parts = (
            ".+" if part.endswith("+}") else "[^/]+" if part[0] == "{" else re.escape(part) for part in _parts(pattern)
        )
        return route_method in (method, "ANY") and re.fullmatch("/" + "/".join(parts), path) is not None

    def claims(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """The claims of a request's token. NotAuthorised if there is no token, or it lacks every scope of the route."""
        header = {name.lower(): value for name, value in headers.items()}.get("authorization", "").strip()
        claims = _decoded(re.sub("^bearer +", "", header, flags=re.IGNORECASE))
        if self.scopes and not set(self.scopes) & set(str(claims.get("scope", "")).split()):
            raise NotAuthorised(403)
        return claims


def route_for(routes: Sequence[GatewayRoute], method: str, path: str) -> GatewayRoute:
    """The route that API Gateway takes: an exact one before a greedy one, and `$default` if none matches."""
    matching = [route for route in routes if route.matches(method, path)]
    exact_first = sorted(matching, key=lambda route: ("+}" in route.key, route.key.count("{")))
    return exact_first[0] if exact_first else next(route for route in routes if route.key == "$default")


class HttpApi(NamedTuple):
    """The routes of an HTTP API and its CORS configuration."""

    routes: Sequence[GatewayRoute]
    cors: gateway.Cors

    def answer(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        function: Callable[[dict[str, Any] | None], gateway.Response],
    ) -> gateway.Response:
        """What a client gets. The function is called with the claims of the request's token, unless the gateway
        answers by itself."""
        if preflight := self.cors.preflight(method, headers):
            return preflight
        route = route_for(self.routes, method.upper(), path)
        try:
            claims = route.claims(headers) if route.takes_token else None
        except NotAuthorised as refused:
            return self.cors.added_to(gateway.refusal(refused.status), headers)
        return self.cors.added_to(function(claims), headers)


def of(template: Template, parameters: Mapping[str, str] | None = None) -> HttpApi:
    """The HTTP API of an expanded template, as the parameters settle it."""
    template = settled(template, parameters)
    (server,) = of_type(template, "AWS::Cognito::UserPoolResourceServer").values()
    routes = [
        GatewayRoute(
            route["RouteKey"],
            route["AuthorizationType"] == "JWT",
            tuple(one["Fn::Sub"].replace("${ResourceServer}", server["Identifier"]) for one in route.get(_SCOPES, ())),
        )
        for route in of_type(template, "AWS::ApiGatewayV2::Route").values()
    ]
    return HttpApi(routes, _cors(template, parameters or {}))


def _cors(template: Template, parameters: Mapping[str, str]) -> gateway.Cors:
    (api,) = of_type(template, "AWS::ApiGatewayV2::Api").values()
    configured = api["CorsConfiguration"]
    parameter = configured["AllowOrigins"]["Ref"]
    return gateway.Cors(
        origins=parameters.get(parameter, template["Parameters"][parameter]["Default"]).split(","),
        methods=configured["AllowMethods"],
        headers=configured["AllowHeaders"],
        exposed=configured["ExposeHeaders"],
        max_age=configured["MaxAge"],
    )


def access_token(name: str, *scopes: str, **claims: Any) -> str:
    """An access token of a client with our scopes; `claims` replace or remove (None) some of its own."""
    merged = gateway.claims(name, *scopes) | claims
    text = json.dumps({claim: value for claim, value in merged.items() if value is not None})
    return base64.urlsafe_b64encode(text.encode()).decode()


def _decoded(token: str) -> dict[str, Any]:
    try:
        claims = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise NotAuthorised(401) from None
    if not isinstance(claims, dict):
        raise NotAuthorised(401)
    return claims


def _parts(pattern: str) -> list[str]:
    return pattern.strip("/").split("/")
