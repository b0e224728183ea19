"""Scopes and clients of suppliers follow the method that is landed."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from moto.cognitoidp.models import cognitoidp_backends
from moto.cognitoidp.responses import CognitoIdpResponse

from infra.local.stack import LocalStack
from infra.ops.suppliers import NoSupplier, suppliers
from infra.ops.tokens import clients_of
from infra.stacks import Deployed
from tests.support.pipeline.programme import deployed
from tests.support.pipeline.schools import WHOLE, land_schools, method


def _update_resource_server(response: Any) -> str:
    """What moto lacks: the scopes of a resource server are replaced."""
    pool = cognitoidp_backends[response.current_account][response.region].user_pools[response._get_param("UserPoolId")]
    pool.resource_servers[response._get_param("Identifier")].scopes = response._get_param("Scopes")
    return "{}"


class Parts(NamedTuple):
    """A stack with a user pool and an authorizer, which the stack in process does not make."""

    stack: LocalStack
    deployed: Deployed
    gateway: Any
    authorizer: dict[str, str]

    @property
    def scopes(self) -> set[str]:
        server = self.deployed.client("cognito-idp").describe_resource_server(
            UserPoolId=self.deployed.outputs["UserPoolId"], Identifier="headroom"
        )["ResourceServer"]
        return {one["ScopeName"] for one in server["Scopes"]}

    @property
    def groups(self) -> set[str]:
        listed = self.deployed.client("cognito-idp").list_groups(UserPoolId=self.deployed.outputs["UserPoolId"])
        return {group["GroupName"] for group in listed["Groups"]}

    @property
    def audience(self) -> list[str]:
        found: list[str] = self.gateway.get_authorizer(**self.authorizer)["JwtConfiguration"]["Audience"]
        return found


class _Stacks:
    """CloudFormation, as far as it says what the template's resources are."""

    def __init__(self, **resources: str) -> None:
        self._resources = resources

    def describe_stack_resources(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        rows = [{"LogicalResourceId": name, "PhysicalResourceId": one} for name, one in self._resources.items()]
        return {"StackResources": rows}


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setattr(CognitoIdpResponse, "update_resource_server", _update_resource_server, raising=False)
    with LocalStack({"Build": "1"}) as stack:
        cognito, gateway = stack.client("cognito-idp"), stack.client("apigatewayv2")
        pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
        named = ["read", "operate", "supply:estates", "supply:beds"]
        cognito.create_resource_server(
            UserPoolId=pool,
            Identifier="headroom",
            Name="headroom",
            Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in named],
        )
        for name, scopes in {"operator": named[:2], "supply-estates": [named[2]]}.items():
            cognito.create_user_pool_client(
                UserPoolId=pool,
                ClientName=name,
                GenerateSecret=True,
                AllowedOAuthFlowsUserPoolClient=True,
                AllowedOAuthFlows=["client_credentials"],
                AllowedOAuthScopes=[f"headroom/{scope}" for scope in scopes],
            )
        api = gateway.create_api(Name="api", ProtocolType="HTTP")["ApiId"]
        made = gateway.create_authorizer(
            ApiId=api,
            Name="cognito",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": "https://issuer", "Audience": ["operator"]},
        )["AuthorizerId"]
        stacks = _Stacks(HttpApi=api, TokenAuthorizer=made)
        here = deployed(stack)
        outputs = {**here.outputs, "UserPoolId": pool}
        one = Deployed("headroom", outputs, lambda name: stacks if name == "cloudformation" else stack.client(name))
        yield Parts(stack, one, gateway, {"ApiId": api, "AuthorizerId": made})


def test_without_a_method_nothing_is_changed(parts: Parts) -> None:
    before = parts.scopes
    with pytest.raises(NoSupplier, match="land a method"):
        suppliers(parts.deployed, None, dry_run=False)
    assert parts.scopes == before


def test_a_supplier_of_the_landed_method_gets_a_client_with_one_scope(parts: Parts) -> None:
    land_schools(parts.stack, method(WHOLE))
    said: list[str] = []
    suppliers(parts.deployed, "budget", dry_run=True, show=said.append)
    changes = ["removes the scope supply:beds", "adds the scope supply:budget", "creates the client supply-budget"]
    assert [one for one in said if " the group " not in one] == changes
    assert "adds the group supply-budget" in said
    assert parts.groups == set()
    assert parts.scopes == {"read", "operate", "supply:estates", "supply:beds"}
    suppliers(parts.deployed, "budget", dry_run=False)
    # No dataset of the method is called estates, but a client has its scope.
    assert parts.scopes == {"read", "operate", "supply:estates", "supply:budget"}
    assert "supply-budget" in parts.groups
    (client,) = (one for one in clients_of(parts.deployed) if "supply:budget" in one.scopes)
    assert client.scopes == {"supply:budget"}
    assert parts.audience[0] == "operator"
    assert client.id in parts.audience
    again: list[str] = []
    suppliers(parts.deployed, "budget", dry_run=False, show=again.append)
    assert again == []


def test_what_a_deployment_set_back_is_restored(parts: Parts) -> None:
    land_schools(parts.stack, method(WHOLE))
    suppliers(parts.deployed, "budget", dry_run=False)
    accepted, jwt = parts.audience, {"Issuer": "https://issuer", "Audience": ["operator"]}
    parts.gateway.update_authorizer(**parts.authorizer, JwtConfiguration=jwt)
    suppliers(parts.deployed, None, dry_run=False)
    assert sorted(parts.audience) == sorted(accepted)


def test_a_dataset_that_the_method_does_not_have_gets_no_client(parts: Parts) -> None:
    land_schools(parts.stack, method(WHOLE))
    with pytest.raises(NoSupplier, match="has no dataset estates; it has budget"):
        suppliers(parts.deployed, "estates", dry_run=False)
