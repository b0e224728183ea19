"""Pages over HTTP: their headers, what a browser may keep, redirects, and the pages that stand in for another."""

import re

import lxml.html
import pytest

from functions.api import serve_pages
from functions.api.handler import application
from functions.api.release import Releases
from functions.api.sign_in.cognito import Issuer
from functions.api.sign_in.session import SESSION
from functions.api.sign_in.sign_in import SignIn, SignInSettings
from shared.aws.store import Store, Stored
from shared.errors import Transient
from tests.support.api.published import NEXT, NOW, RELEASE, Service
from tests.support.pages.visitors import Visitor

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def links(text: str) -> list[str]:
    return [str(one) for one in lxml.html.fromstring(text).xpath("//a/@href")]


def test_a_page_may_run_its_own_style_and_script_and_nothing_else(service: Service) -> None:
    page = service.get("/")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'", "style-src": "'self'", "script-src": "'self'", "img-src": "'self' blob:",
        "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
    }  # fmt: skip
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert not re.search(r"<script(?! type=\"module\" src=)|<style| style=| on[a-z]+=", page.text)


def test_a_reader_who_has_a_page_need_not_get_it_again(service: Service) -> None:
    tag = service.get("/").headers["etag"]
    assert (service.get("/", if_none_match=tag).status, service.get("/", if_none_match='"x"').status) == (304, 200)
    service.publish("b" * 32, sequence=2)
    service.now = 10.0
    assert service.get("/", if_none_match=tag).status == 200
    pinned = service.get("/trusts", {"as_at": RELEASE}).headers["etag"]
    service.publish("c" * 32, sequence=3)
    service.now = 20.0
    assert service.get("/trusts", {"as_at": RELEASE}).headers["etag"] != pinned  # the page says which is the newest


def test_a_page_of_a_day_is_another_when_a_newer_release_is_out(service: Service) -> None:
    service.publish("b" * 32, sequence=2)
    tag = service.get("/trusts", {"as_at": "2025-01-01"}).headers["etag"]
    service.publish("c" * 32, sequence=3)
    service.now = 10.0
    page = service.get("/trusts", {"as_at": "2025-01-01"}, if_none_match=tag)
    assert page.status == 200
    assert "The newest is of 3 January 2025" in page.text


def test_a_tag_hides_no_fault(service: Service) -> None:
    assert service.get("/trusts", {"as_at": "f" * 32}, if_none_match="*", **PAGE).status == 404


def test_a_page_of_another_deployment_is_another(service: Service) -> None:
    tags = set()
    for build in ("1", "2"):
        service.app = application(service.releases, service.context, open_read=True, build=build)
        tags.add(service.get("/").headers["etag"])
    assert len(tags) == 2


def test_links_carry_the_release_that_the_address_names(service: Service) -> None:
    inside = [one for one in links(service.get("/trusts", {"as_at": RELEASE}).text) if one.startswith("trusts/")]
    assert inside
    assert all(one.endswith(f"?as_at={RELEASE}") for one in inside)
    assert not any("as_at" in one for one in links(service.get("/trusts").text) if one.startswith("trusts/"))
    moved = service.get("/trusts", {"q": "RAA", "as_at": RELEASE})
    assert (moved.status, moved.headers["location"]) == (303, f"trusts/RAA?as_at={RELEASE}")


def test_links_are_relative_to_the_depth_of_the_page(service: Service) -> None:
    start = service.get("/").text
    deep = service.get("/nothing/at/all", **PAGE).text
    assert {one for one in links(start) if one.endswith("opportunities")} == {"opportunities"}
    assert {one for one in links(deep) if one.endswith("opportunities")} == {"../../opportunities"}
    assert not any(one.startswith(("/", "http")) for one in [*links(start), *links(deep)])


def test_a_pinned_page_says_which_release_is_the_newest(service: Service) -> None:
    service.publish("b" * 32, sequence=2)
    service.now = 10.0
    bar = lxml.html.fromstring(service.get("/", {"as_at": RELEASE}).text).xpath("//*[@aria-label='Release']")[0]
    assert "You are looking at the release of 1 January 2025. The newest is of 2 January 2025" in bar.text_content()
    assert "You are looking" not in service.get("/").text


def test_a_preview_says_that_readers_cannot_see_it(service: Service) -> None:
    service.preview()
    assert "Readers cannot see this yet" in service.get("/", {"as_at": NEXT}).text


def test_before_the_first_release_the_start_says_so() -> None:
    start, inside = Service().get("/"), Service().get("/trusts")
    assert (start.status, inside.status, inside.headers["retry-after"]) == (200, 503, "30")
    for page in (start, inside):
        assert "Nothing has been published yet" in page.text
        assert page.headers["cache-control"] == "no-store"


def test_an_unknown_address_is_a_page_for_browsers_alone(service: Service) -> None:
    page, document = service.get("/nowhere", **PAGE), service.get("/nowhere")
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert (document.status, document.headers["content-type"]) == (404, "application/problem+json")


def test_no_link_of_an_unknown_address_runs_a_script(service: Service) -> None:
    found = links(service.get("/javascript:alert(1)", **PAGE).text)
    assert f"./javascript:alert%281%29?as_at={RELEASE}" in found
    assert not [one for one in found if one.partition("/")[0].partition("?")[0].count(":")]


@pytest.mark.parametrize(("error", "status"), [(Transient("secret"), 503), (KeyError("secret"), 500)])
def test_a_hiccup_is_a_503_and_a_bug_a_500_with_a_number_and_neither_says_more(
    service: Service, error: Exception, status: int
) -> None:
    class Faulty(Store):
        def __init__(self) -> None:
            pass

        def get(self, key: str, version_id: str | None = None) -> Stored:
            raise error

    class Context:
        aws_request_id = "1-2-3"

    service.app = application(Releases(Faulty(), 2.0, lambda: 0.0), service.context, open_read=True)
    service.lambda_context = Context()
    page = service.get("/", **PAGE)
    assert page.status == status
    assert "secret" not in page.text
    assert ("1-2-3" in page.text) == (status == 500)


def test_a_page_of_the_wrong_method_says_so_as_a_page(service: Service) -> None:
    page = service.get("/trusts", method="DELETE", **PAGE)
    assert (page.status, page.headers["content-type"]) == (405, "text/html; charset=utf-8")
    assert page.headers["allow"] == "GET, HEAD"
    assert "This page cannot do that" in page.text


def test_a_reader_whose_session_cannot_be_read_gets_a_page(service: Service) -> None:
    def no_keys(_seconds: float) -> tuple[bytes, ...]:
        raise Transient("secret")

    settings = SignInSettings(Issuer("https://issuer.example", "https://sign-in.example", "people"), ())
    service.app = application(
        service.releases, service.context, open_read=True, sign_in=lambda: SignIn(settings, no_keys, lambda: NOW)
    )
    with_session = {"cookie": f"{SESSION}=something"}
    page = service.get("/trusts", **PAGE, **with_session)
    assert (page.status, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert page.headers["retry-after"] == "30"
    assert "secret" not in page.text
    assert service.get("/trusts", **PAGE).status == 200  # without a session no key is needed


def test_answers_that_need_a_token_are_no_links(service: Service) -> None:
    def sources(text: str) -> list[tuple[str, bool]]:
        (line,) = lxml.html.fromstring(text).xpath("//p[@class='sources']")
        return [(code.text, code.getparent().tag == "a") for code in line.xpath(".//code")]

    assert sources(service.get("/method/prices").text) == [("/v1/methodology", True)]
    at_work = Visitor(service, "operate").read("/operate")
    assert dict(sources(at_work.text)) == {
        "/v1/releases/current": True, "/v1/releases/preview": False, "/v1/receipts?status=rejected&limit=3": False,
    }  # fmt: skip


def test_style_and_script_are_kept_for_good_and_their_address_changes_with_them(service: Service) -> None:
    (style,) = lxml.html.fromstring(service.get("/").text).xpath("//link[@rel='stylesheet']/@href")
    answer = service.get(f"/{style}")
    assert answer.status == 200, "run `make web`"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert service.get("/assets/0000000000000000/app.css").status == 404
    assert service.get(f"/{style.replace('app.css', 'hashes')}").status == 404


def test_a_fault_in_a_template_is_a_page_with_a_number_too(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        monkeypatch.undo()
        raise KeyError("secret")

    monkeypatch.setattr(serve_pages, "html", broken)
    page = service.get("/", **PAGE)
    assert (page.status, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "Something went wrong" in page.text
    assert "secret" not in page.text
