"""Who may do what, on the emulator: tokens of its Cognito, checked by its JWT authorizer, while reading is open to all
and while it is not."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from infra.generate.cognito import datasets
from infra.ops.tokens import token, token_url
from infra.stacks import Deployed, describe
from infra.template import REGION, ROOT
from tests.support.api.served import OPERATORS, READERS, SERVED, serves, spelt, with_heads
from tests.system.conftest import Published

SUPPLIED, OTHER = "ods_trusts", "eric_trust"
SCOPES = ("read", "operate", f"supply:{SUPPLIED}", f"supply:{OTHER}")
EVERY_SCOPE = ("read", "operate", *(f"supply:{name}" for name in datasets()))
ANOTHERS = [("GET /v1/receipts/<file_id>", f"supply:{OTHER}"), ("GET /v1/uploads/<upload_id>", f"supply:{OTHER}")]
STACK = "headroom"


@pytest.fixture(scope="module")
def stack(published: Published) -> Deployed:
    return describe(STACK, published.emulator.client)


@pytest.fixture(scope="module")
def parts(published: Published, stack: Deployed) -> dict[str, str]:
    """Names that the release knows, and a file of the dataset that is supplied."""
    bearer = {"Authorization": f"Bearer {token(stack, ['read'])}"}

    def read(path: str) -> Any:
        return httpx.get(f"{published.api}{path}", headers=bearer, timeout=30).raise_for_status().json()

    file = {"dataset": SUPPLIED, "period": "2030", "file_name": "a.csv", "content_type": "text/csv"}
    supplier = {"Authorization": f"Bearer {token(stack, [f'supply:{SUPPLIED}'])}"}
    form = httpx.post(f"{published.api}/v1/uploads", json=file, headers=supplier, timeout=30).raise_for_status().json()
    one, other = (trust["trust_code"] for trust in read("/v1/trusts?limit=2")["trusts"])
    found = read(f"/v1/trusts/{one}/opportunities?status=opportunity")["opportunities"]
    return {
        "code": one,
        "other": other,
        "opportunity_id": found[0]["opportunity_id"],
        "release_id": published.release_id,
        "table": "trusts",
        "dataset": "eric_trust",
        "upload_id": form["upload_id"],
        "file_id": next(
            receipt["file_id"] for key, receipt in published.receipts.items() if key.startswith(f"{SUPPLIED}/")
        ),
    }


@pytest.fixture(scope="module")
def good(stack: Deployed) -> dict[str, str]:
    """A token of each scope, and nothing else."""
    return {scope: token(stack, [scope]) for scope in SCOPES}


@pytest.fixture(scope="module")
def person(published: Published, stack: Deployed) -> dict[str, str]:
    """What Cognito gives an analyst who signs in on its page: an access token and an ID token."""
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    password = "Long enough 4 anybody!"
    cognito.admin_create_user(UserPoolId=pool, Username="ann", TemporaryPassword=password)
    cognito.admin_set_user_password(UserPoolId=pool, Username="ann", Password=password, Permanent=True)
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    client = {"client_id": stack.outputs["PeopleClientId"], "redirect_uri": f"{stack.outputs['ApiUrl']}/signed-in"}
    asked = client | {"response_type": "code", "scope": "openid headroom/read"}
    proof = {"code_challenge": challenge, "code_challenge_method": "S256"}
    signed_in = httpx.post(
        f"{published.emulator.endpoint}/login", data=asked | proof | {"username": "ann", "password": password}
    )
    (code,) = parse_qs(urlsplit(signed_in.headers["location"]).query)["code"]
    traded = client | {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    told: dict[str, str] = httpx.post(token_url(stack), data=traded).raise_for_status().json()
    return told


@pytest.fixture(scope="module")
def bad(stack: Deployed, good: dict[str, str]) -> dict[str, str | None]:
    """Tokens that open nothing, whatever their scopes."""
    return {
        "no token": None,
        "garbage": "x.y.z",
        "wrong audience": outsiders_token(stack),
        "wrong issuer": token_of_another_pool(stack),
        "expired": expired_token(stack),
        "tampered": tampered(good["read"]),
        "signature cut": good["operate"][:-4],
        "unsigned": f"{encoded({'alg': 'none', **header(good['operate'])})}.{good['operate'].split('.')[1]}.",
    }


def outsiders_token(stack: Deployed) -> str:
    """Of a client of the pool that the API was not told of; the only one with every scope."""
    client(stack, stack.outputs["UserPoolId"])
    return token(stack, EVERY_SCOPE)


def token_of_another_pool(stack: Deployed) -> str:
    cognito = stack.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
    scopes = [{"ScopeName": scope, "ScopeDescription": scope} for scope in EVERY_SCOPE]
    cognito.create_resource_server(UserPoolId=pool, Identifier="headroom", Name="headroom", Scopes=scopes)
    client(stack, pool)
    return token(stack._replace(outputs={**stack.outputs, "UserPoolId": pool}), EVERY_SCOPE)


def client(stack: Deployed, pool: str) -> None:
    stack.client("cognito-idp").create_user_pool_client(
        UserPoolId=pool,
        ClientName="outsider",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=[f"headroom/{scope}" for scope in EVERY_SCOPE],
    )


def expired_token(stack: Deployed) -> str:
    """The operator's, of a moment in which tokens were good for a second."""
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    told = json.loads(base64.urlsafe_b64decode(token(stack, ["operate"]).split(".")[1] + "=="))
    of_operator = {"UserPoolId": pool, "ClientId": told["client_id"]}
    cognito.update_user_pool_client(**of_operator, AccessTokenValidity=1, TokenValidityUnits={"AccessToken": "seconds"})
    try:
        short = token(stack, ["read", "operate"])
    finally:
        cognito.update_user_pool_client(
            **of_operator, AccessTokenValidity=1, TokenValidityUnits={"AccessToken": "hours"}
        )
    time.sleep(2)
    return short


def tampered(bearer: str) -> str:
    """The same signature under more scopes."""
    head, body, signature = bearer.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["scope"] = " ".join(f"headroom/{scope}" for scope in EVERY_SCOPE)
    return f"{head}.{encoded(claims)}.{signature}"


def header(bearer: str) -> dict[str, str]:
    told: dict[str, str] = json.loads(base64.urlsafe_b64decode(bearer.split(".")[0] + "=="))
    return {"kid": told["kid"]}


def encoded(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


class Asking:
    """The API as clients reach it."""

    def __init__(self, http: httpx.Client, api: str, parts: dict[str, str]) -> None:
        self.http, self.api, self.parts = http, api, parts

    def __call__(self, asked: str, bearer: str | None) -> int:
        method, path = spelt(asked, self.parts)
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        query = {"since": self.parts["release_id"]} if path.endswith("/changes") else None
        return self.http.request(method, f"{self.api}{path}", params=query, headers=headers).status_code


@pytest.fixture
def ask(published: Published, parts: dict[str, str]) -> Iterator[Asking]:
    with httpx.Client(timeout=30) as http:
        yield Asking(http, published.api, parts)


def let_in(asked: str) -> int:
    """GETs are answered; the others are let in and told that they sent nothing, which is enough to ask what if."""
    if asked.endswith("/v1/releases/preview"):  # the stack has none
        return 404
    return 422 if asked.startswith("POST") and not asked.endswith("/what-if") else 200


def mistakes(
    ask: Asking, good: dict[str, str], bad: dict[str, str | None], id_token: str, open_read: bool
) -> list[str]:
    """Where the API answers otherwise than the table has it."""
    wrong = []

    def told(asked: str, what: str, bearer: str | None, expected: int) -> None:
        if (status := ask(asked, bearer)) != expected:
            wrong.append(f"{asked} with {what}: {status} instead of {expected}")

    for asked in SERVED:
        for one in with_heads(asked):
            for scope, bearer in good.items():
                expected = let_in(asked) if serves(asked, scope, open_read) else 403
                told(one, scope, bearer, 404 if (asked, scope) in ANOTHERS else expected)
            to_all = serves(asked, "", open_read)
            for what, bearer in bad.items():
                told(one, what, bearer, let_in(asked) if to_all else 401)
            refused = 403 if SERVED[asked] in (READERS, OPERATORS) else 401
            told(one, "an ID token", id_token, let_in(asked) if to_all else refused)
    return wrong


def test_each_address_serves_whom_the_table_names_while_reading_is_open(
    ask: Asking, good: dict[str, str], bad: dict[str, str | None], person: dict[str, str]
) -> None:
    assert mistakes(ask, good, bad, person["id_token"], open_read=True) == []


def test_an_analysts_token_reads_and_names_its_feedback(
    published: Published, good: dict[str, str], person: dict[str, str]
) -> None:
    def sent(method: str, path: str, bearer: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {bearer}"}
        return httpx.request(method, f"{published.api}{path}", headers=headers, timeout=30, **body).raise_for_status()

    said = {"about": {"methodology": "all"}, "text": "In my own name."}
    sent("POST", "/v1/feedback/named", person["access_token"], json=said)
    told = sent("GET", "/v1/feedback", good["operate"]).json()["feedback"]
    assert {one["who"] for one in told if one["text"] == said["text"]} == {"ann"}


def test_ops_get_a_token_from_the_command_line(published: Published, ask: Asking) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        **dict(pair.split("=", 1) for pair in published.emulator.as_ops.split()),
        "AWS_DEFAULT_REGION": REGION,
    }

    def make(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "infra.ops", "token", "--stage", "local", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    printed = make("--scopes", "operate")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert ask("GET /v1/feedback", printed.stdout.strip()) == 200
    refused = make("--scopes", "operate supply:nothing")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "no client has all of these scopes" in refused.stderr
    assert "operate read; " in refused.stderr


@pytest.fixture
def closed(published: Published) -> Iterator[None]:
    """The stack while reading takes a token."""
    deploy(published, open_read="false")
    yield
    deploy(published, open_read="true")


def deploy(published: Published, open_read: str) -> None:
    cloudformation = published.emulator.client("cloudformation")
    described = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Parameters"]
    kept = [
        {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
        for one in described
        if one["ParameterKey"] != "OpenRead"
    ]
    cloudformation.update_stack(
        StackName=STACK,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[*kept, {"ParameterKey": "OpenRead", "ParameterValue": open_read}],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})


def test_each_address_serves_whom_the_table_names_while_reading_is_closed(
    closed: None, ask: Asking, good: dict[str, str], bad: dict[str, str | None], person: dict[str, str]
) -> None:
    assert mistakes(ask, good, bad, person["id_token"], open_read=False) == []
    assert ask("GET /", None) == 200
    assert ask("GET /docs", None) == 200
    assert ask("GET /openapi.json", None) == 200
