"""What each stage of samconfig.toml deploys: how new code takes over, whose key encrypts, what the stack tells."""

import tomllib
from typing import Any

import pytest

from infra.template import ROOT, Template, called, expand, load, of_type, references, settled

AWAITED = {"IngestFunction", "PeersFunction", "OpportunitiesFunction", "ApiFunction"}
FUNCTIONS = AWAITED | {"DrawsFunction", "ShardsFunction"}
KEY = "arn:aws:kms:eu-west-2:123456789012:key/of-ones-own"
STAGES = {
    name: told["deploy"]["parameters"]
    for name, told in tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8")).items()
    if name not in ("version", "default")
}


def deployed(stage: str, **other: str) -> Template:
    """The template as a stage's parameters expand and decide it."""
    told = STAGES[stage].get("parameter_overrides", [])
    parameters = dict(item.split("=", 1) for item in told if "=" in item) | other
    return settled(expand(load(), parameters), parameters)


def logical(reference: Any) -> str:
    """The one resource that a Ref or GetAtt names."""
    (name,) = references(reference)
    return name


@pytest.fixture(scope="module")
def prod() -> Template:
    return deployed("prod")


@pytest.fixture(scope="module")
def keyed() -> Template:
    return deployed("prod", KeyArn=KEY)


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_queues_and_the_api_call_the_alias_and_never_what_was_uploaded_last(stage: str) -> None:
    template = deployed(stage)
    callers = [mapping["FunctionName"] for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values()]
    callers += [api["IntegrationUri"] for api in of_type(template, "AWS::ApiGatewayV2::Integration").values()]
    callers += [allowed["FunctionName"] for allowed in of_type(template, "AWS::Lambda::Permission").values()]
    assert {template["Resources"][logical(caller)]["Type"] for caller in callers} == {"AWS::Lambda::Alias"}
    assert {called(template, caller) for caller in callers} == AWAITED


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_new_code_takes_over_at_once_where_nobody_depends_on_it(stage: str) -> None:
    nothing_is_gradual(deployed(stage))


def test_in_production_what_mends_a_failing_function_can_take_over_at_once() -> None:
    nothing_is_gradual(deployed("prod", Takeover="at-once"))


def nothing_is_gradual(template: Template) -> None:
    assert not [name for name, each in template["Resources"].items() if each["Type"].startswith("AWS::CodeDeploy::")]
    assert not [name for name, each in template["Resources"].items() if "UpdatePolicy" in each]
    assert not [name for name in template["Resources"] if "Takeover" in name]


def test_each_build_is_a_version_of_each_function() -> None:
    versions = [set(of_type(deployed("prod", Build=build), "AWS::Lambda::Version")) for build in ("7", "8")]
    assert [len(named) for named in versions] == [len(FUNCTIONS)] * 2
    assert not versions[0] & versions[1]


def groups(template: Template) -> dict[str, dict[str, Any]]:
    """Each function with the deployment group by which its alias is updated."""
    aliases = {
        name: each
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::Lambda::Alias" and "UpdatePolicy" in each
    }
    return {
        called(template, {"Ref": name}): template["Resources"][
            logical(alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"])
        ]["Properties"]
        for name, alias in aliases.items()
    }


def test_in_production_codedeploy_shifts_the_api_bit_by_bit_and_goes_back_when_an_alarm_rings(prod: Template) -> None:
    """Queues meet the new build at once: a message that an older build handles has to be handled again."""
    assert set(groups(prod)) == {"ApiFunction"}
    (group,) = groups(prod).values()
    assert group["DeploymentConfigName"]["Fn::Sub"][1]["ConfigName"] == "Linear10PercentEvery1Minute"
    assert group["DeploymentStyle"]["DeploymentOption"] == "WITH_TRAFFIC_CONTROL"
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert group["AlarmConfiguration"]["Enabled"] is True
    ring = [alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]]
    assert ring == [f"{function}{kind}TakeoverAlarm" for function in ALL for kind in ("Errors", "Unforeseen")]
    assert len(ring) <= 10  # as many as CodeDeploy takes


ALL = ("IngestFunction", "PeersFunction", "OpportunitiesFunction", "ApiFunction")


@pytest.mark.parametrize("function", ALL)
def test_one_stray_error_takes_no_deployment_back_and_what_cannot_come_twice_does_at_once(
    function: str, prod: Template
) -> None:
    """A queue gives a message out again after twelve minutes: within the ten it fails once."""
    alarms = of_type(prod, "AWS::CloudWatch::Alarm")
    errors, unforeseen = (alarms[f"{function}{kind}TakeoverAlarm"] for kind in ("Errors", "Unforeseen"))
    assert {(one["Period"], one["EvaluationPeriods"], one["Threshold"]) for one in (errors, unforeseen)} == {
        (60, 10, 0)
    }
    assert errors["DatapointsToAlarm"] == 2
    assert unforeseen["DatapointsToAlarm"] == (2 if function == "ApiFunction" else 1)
    assert errors["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]
    service = function.removesuffix("Function").lower()
    assert unforeseen["Dimensions"] == [{"Name": "service", "Value": service}]


def test_takeover_may_shift_the_api_and_see_alarms_and_nothing_else(prod: Template) -> None:
    assert {logical(group["ServiceRoleArn"]) for group in groups(prod).values()} == {"TakeoverRole"}
    role = prod["Resources"]["TakeoverRole"]["Properties"]
    assert "ManagedPolicyArns" not in role
    shift, see = (policy for policy in role["Policies"][0]["PolicyDocument"]["Statement"])
    assert set(shift["Action"]) == {"lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"}
    assert set(references(shift["Resource"])) == {"ApiFunction"}
    assert see["Action"] == "cloudwatch:DescribeAlarms"
    assert see["Resource"]["Fn::Sub"].endswith(":alarm:*")


def keys_named(template: Template) -> dict[str, Any]:
    """Every resource that stores something, with the key that it names, if any."""
    named: dict[str, Any] = {}
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        named[name] = rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID")
    for kind, told in (
        ("AWS::SQS::Queue", "KmsMasterKeyId"),
        ("AWS::SNS::Topic", "KmsMasterKeyId"),
        ("AWS::Logs::LogGroup", "KmsKeyId"),
    ):
        named |= {name: each.get(told) for name, each in of_type(template, kind).items()}
    for name, group in of_type(template, "AWS::Athena::WorkGroup").items():
        result = group["WorkGroupConfiguration"]["ResultConfiguration"]
        named[name] = result["EncryptionConfiguration"].get("KmsKey")
    return named


def test_a_key_of_ones_own_encrypts_all_that_is_stored(keyed: Template) -> None:
    assert len(keys_named(keyed)) >= 21
    assert [name for name, key in keys_named(keyed).items() if key != {"Ref": "KeyArn"}] == []
    for name, bucket in of_type(keyed, "AWS::S3::Bucket").items():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms", name
        assert rule["BucketKeyEnabled"] is True, name
    for name, queue in of_type(keyed, "AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is False, name  # SQS takes one of the two
    (group,) = of_type(keyed, "AWS::Athena::WorkGroup").values()
    result = group["WorkGroupConfiguration"]["ResultConfiguration"]
    assert result["EncryptionConfiguration"]["EncryptionOption"] == "SSE_KMS"


def test_functions_may_use_that_key_by_way_of_three_services_only(keyed: Template) -> None:
    (policy,) = of_type(keyed, "AWS::IAM::Policy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert {logical(role) for role in policy["Roles"]} == {
        *(logical(function["Role"]) for function in of_type(keyed, "AWS::Lambda::Function").values()),
        *(logical(machine["RoleArn"]) for machine in of_type(keyed, "AWS::StepFunctions::StateMachine").values()),
    }
    assert statement["Resource"] == {"Ref": "KeyArn"}
    assert set(statement["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}
    services = [{"Fn::Sub": f"{name}.${{AWS::Region}}.amazonaws.com"} for name in ("s3", "sqs", "secretsmanager")]
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": services}}


def test_without_a_key_of_ones_own_nobody_is_granted_one(prod: Template) -> None:
    assert set(keys_named(prod).values()) == {None}
    assert not of_type(prod, "AWS::IAM::Policy")
    for name, queue in of_type(prod, "AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True, name


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_functions_run_on_the_processor_they_were_built_for_with_the_one_layer(stage: str) -> None:
    template = deployed(stage)
    ((layer, properties),) = of_type(template, "AWS::Lambda::LayerVersion").items()
    assert properties["CompatibleArchitectures"] == [{"Ref": "Architecture"}]
    assert properties["CompatibleRuntimes"] == ["python3.13"]
    assert template["Resources"][layer]["DeletionPolicy"] == "Delete"
    functions = of_type(template, "AWS::Lambda::Function")
    assert functions.keys() == FUNCTIONS
    for name, function in functions.items():
        assert function["Architectures"] == [{"Ref": "Architecture"}], name
        assert function["Runtime"] == "python3.13", name
        assert function["Layers"] == [{"Ref": layer}], name


def test_outputs_are_what_clients_suppliers_and_operators_need(prod: Template) -> None:
    told = prod["Outputs"]
    assert {
        "ApiUrl",
        "DocsUrl",
        "OpenApiUrl",
        "TokenUrl",
        "UserPoolId",
        "PeopleClientId",
        "LandingBucketName",
        "DataBucketName",
        "LakeDatabaseName",
        "LakeWorkGroupName",
        "AlarmTopicArn",
    } <= told.keys()
    queues = {logical(output["Value"]) for name, output in told.items() if name.endswith("QueueUrl")}
    assert queues == set(of_type(prod, "AWS::SQS::Queue"))  # make redrive finds every queue by them
    assert [name for name in told if not name.endswith("QueueUrl") and not told[name].get("Description")] == []
