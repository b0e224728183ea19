"""Who may do what: each address, asked with each kind of token, behind the gateway that the template declares."""

import base64
import json

import pytest

from functions.api.handler import application
from functions.api.http.auth import caller_of
from functions.api.http.static import STATIC
from functions.api.routes import ROUTES
from functions.ingest.judge_landed import store_receipt
from infra.local import gateway
from infra.local.http_api import access_token
from shared import keys
from shared.landing.uploads import Upload
from tests.support.api.guarding import Resolve, guarded
from tests.support.api.published import NOW, RELEASE, Service
from tests.support.api.receipts import receipt
from tests.support.api.served import OPERATORS, READERS, SERVED, serves, spelt, with_heads

OPERATOR, PEOPLE = "OperatorClient", "PeopleClient"
SCOPES = ("read", "operate", "supply:work", "supply:roll")
UPLOAD = "2025-01-31-0123456789abcdef-000"
PARTS = {
    "code": "RAA",
    "other": "RAB",
    "opportunity_id": "cleaning_cost",
    "dataset": "d",
    "release_id": RELEASE,
    "table": "trusts",
    "file_id": "f" * 32,
    "upload_id": UPLOAD,
}
ANOTHERS = [("GET /v1/receipts/<file_id>", "supply:roll"), ("GET /v1/uploads/<upload_id>", "supply:roll")]
"""To a supplier another's receipt and upload are not there."""


@pytest.fixture(scope="module")
def service() -> Service:
    made = Service()
    made.publish()
    made.preview()
    store_receipt(made.store, receipt(15, "work/2025-01/a.csv", file_id="f" * 32))
    requested = {"landing_key": "work/2025-01/b.csv", "content_type": "text/csv", "uploaded_by": "somebody"}
    made.store.write_model(keys.upload(UPLOAD), Upload(**requested, requested_at=NOW))
    return made


def ask(resolve: Resolve, asked: str, token: str | None, scheme: str = "Bearer ") -> gateway.Response:
    method, path = spelt(asked, PARTS)
    headers = {} if token is None else {"Authorization": scheme + token}
    query = {"since": RELEASE} if path.endswith("/changes") else None
    return gateway.response(resolve(gateway.event(method, path, query, headers)))


BAD_TOKENS = {"no token": None, "garbage": "x.y.z", "empty": "", "no claims": base64.b64encode(b"[]").decode()}
"""What the gateway refuses here. Signatures, audiences, issuers and times are tried on the emulator."""


def let_in(asked: str) -> int:
    """GETs are answered; the others are let in and told that they sent nothing, which is enough to ask what if."""
    return 422 if asked.startswith("POST") and not asked.endswith("/what-if") else 200


def test_the_table_names_every_address() -> None:
    assert sorted(SERVED) == sorted(f"{route.method} {route.path}" for route in ROUTES)


@pytest.mark.parametrize("asked", SERVED)
@pytest.mark.parametrize("open_read", [True, False], ids=["open", "closed"])
def test_each_scope_opens_its_addresses_and_no_others(service: Service, asked: str, open_read: bool) -> None:
    resolve = guarded(service, open_read)
    for one in with_heads(asked):
        for scope in (*SCOPES, "supply", "supply:", "operate2", ""):
            expected = let_in(asked) if serves(asked, scope, open_read) else 403
            expected = 404 if (asked, scope) in ANOTHERS else expected
            told = ask(resolve, one, access_token(OPERATOR, *scope.split())).status
            assert told == expected, f"{one} with the scope {scope!r}"
        assert ask(resolve, one, access_token(PEOPLE, *SCOPES, username="ann")).status == let_in(asked)


@pytest.mark.parametrize("asked", SERVED)
@pytest.mark.parametrize("open_read", [True, False], ids=["open", "closed"])
def test_a_token_that_does_not_do_opens_nothing(service: Service, asked: str, open_read: bool) -> None:
    resolve = guarded(service, open_read)
    to_all = serves(asked, "", open_read)
    for one in with_heads(asked):
        for fault, token in BAD_TOKENS.items():
            answer = ask(resolve, one, token)
            assert answer.status == (let_in(asked) if to_all else 401), f"{one}: {fault}"
            assert to_all or answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("asked", SERVED)
def test_an_id_token_says_who_somebody_is_and_not_what_they_may(service: Service, asked: str) -> None:
    """The gateway takes it where it looks at no scopes, since its audience is right; the function does not."""
    resolve = guarded(service, open_read=False)
    token = access_token(OPERATOR, client_id=None, aud=OPERATOR, token_use="id", scope=None, username="ann")
    assert ask(resolve, asked, token).status == (403 if SERVED[asked] in (READERS, OPERATORS) else 401)
    # even one that was given scopes
    token = access_token(OPERATOR, *SCOPES, client_id=None, aud=OPERATOR, token_use="id", username="ann")
    assert ask(resolve, asked, token).status == 401


@pytest.mark.parametrize("asked", SERVED)
def test_a_request_that_came_past_the_authorizer_is_refused_by_the_function(service: Service, asked: str) -> None:
    """Were a route's authorizer forgotten, or an address spelt so that no route knows it."""
    app = application(service.releases, service.context, open_read=False)
    answer = ask(lambda event: app.resolve(event, object()), asked, access_token(OPERATOR, *SCOPES))
    assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["scope"] in answer.json()["detail"]


@pytest.mark.parametrize("asked", SERVED)
def test_the_function_looks_at_scopes_even_if_the_gateway_did_not(service: Service, asked: str) -> None:
    app = application(service.releases, service.context, open_read=False)
    method, path = spelt(asked, PARTS)
    for scope in SCOPES:
        event = gateway.event(method, path, {"since": RELEASE} if path.endswith("/changes") else None)
        event["requestContext"]["authorizer"] = gateway.handed_on(gateway.claims("a", scope))
        told = gateway.response(app.resolve(event, object())).status
        expected = let_in(asked) if serves(asked, scope, open_read=False) else 403
        assert told == (404 if (asked, scope) in ANOTHERS else expected), scope


@pytest.mark.parametrize(
    "scope", ["headroom/operator", "other/operate", "operate", "x-headroom/operate", "Headroom/operate"]
)
def test_scopes_of_other_servers_are_none_of_ours(service: Service, scope: str) -> None:
    token = access_token(OPERATOR, scope=scope)
    assert ask(guarded(service), "GET /v1/feedback", token).status == 403
    assert ask(guarded(service), "GET /v1/receipts", token).status == 403


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  ", ""])
def test_a_token_may_stand_by_itself(service: Service, scheme: str) -> None:
    assert ask(guarded(service), "GET /v1/feedback", access_token(OPERATOR, "operate"), scheme).status == 200


@pytest.mark.parametrize("path", [*STATIC])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_pages_take_no_token_on_any_stage(service: Service, method: str, path: str) -> None:
    assert ask(guarded(service, open_read=False), f"{method} {path}", None).status == 200


def test_pages_ask_for_permission_without_a_token(service: Service) -> None:
    resolve = guarded(service, open_read=False, origins="https://a.example,https://b.example")
    for asked in SERVED:
        method, path = spelt(asked, PARTS)
        for origin in ("https://a.example", "https://b.example"):
            asking = {"Origin": origin, "Access-Control-Request-Method": method}
            answer = gateway.response(resolve(gateway.event("OPTIONS", path, None, asking)))
            assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, origin), asked
            assert method in answer.headers["access-control-allow-methods"].split(",")
            assert "authorization" in answer.headers["access-control-allow-headers"].split(",")


def test_a_preflight_of_another_origin_gets_no_permission_and_reaches_no_function(service: Service) -> None:
    asking = {"Origin": "https://c.example", "Access-Control-Request-Method": "GET"}
    event = gateway.event("OPTIONS", "/v1/trusts", None, asking)
    answer = gateway.response(guarded(service, origins="https://a.example")(event))
    assert (answer.status, answer.headers, answer.body) == (204, {}, b"")


@pytest.mark.parametrize(
    ("asked", "scope", "status"),
    [
        ("GET /v1/trusts", None, 401),  # refused by the gateway
        ("GET /v1/feedback", "read", 403),  # by the gateway
        ("POST /v1/uploads", "operate", 403),  # by the function
        ("GET /v1/trusts/ZZZ", "read", 404),
        ("GET /v1/trusts", "read", 200),
    ],
)
def test_scripts_of_permitted_origins_read_every_answer_and_others_none(
    service: Service, asked: str, scope: str | None, status: int
) -> None:
    method, _, path = asked.partition(" ")
    signed = {"Authorization": f"Bearer {access_token(OPERATOR, scope)}"} if scope else {}
    resolve = guarded(service, open_read=False, origins="https://a.example,https://b.example")
    seen = {}
    for origin in ("https://a.example", "https://b.example", "https://c.example", "null"):
        answer = gateway.response(resolve(gateway.event(method, path, None, signed | {"Origin": origin})))
        assert answer.status == status
        seen[origin] = answer.headers.get("access-control-allow-origin")
        exposed = answer.headers.get("access-control-expose-headers", "").split(",")
        assert {"etag", "link", "x-release-id", "x-release-published"} <= {*exposed} or seen[origin] is None
    assert seen == {
        "https://a.example": "https://a.example",
        "https://b.example": "https://b.example",
        "https://c.example": None,
        "null": None,
    }


def test_to_a_request_of_no_page_nothing_is_said_of_origins(service: Service) -> None:
    answer = gateway.response(guarded(service)(gateway.event("GET", "/v1/trusts")))
    assert [name for name in answer.headers if name.startswith("access-control-")] == []
    anyone = gateway.response(guarded(service)(gateway.event("GET", "/v1/trusts", None, {"Origin": "https://x.y"})))
    assert anyone.headers["access-control-allow-origin"] == "*"


def test_what_not_everybody_may_read_is_kept_by_no_shared_cache(service: Service) -> None:
    for open_read, kept in ((True, "public"), (False, "private")):
        for asked in ("GET /v1/trusts", "GET /v1/releases/<release_id>/tables/<table>"):
            answer = ask(guarded(service, open_read), asked, access_token(OPERATOR, "read"))
            assert answer.headers["cache-control"].split(", ")[0] == kept


def test_a_user_is_called_by_name_and_a_machine_by_its_client() -> None:
    told = {"token_use": "access", "client_id": "abc", "scope": "headroom/read openid headroom/supply:work"}
    caller = caller_of(gateway.event("GET", "/", claims=told))
    assert (caller.name, caller.scopes, caller.datasets()) == ("abc", {"read", "supply:work"}, {"work"})
    assert caller_of(gateway.event("GET", "/", claims=told | {"username": "ann"})).name == "ann"


def test_feedback_is_in_the_name_of_a_token_that_was_checked(service: Service) -> None:
    """If reading is open, the gateway does not read a token, so its name is not taken for granted."""
    resolve = guarded(service)
    token = {"Authorization": f"Bearer {access_token(PEOPLE, 'read', username='ann')}"}
    for path in ("/v1/feedback", "/v1/feedback/named"):
        body = json.dumps({"about": {"methodology": "all"}, "text": path}).encode()
        assert gateway.response(resolve(gateway.event("POST", path, None, token, body))).status == 200
    told = ask(resolve, "GET /v1/feedback", access_token(OPERATOR, "operate")).json()["feedback"]
    assert {one["text"]: one["who"] for one in told} == {"/v1/feedback": None, "/v1/feedback/named": "ann"}
