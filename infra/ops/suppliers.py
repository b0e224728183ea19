"""`headroom suppliers`: the scopes, groups and clients of suppliers, as the method in force has datasets.

The template has a scope and a group for each dataset of the repository's method. A stack whose method has others gets
theirs from this command, which changes Cognito and the API's authorizer with the caller's permissions; no function may
do that. A deployment that changes either sets it back to the template: run the command again after it, as often as you
like.
"""

from collections.abc import Callable, Mapping
from typing import Any

from functions.api.http.auth import RESOURCE_SERVER, group_of
from infra.errors import CommandError
from infra.ops.tokens import clients_of
from infra.stacks import Deployed
from shared.aws.store import Store
from shared.errors import NotReady
from shared.landing.history import methods_in_force
from shared.landing.read import read_log_of_methods, read_method

_SUPPLY = "supply:"
_MOST = 100
"""Scopes of a resource server, a limit of Cognito."""

type Print = Callable[[str], None]


class NoSupplier(CommandError):
    """The scopes or the client cannot be made; the message says why."""


def suppliers(stack: Deployed, dataset: str | None, dry_run: bool, show: Print = print) -> None:
    """Give each dataset of the method in force, and of one in preview, its scope and group, and the named one a client.

    A scope of a dataset that the method no longer has goes, unless a client has it. Groups stay, since they may have
    people. NoSupplier without a method, for a dataset that it does not have, and for more scopes than Cognito allows.
    """
    datasets = _datasets(stack)
    if dataset and dataset not in datasets:
        raise NoSupplier(f"the method in force has no dataset {dataset}; it has {', '.join(datasets)}.")
    clients = [client for client in clients_of(stack) if any(scope.startswith(_SUPPLY) for scope in client.scopes)]
    in_use = {scope for client in clients for scope in client.scopes}
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    server = cognito.describe_resource_server(UserPoolId=pool, Identifier=RESOURCE_SERVER)["ResourceServer"]
    before = {one["ScopeName"]: one["ScopeDescription"] for one in server["Scopes"]}
    after = {name: text for name, text in before.items() if not name.startswith(_SUPPLY) or name in in_use}
    after |= {f"{_SUPPLY}{name}": f"Land files of {name} and see their receipts." for name in datasets}
    if len(after) > _MOST:
        raise NoSupplier(f"these are {len(after)} scopes, and Cognito allows {_MOST}; nothing was changed.")
    for scope in sorted(after.keys() ^ before.keys()):
        show(f"{'adds' if scope in after else 'removes'} the scope {scope}")
    present = _groups(cognito, pool)
    groups = [group_of(name) for name in datasets if group_of(name) not in present]
    for group in groups:
        show(f"adds the group {group}")
    creates = bool(dataset) and not any(client.scopes == {f"{_SUPPLY}{dataset}"} for client in clients)
    if creates:
        show(f"creates the client supply-{dataset}")
    if dry_run:
        return
    if after != before:
        scopes = [{"ScopeName": name, "ScopeDescription": text} for name, text in sorted(after.items())]
        cognito.update_resource_server(UserPoolId=pool, Identifier=RESOURCE_SERVER, Name=RESOURCE_SERVER, Scopes=scopes)
    for group in groups:
        cognito.create_group(UserPoolId=pool, GroupName=group)
    ids = [client.id for client in clients]
    if creates:
        ids.append(_create(cognito, pool, str(dataset)))
    _accept(stack, ids, show)


def _datasets(stack: Deployed) -> list[str]:
    landing, data = (Store(stack.outputs[f"{name}BucketName"], stack.client("s3")) for name in ("Landing", "Data"))
    try:
        methods = {*methods_in_force(read_log_of_methods(landing, data)).values()}
    except NotReady as error:
        raise NoSupplier(f"{error}: land a method, wait until it is accepted, and try again.") from None
    return sorted({name for method in methods for name in read_method(data, method).datasets})


def _groups(cognito: Any, pool: str) -> set[str]:
    pages = cognito.get_paginator("list_groups").paginate(UserPoolId=pool)
    return {group["GroupName"] for page in pages for group in page["Groups"]}


def _create(cognito: Any, pool: str, dataset: str) -> str:
    """A client with the scope of one dataset and nothing else; its id."""
    created: Mapping[str, Any] = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName=f"supply-{dataset}",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=[f"{RESOURCE_SERVER}/{_SUPPLY}{dataset}"],
    )["UserPoolClient"]
    return str(created["ClientId"])


def _accept(stack: Deployed, ids: list[str], show: Print) -> None:
    """Make the API accept the tokens of these clients as well."""
    found = stack.client("cloudformation").describe_stack_resources(StackName=stack.name)["StackResources"]
    resources = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}
    gateway, api = stack.client("apigatewayv2"), resources["HttpApi"]
    authorizer = gateway.get_authorizer(ApiId=api, AuthorizerId=resources["TokenAuthorizer"])
    jwt = authorizer["JwtConfiguration"]
    if missing := [one for one in ids if one not in jwt["Audience"]]:
        gateway.update_authorizer(
            ApiId=api,
            AuthorizerId=authorizer["AuthorizerId"],
            JwtConfiguration={"Issuer": jwt["Issuer"], "Audience": [*jwt["Audience"], *missing]},
        )
        show(f"the API accepts tokens of {len(missing)} more clients")
