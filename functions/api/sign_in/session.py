"""What the web client keeps in cookies: who has signed in, and what a sign-in that is under way must bring back.

A value is `v1.<content>.<signature>`: JSON in base64, and its HMAC-SHA256 with the stack's key. The signature also
covers what the value is for, so that one kind cannot be used as the other. Nothing is encrypted: a user may read the
own cookies, and scripts cannot, because the cookies are HttpOnly.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from functions.api.http.auth import Caller

SECONDS, STATE_SECONDS = 3_600, 600
"""How long a session lasts, and how long a user has for signing in."""

SESSION, STATE = "__Host-session", "__Host-sign-in"
"""The names of the cookies. Browsers keep such a name only from its own host, over TLS and for all paths."""

LONGEST = 4_000
"""Characters of a cookie's value. Browsers keep 4,096 bytes with the name and the attributes."""

_VERSION = "v1"


@dataclass(frozen=True)
class Session:
    """Somebody who has signed in. Times are in seconds since 1970."""

    name: str
    scopes: tuple[str, ...]
    issued: int
    expires: int

    @property
    def caller(self) -> Caller:
        """The caller that the session stands for."""
        return Caller(self.name, frozenset(self.scopes))


@dataclass(frozen=True)
class State:
    """A sign-in that is under way: what Cognito must return, the PKCE verifier, and the page to show afterwards."""

    state: str
    nonce: str
    verifier: str
    next_path: str
    expires: int


def session_value(session: Session, key: bytes) -> str:
    """The cookie's value for a session; ValueError if it would be too long for a cookie."""
    value = _signed(SESSION, asdict(session), key)
    if len(value) > LONGEST:
        raise ValueError(f"a session with {len(session.scopes)} scopes is too long for a cookie")
    return value


def read_session(value: str, keys: Iterable[bytes], now: datetime) -> Session | None:
    """The session of a cookie's value; None if none of the keys signed it, or if it has expired."""
    content = _verified(SESSION, value, keys)
    if content is None:
        return None
    session = Session(**content | {"scopes": tuple(content["scopes"])})
    return session if now.timestamp() < session.expires else None


def state_value(state: State, key: bytes) -> str:
    """The cookie's value for a sign-in that is under way."""
    return _signed(STATE, asdict(state), key)


def read_state(value: str, keys: Iterable[bytes], now: datetime) -> State | None:
    """The sign-in of a cookie's value; None if none of the keys signed it, or if its time is over."""
    content = _verified(STATE, value, keys)
    if content is None:
        return None
    state = State(**content)
    return state if now.timestamp() < state.expires else None


def same(sent: str, expected: str) -> bool:
    """Whether two texts are the same, found in a time that does not depend on where they differ."""
    return hmac.compare_digest(sent.encode(errors="replace"), expected.encode())


def set_cookie(name: str, value: str, seconds: int) -> str:
    """The header Set-Cookie. Lax: a link from another site leads into the session, a form of another site does not."""
    return f"{name}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Lax"


def clear_cookie(name: str) -> str:
    """The header Set-Cookie that deletes a cookie."""
    return set_cookie(name, "", 0)


def _signed(purpose: str, content: dict[str, Any], key: bytes) -> str:
    text = json.dumps(content, separators=(",", ":"))
    body = f"{_VERSION}.{_encoded(text.encode())}"
    return f"{body}.{_signature(purpose, body, key)}"


def _verified(purpose: str, value: str, keys: Iterable[bytes]) -> dict[str, Any] | None:
    """The content of a value, which is read only after its signature was found right."""
    body, _, signature = value.rpartition(".")
    version, _, content = body.partition(".")
    right = [same(signature, _signature(purpose, body, key)) for key in keys]
    if version != _VERSION or not any(right):
        return None
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    return read


def _signature(purpose: str, body: str, key: bytes) -> str:
    return _encoded(hmac.digest(key, f"{purpose}.{body}".encode(errors="replace"), hashlib.sha256))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
