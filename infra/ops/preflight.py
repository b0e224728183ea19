"""`headroom preflight`: what an account needs before a stage is deployed to it. It only reads."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Literal, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.stacks import Clients, Stage, stage_of
from infra.template import Template, expand, load, of_type, settled

READERS = 10
"""Concurrent executions that the API should have while the pipeline uses all of its own."""

SERVICES = (
    "apigateway", "athena", "cloudformation", "cloudwatch", "codedeploy", "cognito-idp", "events", "glue", "iam", "kms",
    "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "ssm", "stepfunctions", "sts", "xray",
)  # fmt: skip
"""The services that the template and its deployment use, by their names in AWS's public parameters about regions."""

BY_HAND = (
    "Lambda's memory quota, which no API reports: the largest functions take {memory:,} MB, and a new account may be "
    "allowed no more than 3,008 MB.",
    "that you may create roles (CAPABILITY_IAM): who deploys needs iam:CreateRole and iam:PassRole.",
    "a budget with an alarm in AWS Budgets: the template does not limit what the account spends.",
    "other stacks of the account in this region: they share Lambda's concurrency, and dev and prod both count.",
)

_BOOTSTRAP = "aws-sam-cli-managed-default"
_CONCURRENCY = ("lambda", "L-B99A9384")
_BUCKETS = ("s3", "L-DC2B2D3D")
_REQUESTED = ("PENDING", "CASE_OPENED")
_ROOM_FOR_BUILDS = 2**30  # bytes: some ten builds
_NEVER_MADE = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")
_USABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")


class Result(NamedTuple):
    """The result of one check: a sentence, which says what to do if something has to be done."""

    outcome: Literal["passed", "to do", "by hand"]
    sentence: str


passed, to_do, by_hand = (partial(Result, outcome) for outcome in ("passed", "to do", "by hand"))

type Check = Callable[["Account"], Iterator[Result]]


class Account(NamedTuple):
    """Where a stage is to be deployed: its settings, the template settled by them, and clients of the account."""

    stage: Stage
    template: Template
    client: Clients

    @property
    def stack(self) -> Mapping[str, Any] | None:
        """The stage's stack as CloudFormation describes it; None if there is none."""
        return _stack(self.client, self.stage.stack_name)


def report(stage_name: str | None) -> int:
    """Print the result of each check; 1 if something has to be done first. NoStack if there is no such stage."""
    stage = stage_of(stage_name)
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of feature flags while it expands
    session: Any = boto3.Session(region_name=stage.region)
    results = list(preflight(account_of(stage, session.client)))
    for result in results:
        print(f"  {result.outcome:<8} {result.sentence}")
    waiting = sum(result.outcome == "to do" for result in results)
    if waiting:
        print(f"{stage.stack_name} should NOT be deployed to {stage.region} yet: {waiting} to do, see above.")
    else:
        print(f"{stage.stack_name} can be deployed to {stage.region}, once the checks by hand are done.")
    return 1 if waiting else 0


def account_of(stage: Stage, client: Clients) -> Account:
    """A stage in the account that clients belong to."""
    return Account(stage, settled(expand(load(), stage.parameters), stage.parameters), client)


def preflight(account: Account) -> Iterator[Result]:
    """The result of each check; only the first one if the credentials are not accepted."""
    try:
        who = account.client("sts").get_caller_identity()
    except (ClientError, BotoCoreError) as error:
        yield to_do(f"the credentials are not accepted ({error}): sign in, or name a profile with AWS_PROFILE.")
        return
    yield passed(f"account {who['Account']}, as {who['Arn']}")
    for check in CHECKS:
        try:
            yield from check(account)
        except (ClientError, BotoCoreError) as error:
            yield by_hand(f"{check.__doc__} This could not be checked: {error}")
    memory = max(function["MemorySize"] for function in of_type(account.template, "AWS::Lambda::Function").values())
    yield from (by_hand(sentence.format(memory=memory)) for sentence in BY_HAND)


# ---- the checks -----------------------------------------------------------------------------------------------------


def concurrency(template: Template, parameters: Mapping[str, str]) -> dict[str, int]:
    """Event source mapping → how many executions it may use at the same time."""
    defaults = {name: spec.get("Default") for name, spec in template["Parameters"].items()}
    values = defaults | dict(parameters)
    limits = {
        name: mapping["ScalingConfig"]["MaximumConcurrency"]
        for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items()
    }
    return {name: int(values[limit["Ref"]] if isinstance(limit, dict) else limit) for name, limit in limits.items()}


def _region(account: Account) -> Iterator[Result]:
    """Whether the region has every service that is used."""
    where = f"/aws/service/global-infrastructure/regions/{account.stage.region}/services"
    pages = account.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=where)
    available = {parameter["Value"] for page in pages for parameter in page["Parameters"]}
    lacking = sorted(set(SERVICES) - available)
    if not available:
        yield by_hand(f"whether {account.stage.region} has {', '.join(SERVICES)}: AWS's public parameters do not say.")
    elif lacking:
        yield to_do(f"{account.stage.region} has no {', '.join(lacking)}: choose another region in samconfig.toml.")
    else:
        yield passed(f"{account.stage.region} has all {len(SERVICES)} services that are used")


def _lambda(account: Account) -> Iterator[Result]:
    """Lambda's concurrency and room for code."""
    settings = account.client("lambda").get_account_settings()
    limit, used = settings["AccountLimit"], settings["AccountUsage"]
    free = limit["UnreservedConcurrentExecutions"]
    pipeline = sum(concurrency(account.template, account.stage.parameters).values())
    sentence = (
        f"Lambda runs {free:,} functions at a time; the pipeline may take {pipeline}, readers need some {READERS}"
    )
    if free >= pipeline + READERS:
        yield passed(sentence)
    else:
        yield to_do(f"{sentence}: {_more(account, free, pipeline)}")
    room = limit["TotalCodeSize"] - used["TotalCodeSize"]
    if room >= _ROOM_FOR_BUILDS:
        yield passed(f"{room / 2**30:,.0f} GB are left for functions' code")
    else:
        yield to_do(f"only {room / 2**20:,.0f} MB are left for functions' code: delete old versions of functions.")


def _more(account: Account, free: int, pipeline: int) -> str:
    service, quota = _CONCURRENCY
    request = (
        f"request more from AWS (aws service-quotas request-service-quota-increase --service-code {service} "
        f"--quota-code {quota} --desired-value 1000 --region {account.stage.region})"
    )
    requests = account.client("service-quotas").list_requested_service_quota_change_history_by_quota(
        ServiceCode=service, QuotaCode=quota
    )["RequestedQuotas"]
    if waiting := [one for one in requests if one["Status"] in _REQUESTED]:
        request = f"{waiting[0]['DesiredValue']:,.0f} were requested from AWS, which has not answered: wait"
    ingest = int(account.stage.parameters.get("IngestConcurrency", _default(account.template, "IngestConcurrency")))
    least = int(account.template["Parameters"]["IngestConcurrency"]["MinValue"])
    fits = free - READERS - (pipeline - ingest)
    if fits >= least:
        return f"{request}, or deploy with IngestConcurrency={fits}."
    return f"{request}. Not even IngestConcurrency={least} leaves enough for readers: it is enough for a trial only."


def _default(template: Template, parameter: str) -> Any:
    return template["Parameters"][parameter]["Default"]


def _buckets(account: Account) -> Iterator[Result]:
    """The quota of buckets, and buckets and user pools left over from an earlier stack of the same name."""
    s3 = account.client("s3")
    names = [bucket["Name"] for page in s3.get_paginator("list_buckets").paginate() for bucket in page["Buckets"]]
    own = _resources(account)
    made = list(of_type(account.template, "AWS::S3::Bucket"))
    begins = tuple(f"{account.stage.stack_name}-{logical}-".lower() for logical in made)
    left = [name for name in names if name.startswith(begins) and name not in own]
    pools = account.client("cognito-idp").get_paginator("list_user_pools").paginate(MaxResults=60)
    left += [
        pool["Id"]
        for page in pools
        for pool in page["UserPools"]
        if pool["Name"] == account.stage.stack_name and pool["Id"] not in own
    ]
    if left:
        yield to_do(
            f"left over from an earlier stack: {', '.join(left)}. A new stack makes new ones and does not read these: "
            "copy what is needed, then delete them (docs/deploying.md, Going back)."
        )
    else:
        yield passed(f"nothing is left over from an earlier stack called {account.stage.stack_name}")
    service, quota = _BUCKETS
    quotas = account.client("service-quotas")
    limit = quotas.get_service_quota(ServiceCode=service, QuotaCode=quota)["Quota"]["Value"]
    needed = len(names) + (0 if own else len(made) + 1)  # SAM's own too
    if needed <= limit:
        yield passed(f"{limit:,.0f} buckets are allowed, and it would be {needed:,}")
    else:
        yield to_do(f"{limit:,.0f} buckets are allowed, and it would be {needed:,}: delete some, or request more.")


def _resources(account: Account) -> set[str]:
    """Physical ids of the resources that the stage's stack has; none if there is no stack."""
    if not account.stack:
        return set()
    pages = account.client("cloudformation").get_paginator("list_stack_resources")
    listed = pages.paginate(StackName=account.stage.stack_name)
    return {
        one.get("PhysicalResourceId", "")
        for page in listed
        for one in page["StackResourceSummaries"]
        if not one["ResourceStatus"].startswith("DELETE")  # what was retained when a creation failed is left over
    }


def _stacks(account: Account) -> Iterator[Result]:
    """Whether CloudFormation can make or update the stack, and SAM's own."""
    for name in (account.stage.stack_name, _BOOTSTRAP):
        stack = _stack(account.client, name)
        status = stack["StackStatus"] if stack else None
        if status is None or status == "REVIEW_IN_PROGRESS":
            yield passed(f"there is no stack {name} yet: sam deploy makes it")
        elif status in _USABLE:
            yield passed(f"the stack {name} is {status}")
        elif status in _NEVER_MADE:
            yield to_do(
                f"the stack {name} is {status}, which no deployment can repair: aws cloudformation delete-stack "
                f"--stack-name {name}, and see docs/deploying.md, Going back, for what stays behind."
            )
        elif status.endswith("_IN_PROGRESS"):
            yield to_do(f"the stack {name} is {status}: wait until that is over.")
        else:
            yield to_do(
                f"the stack {name} is {status}. See why: aws cloudformation describe-stack-events --stack-name {name}. "
                f"After UPDATE_ROLLBACK_FAILED: aws cloudformation continue-update-rollback --stack-name {name}."
            )


def _alarms(account: Account) -> Iterator[Result]:
    """Whether alarms reach a person."""
    address = account.stage.parameters.get("AlarmEmail", _default(account.template, "AlarmEmail"))
    topic = next((one for one in _outputs(account) if one[0] == "AlarmTopicArn"), None)
    if topic is None:
        if address:
            yield by_hand(f"the message that AWS sends to {address}: alarms come only once it is confirmed.")
        else:
            yield by_hand("who gets alarms: add AlarmEmail=… to the stage, or subscribe to AlarmTopicArn afterwards.")
        return
    pages = account.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic[1])
    subscribed = [one for page in pages for one in page["Subscriptions"]]
    confirmed = [one for one in subscribed if one["SubscriptionArn"].startswith("arn:")]
    if confirmed:
        yield passed(f"alarms reach {len(confirmed)} confirmed subscription{'s' * (len(confirmed) != 1)}")
    else:
        waiting = f"; {len(subscribed)} wait to be confirmed" if subscribed else ""
        yield to_do(f"no person gets the alarms of {account.stage.stack_name}{waiting}: subscribe to {topic[1]}.")


def _outputs(account: Account) -> Iterable[tuple[str, str]]:
    stack = account.stack or {}
    return [(output["OutputKey"], output["OutputValue"]) for output in stack.get("Outputs", ())]


def _key(account: Account) -> Iterator[Result]:
    """Whether the KMS key that the stage names can be used."""
    arn = account.stage.parameters.get("KeyArn", "")
    if not arn:
        return
    described = account.client("kms").describe_key(KeyId=arn)["KeyMetadata"]
    if described["KeyState"] != "Enabled" or f":{account.stage.region}:" not in arn:
        yield to_do(f"the key {arn} is {described['KeyState']}: name one that is enabled in {account.stage.region}.")
    else:
        yield by_hand(f"the policy of the key {arn}: docs/deploying.md lists who needs access.")


CHECKS: tuple[Check, ...] = (_region, _lambda, _stacks, _buckets, _alarms, _key)


def _stack(client: Clients, name: str) -> Mapping[str, Any] | None:
    try:
        (stack,) = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # CloudFormation's code for no such stack
            return None
        raise
    description: Mapping[str, Any] = stack
    return None if description["StackStatus"] == "DELETE_COMPLETE" else description
