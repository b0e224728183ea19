"""The caller of a request and its scopes, from the claims that API Gateway's JWT authorizer passes on.

The authorizer has already checked the token's signature, issuer, audience and times.

Cognito gives scopes to clients, not to users. A user's further rights are groups of the user pool, `operators` and
`supply-<dataset>`, which count as the scopes `operate` and `supply:<dataset>`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.api.http.problems import Forbidden, Unauthorised

READ, OPERATE, SUPPLY, RECEIPTS, ANY = "read", "operate", "supply", "receipts", "any"
"""What a route can require. `supply`: the scope of any dataset (the view checks which one). `receipts`: that or
`operate`. `any`: one of our scopes, whichever."""

RESOURCE_SERVER = "headroom"
"""Cognito writes a scope as `<resource server>/<scope>`. Scopes of other resource servers are ignored."""

OPERATORS, SUPPLIERS = "operators", "supply-"
"""The group of operators, and how the group of a dataset's suppliers begins."""

_SUPPLY = "supply:"
_OURS = f"{RESOURCE_SERVER}/"
_SUFFICIENT = {
    READ: (READ,),
    OPERATE: (OPERATE,),
    SUPPLY: (f"{_SUPPLY}<dataset>",),
    RECEIPTS: (f"{_SUPPLY}<dataset>", OPERATE),
    ANY: (READ, f"{_SUPPLY}<dataset>", OPERATE),
}


@dataclass(frozen=True)
class Caller:
    """A client or a user, and the scopes of its token; `name` is empty if the request has no access token."""

    name: str = ""
    scopes: frozenset[str] = field(default_factory=frozenset)

    def may(self, scope: str) -> bool:
        """Whether the token has a scope."""
        return scope in self.scopes

    def datasets(self) -> frozenset[str]:
        """The datasets for which the caller may land files."""
        names = (scope.removeprefix(_SUPPLY) for scope in self.scopes if scope.startswith(_SUPPLY))
        return frozenset(name for name in names if name)


def caller_of(event: Mapping[str, Any], people_client: str = "") -> Caller:
    """The caller of a request, without name and scopes if it has no access token; see `caller_from`."""
    authorizer = (event.get("requestContext") or {}).get("authorizer") or {}
    return caller_from((authorizer.get("jwt") or {}).get("claims") or {}, people_client)


def caller_from(claims: Mapping[str, Any], people_client: str) -> Caller:
    """The caller from the checked claims of a token. An ID token counts as none: the authorizer accepts it, because its
    audience is right, but it carries no scopes.

    `people_client` is the id of the client with which people sign in (empty if there is none). Groups count for its
    tokens only.
    """
    if claims.get("token_use") != "access":
        return Caller()
    scopes = {scope.removeprefix(_OURS) for scope in str(claims.get("scope") or "").split() if scope.startswith(_OURS)}
    if people_client and claims.get("client_id") == people_client:
        scopes |= _scopes_of_groups(claims.get("cognito:groups") or ())
    return Caller(str(claims.get("username") or claims.get("client_id") or ""), frozenset(scopes))


def group_of(dataset: str) -> str:
    """The group of the people who supply a dataset."""
    return f"{SUPPLIERS}{dataset}"


def _scopes_of_groups(groups: str | Iterable[str]) -> set[str]:
    """API Gateway writes a list as text, `[operators supply-beds]`; in a token it is a list. The name of a group has no
    blanks, but may have commas and brackets."""
    names = groups.removeprefix("[").removesuffix("]").split() if isinstance(groups, str) else groups
    scopes = set()
    for name in names:
        if name == OPERATORS:
            scopes.add(OPERATE)
        elif name.startswith(SUPPLIERS) and name != SUPPLIERS:
            scopes.add(_SUPPLY + name.removeprefix(SUPPLIERS))
    return scopes


def sufficient_scopes(scope: str) -> tuple[str, ...]:
    """The token scopes, any one of which is sufficient for a route's `scope`; KeyError for an unknown `scope`."""
    return _SUFFICIENT[scope]


def authorise(caller: Caller, scope: str, open_read: bool) -> None:
    """Unauthorised without a token, Forbidden if the token lacks the route's scope. `open_read`: whether reading needs
    no token."""
    if scope == READ and open_read:
        return
    if any(caller.datasets() if one.startswith(_SUPPLY) else caller.may(one) for one in sufficient_scopes(scope)):
        return
    required = " or ".join(sufficient_scopes(scope))
    if not caller.name:
        raise Unauthorised(f"An access token with the scope {required} is required.", scope=required)
    raise Forbidden(f"The token lacks the scope {required}.", scope=required)
