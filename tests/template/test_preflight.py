"""`make preflight`: what each answer of AWS makes it say. Services are stubs, or moto where it answers."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber
from moto import mock_aws

from infra.ops import preflight
from infra.ops.cli import main
from infra.ops.preflight import Account, Result, account_of
from infra.stacks import stages
from infra.template import REGION, ROOT, expand, load, of_type, settled

GB = 2**30
STACK = "headroom-dev"
MISSING = {"service_error_code": "ValidationError", "service_message": "Stack with id headroom-dev does not exist"}


class Stubs:
    """Clients with prepared answers, given once and in order; other calls fail."""

    def __init__(self) -> None:
        session: Any = boto3.Session("test", "test", region_name=REGION)
        self._session = session
        self._clients: dict[str, Any] = {}
        self._stubs: dict[str, Stubber] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service)
            self._stubs[service] = Stubber(self._clients[service])
            self._stubs[service].activate()
        return self._clients[service]

    def answer(self, service: str, operation: str, response: dict[str, Any], asked: Any = None) -> None:
        self(service)
        self._stubs[service].add_response(operation, response, asked)

    def refuse(self, service: str, operation: str, **error: Any) -> None:
        self(service)
        self._stubs[service].add_client_error(operation, **error)


@pytest.fixture
def stubs() -> Stubs:
    return Stubs()


TEMPLATE = account_of(stages()["dev"], boto3.client).template


def account(client: Any, **parameters: str) -> Account:
    stage = stages()["dev"]
    return Account(stage._replace(parameters={**stage.parameters, **parameters}), TEMPLATE, client)


def summary(results: Iterator[Result]) -> tuple[list[str], str]:
    """The outcomes, and all that is said."""
    found = list(results)
    return [result.outcome for result in found], " ".join(result.sentence for result in found)


def limits(free: int, left: int = 70 * GB) -> dict[str, Any]:
    return {
        "AccountLimit": {
            "TotalCodeSize": 75 * GB,
            "ConcurrentExecutions": free,
            "UnreservedConcurrentExecutions": free,
        },
        "AccountUsage": {"TotalCodeSize": 75 * GB - left, "FunctionCount": 4},
    }


def requests(*asked: tuple[str, float]) -> dict[str, Any]:
    return {"RequestedQuotas": [{"Status": status, "DesiredValue": value} for status, value in asked]}


def described(status: str, **more: Any) -> dict[str, Any]:
    return {"Stacks": [{"StackName": STACK, "StackStatus": status, "CreationTime": 0, **more}]}


# ---- Lambda ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "ingest"), [("local", 2), ("dev", 10), ("prod", 10)])
def test_pipeline_takes_what_the_mappings_of_the_template_say(stage: str, ingest: int) -> None:
    parameters = {"Stage": stage}
    found = preflight.concurrency(settled(expand(load(), parameters), parameters), parameters)
    assert sorted(found.values()) == [2, 2, 2, 2, 2, ingest]
    assert found["IngestFunctionLanded"] == ingest


def test_ingest_takes_what_its_parameter_says_on_a_deployed_stage() -> None:
    parameters = {"Stage": "prod", "IngestConcurrency": "5"}
    found = preflight.concurrency(settled(expand(load(), parameters), parameters), parameters)
    assert sum(found.values()) == 5 + 5 * 2


def test_no_mapping_is_without_a_limit_and_sqs_takes_no_less_than_two() -> None:
    template = load()
    assert template["Parameters"]["IngestConcurrency"]["MinValue"] == 2
    expanded = expand(template)
    assert len(of_type(expanded, "AWS::Lambda::EventSourceMapping")) == 6
    assert min(preflight.concurrency(settled(expanded), {}).values()) >= 2


def test_samconfig_says_what_a_new_account_has_to_add() -> None:
    assert '"IngestConcurrency=2"' in (ROOT / "samconfig.toml").read_text("utf-8")


@pytest.mark.parametrize(("free", "outcome"), [(1000, "passed"), (30, "passed"), (29, "to do"), (10, "to do")])
def test_concurrency_has_to_suffice_for_pipeline_and_readers(stubs: Stubs, free: int, outcome: str) -> None:
    """20 for the pipeline (10 and five times 2) and 10 for readers."""
    stubs.answer("lambda", "get_account_settings", limits(free))
    stubs.answer("service-quotas", "list_requested_service_quota_change_history_by_quota", requests())
    outcomes, said = summary(preflight._lambda(account(stubs)))
    assert outcomes == [outcome, "passed"]
    assert f"runs {free:,} functions at a time; the pipeline may take 20" in said
    assert ("request-service-quota-increase" in said) == (outcome == "to do")


@pytest.mark.parametrize(
    ("free", "said"), [(27, "deploy with IngestConcurrency=7"), (22, "with IngestConcurrency=2."), (21, "Not even")]
)
def test_less_concurrency_may_do_with_fewer_files_at_a_time(stubs: Stubs, free: int, said: str) -> None:
    stubs.answer("lambda", "get_account_settings", limits(free))
    stubs.answer("service-quotas", "list_requested_service_quota_change_history_by_quota", requests(("DENIED", 500)))
    assert said in summary(preflight._lambda(account(stubs)))[1]


def test_parameter_of_the_stage_counts(stubs: Stubs) -> None:
    stubs.answer("lambda", "get_account_settings", limits(22))
    assert summary(preflight._lambda(account(stubs, IngestConcurrency="2")))[0] == ["passed", "passed"]


def test_increase_that_was_asked_for_is_waited_for(stubs: Stubs) -> None:
    stubs.answer("lambda", "get_account_settings", limits(10))
    stubs.answer("service-quotas", "list_requested_service_quota_change_history_by_quota", requests(("PENDING", 1000)))
    said = summary(preflight._lambda(account(stubs)))[1]
    assert "1,000 were requested from AWS, which has not answered" in said
    assert "request-service-quota-increase" not in said


def test_full_code_storage_is_found(stubs: Stubs) -> None:
    stubs.answer("lambda", "get_account_settings", limits(1000, left=GB - 1))
    outcomes, said = summary(preflight._lambda(account(stubs)))
    assert outcomes == ["passed", "to do"]
    assert "only 1,024 MB are left" in said


# ---- stacks and what they leave behind ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "outcome", "said"),
    [
        ("CREATE_COMPLETE", "passed", "is CREATE_COMPLETE"),
        ("UPDATE_ROLLBACK_COMPLETE", "passed", "is UPDATE_ROLLBACK_COMPLETE"),
        ("REVIEW_IN_PROGRESS", "passed", "sam deploy makes it"),
        ("DELETE_COMPLETE", "passed", "sam deploy makes it"),
        ("ROLLBACK_COMPLETE", "to do", f"aws cloudformation delete-stack --stack-name {STACK}"),
        ("DELETE_FAILED", "to do", f"aws cloudformation delete-stack --stack-name {STACK}"),
        ("UPDATE_IN_PROGRESS", "to do", "wait"),
        ("UPDATE_ROLLBACK_FAILED", "to do", "continue-update-rollback"),
    ],
)
def test_stack_that_cannot_be_deployed_to_is_found(stubs: Stubs, status: str, outcome: str, said: str) -> None:
    stubs.answer("cloudformation", "describe_stacks", described(status), {"StackName": STACK})
    stubs.refuse("cloudformation", "describe_stacks", **MISSING)
    outcomes, sentences = summary(preflight._stacks(account(stubs)))
    assert outcomes == [outcome, "passed"]
    assert said in sentences
    assert ("delete-stack" in sentences) == ("delete-stack" in said)  # never of a stack that was once right


def test_broken_bootstrap_of_sam_is_found(stubs: Stubs) -> None:
    stubs.refuse("cloudformation", "describe_stacks", **MISSING)
    stubs.answer("cloudformation", "describe_stacks", described("ROLLBACK_FAILED"), {"StackName": preflight._BOOTSTRAP})
    assert summary(preflight._stacks(account(stubs)))[0] == ["passed", "to do"]


def stored(stubs: Stubs, buckets: list[str], pools: list[tuple[str, str]], resources: list[tuple[str, str]]) -> None:
    stubs.answer("s3", "list_buckets", {"Buckets": [{"Name": name} for name in buckets]})
    if resources:
        stubs.answer("cloudformation", "describe_stacks", described("UPDATE_COMPLETE"))
        listed = [
            {"LogicalResourceId": "A", "ResourceType": "A::B::C", "PhysicalResourceId": name, "ResourceStatus": status}
            | {"LastUpdatedTimestamp": 0}
            for name, status in resources
        ]
        stubs.answer("cloudformation", "list_stack_resources", {"StackResourceSummaries": listed})
    else:
        stubs.refuse("cloudformation", "describe_stacks", **MISSING)
    stubs.answer("cognito-idp", "list_user_pools", {"UserPools": [{"Id": pool, "Name": name} for pool, name in pools]})
    quota = {"Quota": {"Value": 100.0}}
    stubs.answer("service-quotas", "get_service_quota", quota, {"ServiceCode": "s3", "QuotaCode": "L-DC2B2D3D"})


def test_what_an_earlier_stack_left_is_found_and_nothing_of_other_stacks(stubs: Stubs) -> None:
    others = ["headroom-prod-landingbucket-1", "headroom-landingbucket-2", "headroom-devel-databucket-3", "mine"]
    stored(stubs, ["headroom-dev-landingbucket-a1", *others], [("pool-1", STACK), ("pool-2", "headroom-prod")], [])
    (left, quota), said = summary(preflight._buckets(account(stubs)))
    assert (left, quota) == ("to do", "passed")
    assert "headroom-dev-landingbucket-a1, pool-1." in said
    own = len(of_type(load(), "AWS::S3::Bucket"))
    assert f"100 buckets are allowed, and it would be {5 + own + 1}." in f"{said}."  # SAM makes one as well


def test_what_belongs_to_the_stack_is_not_left_over_but_what_a_failed_creation_retained_is(stubs: Stubs) -> None:
    mine, kept = "headroom-dev-landingbucket-a1", "headroom-dev-databucket-b2"
    stored(stubs, [mine, kept], [], [(mine, "CREATE_COMPLETE"), (kept, "DELETE_SKIPPED")])
    outcomes, said = summary(preflight._buckets(account(stubs)))
    assert outcomes == ["to do", "passed"]
    assert kept in said
    assert mine not in said


def test_full_quota_of_buckets_is_found(stubs: Stubs) -> None:
    stored(stubs, [f"bucket-{number}" for number in range(97)], [], [])
    assert summary(preflight._buckets(account(stubs)))[0] == ["passed", "to do"]


# ---- the rest -------------------------------------------------------------------------------------------------------


@mock_aws
def test_region_that_is_configured_has_every_service() -> None:
    session: Any = boto3.Session(region_name=REGION)
    outcomes, said = summary(preflight._region(account(session.client)))
    assert outcomes == ["passed"], said


def test_region_that_lacks_a_service_is_found(stubs: Stubs) -> None:
    there = [{"Value": service} for service in preflight.SERVICES if service not in ("athena", "xray")]
    stubs.answer("ssm", "get_parameters_by_path", {"Parameters": there})
    outcomes, said = summary(preflight._region(account(stubs)))
    assert outcomes == ["to do"]
    assert "has no athena, xray:" in said


def test_region_that_aws_does_not_list_is_checked_by_hand(stubs: Stubs) -> None:
    stubs.answer("ssm", "get_parameters_by_path", {"Parameters": []})
    assert summary(preflight._region(account(stubs)))[0] == ["by hand"]


def test_every_service_of_the_template_is_asked_for() -> None:
    names = {"ApiGatewayV2": "apigateway", "Cognito": "cognito-idp"}
    types = {
        resource["Type"]
        for stage in stages().values()
        for resource in account_of(stage, None).template["Resources"].values()
    }
    used = {names.get(kind.split("::")[1], kind.split("::")[1].lower()) for kind in types}
    assert used <= set(preflight.SERVICES)


@pytest.mark.parametrize(
    ("subscriptions", "outcome"),
    [([], "to do"), (["PendingConfirmation"], "to do"), (["arn:aws:sns:eu-west-2:1:t:1"], "passed")],
)
def test_alarms_have_to_reach_a_person(stubs: Stubs, subscriptions: list[str], outcome: str) -> None:
    topic = {"OutputKey": "AlarmTopicArn", "OutputValue": "arn:aws:sns:eu-west-2:1:topic"}
    stubs.answer("cloudformation", "describe_stacks", described("CREATE_COMPLETE", Outputs=[topic]))
    listed = {"Subscriptions": [{"SubscriptionArn": arn} for arn in subscriptions]}
    stubs.answer("sns", "list_subscriptions_by_topic", listed, {"TopicArn": topic["OutputValue"]})
    assert summary(preflight._alarms(account(stubs)))[0] == [outcome]


@pytest.mark.parametrize(("address", "said"), [("", "AlarmEmail=…"), ("ops@example.org", "ops@example.org")])
def test_before_the_first_deployment_alarms_are_checked_by_hand(stubs: Stubs, address: str, said: str) -> None:
    stubs.refuse("cloudformation", "describe_stacks", **MISSING)
    outcomes, sentences = summary(preflight._alarms(account(stubs, AlarmEmail=address)))
    assert outcomes == ["by hand"]
    assert said in sentences


@pytest.mark.parametrize(
    ("region", "state", "outcome"),
    [("eu-west-2", "Enabled", "by hand"), ("eu-west-2", "Disabled", "to do"), ("eu-west-1", "Enabled", "to do")],
)
def test_key_has_to_be_enabled_and_of_the_region(stubs: Stubs, region: str, state: str, outcome: str) -> None:
    arn = f"arn:aws:kms:{region}:123456789012:key/of-ones-own"
    stubs.answer("kms", "describe_key", {"KeyMetadata": {"KeyId": "of-ones-own", "KeyState": state}}, {"KeyId": arn})
    assert summary(preflight._key(account(stubs, KeyArn=arn)))[0] == [outcome]


def test_without_valid_credentials_nothing_else_is_checked(stubs: Stubs) -> None:
    stubs.refuse("sts", "get_caller_identity", service_error_code="ExpiredToken")
    outcomes, said = summary(preflight.preflight(account(stubs)))
    assert outcomes == ["to do"]
    assert "ExpiredToken" in said

    def nobody(_: str) -> Any:
        raise NoCredentialsError

    assert summary(preflight.preflight(account(nobody)))[0] == ["to do"]


@mock_aws
def test_what_cannot_be_asked_is_checked_by_hand() -> None:
    """moto does not answer Lambda's settings, as an account might refuse them."""
    session: Any = boto3.Session(region_name=REGION)
    found = list(preflight.preflight(account(session.client)))
    assert not [result.sentence for result in found if result.outcome == "to do"]
    asked = [result.sentence for result in found if "could not be checked" in result.sentence]
    assert any(sentence.startswith("Lambda's concurrency") for sentence in asked)
    assert any("3,008 MB" in result.sentence for result in found if result.outcome == "by hand")


@pytest.mark.parametrize("stage", [[], ["--stage", "live"]])
def test_unknown_stage_is_one_line(capsys: pytest.CaptureFixture[str], stage: list[str]) -> None:
    assert main(["preflight", *stage]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "use --stage with one of local, dev, prod" in line


@mock_aws
@pytest.mark.parametrize(("results", "code", "said"), [(["passed", "by hand"], 0, "can be deployed"),
                                                       (["passed", "to do"], 1, "should NOT be deployed")])  # fmt: skip
def test_exit_code_says_whether_something_has_to_be_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], results: list[Any], code: int, said: str
) -> None:
    monkeypatch.setattr(preflight, "preflight", lambda _: [Result(outcome, "A sentence.") for outcome in results])
    assert main(["preflight", "--stage", "dev"]) == code
    assert said in capsys.readouterr().out.splitlines()[-1]
