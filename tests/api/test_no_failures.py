"""Nothing that a stranger may send makes the API fail: a 500 counts for an alarm, and there is nothing to mend."""

import base64
import json
import math
from typing import Any, get_type_hints
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.api.http.queries import Parameters
from functions.api.http.route import ApiRoute
from functions.api.routes import ROUTES
from infra.local import gateway
from tests.support.api.published import RELEASE, Service, path_of
from tests.support.api.served import spelt

SCOPES = ("read", "operate", "supply:work")
NAMES = sorted({name for route in ROUTES for name in get_type_hints(route.view)["query"].model_fields})
GETS = [route for route in ROUTES if route.method == "GET"]
POSTS = [route for route in ROUTES if route.method == "POST"]
PARTS = ("code", "other", "opportunity_id", "dataset", "release_id", "table", "file_id", "upload_id")
WHAT_IF = "/v1/trusts/RAA/opportunities/{}/what-if"

ODD = ["", " ", "²", "٣", "1e999", "-1", "NaN", "9" * 150, "\x00", "\ufeff", "a\r\nb", "%00", "../..", "null", "[]"]
DAYS = ["2025-02-30", "0000-00-00", "9999-12-31", "0001-01-01", "２０２５-01-01", "2025-W01-1"]
VALUES = st.one_of(st.text(max_size=40), st.sampled_from([*ODD, *DAYS, RELEASE]))


def packed(value: Any) -> str:
    """A cursor that holds anything."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


KEYS = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from([10**40, -(10**40)])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=6,
)
CURSORS = st.one_of(
    VALUES,
    KEYS.map(packed),
    KEYS.map(lambda key: f"{RELEASE}.{packed(key)}"),
    st.sampled_from([f"{RELEASE}.", f"{RELEASE}.{'[' * 100}", f".{packed(['RAA'])}", f"{'b' * 32}.{packed(['RAA'])}"]),
)
QUERIES = st.fixed_dictionaries({}, optional={name: CURSORS if name == "cursor" else VALUES for name in NAMES})

FIGURES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**16), 10**16),
    st.sampled_from([0, -0.0, 5e-324, 1e-300, 1e15, 1e308, True, None, "1"]),
)
SUPPOSED = st.fixed_dictionaries(
    {},
    optional={
        "numerator": FIGURES,
        "denominator": FIGURES,
        "target": FIGURES,
        "group": st.sampled_from(["national", "estate_type", "recommended", "landed", "none", "²"]),
        "comparators": st.lists(st.sampled_from(["RAB", "rac", "RAD", "²", ""]), max_size=3),
        "prices": st.dictionaries(st.sampled_from(["wau", "wte", "appointment", "²"]), FIGURES, max_size=2),
    },
)


@pytest.fixture(scope="module")
def service() -> Service:
    made = Service().as_caller("somebody", *SCOPES)
    made.publish()
    return made


def of_route(route: ApiRoute, query: dict[str, str]) -> dict[str, str]:
    """The parameters that a route knows: one that it does not know is refused before any other is looked at."""
    kind: type[Parameters] = get_type_hints(route.view)["query"]
    needed = {"since": RELEASE} if "since" in kind.model_fields else {}
    return needed | {name: value for name, value in query.items() if name in kind.model_fields}


def path(route: ApiRoute) -> str:
    return path_of(route) if "<file_id>" not in route.path else spelt(f"GET {route.path}", {"file_id": "f" * 32})[1]


@given(QUERIES)
def test_no_query_makes_an_address_fail(service: Service, query: dict[str, str]) -> None:
    for route in GETS:
        answer = service.get(path(route), of_route(route, query))
        assert answer.status < 500, (route.path, query, answer.text)


@given(st.one_of(st.text(max_size=30), st.sampled_from(ODD)))
def test_no_part_of_a_path_makes_an_address_fail(service: Service, part: str) -> None:
    for route in ROUTES:
        _, asked = spelt(f"GET {route.path}", dict.fromkeys(PARTS, quote(part, safe="", errors="replace")))
        answer = service.get(asked, of_route(route, {}), method=route.method, body=b"{}")
        assert answer.status < 500, (asked, answer.text)


@given(st.one_of(st.binary(max_size=60), KEYS.map(lambda value: json.dumps(value).encode())))
@example(b'{"text": "\\ud800", "about": {"methodology": "all"}}')
@example(b'{"size_bytes": ' + b"9" * 5000 + b"}")
@example(b"[" * 50_000)
@example(b"\xff\xfe")
def test_no_body_makes_an_address_fail(service: Service, body: bytes) -> None:
    for route in POSTS:
        answer = service.get(path(route), method="POST", body=body)
        assert answer.status < 500, (route.path, answer.text)


@pytest.mark.parametrize(
    "sent",
    [
        {"body": "é", "isBase64Encoded": True},
        {"body": "abc", "isBase64Encoded": True},
        {"body": "\ud800", "isBase64Encoded": False},
    ],
)
def test_a_body_that_is_none_is_refused(service: Service, sent: dict[str, Any]) -> None:
    event = gateway.event("POST", WHAT_IF.format("cleaning_cost"), claims=service.claims) | sent
    refused = gateway.response(service.app.resolve(event, object()))
    assert (refused.status, refused.json()["detail"]) == (422, "Invalid body: it is not UTF-8 text.")


@given(st.sampled_from(["cleaning_cost", "seen_share", "space_target", "finance_cost", "long_stays"]), SUPPOSED)
@example("cleaning_cost", {"numerator": 1e15, "denominator": 5e-324})
@example("cleaning_cost", {"target": -1e15, "denominator": 1e15})
@example("seen_share", {"prices": {"appointment": 1e12}, "denominator": 1e15})
def test_no_figure_makes_a_what_if_fail(service: Service, opportunity: str, supposed: dict[str, Any]) -> None:
    answer = service.post(WHAT_IF.format(opportunity), supposed)
    assert answer.status in (200, 422), (supposed, answer.text)
    if answer.status == 200:
        told = answer.json()["supposed"]
        assert all(math.isfinite(value) for value in told.values() if isinstance(value, float))
        assert told["value"] is not None
