"""The house rules, read off the expanded template: whatever is added to it later has to keep them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from functions.ingest import apart
from infra.template import ROOT, Template, called, load, of_type, references, settled
from shared import events
from shared.aws import settings, store

SETTINGS = {
    "IngestFunction": settings.IngestSettings,
    "PeersFunction": settings.PeersSettings,
    "OpportunitiesFunction": settings.OpportunitiesSettings,
    "DrawsFunction": settings.PartsSettings,
    "ShardsFunction": settings.PartsSettings,
    "ApiFunction": settings.ApiSettings,
}
WIDE = (
    "xray:",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
"""The actions that AWS grants on all resources only."""
FOUR_DAYS, FOURTEEN_DAYS = 345_600, 1_209_600


def logical(reference: Any) -> str:
    """The one resource that a Ref or GetAtt names."""
    (name,) = references(reference)
    return name


def dead_letter_queues(template: Template) -> set[str]:
    redriven = {
        logical(queue["RedrivePolicy"]["deadLetterTargetArn"])
        for queue in of_type(template, "AWS::SQS::Queue").values()
        if "RedrivePolicy" in queue
    }
    return redriven | {logical(target["DeadLetterConfig"]["Arn"]) for _, target in targets(template)}


def targets(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each rule with each of its targets."""
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        for target in rule["Targets"]:
            yield name, target


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """The role of each function and state machine with each of its statements."""
    roles = [one["Role"] for one in of_type(template, "AWS::Lambda::Function").values()]
    roles += [one["RoleArn"] for one in of_type(template, "AWS::StepFunctions::StateMachine").values()]
    for role in map(logical, roles):
        for policy in template["Resources"][role]["Properties"]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield role, statement


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_queue_is_encrypted_and_ends_in_a_dead_letter_queue_that_keeps_longer(template: Template) -> None:
    queues = of_type(settled(template), "AWS::SQS::Queue")
    dead = dead_letter_queues(template)
    for name, queue in queues.items():
        assert queue["SqsManagedSseEnabled"] is True, name
        if name in dead:
            assert queue["MessageRetentionPeriod"] == FOURTEEN_DAYS, name
        else:
            assert queue["RedrivePolicy"]["maxReceiveCount"] >= 3, name
            assert queue["MessageRetentionPeriod"] <= FOUR_DAYS, name


def test_every_dead_letter_queue_has_an_alarm_at_the_first_message(template: Template) -> None:
    alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
    watched = {
        logical(alarm["Dimensions"][0]["Value"])
        for alarm in alarms
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        and (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    }
    assert watched == dead_letter_queues(template)


def test_every_alarm_tells_someone(template: Template) -> None:
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"], name


def test_every_rule_hands_what_it_cannot_deliver_to_a_dead_letter_queue(template: Template) -> None:
    for name, target in targets(template):
        assert "DeadLetterConfig" in target, name


def test_queues_take_messages_from_their_own_rules_only(template: Template) -> None:
    senders: dict[str, set[str]] = {}
    for rule, target in targets(template):
        senders.setdefault(logical(target["Arn"]), set()).add(rule)
        senders.setdefault(logical(target["DeadLetterConfig"]["Arn"]), set()).add(rule)
    allowed = {}
    for policy in of_type(template, "AWS::SQS::QueuePolicy").values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Action"] == "sqs:SendMessage"
        (queue,) = {logical(statement["Resource"]), *(logical(queue) for queue in policy["Queues"])}
        allowed[queue] = set(references(statement["Condition"]["ArnEquals"]["aws:SourceArn"]))
    assert allowed == senders


def test_rules_listen_for_events_that_exist(template: Template) -> None:
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        pattern = rule.get("EventPattern", {})
        if pattern.get("source") == [events.SOURCE]:
            assert set(pattern["detail-type"]) <= events.Event.NAMES.keys(), name
        if "ScheduleExpression" in rule:
            asked = events.read(rule["Targets"][0]["Input"])
            assert isinstance(events.parse(asked), events.RecomputeRequested)


def test_every_mapping_reports_batch_item_failures(template: Template) -> None:
    for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_no_batch_is_given_out_again_while_it_may_still_be_at_work(template: Template) -> None:
    for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        queue = template["Resources"][logical(mapping["EventSourceArn"])]["Properties"]
        timeout = template["Resources"][called(template, mapping["FunctionName"])]["Properties"]["Timeout"]
        assert queue["VisibilityTimeout"] >= 6 * timeout + mapping.get("MaximumBatchingWindowInSeconds", 0), name


def test_every_function_is_traced_and_logs_to_a_group_that_forgets(template: Template) -> None:
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        group = template["Resources"][logical(function["LoggingConfig"]["LogGroup"])]
        assert group["Properties"]["RetentionInDays"], name
        assert function["TracingConfig"] == {"Mode": "Active"}, name
        assert function["Runtime"] == "python3.13", name


def test_every_log_group_has_a_retention(template: Template) -> None:
    for name, group in of_type(template, "AWS::Logs::LogGroup").items():
        assert "RetentionInDays" in group, name


def test_every_function_is_told_exactly_what_its_settings_ask_for(template: Template) -> None:
    set_by_lambda = {"AWS_LAMBDA_FUNCTION_VERSION"}
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        told = {key for key in function["Environment"]["Variables"] if not key.startswith("POWERTOOLS_")}
        assert told == {field.alias for field in SETTINGS[name].model_fields.values()} - set_by_lambda, name


def test_every_function_says_who_it_is_in_logs_and_metrics(template: Template) -> None:
    names = [
        function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        for function in of_type(template, "AWS::Lambda::Function").values()
    ]
    assert len(set(names)) == len(names)


def test_roles_name_their_actions_and_resources(template: Template) -> None:
    for role, statement in statements(template):
        where = f"{role} {statement['Sid']}"
        assert statement["Effect"] == "Allow", where
        assert not any("*" in action for action in many(statement["Action"])), where
        if not all(action.startswith(WIDE) for action in many(statement["Action"])):
            assert "*" not in many(statement["Resource"]), where


def test_roles_are_one_per_function_and_hold_no_managed_policy(template: Template) -> None:
    roles = of_type(template, "AWS::IAM::Role")
    assert all("ManagedPolicyArns" not in role for role in roles.values())
    used = [logical(function["Role"]) for function in of_type(template, "AWS::Lambda::Function").values()]
    used += [logical(one["RoleArn"]) for one in of_type(template, "AWS::StepFunctions::StateMachine").values()]
    assert sorted([*used, "TakeoverRole"]) == sorted(roles)
    assert list(of_type(template, "AWS::IAM::Policy")) == ["KeyPolicy"]


UNVERSIONED = {"IncomingBucket"}  # what a form sent is copied within seconds, and only its newest bytes count


def test_buckets_are_versioned_encrypted_and_private(template: Template) -> None:
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        versioned = bucket.get("VersioningConfiguration") == {"Status": "Enabled"}
        assert versioned == (name not in UNVERSIONED), name
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"], name
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name


def test_what_holds_data_outlives_the_stack_but_not_its_failed_creation(template: Template) -> None:
    """A bucket that is not empty cannot be deleted and would keep its stack from going; the pool holds people."""
    kept = {name: template["Resources"][name] for name in ("LandingBucketPolicy", "UserPool")}
    kept |= {name: template["Resources"][name] for name in of_type(template, "AWS::S3::Bucket")}
    for name, resource in kept.items():
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain"), name


def test_incoming_files_are_kept_as_long_as_a_message_that_may_still_land_them(template: Template) -> None:
    (rule,) = of_type(template, "AWS::S3::Bucket")["IncomingBucket"]["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"] * 86_400 == FOURTEEN_DAYS


def denials(template: Template, bucket: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in of_type(template, "AWS::S3::BucketPolicy").values()
        if logical(policy["Bucket"]) == bucket
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Principal"] == "*"
    ]


def test_buckets_refuse_what_comes_without_tls(template: Template) -> None:
    for bucket in of_type(template, "AWS::S3::Bucket"):
        conditions = [denial.get("Condition") for denial in denials(template, bucket) if denial["Action"] == "s3:*"]
        assert conditions == [{"Bool": {"aws:SecureTransport": "false"}}], bucket


def test_nobody_may_delete_a_landed_version(template: Template) -> None:
    (denial,) = (
        denial for denial in denials(template, "LandingBucket") if denial["Action"] == "s3:DeleteObjectVersion"
    )
    assert denial["Resource"] == {"Fn::Sub": "${LandingBucket.Arn}/*"}
    assert "Condition" not in denial


def test_api_is_throttled_and_access_logged(template: Template) -> None:
    (stage,) = of_type(template, "AWS::ApiGatewayV2::Stage").values()
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
    assert logical(stage["AccessLogSettings"]["DestinationArn"]) in of_type(template, "AWS::Logs::LogGroup")
    format_ = json.loads(stage["AccessLogSettings"]["Format"])
    assert format_["requestId"] == "$context.requestId"
    who_and_why = {
        "$context.authorizer.claims.client_id",
        "$context.authorizer.claims.username",
        "$context.authorizer.error",
        "$context.integrationErrorMessage",
        "$context.routeKey",
    }
    assert who_and_why <= set(format_.values())


@pytest.mark.parametrize(("function", "patience"), [("ApiFunction", store.API), ("IngestFunction", store.PIPELINE)])
def test_no_call_of_aws_may_outlast_its_function(function: str, patience: store.Patience, template: Template) -> None:
    timeouts = {name: each["Timeout"] for name, each in of_type(template, "AWS::Lambda::Function").items()}
    assert patience.worst() <= 0.8 * timeouts[function]
    assert min(timeouts["PeersFunction"], timeouts["OpportunitiesFunction"]) >= timeouts["IngestFunction"]
    assert timeouts["IngestFunction"] - 20 > apart.SECONDS


def test_a_message_is_judged_apart_before_its_queue_gives_up(template: Template) -> None:
    queue = of_type(template, "AWS::SQS::Queue")["IngestQueue"]
    assert 1 < apart.SUSPECT <= queue["RedrivePolicy"]["maxReceiveCount"]


def test_functions_are_built_by_the_makefile_and_need_no_policy_template() -> None:
    for name, resource in load()["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            assert resource["Metadata"] == {"BuildMethod": "makefile"}, name
            assert "Policies" not in resource["Properties"], name
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            assert resource["Metadata"] == {"BuildMethod": "makefile"}, name


def pins(path: str) -> dict[str, str]:
    """Package → version of a locked requirements file, names as package indexes spell them."""
    lines = (ROOT / path).read_text("utf-8").splitlines()
    return dict(line.split(" ")[0].split("==") for line in lines if "==" in line and not line.startswith((" ", "#")))


@pytest.mark.parametrize(
    "locked",
    [
        "requirements/layer.txt",
        *(f"functions/{name}/requirements.txt" for name in ("ingest", "peers", "opportunities", "api")),
    ],
)
def test_what_is_deployed_has_the_versions_that_the_tests_run_with(locked: str) -> None:
    deployed = pins(locked)
    assert deployed
    assert deployed.items() <= pins("requirements/dev.txt").items()


@pytest.mark.parametrize("function", ["ingest", "peers", "opportunities", "api"])
def test_functions_package_nothing_large_that_the_layer_has(function: str) -> None:
    both = pins(f"functions/{function}/requirements.txt").keys() & pins("requirements/layer.txt").keys()
    assert both <= {"jmespath"}  # Powertools requires it, and so does boto3


def test_the_layer_has_what_the_functions_share() -> None:
    assert {"pandas", "pyarrow", "numpy", "boto3", "botocore"} <= pins("requirements/layer.txt").keys()


def test_locks_name_no_package_index() -> None:
    locks = [*ROOT.glob("requirements/*.txt"), *ROOT.glob("functions/*/requirements.txt")]
    assert len(locks) == 10
    assert [lock.name for lock in locks if "://" in lock.read_text("utf-8")] == []


def test_reading_the_template_teaches_no_other_reader_its_tags() -> None:
    load()
    with pytest.raises(yaml.constructor.ConstructorError):
        yaml.safe_load("a: !Ref B")
