"""The pages of a stack on which people sign in, and the cookie of somebody who has."""

from datetime import datetime

from functions.api.handler import application
from functions.api.sign_in import session
from functions.api.sign_in.cognito import Fetch, Issuer
from functions.api.sign_in.sign_in import SignIn, SignInSettings
from tests.support.api.published import NOW, Service

HOST = "local.execute-api.localhost"
PAGE = f"https://{HOST}"
ISSUER = Issuer("https://issuer.example/pool", "https://sign-in.example", "people")
KEY = b"0123456789abcdef0123456789abcdef"


def _unreachable(address: str, _form: object) -> dict[str, str]:
    raise AssertionError(f"{address} was asked")


def with_sign_in(
    service: Service, *, open_read: bool = False, now: datetime = NOW, fetch: Fetch = _unreachable
) -> SignIn:
    """Let people sign in to a service's pages; reading is closed unless `open_read`."""
    numbers = iter(range(1_000_000))
    sign_in = SignIn(
        SignInSettings(ISSUER, (PAGE,)), lambda _seconds: (KEY,), lambda: now, lambda _bytes: f"r{next(numbers)}", fetch
    )
    service.app = application(service.releases, service.context, open_read=open_read, sign_in=lambda: sign_in)
    return sign_in


def cookie(name: str, *scopes: str, now: datetime = NOW) -> str:
    """The header Cookie of somebody who signed in at a moment."""
    at = int(now.timestamp())
    made = session.Session(name, tuple(sorted(scopes)), at, at + session.SECONDS)
    return f"{session.SESSION}={session.session_value(made, KEY)}"
