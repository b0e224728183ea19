"""Scopes, clients, authorizer and routes as the template declares them, held against the API's own routes."""

import re
import tomllib
from typing import Any

import pytest

from functions.api.http.auth import RESOURCE_SERVER
from functions.api.http.static import STATIC
from functions.api.routes import ROUTES
from infra.generate import cognito
from infra.local import http_api
from infra.template import ROOT, Template, of_type, references, settled
from tests.support.api.served import OPERATORS, READERS, SERVED, spelt, with_heads

SCOPE_NAME = re.compile(r"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}")
"""What Cognito's API reference allows."""
PARTS = dict.fromkeys(
    ("code", "other", "opportunity_id", "dataset", "release_id", "table", "file_id", "upload_id"), "x"
)
CLIENTS = "AWS::Cognito::UserPoolClient"
ROUTE, INTEGRATION, AUTHORIZER, STAGE = (
    f"AWS::ApiGatewayV2::{kind}" for kind in ("Route", "Integration", "Authorizer", "Stage")
)
DATASETS = {path.stem for path in (ROOT / "method" / "datasets").glob("*.yaml")}


def scopes_of(client: dict[str, Any]) -> set[str]:
    """A client's scopes of our own."""
    named = (scope for scope in client["AllowedOAuthScopes"] if isinstance(scope, dict))
    return {scope["Fn::Sub"].removeprefix("${ResourceServer}/") for scope in named}


def test_scopes_in_the_template_are_those_of_the_method(template: Template) -> None:
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


SOME = ["eric_trust", "ods_trusts"]


@pytest.mark.parametrize(
    ("parameters", "supplied"),
    [
        ({"Stage": "local"}, DATASETS),
        ({"Stage": "dev"}, set()),
        ({"Stage": "prod"}, set()),
        ({"Stage": "prod"} | {cognito.parameter_of(name): "true" for name in SOME}, {*SOME}),
    ],
)
def test_datasets_with_a_supplier_have_a_client_and_only_clients_that_exist_are_named(
    template: Template, parameters: dict[str, str], supplied: set[str]
) -> None:
    made = settled(template, parameters)
    clients = of_type(made, CLIENTS)
    machines = {name: scopes_of(client) for name, client in clients.items() if client.get("GenerateSecret")}
    assert machines.pop("OperatorClient") == {"read", "operate"}
    assert sorted(map(sorted, machines.values())) == sorted([f"supply:{name}"] for name in supplied)
    (found,) = of_type(made, AUTHORIZER).values()
    assert sorted(references(found["JwtConfiguration"]["Audience"])) == sorted(clients)
    assert {*references(made["Outputs"])} & {*of_type(template, CLIENTS)} <= clients.keys()


def test_each_dataset_has_a_parameter_of_its_own_that_is_off(template: Template) -> None:
    found = {name: told for name, told in template["Parameters"].items() if name.endswith("Supplier")}
    assert found.keys() == {cognito.parameter_of(name) for name in DATASETS}
    assert len(found) == len(DATASETS)
    assert {told["Default"] for told in found.values()} == {"false"}


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
    (with_all_suppliers,) = of_type(settled(template), AUTHORIZER).values()
    audience = list(references(with_all_suppliers["JwtConfiguration"]["Audience"]))
    assert sorted(audience) == sorted(of_type(template, CLIENTS))
    assert len(audience) <= 50  # what API Gateway takes


@pytest.mark.parametrize("open_read", ["true", "false"])
def test_every_address_reaches_a_route_that_checks_what_a_gateway_can(template: Template, open_read: str) -> None:
    routes = http_api.of(template, {"OpenRead": open_read}).routes
    checkable = {READERS: {f"{RESOURCE_SERVER}/read"}, OPERATORS: {f"{RESOURCE_SERVER}/operate"}}
    for asked, scopes in SERVED.items():
        for one in with_heads(asked):
            route = http_api.route_for(routes, *spelt(one, PARTS))
            closed = scopes != READERS or open_read == "false"
            assert route.takes_token == closed, one
            assert set(route.scopes) == (checkable.get(scopes, set()) if closed else set()), one
    assert all(len(route.scopes) <= 10 for route in routes)  # what API Gateway takes


@pytest.mark.parametrize("open_read", ["true", "false"])
def test_pages_reach_the_function_without_a_token(template: Template, open_read: str) -> None:
    routes = http_api.of(template, {"OpenRead": open_read}).routes
    assert [http_api.route_for(routes, "GET", path).key for path in STATIC] == ["$default"] * len(STATIC)


@pytest.mark.parametrize("open_read", ["true", "false"])
def test_every_route_that_takes_no_token_has_a_limit_of_its_own(template: Template, open_read: str) -> None:
    (stage,) = of_type(template, STAGE).values()
    to_all, limits = stage["DefaultRouteSettings"], stage["RouteSettings"]
    keys = {route.key for route in http_api.of(template, {"OpenRead": open_read}).routes if not route.takes_token}
    reads = {f"{method} /v1/{{proxy+}}" for method in ("GET", "HEAD", "POST")}
    assert keys == ({"$default"} | reads if open_read == "true" else {"$default"})
    assert keys <= limits.keys() <= {route["RouteKey"] for route in of_type(template, ROUTE).values()}
    for key in keys:
        for name in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            assert 0 < limits[key][name] < to_all[name], key
    assert (limits["$default"]["ThrottlingRateLimit"], limits["$default"]["ThrottlingBurstLimit"]) == (10, 20)


def test_no_metrics_are_paid_for_that_nothing_reads(template: Template) -> None:
    (stage,) = of_type(template, STAGE).values()
    settings = [stage["DefaultRouteSettings"], *stage["RouteSettings"].values()]
    assert {told["DetailedMetricsEnabled"] for told in settings} == {False}


def needs(template: Template, name: str) -> set[str]:
    """Every resource that CloudFormation makes before one, by reference or DependsOn."""
    resource = template["Resources"][name]
    named = resource.get("DependsOn", [])
    named = [named] if isinstance(named, str) else named
    direct = {one for one in [*references(resource.get("Properties")), *named] if one in template["Resources"]}
    return direct | {further for one in direct for further in needs(template, one)}


def test_what_the_api_is_made_of_is_made_one_thing_after_another_and_the_stage_last(template: Template) -> None:
    parts = [name for kind in (ROUTE, INTEGRATION, AUTHORIZER, STAGE) for name in of_type(template, kind)]
    before = {name: needs(template, name) & {*parts} for name in parts}
    assert sorted(len(others) for others in before.values()) == list(range(len(parts)))
    (stage,) = of_type(template, STAGE)
    assert before[stage] == {*parts} - {stage}


def test_pages_of_the_same_origins_may_use_the_api_and_post_files(template: Template) -> None:
    (api,) = of_type(template, "AWS::ApiGatewayV2::Api").values()
    told = api["CorsConfiguration"]
    assert template["Parameters"]["CorsOrigins"]["Type"] == "CommaDelimitedList"
    assert told["AllowOrigins"] == {"Ref": "CorsOrigins"}
    assert {*told["AllowMethods"]} == {"HEAD", *(route.method for route in ROUTES)}
    assert {*told["AllowHeaders"]} == {"authorization", "content-type", "if-none-match"}
    (incoming,) = template["Resources"]["IncomingBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert (incoming["AllowedMethods"], incoming["AllowedOrigins"]) == (["POST"], {"Ref": "CorsOrigins"})
    assert "ETag" in incoming["ExposedHeaders"]
    assert "CorsConfiguration" not in template["Resources"]["LandingBucket"]["Properties"]
    # A request that was redirected from another origin has the origin `null`.
    (data,) = template["Resources"]["DataBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert (data["AllowedMethods"], data["AllowedOrigins"]) == (["GET", "HEAD"], ["*"])


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
    deploy = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))[stage]["deploy"]["parameters"]
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
    assert http_api.route_for(http_api.of(template).routes, method, path).key == key
