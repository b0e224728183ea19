"""Signing in and out of the web client: a session on the server's side of a cookie, so that no script has a token."""

from collections.abc import Callable, Mapping
from datetime import datetime
from secrets import token_urlsafe
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from functions.api.http.auth import Caller
from functions.api.http.own_pages import local_path, page_at
from functions.api.http.problems import SignInRefused
from functions.api.sign_in import cognito, session
from functions.api.sign_in.cognito import Fetch, Issuer
from functions.api.sign_in.session import SESSION, STATE, Session, State
from shared.aws.secrets import Secret
from shared.aws.settings import ApiSettings

HOME, START, CALLBACK, SIGNED_OUT = "/", "/sign-in", "/signed-in", "/sign-out"
"""Paths of the client: its first page, where signing in begins, and where Cognito returns after signing in and out."""

_RANDOM_BYTES = 32
_KEPT_SECONDS, _AT_MOST_SECONDS = 600.0, 30.0
"""How old the keys may be that are kept, and how old if they do not fit a session, which may have a newer key."""

Keys = Callable[[float], tuple[bytes, ...]]
"""The current key and the previous one, if there is one, read within so many seconds."""


class Answer303(NamedTuple):
    """A redirect, with values of Set-Cookie."""

    location: str
    cookies: tuple[str, ...]


class SignInSettings(NamedTuple):
    """Where people sign in, and the addresses of the client (without a slash at their end)."""

    issuer: Issuer
    pages: tuple[str, ...]


class SignIn:
    """Sign-in for one stack. Making it reaches nothing: the keys are read when they are first needed."""

    def __init__(
        self,
        settings: SignInSettings,
        keys: Keys,
        clock: Callable[[], datetime],
        token: Callable[[int], str] = token_urlsafe,
        fetch: Fetch = cognito.fetch,
    ) -> None:
        self._issuer, self._pages = settings
        self._keys, self._clock, self._token, self._fetch = keys, clock, token, fetch

    @classmethod
    def of(cls, settings: ApiSettings, clock: Callable[[], datetime]) -> Self | None:
        """Sign-in as the function's settings have it; None if they have none."""
        if not (settings.people_client and settings.session_key):
            return None
        issuer = Issuer(settings.user_pool_issuer, settings.sign_in_domain, settings.people_client)
        return cls(SignInSettings(issuer, settings.pages), Secret(settings.session_key).values, clock)

    @property
    def form_action(self) -> str:
        """The origin of Cognito's pages. A browser applies the policy's form-action to redirects of a form too."""
        return "{0.scheme}://{0.netloc}".format(urlsplit(self._issuer.domain))

    def start(self, next_path: str | None, host: str) -> Answer303:
        """Lead to Cognito's page; afterwards to `next_path` if that is a path of the client, else to its first page."""
        state = State(
            self._token(_RANDOM_BYTES),
            self._token(_RANDOM_BYTES),
            self._token(_RANDOM_BYTES),
            local_path(next_path) or HOME,
            int(self._clock().timestamp()) + session.STATE_SECONDS,
        )
        address = cognito.authorize_address(self._issuer, self._page(host) + CALLBACK, state)
        value = session.state_value(state, self._keys(_KEPT_SECONDS)[0])
        return Answer303(address, (session.set_cookie(STATE, value, session.STATE_SECONDS),))

    def finish(self, query: Mapping[str, str], cookies: Mapping[str, str], host: str) -> Answer303:
        """Complete a sign-in with what Cognito has returned. SignInRefused if it does not belong to this browser."""
        page, now = self._page(host), self._clock()
        state = self._read(session.read_state, cookies.get(STATE, ""), now)
        if state is None:
            raise SignInRefused("This sign-in took too long, or was begun in another browser. Please sign in again.")
        if not session.same(query.get("state", ""), state.state):
            raise SignInRefused("This is not the sign-in that was begun last in this browser. Please sign in again.")
        if not query.get("code"):
            raise SignInRefused("Cognito did not sign you in.")
        code = query["code"]
        access, identity = cognito.exchange(self._issuer, self._fetch, code, page + CALLBACK, state.verifier)
        caller = cognito.checked_caller(self._issuer, access, identity, state.nonce, now.timestamp())
        issued = int(now.timestamp())
        made = Session(caller.name, tuple(sorted(caller.scopes)), issued, issued + session.SECONDS)
        try:
            value = session.session_value(made, self._keys(_KEPT_SECONDS)[0])
        except ValueError:
            raise SignInRefused("You are in too many groups. Ask an operator to give you another account.") from None
        kept = session.set_cookie(SESSION, value, session.SECONDS)
        return Answer303(page + state.next_path, (kept, session.clear_cookie(STATE)))

    def leave(self, host: str) -> Answer303:
        """End the session here and at Cognito, which leads back to the page SIGNED_OUT."""
        address = cognito.logout_address(self._issuer, self._page(host) + SIGNED_OUT)
        return Answer303(address, (session.clear_cookie(SESSION), session.clear_cookie(STATE)))

    def reader(self, cookies: Mapping[str, str]) -> Caller | None:
        """Who has signed in; None without a session, or if it has ended. Keys are read only if there is a cookie."""
        value = cookies.get(SESSION, "")
        found = self._read(session.read_session, value, self._clock()) if value else None
        return found.caller if found else None

    def _read[T](
        self, read: Callable[[str, tuple[bytes, ...], datetime], T | None], value: str, now: datetime
    ) -> T | None:
        """Read a signed value with the keys that are kept or, if they do not fit, with newer ones: another process may
        have signed it with a key that is newer."""
        for seconds in (_KEPT_SECONDS, _AT_MOST_SECONDS):
            if (found := read(value, self._keys(seconds), now)) is not None:
                return found
        return None

    def _page(self, host: str) -> str:
        page = page_at(self._pages, host)
        if page is None:
            known = ", ".join(self._pages)
            raise SignInRefused(f"You cannot sign in at this address. Use {known}.")
        return page
