"""Cognito's addresses, and each check of the tokens that it issues."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.api.http.auth import Caller
from functions.api.http.problems import SignInRefused
from functions.api.sign_in import cognito
from functions.api.sign_in.cognito import Issuer
from functions.api.sign_in.session import State

ISSUER = Issuer("https://cognito-idp.example/pool", "https://sign-in.example", "people")
CALLBACK = "https://api.example/signed-in"
NOW = 1_700_000_000.0
TIMES = {"iat": NOW - 1, "exp": NOW + 3_600}
ACCESS = {
    "iss": ISSUER.issuer,
    "client_id": "people",
    "token_use": "access",
    "sub": "0001",
    "username": "ann",
    "scope": "openid headroom/read",
    "cognito:groups": ["operators"],
    **TIMES,
}
IDENTITY = {"iss": ISSUER.issuer, "aud": "people", "token_use": "id", "sub": "0001", "nonce": "the nonce", **TIMES}


def token(claims: Any) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "signature"])


def checked(access: dict[str, Any] | None = None, identity: dict[str, Any] | None = None, **other: Any) -> Caller:
    changed = {"nonce": "the nonce", "now": NOW} | other
    return cognito.checked_caller(ISSUER, ACCESS | (access or {}), IDENTITY | (identity or {}), **changed)


def test_the_tokens_of_this_sign_in_name_the_user_and_the_groups() -> None:
    assert checked() == Caller("ann", frozenset({"read", "operate"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://cognito-idp.example/another"},
        {"iss": None},
        {"client_id": "another"},
        {"client_id": None, "aud": "people"},
        {"token_use": "id"},
        {"exp": NOW - 60},
        {"exp": None},
        {"exp": str(NOW + 60)},
        {"iat": NOW + 60},
        {"iat": None},
        {"sub": "0002"},
    ],
)
def test_an_access_token_that_is_not_for_this_client_now_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused):
        checked(access=wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://cognito-idp.example/another"},
        {"aud": "another"},
        {"aud": None, "client_id": "people"},
        {"token_use": "access"},
        {"exp": NOW - 60},
        {"iat": NOW + 60},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": "0002"},
    ],
)
def test_an_id_token_that_is_not_of_this_sign_in_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused):
        checked(identity=wrong)


def test_neither_a_nonce_nor_a_user_may_be_missing_on_both_sides() -> None:
    with pytest.raises(SignInRefused):
        checked(identity={"nonce": ""}, nonce="")
    with pytest.raises(SignInRefused):
        checked(access={"sub": None}, identity={"sub": None})


def test_clocks_may_differ_by_less_than_a_minute() -> None:
    late = {"exp": NOW - 59}
    early = {"iat": NOW + 59}
    assert checked(access=late, identity=late).name == "ann"
    assert checked(access=early, identity=early).name == "ann"


def test_the_address_asks_for_a_code_with_a_proof() -> None:
    state = State("the state", "the nonce", "v" * 43, "/", 0)
    address = urlsplit(cognito.authorize_address(ISSUER, CALLBACK, state))
    assert (address.scheme, address.netloc, address.path) == ("https", "sign-in.example", "/oauth2/authorize")
    digest = hashlib.sha256(b"v" * 43).digest()
    assert {name: value for name, (value,) in parse_qs(address.query).items()} == {
        "response_type": "code",
        "client_id": "people",
        "redirect_uri": CALLBACK,
        "scope": "openid headroom/read",
        "state": "the state",
        "nonce": "the nonce",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }


def test_the_code_is_exchanged_with_the_verifier() -> None:
    sent: list[Any] = []

    def fetch(address: str, form: Any) -> dict[str, Any]:
        sent.append((address, form))
        return {"access_token": token(ACCESS), "id_token": token(IDENTITY)}

    assert cognito.exchange(ISSUER, fetch, "the code", CALLBACK, "the verifier") == (ACCESS, IDENTITY)
    form = {
        "grant_type": "authorization_code",
        "client_id": "people",
        "code": "the code",
        "redirect_uri": CALLBACK,
        "code_verifier": "the verifier",
    }
    assert sent == [("https://sign-in.example/oauth2/token", form)]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": token(ACCESS)},
        {"access_token": token(ACCESS), "id_token": "x.y"},
        {"access_token": token(ACCESS), "id_token": "a.@.c"},
        {"access_token": token([]), "id_token": token(IDENTITY)},
    ],
)
def test_an_answer_without_both_tokens_is_refused(answer: dict[str, str]) -> None:
    with pytest.raises(SignInRefused):
        cognito.exchange(ISSUER, lambda _address, _form: answer, "code", CALLBACK, "verifier")
