"""template.yaml on moto, in one process: the real wiring, with the functions called in place.

moto does S3 → EventBridge → SQS, conditional writes and redrive. This module adds the rest: it expands the template,
switches on bucket notifications, delivers queued messages to the functions as Lambda's poller does, sends the event of
a delete in a versioned bucket, and turns HTTP requests into API Gateway events.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar, NamedTuple, Self
from unittest import mock

import boto3
import botocore.session
from botocore import xform_name
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal import mock_random
from moto.s3 import urls as s3_urls
from moto.s3.models import S3Backend

from infra.local import gateway, http_api, runtime, side_by_side, spy
from infra.local.clock import Clock, Now
from infra.template import REGION, Template, called, expand, load, of_type, references

_NAME = "headroom"
_CREATED = {"AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::Events::EventBus", "AWS::Events::Rule"}
_SECRET = "k" * 64
_AT_ONCE = 10
_LIMIT = 10_000


@contextmanager
def mocked_aws() -> Iterator[None]:
    """moto, for threads too.

    At each request moto loads its module of S3's addresses again, in case an environment variable changed. Meanwhile
    the module is missing for other threads, whose requests now and then fail with an ImportError.
    """
    with mock_aws(), mock.patch.object(S3Backend, "_url_module", s3_urls):
        yield


class StillBusy(RuntimeError):
    """The queues do not empty: events cause events without end."""


class SentEvent(NamedTuple):
    """One event that a function sent to Headroom's bus."""

    type: str
    detail: Mapping[str, Any]


class Feed(NamedTuple):
    """An event source mapping of a queue: the function, the batch size, and whether it reports failed messages."""

    function: str
    batch_size: int
    reports_failures: bool


class LocalStack:
    """The stack while the `with` block lasts. If two are nested, the inner one is in use until its block ends.

    `calls` are the AWS calls of the functions, `events` those that they sent to the bus, `invocations` the calls of
    functions, `logs` their printed lines, `outputs` the stack's outputs that exist here, `grants` the permissions of
    the roles of functions and state machines, `failed` the state machines' executions that failed, with the reason.
    """

    _open: ClassVar = 0

    def __init__(
        self,
        parameters: Mapping[str, str] | None = None,
        template: Template | None = None,
        cold: bool = False,
        clock: Now | None = None,
    ) -> None:
        """`clock` is the time in S3 and for the functions; by default one that does not move. Queues have the machine's
        time.

        `cold` makes every call of a function a cold start, as in a new process: slower, but a function then cannot use
        what another one, with other permissions, has read."""
        self.clock = clock or Clock()
        self.cold = cold
        self.parameters = {"OpenRead": "true"} | dict(parameters or {})  # as the local stage has it
        self.template = expand(template or load(), self.parameters)
        self.calls: list[spy.Call] = []
        self.events: list[SentEvent] = []
        self.invocations: list[runtime.Invocation] = []
        self.logs: list[str] = []
        self.outputs: dict[str, str] = {}
        self.grants: list[spy.Grant] = []
        self.functions: dict[str, runtime.Function] = {}
        self.feeds: dict[str, Feed] = {}
        self.machines: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self._executions: dict[str, side_by_side.Execution] = {}
        self._physical: dict[str, str] = {}
        self._name = _NAME
        self._made: dict[str, Any] = {}
        self._http_api = http_api.of(self.template, self.parameters)
        self._running = ""
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(setattr, boto3, "DEFAULT_SESSION", boto3.DEFAULT_SESSION)
            undo.enter_context(mocked_aws())
            undo.callback(runtime.cold_start)
            self._name += "-inner" * LocalStack._open
            LocalStack._open += 1
            undo.callback(self._close)
            for name, now in self._clocks().items():
                undo.enter_context(mock.patch(name, now))
            mock_random.seed(0)  # so that a failing run can be repeated with the same version ids
            session = botocore.session.get_session()
            spy.watch(session, self._record)
            boto3.setup_default_session(botocore_session=session, region_name=REGION)
            self._clients: Any = boto3.Session(region_name=REGION)
            self._create()
            runtime.cold_start()
            self._cleanup = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    @staticmethod
    def _close() -> None:
        LocalStack._open -= 1

    def _clocks(self) -> Mapping[str, Callable[..., datetime]]:
        """The functions from which S3 takes an object's date, and botocore a signature's and a form policy's."""
        written = count()

        def s3() -> datetime:  # a microsecond apart, since moto orders a key's versions by date
            return self.clock().replace(tzinfo=None) + timedelta(microseconds=next(written))

        def botocore_now(remove_tzinfo: bool = True) -> datetime:
            return self.clock().replace(tzinfo=None) if remove_tzinfo else self.clock()

        signed = "botocore.auth.get_current_datetime", "botocore.signers.get_current_datetime"
        return {"moto.s3.models.utcnow": s3, **dict.fromkeys(signed, botocore_now)}

    def client(self, service: str) -> Any:
        """A boto3 client of the stack's account, whose calls are not recorded."""
        if service not in self._made:  # making one takes longer than most calls
            self._made[service] = self._clients.client(service)
        return self._made[service]

    # ---- input --------------------------------------------------------------------------------------------------

    def land(self, key: str, body: bytes) -> str:
        """Write an object to the landing bucket; its version id."""
        version: str = self._s3.put_object(Bucket=self._physical["LandingBucket"], Key=key, Body=body)["VersionId"]
        return version

    def delete(self, key: str) -> str:
        """Delete a landing key, which adds a delete marker; the marker's version id."""
        bucket = self._physical["LandingBucket"]
        marker: str = self._s3.delete_object(Bucket=bucket, Key=key)["VersionId"]
        detail = {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "etag": "d41d8cd98f00b204e9800998ecf8427e", "version-id": marker},
            "request-id": "0" * 16,
            "requester": DEFAULT_ACCOUNT_ID,
            "source-ip-address": "127.0.0.1",
            "reason": "DeleteObject",
            "deletion-type": "Delete Marker Created",
        }
        self._events.put_events(
            Entries=[{"Source": "aws.s3", "DetailType": "Object Deleted", "Detail": json.dumps(detail)}]
        )
        return marker

    def tick(self) -> None:
        """Fire every schedule once."""
        for rule in of_type(self.template, "AWS::Events::Rule").values():
            for target in rule["Targets"] if "ScheduleExpression" in rule else []:
                queue = target["Arn"]["Fn::GetAtt"][0]
                self._sqs.send_message(QueueUrl=self._physical[queue], MessageBody=target["Input"])

    def request(
        self,
        method: str,
        path: str,
        query: gateway.Query | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> gateway.Response:
        """Send a request to the API. Preflights, and requests that the gateway refuses, reach no function. A function
        that fails is answered with 500, as API Gateway does."""
        integration = next(iter(of_type(self.template, "AWS::ApiGatewayV2::Integration").values()))
        function = called(self.template, integration["IntegrationUri"])

        now = self.clock()

        def call_function(claims: Mapping[str, Any] | None) -> gateway.Response:
            call = self._invoke(function, gateway.event(method, path, query, headers, body, claims, now))
            return gateway.refusal(500) if call.error else gateway.response(call.response)

        return self._http_api.answer(method, path, headers or {}, call_function)

    def token(self, name: str, *scopes: str) -> str:
        """An access token of a caller with this name and these scopes."""
        return http_api.access_token(name, *scopes)

    # ---- delivery ------------------------------------------------------------------------------------------------

    def pending(self) -> dict[str, int]:
        """Queue → waiting messages, and state machine → what its executions have still to do, without those that have
        none, in the template's order."""
        counts = {queue: self._count(queue) for queue in self.feeds} | {
            name: self._to_do(name) for name in self.machines
        }
        return {queue: count for queue, count in counts.items() if count}

    def deliver(self, queue: str, at_most: int | None = None) -> int:
        """Deliver one batch of a queue to its function, as the poller does; how many messages it had.

        A failed message is visible again at once, until the queue's redrive policy moves it to the dead letters. Of a
        state machine: let the oldest execution do one item.
        """
        if queue in self.machines:
            return self._step(queue)
        feed = self.feeds[queue]
        messages = self._receive(queue, min(feed.batch_size, at_most or feed.batch_size))
        if messages:
            records = [self._record_of(queue, message) for message in messages]
            call = self._invoke(feed.function, {"Records": records})
            failed = _failed(call, feed, {message["MessageId"] for message in messages})
            self._settle(queue, messages, failed)
        return len(messages)

    def run_until_idle(
        self,
        progress: Callable[[], None] | None = None,
        choose: Callable[[Mapping[str, int]], str] = lambda waiting: next(iter(waiting)),
    ) -> None:
        """Deliver until all queues are empty. StillBusy after 10,000 batches.

        By default the first queue in the template's order that has messages goes first, so that a hundred files cause
        one recompute, as batch windows do. `choose` picks another from queue → waiting messages. `progress` is called
        after each batch.
        """
        for _ in range(_LIMIT):
            waiting = self.pending()
            if not waiting:
                return
            self.deliver(choose(waiting))
            if progress:
                progress()
        raise StillBusy(f"After {_LIMIT} batches there are still messages: {self.pending()}")

    def cold_start(self) -> None:
        """Clear what the functions keep between calls."""
        runtime.cold_start()

    def stop_execution(self, machine: str) -> None:
        """End the oldest execution of a state machine, whatever it has still to do."""
        self.client("stepfunctions").stop_execution(executionArn=self._running_executions(machine)[0])

    # ---- output -------------------------------------------------------------------------------------------------

    def dead_letters(self) -> dict[str, int]:
        """Dead-letter queue → messages, without empty queues."""
        queues = of_type(self.template, "AWS::SQS::Queue")
        counts = {queue: self._count(queue) for queue in queues if queue not in self.feeds}
        return {queue: count for queue, count in counts.items() if count}

    # ---- creation ------------------------------------------------------------------------------------------------

    def _create(self) -> None:
        # moto would send each event of the default bus to a schedule's targets: `tick` fires schedules instead.
        resources = {
            name: resource
            for name, resource in self.template["Resources"].items()
            if resource["Type"] in _CREATED and "ScheduleExpression" not in resource["Properties"]
        }
        existing = {*resources, *self.template["Parameters"]}
        made = self._make_secrets() | self._make_machines()
        outputs = {
            name: _resolvable(output["Value"], existing, made)
            for name, output in self.template["Outputs"].items()
            if set(references(output["Value"])) <= existing | made.keys()
        }
        functions = of_type(self.template, "AWS::Lambda::Function")
        # CloudFormation resolves the functions' variables and resources for us, as additional outputs.
        variables = {
            f"{function}/{variable}": _resolvable(value, existing, made)
            for function, properties in functions.items()
            for variable, value in properties["Environment"]["Variables"].items()
        }
        granted = {
            f"{function}/{statement['Sid']}/{place}": _resolvable(resource, existing, made)
            for function in (*functions, *self.machines)
            for statement in spy.own_statements(self.template, function)
            for place, resource in enumerate(spy.many(statement["Resource"]))
        }
        body = {
            **self.template,
            "Resources": resources,
            "Outputs": {name: {"Value": value} for name, value in (outputs | variables | granted).items()},
        }
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(
            StackName=self._name,
            TemplateBody=json.dumps(body),
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in self.parameters.items()],
        )
        described = cloudformation.describe_stacks(StackName=self._name)["Stacks"][0]["Outputs"]
        resolved = {output["OutputKey"]: output["OutputValue"] for output in described}
        self.outputs = {name: resolved[name] for name in outputs}
        self.functions = {
            name: runtime.Function(
                name,
                properties["Handler"],
                properties["Timeout"],
                properties["MemorySize"],
                {key: resolved[f"{name}/{key}"] for key in properties["Environment"]["Variables"]},
            )
            for name, properties in functions.items()
        }
        self.grants = [
            spy.Grant(function, statement["Sid"], spy.Need(action, resolved[f"{function}/{statement['Sid']}/{place}"]))
            for function in (*functions, *self.machines)
            for statement in spy.own_statements(self.template, function)
            for action in spy.many(statement["Action"])
            for place, _ in enumerate(spy.many(statement["Resource"]))
        ]
        self.feeds = {
            mapping["EventSourceArn"]["Fn::GetAtt"][0]: Feed(
                called(self.template, mapping["FunctionName"]),
                mapping["BatchSize"],
                "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", []),
            )
            for mapping in of_type(self.template, "AWS::Lambda::EventSourceMapping").values()
        }
        listed = cloudformation.describe_stack_resources(StackName=self._name)["StackResources"]
        self._physical = {r["LogicalResourceId"]: r.get("PhysicalResourceId", "") for r in listed}
        self._s3, self._sqs, self._events = self.client("s3"), self.client("sqs"), self.client("events")
        for bucket, properties in of_type(self.template, "AWS::S3::Bucket").items():
            self._configure(self._physical[bucket], properties)

    def _make_secrets(self) -> dict[str, str]:
        """Logical id → ARN of the template's secrets, which moto's CloudFormation does not know."""
        names = of_type(self.template, "AWS::SecretsManager::Secret")
        client = self.client("secretsmanager")
        return {name: client.create_secret(Name=f"{self._name}-{name}", SecretString=_SECRET)["ARN"] for name in names}

    def _make_machines(self) -> dict[str, str]:
        """Logical id → ARN of the template's state machines, in which moto runs nothing."""
        client = self.client("stepfunctions")
        for name, properties in of_type(self.template, "AWS::StepFunctions::StateMachine").items():
            self.machines[name] = client.create_state_machine(
                name=properties["StateMachineName"]["Fn::Sub"].replace("${AWS::StackName}", self._name),
                definition=json.dumps(properties["Definition"]),
                roleArn=f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/{name}",
            )["stateMachineArn"]
        return self.machines

    def _configure(self, bucket: str, properties: Mapping[str, Any]) -> None:
        if "VersioningConfiguration" in properties:
            self._s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=properties["VersioningConfiguration"])
        if "EventBridgeConfiguration" in properties.get("NotificationConfiguration", {}):
            self._s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )

    # ---- state machines -----------------------------------------------------------------------------------------

    def _running_executions(self, machine: str) -> list[str]:
        """ARNs of a state machine's executions that have not ended, oldest first."""
        listed = self.client("stepfunctions").list_executions(
            stateMachineArn=self.machines[machine], statusFilter="RUNNING"
        )
        return [one["executionArn"] for one in reversed(listed["executions"])]

    def _to_do(self, machine: str) -> int:
        return sum(1 + len(self._execution(machine, arn).left) for arn in self._running_executions(machine))

    def _execution(self, machine: str, arn: str) -> side_by_side.Execution:
        if arn not in self._executions:
            definition = of_type(self.template, "AWS::StepFunctions::StateMachine")[machine]["Definition"]
            given = json.loads(self.client("stepfunctions").describe_execution(executionArn=arn)["input"])

            def call(service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
                self.calls.append(spy.Call(machine, operation, parameters, "", REGION, DEFAULT_ACCOUNT_ID))
                if service == "lambda":
                    function = called(self.template, {"Ref": parameters["FunctionName"]})
                    return self._invoke(function, parameters["Payload"])
                return getattr(self.client(service), xform_name(operation))(**parameters)

            self._executions[arn] = side_by_side.Execution(definition, given, call)
        return self._executions[arn]

    def _step(self, machine: str) -> int:
        running = self._running_executions(machine)
        if not running:
            return 0
        try:
            ended = self._execution(machine, running[0]).step()
        except side_by_side.Failed as failure:
            self.failed[running[0]] = str(failure)
            ended = True
        if ended:
            self.stop_execution(machine)
        return 1

    # ---- messages ------------------------------------------------------------------------------------------------

    def _invoke(self, function: str, event: Mapping[str, Any]) -> runtime.Invocation:
        if self.cold:
            runtime.cold_start()
        outer, self._running = self._running, function  # a test may call one in the middle of another
        try:
            call, logged = runtime.invoke(self.functions[function], event, self.clock)
        finally:
            self._running = outer
        self.invocations.append(call)
        self.logs += logged
        return call

    def _record(self, operation: str, parameters: Mapping[str, Any], error: str) -> None:
        if not self._running:
            return
        self.calls.append(spy.Call(self._running, operation, parameters, error, REGION, DEFAULT_ACCOUNT_ID))
        if operation == "PutEvents" and not error:
            self.events += [SentEvent(e["DetailType"], json.loads(e["Detail"])) for e in parameters["Entries"]]

    def _count(self, queue: str) -> int:
        name = "ApproximateNumberOfMessages"
        url = self._physical[queue]
        return int(self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])

    def _receive(self, queue: str, count: int) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        while len(messages) < count:
            some = self._sqs.receive_message(
                QueueUrl=self._physical[queue],
                MaxNumberOfMessages=min(_AT_ONCE, count - len(messages)),
                MessageSystemAttributeNames=["All"],
            ).get("Messages")
            if not some:
                break
            messages += some
        return messages

    def _settle(self, queue: str, messages: list[dict[str, Any]], failed: set[str]) -> None:
        url = self._physical[queue]
        for message in messages:
            handle = message["ReceiptHandle"]
            if message["MessageId"] in failed:
                self._sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
            else:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)

    def _record_of(self, queue: str, message: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": _as_aws_sends_it(message["Body"], message["Attributes"]["SentTimestamp"]),
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:{self._physical[queue].rsplit('/', 1)[-1]}",
            "awsRegion": REGION,
        }


def _resolvable(value: Any, existing: Collection[str], made: Mapping[str, str]) -> Any:
    """A value of the template for moto: what is not created has the name in `made`, else its logical id, and the API
    has its address in this process."""

    def named(name: str, attribute: str = "") -> str:
        if attribute == "ApiEndpoint":
            return f"https://{gateway.HOST}"
        return made.get(name, f"{name}.{attribute}".removesuffix("."))

    def known(name: str) -> bool:
        return name in existing or name.startswith("AWS::")

    match value:
        case {"Ref": str(name)} if not known(name):
            return named(name)
        case {"Fn::GetAtt": [str(name), str(attribute)]} if not known(name):
            return named(name, attribute)
        case {"Fn::Sub": str(text)}:
            parts = re.compile(r"\$\{(\w+)(?:\.(\w+))?\}")
            return {"Fn::Sub": parts.sub(lambda at: at[0] if known(at[1]) else named(at[1], at[2] or ""), text)}
        case dict():
            return {name: _resolvable(one, existing, made) for name, one in value.items()}
        case list():
            return [_resolvable(one, existing, made) for one in value]
    return value


def _failed(call: runtime.Invocation, feed: Feed, delivered: set[str]) -> set[str]:
    """Ids of the messages to deliver again. A response with an unknown id fails the whole batch, as in Lambda."""
    if call.error:
        return delivered
    if not feed.reports_failures or not call.response:
        return set()
    named = {item.get("itemIdentifier") for item in call.response.get("batchItemFailures") or []}
    return named if named <= delivered else delivered


def _as_aws_sends_it(body: str, sent: str) -> str:
    """moto's S3 event as AWS sends it: with its spelling of `etag`, a reason, and a sequencer that grows."""
    event = json.loads(body)
    if event.get("source") != "aws.s3":
        return body
    described = event["detail"]["object"]
    described["etag"] = described.pop("eTag", described.get("etag"))
    described["sequencer"] = f"{int(sent):018X}"
    if event["detail-type"] == "Object Created":
        event["detail"]["reason"] = "PutObject"
    return json.dumps(event)
