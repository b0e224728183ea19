"""The values of cookies: what was signed is read back, and nothing else is."""

import base64
import dataclasses
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from functions.api.sign_in import session
from functions.api.sign_in.session import Session, State

NOW = datetime(2025, 1, 31, 23, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
KEY, OLDER, OTHER = b"k" * 64, b"o" * 64, b"x" * 64
ANN = Session("ann@example.nhs.uk", ("operate", "read", "supply:eric_trust"), SECONDS, SECONDS + 3_600)
STATE = State("state", "nonce", "verifier", "/trusts/RIL?as_at=2025-01-31", SECONDS + 600)
VALUE = session.session_value(ANN, KEY)


@given(st.text(), st.lists(st.text()), st.binary(min_size=1))
def test_a_session_is_read_back(name: str, scopes: list[str], key: bytes) -> None:
    made = Session(name, tuple(scopes), SECONDS, SECONDS + 1)
    try:
        value = session.session_value(made, key)
    except ValueError:
        assume(False)
    assert session.read_session(value, [key], NOW) == made


def test_a_session_says_who_the_caller_is() -> None:
    assert (ANN.caller.name, ANN.caller.datasets()) == ("ann@example.nhs.uk", {"eric_trust"})
    assert ANN.caller.may("operate")


def test_the_value_is_an_hmac_by_sha_256_over_purpose_version_and_content() -> None:
    version, content, signature = VALUE.split(".")
    assert version == "v1"
    assert json.loads(base64.urlsafe_b64decode(content + "==")) == {
        "name": "ann@example.nhs.uk",
        "scopes": ["operate", "read", "supply:eric_trust"],
        "issued": SECONDS,
        "expires": SECONDS + 3_600,
    }
    expected = hmac.new(KEY, f"__Host-session.v1.{content}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == expected


@given(st.integers(0, len(VALUE) - 1), st.characters())
def test_a_value_with_another_character_is_none_of_ours(place: int, character: str) -> None:
    changed = VALUE[:place] + character + VALUE[place + 1 :]
    assume(changed != VALUE)
    assert session.read_session(changed, [KEY], NOW) is None


@given(st.text() | st.text(alphabet="v1.abcAB_-=", max_size=40))
def test_no_text_is_a_session_by_itself(text: str) -> None:
    assert session.read_session(text, [KEY, OLDER], NOW) is None
    assert session.read_state(text, [KEY, OLDER], NOW) is None


def test_half_a_character_is_refused_as_any_other_text() -> None:
    assert session.read_session(f"{VALUE}\ud800", [KEY], NOW) is None
    assert session.read_session(f"v1.\ud800.{VALUE}", [KEY], NOW) is None


def test_a_session_of_the_previous_key_holds_and_one_of_another_key_does_not() -> None:
    old = session.session_value(ANN, OLDER)
    assert session.read_session(old, [KEY, OLDER], NOW) == ANN
    assert session.read_session(VALUE, [KEY, OLDER], NOW) == ANN
    assert session.read_session(old, [KEY], NOW) is None
    assert session.read_session(VALUE, [OTHER, OLDER], NOW) is None
    assert session.read_session(VALUE, [], NOW) is None


@pytest.mark.parametrize(("after", "holds"), [(0, True), (3_599, True), (3_600, False), (86_400, False)])
def test_a_session_ends_after_an_hour(after: int, holds: bool) -> None:
    assert (session.read_session(VALUE, [KEY], NOW + timedelta(seconds=after)) is not None) == holds


@pytest.mark.parametrize(("after", "holds"), [(599, True), (600, False)])
def test_a_sign_in_may_take_ten_minutes(after: int, holds: bool) -> None:
    value = session.state_value(STATE, KEY)
    assert session.read_state(value, [KEY], NOW + timedelta(seconds=after)) == (STATE if holds else None)


def test_neither_kind_can_be_used_as_the_other() -> None:
    assert session.read_state(VALUE, [KEY], NOW) is None
    assert session.read_session(session.state_value(STATE, KEY), [KEY], NOW) is None


def test_a_value_of_another_version_is_not_read_though_it_is_signed() -> None:
    _, content, _ = VALUE.split(".")
    body = f"v2.{content}"
    digest = hmac.new(KEY, f"__Host-session.{body}".encode(), hashlib.sha256).digest()
    signed = f"{body}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
    assert session.read_session(signed, [KEY], NOW) is None


def test_a_session_that_no_browser_would_keep_is_not_made() -> None:
    with pytest.raises(ValueError, match="200 scopes"):
        session.session_value(dataclasses.replace(ANN, scopes=tuple(f"supply:dataset_{n}" for n in range(200))), KEY)
    longest = dataclasses.replace(ANN, scopes=tuple(f"supply:dataset_{n:03}" for n in range(100)))
    cookie = session.set_cookie(session.SESSION, session.session_value(longest, KEY), session.SECONDS)
    assert len(cookie) < 4_096


def test_cookies_are_kept_from_scripts_other_sites_and_other_hosts() -> None:
    attributes = "Path=/; Secure; HttpOnly; SameSite=Lax"
    assert session.set_cookie("__Host-session", "v", 3_600) == f"__Host-session=v; Max-Age=3600; {attributes}"
    assert session.clear_cookie("__Host-session") == f"__Host-session=; Max-Age=0; {attributes}"
    assert all(name.startswith("__Host-") for name in (session.SESSION, session.STATE))
