"""Where a redirect may lead: to a path of the web client, and nowhere else."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.http.own_pages import host_of, local_path, page_at

PAGE = "https://api.example"


@pytest.mark.parametrize(
    "path", ["/", "/trusts/RIL", "/trusts?q=St%20Mary%27s&as_at=2025-01-31", "/supply#form", "/a//b", "/trusts.csv"]
)
def test_a_path_of_the_client_stays_as_it_is(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "text",
    [
        None, "", "trusts", "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example",
        "\\/evil.example", "/%2fevil.example", "/%2Fevil.example", "/%252fevil.example", "/%5cevil.example",
        "/\tevil", "/a\r\nSet-Cookie: x=1", "/a%0d%0aSet-Cookie:%20x=1", "/a b", "/ë", "/..//evil.example",
        "/%2e%2e/x", "/a/../b", "javascript:alert(1)", " /trusts", "/" + "a" * 1_000,
    ],
)  # fmt: skip
def test_any_other_text_is_refused(text: str | None) -> None:
    assert local_path(text) is None


@given(st.text(alphabet="/\\.%25cCfFeEaA?#@:\t\r\n x", max_size=14).map(lambda tail: f"/{tail}"))
def test_a_browser_never_leaves_the_client_by_a_path_that_was_accepted(path: str) -> None:
    if (accepted := local_path(path)) is not None:
        for address in (PAGE + accepted, urljoin(f"{PAGE}/signed-in", accepted)):
            assert urlsplit(address)[:2] == ("https", "api.example")
            assert address.isprintable()


def test_the_page_is_chosen_by_the_host_of_the_request() -> None:
    pages = ("https://x1.execute-api.example", "https://Headroom.example:8443/base/")
    assert page_at(pages, "x1.execute-api.example") == "https://x1.execute-api.example"
    assert page_at(pages, "headroom.example:8443") == "https://Headroom.example:8443/base"
    for host in ("headroom.example", "evil.example", "x1.execute-api.example.evil.example", ""):
        assert page_at(pages, host) is None


def test_the_host_is_that_of_the_header_or_else_of_the_gateway() -> None:
    context = {"domainName": "x1.execute-api.example"}
    assert host_of({"headers": {"Host": "A.example:80"}, "requestContext": context}) == "a.example:80"
    assert host_of({"headers": {}, "requestContext": context}) == "x1.execute-api.example"
    assert host_of({}) == ""
