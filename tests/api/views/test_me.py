"""Who a caller is to the service: a machine by its client, a person with groups."""

from infra.local import http_api
from infra.local.stack import LocalStack
from tests.support.api.published import Service


def test_a_machine_is_its_client(service: Service) -> None:
    answer = service.as_caller("client-1", "supply:beds", "supply:ae", "read").get("/v1/me")
    assert answer.json() == {
        "name": "client-1",
        "scopes": ["read", "supply:ae", "supply:beds"],
        "datasets": ["ae", "beds"],
    }
    assert answer.headers["cache-control"] == "no-store"


def test_a_person_has_the_scopes_of_groups() -> None:
    with LocalStack({"Build": "1"}) as stack:
        groups = {"username": "ann", "cognito:groups": ["operators", "supply-beds", "readers"]}
        for client, scopes in (("PeopleClient", ["operate", "read", "supply:beds"]), ("OperatorClient", ["read"])):
            bearer = {"Authorization": f"Bearer {http_api.access_token(client, 'read', **groups)}"}
            told = stack.request("GET", "/v1/me", None, bearer).json()
            assert (told["name"], told["scopes"]) == ("ann", scopes)


def test_nobody_is_not_told(service: Service) -> None:
    assert service.get("/v1/me").status == 401
