"""Cognito's pages and its token endpoint, and the checks of the tokens that it issues.

The signature of a token is not checked. The tokens come from the issuer itself, over TLS, in answer to a request of
this function (OpenID Connect Core, 3.1.3.7, point 6, permits this). A token that is sent to `/v1` comes by way of the
client, and API Gateway checks its signature.
"""

import base64
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from functions.api.http.auth import READ, RESOURCE_SERVER, Caller, caller_from
from functions.api.http.problems import SignInRefused
from functions.api.sign_in.session import State
from shared.errors import Transient

LEEWAY = 60
"""Seconds by which the clocks of Cognito and of this function may differ."""

_SECONDS = 4
_MOST_BYTES = 100_000

Claims = Mapping[str, Any]
Fetch = Callable[[str, Mapping[str, str]], Mapping[str, Any]]
"""POST a form to an address; the JSON object of the answer. SignInRefused if the address refused the form, Transient if
it did not answer."""


class Issuer(NamedTuple):
    """Where people sign in: the user pool's issuer, the address of its pages, and the client of people."""

    issuer: str
    domain: str
    client_id: str


def authorize_address(issuer: Issuer, callback: str, state: State) -> str:
    """The address at which Cognito asks a user to sign in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(state.verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": issuer.client_id,
        "redirect_uri": callback,
        "scope": f"openid {RESOURCE_SERVER}/{READ}",
        "state": state.state,
        "nonce": state.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{issuer.domain}/oauth2/authorize?{urlencode(query)}"


def logout_address(issuer: Issuer, afterwards: str) -> str:
    """The address that ends Cognito's own session and then leads to `afterwards`."""
    return f"{issuer.domain}/logout?{urlencode({'client_id': issuer.client_id, 'logout_uri': afterwards})}"


def exchange(issuer: Issuer, fetch: Fetch, code: str, callback: str, verifier: str) -> tuple[Claims, Claims]:
    """The claims of the access token and of the ID token that Cognito issues for a code. The tokens are not kept."""
    form = {
        "grant_type": "authorization_code",
        "client_id": issuer.client_id,
        "code": code,
        "redirect_uri": callback,
        "code_verifier": verifier,
    }
    answer = fetch(f"{issuer.domain}/oauth2/token", form)
    return _claims(answer.get("access_token")), _claims(answer.get("id_token"))


def checked_caller(issuer: Issuer, access: Claims, identity: Claims, nonce: str, now: float) -> Caller:
    """The user that the tokens are about. SignInRefused if they are of another issuer, client, use, user, sign-in
    or time. `now` is in seconds since 1970."""
    for claims, use, client in ((access, "access", "client_id"), (identity, "id", "aud")):
        _require(claims.get("iss") == issuer.issuer)
        _require(claims.get(client) == issuer.client_id)
        _require(claims.get("token_use") == use)
        _require(_number(claims, "exp") > now - LEEWAY)
        _require(_number(claims, "iat") < now + LEEWAY)
    _require(bool(nonce) and identity.get("nonce") == nonce)
    _require(bool(access.get("sub")) and access.get("sub") == identity.get("sub"))
    return caller_from(access, issuer.client_id)


def fetch(address: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    """POST a form; see `Fetch`. The address is Cognito's, from the settings."""
    request = urllib.request.Request(address, urlencode(form).encode())  # noqa: S310 - https, or an emulator
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
            answer = json.loads(response.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (400, 401):
                raise SignInRefused("Cognito did not accept this sign-in. Please sign in again.") from None
        raise Transient(f"Cognito answered {error.code}") from None
    except (OSError, ValueError) as error:
        raise Transient(f"Cognito did not answer: {type(error).__name__}") from None
    _require(isinstance(answer, dict))
    document: dict[str, Any] = answer
    return document


def _claims(token: Any) -> Claims:
    try:
        _, content, _ = str(token).split(".")
        claims = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    except ValueError:
        claims = None
    _require(isinstance(claims, dict))
    read: Claims = claims
    return read


def _number(claims: Claims, name: str) -> float:
    value = claims.get(name)
    _require(isinstance(value, int | float))
    return float(value or 0)


def _require(holds: bool) -> None:
    if not holds:
        raise SignInRefused("Cognito's answer does not fit this sign-in. Please sign in again.")
