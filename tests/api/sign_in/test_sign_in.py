"""Signing in and out, with an issuer in this process: what a browser is sent, and what it must bring back."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.api.handler import application
from functions.api.http.problems import SignInRefused
from functions.api.sign_in.cognito import Issuer
from functions.api.sign_in.sign_in import Answer303, SignIn, SignInSettings
from infra.local import gateway
from shared.aws.settings import ApiSettings
from shared.errors import Transient
from tests.support.api.published import Service

HOST = gateway.HOST
PAGE, OTHER = f"https://{HOST}", "https://headroom.example"
POOL = Issuer("https://cognito-idp.example/pool", "https://sign-in.example", "people")
START = datetime(2025, 1, 31, 23, 0, tzinfo=UTC)
KEY, NEWER = b"k" * 32, b"n" * 32


class Cognito:
    """The issuer: it gives a code to whoever comes to its page, and tokens for the code. `groups` are the user's."""

    def __init__(self) -> None:
        self.groups: list[str] = ["supply-eric_trust"]
        self.now, self.codes, self.down = START, dict[str, dict[str, str]](), False
        self.changed: dict[str, Any] = {}

    def sign_in(self, address: str) -> dict[str, str]:
        """Somebody signs in on the page; the query with which Cognito leads back."""
        asked = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def fetch(self, address: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        if self.down:
            raise Transient("Cognito did not answer")
        assert address == "https://sign-in.example/oauth2/token"
        asked = self.codes.pop(form["code"], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if asked is None or proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            raise SignInRefused("invalid_grant")
        at = self.now.timestamp()
        common = {"iss": POOL.issuer, "sub": "0001", "iat": at, "exp": at + 3_600}
        access = {"token_use": "access", "client_id": "people", "username": "ann", "scope": "openid headroom/read"}
        access |= {"cognito:groups": self.groups}
        identity = {"token_use": "id", "aud": "people", "nonce": asked["nonce"]} | self.changed
        return {"access_token": token(common | access), "id_token": token(common | identity)}


def token(claims: Any) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.signature"


class Browser:
    """The cookies that a browser keeps, and the stack that it talks to."""

    def __init__(self) -> None:
        self.cognito, self.cookies = Cognito(), dict[str, str]()
        self.keys: tuple[bytes, ...] = (KEY,)
        self.fetched: list[float] = []
        self.random = iter(range(1_000))
        settings = SignInSettings(POOL, (PAGE, OTHER))
        self.sign_in = SignIn(settings, self._keys, lambda: self.cognito.now, self._token, self.cognito.fetch)

    def _keys(self, seconds: float) -> tuple[bytes, ...]:
        self.fetched.append(seconds)
        return self.keys

    def _token(self, length: int) -> str:
        return f"{next(self.random):0{length}}"

    def take(self, answer: Answer303) -> str:
        """Keep the cookies of an answer; where it leads."""
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in cookie:
                del self.cookies[name]
        return answer.location

    def round_trip(self, next_path: str = "/trusts/RIL", host: str = HOST) -> str:
        query = self.cognito.sign_in(self.take(self.sign_in.start(next_path, host)))
        return self.take(self.sign_in.finish(query, self.cookies, host))


@pytest.fixture
def browser() -> Browser:
    return Browser()


def test_a_reader_signs_in_and_comes_back_to_the_page(browser: Browser) -> None:
    assert browser.round_trip("/trusts/RIL?category=estates") == f"{PAGE}/trusts/RIL?category=estates"
    assert [*browser.cookies] == ["__Host-session"]
    reader = browser.sign_in.reader(browser.cookies)
    assert reader is not None
    assert (reader.name, reader.scopes, reader.datasets()) == ("ann", {"read", "supply:eric_trust"}, {"eric_trust"})


def test_no_token_is_in_what_the_browser_keeps(browser: Browser) -> None:
    browser.round_trip()
    content = json.loads(base64.urlsafe_b64decode(browser.cookies["__Host-session"].split(".")[1] + "=="))
    assert content.keys() == {"name", "scopes", "issued", "expires"}


def test_each_page_of_the_client_is_come_back_to(browser: Browser) -> None:
    assert browser.round_trip("/", "headroom.example") == f"{OTHER}/"


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/\\evil.example", None])
def test_another_address_is_never_come_back_to(browser: Browser, path: Any) -> None:
    assert browser.round_trip(path) == f"{PAGE}/"


def test_an_address_that_is_not_registered_offers_no_sign_in(browser: Browser) -> None:
    for host in ("evil.example", "127.0.0.1:4566", ""):
        with pytest.raises(SignInRefused, match=f"Use {PAGE}, {OTHER}"):
            browser.sign_in.start("/", host)


def test_each_sign_in_has_a_state_a_nonce_and_a_proof_of_its_own(browser: Browser) -> None:
    queries = [parse_qs(urlsplit(browser.take(browser.sign_in.start("/", HOST))).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert queries[0][name] != queries[1][name]
    assert len({queries[0][name][0] for name in ("state", "nonce")}) == 2


def test_a_code_without_the_cookie_of_this_browser_is_refused(browser: Browser) -> None:
    """Somebody else's link to /signed-in must not sign one in as them."""
    query = browser.cognito.sign_in(browser.take(browser.sign_in.start("/", HOST)))
    with pytest.raises(SignInRefused, match="another browser"):
        browser.sign_in.finish(query, {}, HOST)
    other = Browser()
    other.take(other.sign_in.start("/", HOST))
    other.random = iter(range(500, 600))
    theirs = other.cognito.sign_in(other.take(other.sign_in.start("/", HOST)))
    with pytest.raises(SignInRefused, match="not the sign-in"):
        browser.sign_in.finish(theirs, browser.cookies, HOST)
    assert browser.sign_in.reader(browser.cookies) is None


@pytest.mark.parametrize("changed", [{"state": "x"}, {"state": ""}, {"code": ""}, {"code": "stolen"}])
def test_what_cognito_did_not_send_is_refused(browser: Browser, changed: dict[str, str]) -> None:
    query = browser.cognito.sign_in(browser.take(browser.sign_in.start("/", HOST)))
    with pytest.raises(SignInRefused):
        browser.sign_in.finish(query | changed, browser.cookies, HOST)


def test_a_refusal_of_cognito_is_told_and_not_repeated(browser: Browser) -> None:
    query = browser.cognito.sign_in(browser.take(browser.sign_in.start("/", HOST)))
    refused = {"state": query["state"], "error": "access_denied", "error_description": "<script>"}
    with pytest.raises(SignInRefused, match=r"^Cognito did not sign you in\.$"):
        browser.sign_in.finish(refused, browser.cookies, HOST)


def test_a_sign_in_ends_after_ten_minutes(browser: Browser) -> None:
    query = browser.cognito.sign_in(browser.take(browser.sign_in.start("/", HOST)))
    browser.cognito.now += timedelta(minutes=10)
    with pytest.raises(SignInRefused, match="took too long"):
        browser.sign_in.finish(query, browser.cookies, HOST)


def test_a_token_of_another_sign_in_is_refused(browser: Browser) -> None:
    browser.cognito.changed = {"nonce": "another"}
    with pytest.raises(SignInRefused, match="does not fit"):
        browser.round_trip()


def test_if_cognito_does_not_answer_the_reader_may_try_again(browser: Browser) -> None:
    query = browser.cognito.sign_in(browser.take(browser.sign_in.start("/", HOST)))
    browser.cognito.down = True
    with pytest.raises(Transient):
        browser.sign_in.finish(query, browser.cookies, HOST)
    browser.cognito.down = False
    browser.take(browser.sign_in.finish(query, browser.cookies, HOST))
    assert browser.sign_in.reader(browser.cookies) is not None


def test_somebody_with_too_many_groups_is_told_so(browser: Browser) -> None:
    browser.cognito.groups = [f"supply-a_long_name_of_a_dataset_{n}" for n in range(100)]
    with pytest.raises(SignInRefused, match="too many groups"):
        browser.round_trip()


def test_a_session_ends_after_an_hour(browser: Browser) -> None:
    browser.round_trip()
    browser.cognito.now += timedelta(seconds=3_599)
    assert browser.sign_in.reader(browser.cookies) is not None
    browser.cognito.now += timedelta(seconds=1)
    assert browser.sign_in.reader(browser.cookies) is None


def test_a_session_outlives_one_change_of_the_key_and_not_two(browser: Browser) -> None:
    browser.round_trip()
    browser.keys = (NEWER, KEY)
    assert browser.sign_in.reader(browser.cookies) is not None
    browser.keys = (b"m" * 32, NEWER)
    assert browser.sign_in.reader(browser.cookies) is None


def test_keys_are_read_anew_for_a_session_that_they_do_not_fit(browser: Browser) -> None:
    """Another process may have signed it with a key that came since."""
    browser.keys = (NEWER, KEY)
    browser.round_trip()
    sign_in = SignIn(
        SignInSettings(POOL, (PAGE,)),
        lambda seconds: (KEY,) if seconds > 60 else (NEWER, KEY),
        lambda: browser.cognito.now,
    )
    assert sign_in.reader(browser.cookies) is not None


def test_without_a_cookie_no_key_is_read(browser: Browser) -> None:
    assert browser.sign_in.reader({}) is None
    assert browser.sign_in.reader({"__Host-session": "", "other": "1"}) is None
    assert browser.fetched == []


def test_signing_out_ends_both_sessions(browser: Browser) -> None:
    browser.round_trip()
    address = urlsplit(browser.take(browser.sign_in.leave(HOST)))
    assert browser.cookies == {}
    assert address[:3] == ("https", "sign-in.example", "/logout")
    assert parse_qs(address.query) == {"client_id": ["people"], "logout_uri": [f"{PAGE}/sign-out"]}
    assert browser.sign_in.form_action == "https://sign-in.example"


def over_http(browser: Browser, method: str, path: str, query: Any = None, **headers: str) -> dict[str, Any]:
    service = Service()
    app = application(service.releases, service.context, open_read=False, sign_in=lambda: browser.sign_in)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"cookie": cookies}
    answer: dict[str, Any] = app.resolve(gateway.event(method, path, query, sent), object())
    return answer


def test_the_addresses_answer_with_redirects_and_cookies_that_nobody_caches(browser: Browser) -> None:
    began = over_http(browser, "GET", "/sign-in", {"next": "/supply"})
    location = browser.take(Answer303(began["headers"]["Location"], tuple(began["cookies"])))
    query = browser.cognito.sign_in(location)
    finished = over_http(browser, "GET", "/signed-in", query)
    assert browser.take(Answer303(finished["headers"]["Location"], tuple(finished["cookies"]))) == f"{PAGE}/supply"
    assert browser.sign_in.reader(browser.cookies) is not None
    for answer in (began, finished):
        assert (answer["statusCode"], answer["headers"]["Cache-Control"]) == (303, "no-store")
    refused = over_http(browser, "GET", "/signed-in", query)
    assert (refused["statusCode"], refused["cookies"]) == (400, [])


def test_only_a_page_of_the_client_signs_out(browser: Browser) -> None:
    browser.round_trip()
    for site in ("cross-site", "same-site", "none"):
        assert over_http(browser, "POST", "/sign-out", sec_fetch_site=site)["statusCode"] == 403
    left = over_http(browser, "POST", "/sign-out", sec_fetch_site="same-origin")
    assert left["statusCode"] == 303
    assert [cookie.partition(";")[0] for cookie in left["cookies"]] == ["__Host-session=", "__Host-sign-in="]


def test_a_stack_without_sign_in_has_none_of_its_addresses() -> None:
    buckets = {f"{name}_BUCKET": "b" for name in ("INCOMING", "LANDING", "DATA")}
    assert SignIn.of(ApiSettings.from_env(buckets), lambda: START) is None
    service = Service()
    assert service.get("/sign-in").status == 404
    with_it = {
        "PEOPLE_CLIENT_ID": "people",
        "USER_POOL_ISSUER": POOL.issuer,
        "SIGN_IN_DOMAIN": POOL.domain,
        "SESSION_KEY_SECRET": "key",
        "SIGN_IN_PAGES": f"{PAGE}, {OTHER}/",
    }
    assert ApiSettings.from_env(buckets | with_it).pages == (PAGE, OTHER)
    made = SignIn.of(ApiSettings.from_env(buckets | with_it), lambda: START)
    assert made is not None
    assert made.form_action == "https://sign-in.example"
