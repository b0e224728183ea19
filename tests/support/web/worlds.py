"""What the pages are looked at on: releases served over HTTP on this machine, and small pages made by hand."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from functions.api.handler import application
from functions.api.sign_in.cognito import Issuer
from functions.api.sign_in.session import SECONDS, SESSION, Session, session_value, set_cookie
from functions.api.sign_in.sign_in import SignIn, SignInSettings
from functions.ingest.judge_landed import store_receipt
from infra.local.serve import Resolve
from tests.support.api.published import NOW, Service
from tests.support.api.receipts import REJECTED, receipt
from tests.support.api.whole import released
from tests.support.pages.comparison import OF_A_FILE, compare, tried
from tests.support.paths import SAMPLES

_KEY = b"k" * 32
_ISSUER = Issuer("https://issuer.example", "https://sign-in.example", "people")


SIGN_IN_AS = "/test-session"
"""Added to the pages: signs a visitor in who may do what `?scopes=operate+read` lists, without a user pool. Only a
browser's own answer to a header can set a cookie whose name begins with __Host-."""


def pages_of(service: Service) -> Resolve:
    """A service's whole API, pages included. Reading is open, and those who have a session are known."""
    sign_in = SignIn(SignInSettings(_ISSUER, ()), lambda _seconds: (_KEY,), lambda: NOW)
    app = application(service.releases, service.context, open_read=True, sign_in=lambda: sign_in)

    def resolve(event: dict[str, Any]) -> dict[str, Any]:
        if event["rawPath"] != SIGN_IN_AS:
            return app.resolve(event, object())
        scopes, now = event["queryStringParameters"]["scopes"].split(), int(NOW.timestamp())
        value = session_value(Session("Sam Example", tuple(scopes), now, now + SECONDS), _KEY)
        kept = {"cookies": [set_cookie(SESSION, value, SECONDS)], "headers": {"content-type": "text/html"}}
        # With an icon of its own, or the browser would ask for one.
        return {"statusCode": 200, "body": "<title>Signed in</title><link rel='icon' href='data:,'>"} | kept

    return resolve


def small() -> Service:
    """The release made by hand, with a preview of another."""
    service = Service()
    service.publish()
    service.preview()
    return service


def desk() -> Service:
    """The small one, its releases compared, with receipts and feedback: what suppliers and operators work on."""
    service = small()
    compare(service)
    for one in (receipt(1, "d/2019-20/a.csv"), REJECTED, tried("done", changes=OF_A_FILE)):
        store_receipt(service.store, one)
    service.post("/v1/feedback", {"about": {"opportunity_id": "cleaning_cost", "trust_code": "RAA"}, "text": "Why?"})
    return service


WORLDS: Mapping[str, Callable[[], Service]] = {
    "small": small,
    "desk": desk,
    "decided": small,
    "samples": lambda: released(SAMPLES),
    "empty": Service,
}
"""A release made by hand, the same with work for suppliers and operators, the same for one test that decides on it,
that of the sample files, and a store in which nothing has been published."""


class StaticPage(NamedTuple):
    """An answer made by hand."""

    body: str
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    policy: str = "default-src 'self'"


def static(pages: Mapping[str, StaticPage]) -> Resolve:
    """A site of such answers by their path; 404 for any other."""

    def resolve(event: dict[str, Any]) -> dict[str, Any]:
        page = pages.get(event["rawPath"], StaticPage("Not found", 404, "text/plain"))
        headers = {"content-type": page.media_type, "content-security-policy": page.policy}
        return {"statusCode": page.status, "headers": headers, "body": page.body}

    return resolve
