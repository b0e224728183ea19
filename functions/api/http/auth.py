"""Who asks, and what they may: what the gateway's JWT authorizer found out about a request's token.

The gateway checks signature, issuer, audience and times of a token; only what it handed on is looked at here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.api.http.problems import Forbidden, Unauthorised

READ, OPERATE, SUPPLY, RECEIPTS, ANY = "read", "operate", "supply", "receipts", "any"
"""What a route may ask for: `supply` is the scope of any dataset (which one, the view looks), `receipts` that or
`operate`, and `any` whatever scope of ours."""

RESOURCE_SERVER = "headroom"
"""Cognito writes a scope as `<resource server>/<scope>`; those of another server are none of ours."""

_SUPPLY = "supply:"
_OURS = f"{RESOURCE_SERVER}/"
_ENOUGH = {
    READ: (READ,),
    OPERATE: (OPERATE,),
    SUPPLY: (f"{_SUPPLY}<dataset>",),
    RECEIPTS: (f"{_SUPPLY}<dataset>", OPERATE),
    ANY: (READ, f"{_SUPPLY}<dataset>", OPERATE),
}


@dataclass(frozen=True)
class Caller:
    """A client or a user, and the scopes of its token; `name` is empty for a caller without one."""

    name: str = ""
    scopes: frozenset[str] = field(default_factory=frozenset)

    def may(self, scope: str) -> bool:
        """Whether the token has a scope."""
        return scope in self.scopes

    def datasets(self) -> frozenset[str]:
        """The datasets that the caller may supply."""
        named = (scope.removeprefix(_SUPPLY) for scope in self.scopes if scope.startswith(_SUPPLY))
        return frozenset(name for name in named if name)


def caller_of(event: Mapping[str, Any]) -> Caller:
    """The caller of a request; nobody where there was no token, or one that says who someone is and not what they may
    (an ID token: the gateway takes it, since its audience is right)."""
    authorizer = (event.get("requestContext") or {}).get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    if claims.get("token_use") != "access":
        return Caller()
    scopes = str(claims.get("scope") or "").split()
    return Caller(
        str(claims.get("username") or claims.get("client_id") or ""),
        frozenset(scope.removeprefix(_OURS) for scope in scopes if scope.startswith(_OURS)),
    )


def enough(scope: str) -> tuple[str, ...]:
    """The scopes of a token any one of which satisfies a route; KeyError for what no route may ask for."""
    return _ENOUGH[scope]


def authorise(caller: Caller, scope: str, open_read: bool) -> None:
    """Unauthorised for nobody, Forbidden for a caller whose token lacks what a route asks for. `open_read`: whether
    everybody may read."""
    if scope == READ and open_read:
        return
    if any(caller.datasets() if one.startswith(_SUPPLY) else caller.may(one) for one in enough(scope)):
        return
    lacking = " or ".join(enough(scope))
    if not caller.name:
        raise Unauthorised(f"This takes an access token with the scope {lacking}.", scope=lacking)
    raise Forbidden(f"The token lacks the scope {lacking}.", scope=lacking)
