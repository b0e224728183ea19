"""`make token`: an access token of a deployed stack for a machine's scopes.

Whoever asks needs leave to read the clients' secrets in Cognito; people sign in on Cognito's own pages instead."""

import argparse
import base64
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from functions.api.http.auth import RESOURCE_SERVER
from infra.stacks import Deployed, NoStack, emulator_endpoint, find

_SECONDS = 10
_OURS = f"{RESOURCE_SERVER}/"


class NoToken(Exception):
    """There is no token to be had; the message says why."""


class Client(NamedTuple):
    """A machine's app client, and its scopes of ours without their prefix."""

    id: str
    secret: str
    scopes: frozenset[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a token; 1 with one line on standard error if there is none."""
    parser = argparse.ArgumentParser(prog="make token", description=__doc__)
    parser.add_argument("--stage", help="stage of samconfig.toml: local, dev or prod")
    parser.add_argument("--stack", help="name of the stack, instead of a stage")
    parser.add_argument("--scopes", default="", help="scopes with blanks between them: operate, or supply:<dataset>")
    given = parser.parse_args(arguments)
    try:
        print(token(find(given.stage, given.stack), given.scopes.split()))
    except (NoToken, NoStack, ClientError, BotoCoreError) as error:
        print(f"make token: {error}", file=sys.stderr)
        return 1
    return 0


def token(stack: Deployed, scopes: Sequence[str]) -> str:
    """An access token with these scopes, of the client that has them and the fewest others; NoToken if none has."""
    clients = list(clients_of(stack))
    able = [client for client in clients if client.scopes >= set(scopes)]
    if not scopes or not able:
        kinds = "; ".join(sorted(" ".join(sorted(client.scopes)) for client in clients))
        raise NoToken(f'no client has all of these scopes. Say SCOPES="…" with some of one client\'s: {kinds}.')
    return _asked(stack, min(able, key=lambda client: len(client.scopes)), scopes)


def clients_of(stack: Deployed) -> Iterator[Client]:
    """The app clients by which machines get tokens."""
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    for page in cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool):
        for listed in page["UserPoolClients"]:
            told = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=listed["ClientId"])["UserPoolClient"]
            if "client_credentials" in told.get("AllowedOAuthFlows", ()):
                ours = {scope for scope in told["AllowedOAuthScopes"] if scope.startswith(_OURS)}
                named = frozenset(scope.removeprefix(_OURS) for scope in ours)
                yield Client(told["ClientId"], told["ClientSecret"], named)


def token_url(stack: Deployed) -> str:
    """Where the stack's clients ask for tokens: an emulator has no host of its own for that."""
    emulator = emulator_endpoint(stack.client("cognito-idp"))
    return f"{emulator}/oauth2/token" if emulator else stack.outputs["TokenUrl"]


def _asked(stack: Deployed, client: Client, scopes: Sequence[str]) -> str:
    wanted = urlencode({"grant_type": "client_credentials", "scope": " ".join(f"{_OURS}{scope}" for scope in scopes)})
    headers = {
        "Authorization": f"Basic {base64.b64encode(f'{client.id}:{client.secret}'.encode()).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    request = urllib.request.Request(token_url(stack), wanted.encode(), headers)  # noqa: S310 - https, or an emulator
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            told: dict[str, Any] = json.load(answer)
    except (urllib.error.URLError, OSError) as error:
        raise NoToken(f"{request.full_url} gave none: {error}") from None
    value: str = told["access_token"]
    return value


if __name__ == "__main__":
    sys.exit(main())
