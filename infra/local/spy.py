"""The AWS calls of each function and the permissions of its role, so that a test can compare them both ways."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from botocore.session import Session

from infra.template import Template

RUNTIME_STATEMENTS = frozenset({"WriteLogs", "SendTraces", "TakeMessages", "RunItems", "WatchItems", "DeliverLogs"})
"""Statements for Lambda and for Step Functions themselves; no call of a function or of a machine's tasks needs them."""

_ACTIONS = {
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CopyObject": "s3:PutObject",
    "ListObjectsV2": "s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
    "SendMessage": "sqs:SendMessage",
    "SendMessageBatch": "sqs:SendMessage",
    "GetQueueAttributes": "sqs:GetQueueAttributes",
    "PutEvents": "events:PutEvents",
    "GetSecretValue": "secretsmanager:GetSecretValue",
    "StartExecution": "states:StartExecution",
    "DescribeExecution": "states:DescribeExecution",
    "Invoke": "lambda:InvokeFunction",
}
_NAMED_BY = {
    "GetSecretValue": "SecretId",
    "StartExecution": "stateMachineArn",
    "DescribeExecution": "executionArn",
    "Invoke": "FunctionName",
}
_NOT_THERE = frozenset({"NoSuchKey", "404"})


class Need(NamedTuple):
    """One permission: an action on a resource or, in a grant, on a pattern of resources."""

    action: str
    resource: str


class Call(NamedTuple):
    """One AWS call of a function; `error` is the service's error code, empty if the call succeeded."""

    function: str
    operation: str
    parameters: Mapping[str, Any]
    error: str
    region: str
    account: str

    def needs(self) -> list[Need]:
        """The permissions that AWS checks for this call. KeyError for an operation that is not in `_ACTIONS`."""
        action = _ACTIONS[self.operation]
        if action.startswith("s3:"):
            return self._s3_needs(action)
        if self.operation in _NAMED_BY:
            return [Need(action, self.parameters[_NAMED_BY[self.operation]])]
        if action.startswith("sqs:"):
            queue = self.parameters["QueueUrl"].rsplit("/", 1)[-1]
            return [Need(action, f"arn:aws:sqs:{self.region}:{self.account}:{queue}")]
        buses = {entry.get("EventBusName", "default") for entry in self.parameters["Entries"]}
        return [Need(action, f"arn:aws:events:{self.region}:{self.account}:event-bus/{bus}") for bus in sorted(buses)]

    def _s3_needs(self, action: str) -> list[Need]:
        bucket = f"arn:aws:s3:::{self.parameters['Bucket']}"
        if "Key" not in self.parameters:
            return [Need(action, bucket)]
        target = f"{bucket}/{self.parameters['Key']}"
        if self.parameters.get("VersionId"):
            action += "Version"
        needs = [Need(action, target)]
        if "CopySource" in self.parameters:
            needs.append(Need("s3:GetObject", f"arn:aws:s3:::{_source(self.parameters['CopySource'])}"))
        if "IfMatch" in self.parameters and action == "s3:PutObject":
            needs.append(Need("s3:GetObject", target))
        if self.error in _NOT_THERE:
            # Without it S3 answers 403 instead of 404.
            needs.append(Need("s3:ListBucket", bucket))
        return needs


class Grant(NamedTuple):
    """One action on one resource pattern, from one Allow statement of a function's role."""

    function: str
    sid: str
    permission: Need


def own_statements(template: Template, function: str) -> list[dict[str, Any]]:
    """The statements of a function's or state machine's role, in the expanded template, that its own calls use."""
    properties = template["Resources"][function]["Properties"]
    role = (properties.get("Role") or properties["RoleArn"])["Fn::GetAtt"][0]
    policies = template["Resources"][role]["Properties"]["Policies"]
    return [
        statement
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Sid"] not in RUNTIME_STATEMENTS
    ]


def many(value: Any) -> list[Any]:
    """A policy's action or resource as a list."""
    return value if isinstance(value, list) else [value]


def ungranted(calls: Iterable[Call], grants: Iterable[Grant]) -> set[tuple[str, Need]]:
    """Function and permission of every call that no statement of its role allows."""
    allowed = list(grants)
    return {
        (call.function, need)
        for call in calls
        for need in call.needs()
        if not any(grant.function == call.function and _covers(grant.permission, need) for grant in allowed)
    }


def unused(calls: Iterable[Call], grants: Iterable[Grant]) -> set[Grant]:
    """The grants that no call needed."""
    needed = {(call.function, need) for call in calls for need in call.needs()}
    return {
        grant
        for grant in grants
        if not any(function == grant.function and _covers(grant.permission, need) for function, need in needed)
    }


def watch(session: Session, record: Callable[[str, Mapping[str, Any], str], None]) -> None:
    """Report every call of a session's clients: operation, parameters, error code (empty for none).

    A signed address or form counts as the call that it allows, since AWS checks the signer's permissions.
    """

    def keep(**event: Any) -> None:
        # botocore signs a form through a request to create a bucket, which is never sent
        if event["context"].get("is_presign_request") and event["model"].name != "CreateBucket":
            record(event["model"].name, dict(event["params"]), "")
        event["context"]["headroom_parameters"] = dict(event["params"])

    def report(**event: Any) -> None:
        error = event["parsed"].get("Error", {}).get("Code", "")
        record(event["model"].name, event["context"]["headroom_parameters"], error)

    def sign(**event: Any) -> None:
        form = event["request"].context.get("s3-presign-post-policy")
        if form:
            named = {name: value for one in form["conditions"] if isinstance(one, dict) for name, value in one.items()}
            record("PutObject", {"Bucket": named["bucket"], "Key": named["key"]}, "")

    session.register("before-parameter-build.*.*", keep)
    session.register("before-sign.s3.PutObject", sign)
    session.register("after-call.*.*", report)


def _source(source: Any) -> str:
    """Bucket and key of what is copied; botocore may have quoted them already."""
    return f"{source['Bucket']}/{source['Key']}" if isinstance(source, Mapping) else unquote(source)


def _covers(pattern: Need, need: Need) -> bool:
    return _like(pattern.action, need.action) and _like(pattern.resource, need.resource)


def _like(pattern: str, text: str) -> bool:
    """IAM's matching: `*` is any run of characters, `?` any one."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(escaped, text, re.DOTALL) is not None
