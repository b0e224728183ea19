"""`headroom token`: an access token of a deployed stack for a machine.

It needs permission to read the clients' secrets in Cognito. People sign in on Cognito's own pages instead.
"""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from functions.api.http.auth import RESOURCE_SERVER
from infra.errors import CommandError
from infra.stacks import Deployed, emulator_endpoint

_SECONDS = 10
_OURS = f"{RESOURCE_SERVER}/"


class NoToken(CommandError):
    """There is no token; the message says why."""


class Client(NamedTuple):
    """A machine's app client, and its scopes of our resource server without their prefix."""

    id: str
    secret: str
    scopes: frozenset[str]


def token(stack: Deployed, scopes: Sequence[str]) -> str:
    """An access token with these scopes, from the client that has them and the fewest others. NoToken."""
    clients = list(clients_of(stack))
    able = [client for client in clients if client.scopes >= set(scopes)]
    if not scopes or not able:
        kinds = "; ".join(sorted(" ".join(sorted(client.scopes)) for client in clients))
        raise NoToken(f'no client has all of these scopes. Use --scopes "…" with scopes of one client: {kinds}.')
    return _requested(stack, min(able, key=lambda client: len(client.scopes)), scopes)


def clients_of(stack: Deployed) -> Iterator[Client]:
    """The app clients of machines."""
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    for page in cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool):
        for listed in page["UserPoolClients"]:
            client = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=listed["ClientId"])["UserPoolClient"]
            if "client_credentials" in client.get("AllowedOAuthFlows", ()):
                ours = {scope for scope in client["AllowedOAuthScopes"] if scope.startswith(_OURS)}
                named = frozenset(scope.removeprefix(_OURS) for scope in ours)
                yield Client(client["ClientId"], client["ClientSecret"], named)


def token_url(stack: Deployed) -> str:
    """The address from which clients get tokens. An emulator has no host of its own for it."""
    emulator = emulator_endpoint(stack.client("cognito-idp"))
    return f"{emulator}/oauth2/token" if emulator else stack.outputs["TokenUrl"]


def _requested(stack: Deployed, client: Client, scopes: Sequence[str]) -> str:
    body = urlencode({"grant_type": "client_credentials", "scope": " ".join(f"{_OURS}{scope}" for scope in scopes)})
    headers = {
        "Authorization": f"Basic {base64.b64encode(f'{client.id}:{client.secret}'.encode()).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    request = urllib.request.Request(token_url(stack), body.encode(), headers)  # noqa: S310 - https, or an emulator
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            response: dict[str, Any] = json.load(answer)
    except (urllib.error.URLError, OSError) as error:
        raise NoToken(f"{request.full_url} gave no token: {error}") from None
    value: str = response["access_token"]
    return value
