"""Cookies as API Gateway and as the emulator hand them over, and which page a request comes from."""

import pytest

from functions.api.sign_in.requests import cookies_of, same_origin

HOST = "api.example"


@pytest.mark.parametrize(
    "event",
    [
        {"cookies": ["__Host-session=v1.a=.b", "other=1"]},
        {"headers": {"Cookie": "__Host-session=v1.a=.b; other=1"}},
        {"cookies": ["__Host-session=v1.a=.b"], "headers": {"cookie": "other=1"}},
    ],
)
def test_cookies_come_as_a_list_or_in_the_header(event: dict[str, object]) -> None:
    assert cookies_of(event) == {"__Host-session": "v1.a=.b", "other": "1"}


def test_what_is_no_cookie_is_left_out() -> None:
    assert cookies_of({"cookies": None, "headers": None}) == {}
    assert cookies_of({"headers": {"cookie": "; nonsense; a="}}) == {"a": ""}


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"sec-fetch-site": "same-site", "origin": f"https://{HOST}"}, False),
        ({"sec-fetch-site": "cross-site", "origin": f"https://{HOST}"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": f"https://{HOST}"}, True),
        ({"origin": f"https://{HOST.upper()}"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": f"https://{HOST}.evil.example"}, False),
        ({"origin": f"https://{HOST}:8443"}, False),
        ({"origin": "null"}, False),
        ({"origin": HOST}, False),
        ({}, False),
    ],
)
def test_only_a_page_of_this_client_may_change_something(headers: dict[str, str], same: bool) -> None:
    assert same_origin({"headers": {"host": HOST} | headers}) == same
