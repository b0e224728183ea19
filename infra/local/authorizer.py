"""The front of an HTTP API on this machine: routes, JWT authorizer and CORS, and access tokens as Cognito issues them.

What is checked, and in which order, is what API Gateway documents of its JWT authorizers; keys and pool are made here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from functions.api.http.auth import RESOURCE_SERVER
from infra.local import gateway
from infra.local.clock import MOMENT
from infra.template import Template, of_type, references, settled

ISSUER = "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_local"
_HOUR = 3600
_SCOPES = "AuthorizationScopes"


class Refused(Exception):
    """The gateway does not hand the request on; `status` is 401 or 403."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Route:
    """One route of the API: its key, whether it takes a token, and the scopes of which a token needs one, if any."""

    key: str
    takes_token: bool
    scopes: tuple[str, ...] = ()

    def matches(self, method: str, path: str) -> bool:
        """Whether it could be the one for a request."""
        wanted, _, pattern = self.key.partition(" ")
        parts = (
            ".+" if part.endswith("+}") else "[^/]+" if part[0] == "{" else re.escape(part) for part in _parts(pattern)
        )
        return wanted in (method, "ANY") and re.fullmatch("/" + "/".join(parts), path) is not None


def route_for(routes: Sequence[Route], method: str, path: str) -> Route:
    """The route that API Gateway takes: an exact one before a greedy one, and `$default` where there is none."""
    found = [route for route in routes if route.matches(method, path)]
    exact_first = sorted(found, key=lambda route: ("+}" in route.key, route.key.count("{")))
    return exact_first[0] if exact_first else next(route for route in routes if route.key == "$default")


@dataclass(frozen=True)
class Authorizer:
    """A JWT authorizer: whose tokens it takes, and for whom they must have been issued."""

    issuer: str
    audience: frozenset[str]
    keys: KeySet

    def claims(self, route: Route, headers: Mapping[str, str], now: float) -> dict[str, Any]:
        """The claims of a request's token; Refused if there is none or it does not do."""
        sent = {name.lower(): value for name, value in headers.items()}.get("authorization", "").strip()
        try:
            token = jwt.decode(re.sub("^bearer +", "", sent, flags=re.IGNORECASE), self.keys, algorithms=["RS256"])
        except (JoseError, ValueError):
            raise Refused(401) from None
        told = token.claims
        audience = told.get("aud", told.get("client_id"))
        if told.get("iss") != self.issuer or audience not in self.audience or "kid" not in token.header:
            raise Refused(401)
        if told.get("exp", 0) <= now or told.get("nbf", 0) > now or told.get("iat", 0) > now:
            raise Refused(401)
        if route.scopes and not set(route.scopes) & set(str(told.get("scope", "")).split()):
            raise Refused(403)
        return told


class Gateway(NamedTuple):
    """The routes of an HTTP API, its one authorizer, and its CORS configuration."""

    routes: Sequence[Route]
    authorizer: Authorizer
    cors: gateway.Cors

    def answer(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        now: datetime,
        function: Callable[[dict[str, Any] | None], gateway.Response],
    ) -> gateway.Response:
        """What a client gets. The function is called with the claims of the request's token, unless the gateway answers
        by itself."""
        if preflight := self.cors.preflight(method, headers):
            return preflight
        try:
            claims = self.admit(method, path, headers, now)
        except Refused as refused:
            return self.cors.added_to(gateway.refusal(refused.status), headers)
        return self.cors.added_to(function(claims), headers)

    def admit(self, method: str, path: str, headers: Mapping[str, str], now: datetime) -> dict[str, Any] | None:
        """The claims that are handed on with a request, None where its route takes no token; Refused."""
        route = route_for(self.routes, method.upper(), path)
        return self.authorizer.claims(route, headers, now.timestamp()) if route.takes_token else None


def of(template: Template, parameters: Mapping[str, str] | None = None) -> Gateway:
    """The gateway of an expanded template. A client's logical id stands for the id that Cognito would give it."""
    template = settled(template, parameters)
    (found,) = of_type(template, "AWS::ApiGatewayV2::Authorizer").values()
    (server,) = of_type(template, "AWS::Cognito::UserPoolResourceServer").values()
    audience = frozenset(references(found["JwtConfiguration"]["Audience"]))
    routes = [
        Route(
            route["RouteKey"],
            route["AuthorizationType"] == "JWT",
            tuple(one["Fn::Sub"].replace("${ResourceServer}", server["Identifier"]) for one in route.get(_SCOPES, ())),
        )
        for route in of_type(template, "AWS::ApiGatewayV2::Route").values()
    ]
    return Gateway(routes, Authorizer(ISSUER, audience, public_keys()), _cors(template, parameters or {}))


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


@cache
def signing_key(kid: str = "local") -> RSAKey:
    """A key pair of this process."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


def public_keys() -> KeySet:
    """What a pool shows of its key."""
    return KeySet([RSAKey.import_key(signing_key().as_dict(private=False))])


def access_token(
    client: str,
    *scopes: str,
    user: str | None = None,
    key: RSAKey | None = None,
    now: datetime = MOMENT,
    **other: Any,
) -> str:
    """An access token for a client, or for a user of it, issued `now`, good for an hour; `other` are claims to have
    instead."""
    issued = int(now.timestamp())
    ours = " ".join(f"{RESOURCE_SERVER}/{scope}" for scope in scopes)
    claims = {"iss": ISSUER, "sub": user or client, "client_id": client, "token_use": "access", "scope": ours}
    claims |= {"username": user} if user else {}
    header = {"alg": "RS256", "kid": "local"}
    told: dict[str, Any] = claims | {"iat": issued, "exp": issued + _HOUR, "jti": "local"} | other
    return jwt.encode(header, {name: claim for name, claim in told.items() if claim is not None}, key or signing_key())


def _parts(pattern: str) -> list[str]:
    return pattern.strip("/").split("/")
