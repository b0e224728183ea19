"""Pages where people sign in: who may see what, what happens when a session has ended, and forms of other sites."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import lxml.html
import pytest

from tests.support.api.published import NOW, Service
from tests.support.api.signed_in import ISSUER, PAGE, cookie, with_sign_in

FORM = {"sec-fetch-site": "same-origin"}


def post(service: Service, path: str, fields: dict[str, str], **headers: str):  # type: ignore[no-untyped-def]
    return service.get(path, None, "POST", urlencode(fields).encode(), **headers)


def test_who_may_not_read_is_led_to_sign_in_and_back(service: Service) -> None:
    with_sign_in(service)
    led = service.get("/trusts/RAA", {"show": "staff", "category": "a&b"})
    assert led.status == 303
    assert led.headers["cache-control"] == "no-store"
    address, _, query = led.headers["location"].partition("?")
    assert address == "../sign-in"  # from /trusts/RAA
    assert parse_qs(query) == {"next": ["/trusts/RAA?show=staff&category=a%26b"]}
    begun = service.get("/sign-in", {"next": "/trusts/RAA"})
    assert begun.status == 303
    assert begun.headers["location"].startswith(f"{ISSUER.domain}/oauth2/authorize?")
    (kept,) = begun.cookies
    assert kept.startswith("__Host-sign-in=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {*kept.split("; ")}


def test_who_signs_in_on_an_open_page_comes_back_to_it(service: Service) -> None:
    with_sign_in(service, open_read=True)
    page = lxml.html.fromstring(service.get("/trusts/RAA/peers", {"group": "estate_type"}).text)
    (link,) = page.xpath("//a[@class='signed']/@href")
    assert parse_qs(urlsplit(link).query) == {"next": ["/trusts/RAA/peers?group=estate_type"]}


def test_who_has_signed_in_reads_and_nobody_else_keeps_the_page(service: Service) -> None:
    with_sign_in(service)
    page = service.get("/trusts", cookie=cookie("ann", "read"))
    assert page.status == 200
    assert page.headers["cache-control"] == "private, no-cache"
    assert lxml.html.fromstring(page.text).xpath("//form[@class='signed']//span/text()") == ["ann"]
    assert ISSUER.domain in page.headers["content-security-policy"]
    other = service.get("/trusts", cookie=cookie("bob", "read"))
    assert other.headers["etag"] != page.headers["etag"]


def test_a_session_ends_and_a_forged_one_is_none(service: Service) -> None:
    with_sign_in(service)
    old = cookie("ann", "read", now=NOW - timedelta(hours=1, seconds=1))
    forged = cookie("ann", "read")[:-2] + "xx"
    assert [service.get("/trusts", cookie=one).status for one in (old, forged)] == [303, 303]


def test_the_session_opens_no_endpoint_of_the_api(service: Service) -> None:
    with_sign_in(service)
    assert service.get("/v1/trusts", cookie=cookie("ann", "read", "operate")).status == 401


def test_a_page_for_others_says_so(service: Service) -> None:
    with_sign_in(service)
    assert service.get("/operate", cookie=cookie("ann", "read")).status == 403
    assert service.get("/operate", cookie=cookie("olga", "read", "operate")).status == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
def test_a_form_of_another_site_changes_nothing(service: Service, headers: dict[str, str]) -> None:
    before = dict(service.store.objects)
    sent = post(service, "/feedback", {"text": "hello"}, **headers)
    assert sent.status == 403
    assert service.store.objects == before
    assert post(service, "/feedback", {"text": "hello"}, **FORM).status == 200
    assert service.store.objects != before


def test_what_was_written_when_the_session_ended_is_shown_again(service: Service) -> None:
    with_sign_in(service)
    before = dict(service.store.objects)
    text = "<b>Our cleaning figure leaves out the new wing, which opened in May & is large.</b>"
    page = post(service, "/feedback", {"text": text, "trust": "RAA"}, **FORM)
    assert page.status == 401
    form = lxml.html.fromstring(page.text).xpath("//main//form")[0]
    assert dict(form.form_values()) == {"text": text, "trust": "RAA"}
    assert form.get("action") == "feedback"
    assert service.store.objects == before


def test_signing_out_clears_both_cookies_and_leads_through_the_user_pool(service: Service) -> None:
    with_sign_in(service)
    assert post(service, "/sign-out", {}).status == 403
    left = post(service, "/sign-out", {}, **FORM)
    assert left.status == 303
    target = urlsplit(left.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == f"{ISSUER.domain}/logout"
    assert parse_qs(target.query)["logout_uri"] == [f"{PAGE}/sign-out"]
    assert all("Max-Age=0" in one for one in left.cookies)
    assert "You are signed out" in service.get("/sign-out").text


def test_a_sign_in_that_nobody_began_is_a_page(service: Service) -> None:
    with_sign_in(service)
    page = service.get("/signed-in", {"code": "c", "state": "s"})
    assert (page.status, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "Please sign in again" in page.text
    assert page.cookies == ()


def test_without_sign_in_a_closed_stage_says_so(service: Service) -> None:
    from functions.api.handler import application

    service.app = application(service.releases, service.context, open_read=False)
    assert service.get("/trusts").status == 401
    assert service.get("/sign-in", accept="text/html").status == 404
