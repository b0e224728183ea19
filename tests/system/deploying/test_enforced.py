"""The flow on an emulator that holds every role to its policies, over TLS; and again with one statement less.

Not all can be seen missing there: it polls queues, keeps logs and reads traces in nobody's name, lets root past bucket
policies, tells a role that may not list that a key is missing, and a warm ingest remembers the methods it has read.
tests/template shows every statement needed, call by call, and holds the others to the template.
"""

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from infra.landing import files_of
from infra.local.emulator import Emulator
from infra.ops.run import land, settle
from shared import keys
from tests.support.paths import SAMPLES
from tests.system.conftest import BUILD

FIRST = ("ods_trusts/", "eric_trust/2023-24/", "eric_trust/2024-25/")
WALK = ("Ingest", "Peers", "Opportunities")
WALKED = [("Ingest", "WriteResults"), ("Peers", "Tell"), ("Opportunities", "Publish")]
WALKED_AT_NIGHT = [
    ("Ingest", "ListLanded"),
    ("Ingest", "ReadLanded"),
    ("Ingest", "ListData"),
    ("Ingest", "Tell"),
    ("Peers", "ListLanded"),
    ("Peers", "ListData"),
    ("Peers", "ReadInputs"),
    ("Peers", "WriteResults"),
    ("Opportunities", "ReadInputs"),
    ("Opportunities", "Tell"),
]
SECONDS = 30


class Enforced:
    """A stack that enforces, with a release published; from then on the test is the poller."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.iam, self.sqs, self.lambda_ = (emulator.client(name) for name in ("iam", "sqs", "lambda"))
        listed = emulator.client("cloudformation").describe_stack_resources(StackName="headroom")["StackResources"]
        self.physical = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}
        self.allow_batches()
        method, *files = files_of(SAMPLES)
        first = [file for file in files if file.key.startswith(FIRST)]
        self.waiting = iter([file for file in files if file not in first])
        self.receipts = dict(land(emulator, [method, *first]))
        self.release_id = settle(emulator)

    def allow_batches(self) -> None:
        """The emulator asks for an action that AWS does not have: there, sqs:SendMessage is what a batch takes."""
        statement = {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.iam.put_role_policy(RoleName=self.physical["PeersRole"], PolicyName="batches", PolicyDocument=policy)

    def stop_polling(self) -> None:
        """From now on nobody but the test takes messages."""
        for mapping in self.lambda_.list_event_source_mappings()["EventSourceMappings"]:
            self.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)

    @contextmanager
    def without(self, function: str, sid: str) -> Iterator[None]:
        """Take a statement from a function's role for as long as the block lasts."""
        named = {"RoleName": self.physical[f"{function}Role"], "PolicyName": function.lower()}
        whole = self.iam.get_role_policy(**named)["PolicyDocument"]
        less = [statement for statement in whole["Statement"] if statement["Sid"] != sid]
        assert len(less) == len(whole["Statement"]) - 1
        self.iam.put_role_policy(**named, PolicyDocument=json.dumps(whole | {"Statement": less}))
        try:
            yield
        finally:
            self.iam.put_role_policy(**named, PolicyDocument=json.dumps(whole))

    def walk(self) -> str | None:
        """Land a file that was never there, and take what follows through the functions; the first one that fails."""
        file = next(self.waiting)
        bucket = self.emulator.outputs["LandingBucketName"]
        self.emulator.client("s3").put_object(Bucket=bucket, Key=file.key, Body=file.body)
        return next((function for function in WALK if not self.take(function)), None)

    def take(self, function: str) -> bool:
        """Hand what waits in a function's queue to it, as the poller does; whether it did all of it."""
        url = self.emulator.outputs[f"{function}QueueUrl"]
        until = time.monotonic() + SECONDS
        while not (
            messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
                "Messages"
            )
        ):
            assert time.monotonic() < until, f"nothing came for {function}"
        sent = {"Records": [_record(message) for message in messages]}
        answer = self.lambda_.invoke(
            FunctionName=self.physical[f"{function}Function"], Qualifier="live", Payload=json.dumps(sent).encode()
        )
        for message in messages:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        told = json.loads(answer["Payload"].read())
        return "FunctionError" not in answer and told == {"batchItemFailures": []}


def _record(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(int(time.time() * 1000))},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-2:000000000000:queue",
        "awsRegion": "eu-west-2",
    }


@pytest.fixture(scope="module")
def enforced(emulator: Emulator) -> Iterator[Enforced]:
    """What SAM built once, deployed where policies hold."""
    with Emulator(enforces=True) as running:
        (running.folder / "build").symlink_to(emulator.folder / "build")
        running.deploy(BUILD)
        yield Enforced(running)


def test_flow_ends_in_a_release_where_every_policy_holds(enforced: Enforced) -> None:
    assert {receipt["status"] for receipt in enforced.receipts.values()} == {"accepted"}
    data = enforced.emulator.outputs["DataBucketName"]
    manifest = enforced.emulator.client("s3").head_object(
        Bucket=data, Key=keys.release(enforced.release_id, "manifest.json")
    )
    assert manifest["ContentLength"]


def test_api_answers_only_while_it_may_read_releases(enforced: Enforced) -> None:
    def status() -> int:
        asked = f"{enforced.emulator.api}/v1/releases/current"
        trusted = ssl.create_default_context(cafile=enforced.emulator.certificate)
        return httpx.get(asked, verify=trusted, timeout=30).status_code

    with enforced.without("Api", "ReadReleases"):
        assert status() == 500
    assert status() == 200


@pytest.fixture(scope="module")
def walked(enforced: Enforced) -> Enforced:
    """The same stack, whose queues nobody but the test reads, and on which a walk with all that is granted succeeds."""
    enforced.stop_polling()
    assert enforced.walk() is None
    return enforced


@pytest.mark.parametrize(
    ("function", "sid"), [*WALKED, *(pytest.param(*walked, marks=pytest.mark.nightly) for walked in WALKED_AT_NIGHT)]
)
def test_flow_fails_without_any_one_statement(walked: Enforced, function: str, sid: str) -> None:
    with walked.without(function, sid):
        assert walked.walk() == function


def test_flow_succeeds_again_with_all_of_them(walked: Enforced) -> None:
    assert walked.walk() is None
