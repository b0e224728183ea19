"""Scopes, groups and suppliers' clients in template.yaml, made from the method's datasets.

Each dataset has a scope, `supply:<dataset>`, and a client with that scope alone: a supplier's permissions follow from
the client secret that it received. Cognito allows a colon in a scope's name, but no slash, quotation mark or backslash.
Each has a group too, `supply-<dataset>`, for people who land its files on the web client.
Cognito charges for each machine client, so a dataset has one only if its parameter says that it has a supplier. One
parameter with a list of datasets is not possible: a condition of CloudFormation cannot search a list.
"""

import re
from collections.abc import Iterator, Sequence

from functions.api.http.auth import OPERATE, READ, RESOURCE_SERVER, group_of
from infra.generate import parts
from infra.template import ROOT
from shared.method.load import bundle, load

METHOD = ROOT / "method"
_DESCRIPTIONS = {READ: "Read figures.", OPERATE: "Promote releases, roll back, and see every receipt."}


def datasets() -> list[str]:
    """The datasets of the shipped method."""
    return sorted(load(bundle(METHOD)).datasets)


def fragments(names: Sequence[str]) -> dict[str, list[str]]:
    """Title of a generated part → its lines."""
    return {
        "Suppliers": [line for name in names for line in _parameter(name)],
        "Datasets with a supplier": [line for name in names for line in _condition(name)],
        "Scopes, clients and groups": [
            *_resource_server(names),
            *(line for make in (_client, _group) for name in names for line in make(name)),
        ],
    }


def client_of(dataset: str) -> str:
    """The logical id of a dataset's client."""
    return f"Supply{_camel(dataset)}Client"


def parameter_of(dataset: str) -> str:
    """The parameter that says whether a dataset has a supplier."""
    return f"{_camel(dataset)}Supplier"


def _condition_of(dataset: str) -> str:
    return f"Supplies{_camel(dataset)}"


def _camel(dataset: str) -> str:
    return "".join(word.title() for word in re.findall("[a-z0-9]+", dataset.lower()))


def _parameter(dataset: str) -> Iterator[str]:
    yield f"  {parameter_of(dataset)}:"
    yield "    Type: String"
    yield '    AllowedValues: ["true", "false"]'
    yield '    Default: "false"'
    yield f"    Description: Whether {dataset} has a supplier and its client in Cognito (always in the stage local)."


def _condition(dataset: str) -> Iterator[str]:
    supplied = f'!Equals [!Ref {parameter_of(dataset)}, "true"]'
    yield f"  {_condition_of(dataset)}: !Or [!Condition IsLocal, {supplied}]"


def _resource_server(names: Sequence[str]) -> Iterator[str]:
    yield "  ResourceServer:"
    yield "    Type: AWS::Cognito::UserPoolResourceServer"
    yield "    Properties:"
    yield "      UserPoolId: !Ref UserPool"
    yield f"      Identifier: {RESOURCE_SERVER}"
    yield f"      Name: {RESOURCE_SERVER}"
    yield "      Scopes:"
    for scope, description in (
        _DESCRIPTIONS | {f"supply:{name}": f"Land files of {name} and see their receipts." for name in names}
    ).items():
        yield f'        - {{ScopeName: "{scope}", ScopeDescription: "{description}"}}'
    yield ""
    yield "  TokenAuthorizer:"
    yield "    Type: AWS::ApiGatewayV2::Authorizer"
    yield "    DependsOn: HttpApiIntegration # API Gateway refuses two changes of an API at the same time"
    yield "    Properties:"
    yield "      ApiId: !Ref HttpApi"
    yield "      Name: cognito"
    yield "      AuthorizerType: JWT"
    yield '      IdentitySource: ["$request.header.Authorization"]'
    yield "      JwtConfiguration:"
    yield "        Issuer: !Sub https://cognito-idp.${AWS::Region}.amazonaws.com/${UserPool}"
    yield "        Audience: # the clients whose tokens are accepted"
    for client in ("PeopleClient", "OperatorClient"):
        yield f"          - !Ref {client}"
    for name in names:
        yield f"          - !If [{_condition_of(name)}, !Ref {client_of(name)}, !Ref AWS::NoValue]"
    yield ""


def _client(dataset: str) -> Iterator[str]:
    yield f"  {client_of(dataset)}:"
    yield "    Type: AWS::Cognito::UserPoolClient"
    yield f"    Condition: {_condition_of(dataset)}"
    yield "    Properties:"
    yield "      UserPoolId: !Ref UserPool"
    yield f"      ClientName: supply-{dataset}"
    yield "      GenerateSecret: true"
    yield "      AllowedOAuthFlowsUserPoolClient: true"
    yield "      AllowedOAuthFlows: [client_credentials]"
    yield f'      AllowedOAuthScopes: [!Sub "${{ResourceServer}}/supply:{dataset}"]'
    yield ""


def _group(dataset: str) -> Iterator[str]:
    yield f"  Supply{_camel(dataset)}Group:"
    yield "    Type: AWS::Cognito::UserPoolGroup"
    yield "    Properties:"
    yield "      UserPoolId: !Ref UserPool"
    yield f"      GroupName: {group_of(dataset)}"
    yield f"      Description: May land files of {dataset} and see their receipts."
    yield ""


def updated(template: str) -> str:
    """A template's text with the scopes and clients of the shipped method's datasets."""
    for title, lines in fragments(datasets()).items():
        template = parts.replaced(template, parts.begin(title, "method/datasets"), lines)
    return template
