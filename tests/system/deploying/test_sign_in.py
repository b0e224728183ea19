"""Signing in on the emulator, at the level of HTTP: its sign-in page, groups, sessions, and signing out."""

import base64
import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from functions.api.sign_in.session import SESSION, STATE, Session, read_session
from infra.local.emulator import Emulator
from infra.stacks import Deployed, describe

PASSWORD = "Long enough 4 anybody!"


class Browser:
    """A browser: it keeps cookies, and knows that *.localhost is this machine. Secure cookies go there without TLS too,
    as in Chromium."""

    def __init__(self, http: httpx.Client, client: str) -> None:
        self.http, self.client = http, client
        self.cookies: dict[str, str] = {}

    def send(self, method: str, address: str, data: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        url = httpx.URL(address)
        ours = address.startswith(self.client)
        sent = {"host": url.netloc.decode()} | {name.replace("_", "-"): value for name, value in headers.items()}
        if ours and self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.http.request(method, url.copy_with(host="127.0.0.1"), data=data, headers=sent)
        for cookie in answer.headers.get_list("set-cookie") if ours else ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer


@pytest.fixture(scope="module")
def stack(emulator: Emulator) -> Deployed:
    return describe("headroom", emulator.client)


@pytest.fixture(scope="module")
def ann(stack: Deployed) -> str:
    """Somebody who operates and supplies one dataset."""
    cognito, pool = stack.client("cognito-idp"), {"UserPoolId": stack.outputs["UserPoolId"]}
    name = "ann@example.nhs.uk"
    cognito.admin_create_user(**pool, Username=name, TemporaryPassword=PASSWORD)
    cognito.admin_set_user_password(**pool, Username=name, Password=PASSWORD, Permanent=True)
    for group in ("operators", "supply-eric_trust"):
        cognito.admin_add_user_to_group(**pool, Username=name, GroupName=group)
    return name


@pytest.fixture
def browser(stack: Deployed) -> Iterator[Browser]:
    with httpx.Client(timeout=60) as http:
        yield Browser(http, stack.outputs["ApiUrl"])


def filled_in(browser: Browser, address: str, name: str) -> str:
    """Fill in the emulator's sign-in page; where it leads."""
    page = browser.send("GET", address)
    assert page.status_code == 200
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    form = {field: html.unescape(value) for field, value in fields} | {"username": name, "password": PASSWORD}
    location: str = browser.send("POST", f"{address.partition('/oauth2/')[0]}/login", form).headers["location"]
    return location


def keys_of(stack: Deployed) -> list[bytes]:
    resources = stack.client("cloudformation").describe_stack_resources(StackName=stack.name)["StackResources"]
    (secret,) = (one["PhysicalResourceId"] for one in resources if one["LogicalResourceId"] == "SessionKey")
    return [stack.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"].encode()]


def session_of(stack: Deployed, browser: Browser) -> Session:
    read = read_session(browser.cookies[SESSION], keys_of(stack), datetime.now(UTC))
    assert read is not None
    return read


def test_a_person_signs_in_with_groups_and_signs_out(stack: Deployed, browser: Browser, ann: str) -> None:
    began = browser.send("GET", f"{browser.client}/sign-in?next=/trusts%3Fq%3DA")
    assert (began.status_code, [*browser.cookies]) == (303, [STATE])
    back = filled_in(browser, began.headers["location"], ann)
    assert back.startswith(f"{browser.client}/signed-in?")
    finished = browser.send("GET", back)
    assert (finished.status_code, finished.headers["location"]) == (303, f"{browser.client}/trusts?q=A")
    assert [*browser.cookies] == [SESSION]
    read = session_of(stack, browser)
    assert (read.name, read.scopes) == (ann, ("operate", "read", "supply:eric_trust"))
    assert read.expires - read.issued == 3_600
    # the same code does not sign in twice
    assert browser.send("GET", back).status_code == 400
    assert browser.send("POST", f"{browser.client}/sign-out", sec_fetch_site="cross-site").status_code == 403
    left = browser.send("POST", f"{browser.client}/sign-out", sec_fetch_site="same-origin")
    assert (left.status_code, browser.cookies) == (303, {})
    logout = browser.send("GET", left.headers["location"])
    assert (logout.status_code, logout.headers["location"]) == (302, f"{browser.client}/sign-out")


def test_the_code_of_one_browser_signs_no_other_in(stack: Deployed, browser: Browser, ann: str) -> None:
    began = browser.send("GET", f"{browser.client}/sign-in")
    back = filled_in(browser, began.headers["location"], ann)
    other = Browser(browser.http, browser.client)
    assert other.send("GET", back).status_code == 400
    other.send("GET", f"{browser.client}/sign-in")
    assert other.send("GET", back).status_code == 400
    assert SESSION not in other.cookies


def test_at_an_address_that_cognito_does_not_know_nobody_signs_in(emulator: Emulator) -> None:
    answer = httpx.get(f"{emulator.api}/sign-in", timeout=60)
    assert answer.status_code == 400
    assert emulator.outputs["ApiUrl"] in answer.text


def test_a_persons_token_has_the_rights_of_groups_where_the_gateway_looks_at_no_scopes(
    stack: Deployed, browser: Browser, ann: str
) -> None:
    """The gateway itself knows scopes only, so it refuses operators' addresses; the client's pages use the session."""
    began = browser.send("GET", f"{browser.client}/sign-in")
    back = filled_in(browser, began.headers["location"], ann)
    content = browser.cookies[STATE].split(".")[1]
    verifier = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))["verifier"]
    traded = {
        "grant_type": "authorization_code",
        "client_id": stack.outputs["PeopleClientId"],
        "code": parse_qs(urlsplit(back).query)["code"][0],
        "redirect_uri": f"{browser.client}/signed-in",
        "code_verifier": verifier,
    }
    token = browser.send("POST", f"{began.headers['location'].partition('/oauth2/')[0]}/oauth2/token", traded).json()
    bearer = f"Bearer {token['access_token']}"
    me = browser.send("GET", f"{browser.client}/v1/me", authorization=bearer).json()
    assert me == {"name": ann, "scopes": ["operate", "read", "supply:eric_trust"], "datasets": ["eric_trust"]}
    assert browser.send("GET", f"{browser.client}/v1/receipts", authorization=bearer).status_code == 200
    assert browser.send("GET", f"{browser.client}/v1/feedback", authorization=bearer).status_code == 403
