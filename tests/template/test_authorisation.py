"""Scopes, clients, authorizer and routes as the template declares them, held against the API's own routes."""

import re
import tomllib
from typing import Any

import pytest

from functions.api.callers import RESOURCE_SERVER
from functions.api.routes import ROUTES
from functions.api.static import STATIC
from infra import access, authorizer
from infra.template import ROOT, TEMPLATE, Template, of_type, references, settled
from tests.api.served import OPERATORS, READERS, SERVED, spelt, with_heads

SCOPE_NAME = re.compile(r"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}")
"""What Cognito's API reference allows."""
PARTS = dict.fromkeys(("code", "other", "opportunity_id", "release_id", "table", "file_id"), "x")
CLIENTS = "AWS::Cognito::UserPoolClient"
DATASETS = {path.stem for path in (ROOT / "method" / "datasets").glob("*.yaml")}


def scopes_of(client: dict[str, Any]) -> set[str]:
    """A client's scopes of our own."""
    named = (scope for scope in client["AllowedOAuthScopes"] if isinstance(scope, dict))
    return {scope["Fn::Sub"].removeprefix("${ResourceServer}/") for scope in named}


def test_scopes_in_the_template_are_those_of_the_method(template: Template) -> None:
    text = TEMPLATE.read_text("utf-8")
    assert access.written(text) == text, "run make fix"
    (server,) = of_type(template, "AWS::Cognito::UserPoolResourceServer").values()
    named = [scope["ScopeName"] for scope in server["Scopes"]]
    assert sorted(named) == sorted({"read", "operate", *(f"supply:{name}" for name in DATASETS)})
    assert server["Identifier"] == RESOURCE_SERVER
    assert all(SCOPE_NAME.fullmatch(name) for name in named)
    assert len(named) <= 100  # what Cognito takes


def test_each_client_may_no_more_than_it_is_there_for(template: Template) -> None:
    may = {name: scopes_of(client) for name, client in of_type(template, CLIENTS).items()}
    people, operator = may.pop("PeopleClient"), may.pop("OperatorClient")
    assert (people, operator) == ({"read"}, {"read", "operate"})
    assert sorted(map(sorted, may.values())) == sorted([f"supply:{name}"] for name in DATASETS)


def test_machines_have_secrets_and_people_sign_in_by_code(template: Template) -> None:
    for name, client in of_type(template, CLIENTS).items():
        assert client["AllowedOAuthFlows"] == (["code"] if name == "PeopleClient" else ["client_credentials"]), name
        assert client.get("GenerateSecret", False) == (name != "PeopleClient"), name
        assert "ExplicitAuthFlows" not in client, name  # no password goes past Cognito's own pages


def test_nobody_signs_up_by_themselves(template: Template) -> None:
    (pool,) = of_type(template, "AWS::Cognito::UserPool").values()
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def test_authorizer_takes_tokens_of_the_pool_for_its_own_clients(template: Template) -> None:
    (found,) = of_type(template, "AWS::ApiGatewayV2::Authorizer").values()
    assert (found["AuthorizerType"], found["IdentitySource"]) == ("JWT", ["$request.header.Authorization"])
    issuer = found["JwtConfiguration"]["Issuer"]
    assert issuer == {"Fn::Sub": "https://cognito-idp.${AWS::Region}.amazonaws.com/${UserPool}"}
    audience = list(references(found["JwtConfiguration"]["Audience"]))
    assert sorted(audience) == sorted(of_type(template, CLIENTS))
    assert len(audience) <= 50  # what API Gateway takes


@pytest.mark.parametrize("open_read", ["true", "false"])
def test_every_address_reaches_a_route_that_checks_what_a_gateway_can(template: Template, open_read: str) -> None:
    routes = authorizer.of(settled(template, {"OpenRead": open_read})).routes
    checkable = {READERS: {f"{RESOURCE_SERVER}/read"}, OPERATORS: {f"{RESOURCE_SERVER}/operate"}}
    for asked, scopes in SERVED.items():
        for one in with_heads(asked):
            route = authorizer.route_for(routes, *spelt(one, PARTS))
            closed = scopes != READERS or open_read == "false"
            assert route.takes_token == closed, one
            assert set(route.scopes) == (checkable.get(scopes, set()) if closed else set()), one
    assert all(len(route.scopes) <= 10 for route in routes)  # what API Gateway takes


@pytest.mark.parametrize("open_read", ["true", "false"])
def test_pages_and_preflights_reach_the_function_without_a_token(template: Template, open_read: str) -> None:
    routes = authorizer.of(settled(template, {"OpenRead": open_read})).routes
    asked = [("GET", path) for path in STATIC]
    asked += [("OPTIONS", spelt(f"GET {route.path}", PARTS)[1]) for route in ROUTES]
    assert [authorizer.route_for(routes, *one).key for one in asked] == ["$default"] * len(asked)


def test_no_route_of_the_template_leads_nowhere(template: Template) -> None:
    """A route for an address that is gone would hide one that comes to stand there."""
    known = {re.sub("<([a-z_]+)>", r"{\1}", path) for one in SERVED for path in with_heads(one)}
    for route in of_type(template, "AWS::ApiGatewayV2::Route").values():
        key = route["RouteKey"]
        assert key in known or key == "$default" or key.endswith(" /v1/{proxy+}"), key
        assert route.get("AuthorizerId") is None or "TokenAuthorizer" in references(route["AuthorizerId"])


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_deployed_stages_are_not_open(template: Template, stage: str) -> None:
    assert template["Parameters"]["OpenRead"]["Default"] == "false"
    deploy = tomllib.loads((ROOT / "samconfig.toml").read_text())[stage]["deploy"]["parameters"]
    assert "OpenRead=false" in deploy["parameter_overrides"]


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/v1/receipts", "GET /v1/receipts"),
        ("GET", "/v1/receipts/x", "GET /v1/receipts/{file_id}"),
        ("GET", "/v1/receipts/x/y", "GET /v1/{proxy+}"),
        ("POST", "/v1/releases/resume", "POST /v1/releases/resume"),
        ("PUT", "/v1/receipts", "$default"),
        ("GET", "/v1", "$default"),
        ("GET", "/", "$default"),
    ],
)
def test_routes_are_chosen_as_api_gateway_does(template: Template, method: str, path: str, key: str) -> None:
    """Exact before greedy before `$default`, as its documentation has it."""
    assert authorizer.route_for(authorizer.of(settled(template)).routes, method, path).key == key
