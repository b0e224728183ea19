"""Least privilege, both ways: the whole walk makes no call that its function's role lacks, and needs every grant."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from functions.api import table_files as downloads
from infra.landing import files_of
from infra.local import spy
from infra.local.stack import LocalStack
from infra.template import called, expand, load, of_type
from shared.aws.store import Store
from shared.releases.channels import read_pointer
from tests.support.api.asking import ask
from tests.support.paths import SAMPLES


@pytest.fixture(scope="module")
def walked() -> Iterator[LocalStack]:
    """A stack through which all has gone once: files accepted, rejected, withdrawn and overlooked,
    releases too large for one call, and requests."""
    with LocalStack({"Build": "7", "MostValues": "800"}, cold=True) as stack:
        method, *files = files_of(SAMPLES)
        stack.request("GET", "/v1/releases/current")  # before there is one
        stack.land(files[0].key, files[0].body)  # before the method: waits, and is asked for later
        stack.run_until_idle()
        for file in (method, *files):
            stack.land(file.key, file.body)
        for _ in ("peers", "opportunities"):  # looks again while what is too large for one call is computed
            until_computing(stack)
            stack.deliver("SideBySide")
            stack.tick()
            while set(stack.pending()) - {"SideBySide"}:
                stack.deliver(next(iter(stack.pending())))
            while "SideBySide" in stack.pending():
                stack.deliver("SideBySide")
        stack.run_until_idle()
        stack.land(files[0].key, b"not what was promised\n")
        stack.delete(files[-1].key)
        stack.run_until_idle()
        stack.land("ods_trusts/2001/lost.csv", b"an event that never came\n")
        stack.client("sqs").purge_queue(QueueUrl=stack.outputs["IngestQueueUrl"])
        stack.tick()
        stack.run_until_idle()
        stack.land(f"dry-run/{files[-1].key}", files[-1].body)
        stack.run_until_idle()
        renamed = method.body.replace(b"\n    title: ", b"\n    title: Another ")  # so that no shard is kept
        stack.land("method/2/method.yaml", renamed)
        stack.run_until_idle()
        s3 = stack.client("s3")
        buckets = [Store(stack.outputs[f"{name}BucketName"], s3) for name in ("Landing", "Data")]
        (current, _), (preview, _) = (read_pointer(buckets[1], channel) for channel in ("current", "preview"))
        assert current
        assert preview
        asked(stack, "GET", "/v1/releases/preview")
        decide(stack, f"{preview.release_id}/promote", instead_of=current.release_id)
        stack.run_until_idle()
        decide(stack, f"{current.release_id}/rollback", instead_of=preview.release_id)
        stack.run_until_idle()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "_put", twice)
            decide(stack, "resume", held=current.release_id)
        stack.run_until_idle()
        stack.delete("ae_monthly/2025-02/ae_activity_2025-02.csv")  # few enough for one call
        stack.run_until_idle()
        (measures,) = (file for file in files if file.key.startswith("trust_measures/2024-25/"))
        corrected = re.sub(rb",(\d+)(\.?\d*\n)$", rb",1\1\2", measures.body)  # too much: but the other year is kept
        assert corrected != measures.body
        stack.land(measures.key, corrected)
        stack.run_until_idle()
        upload = {"dataset": "ods_trusts", "period": "2024", "file_name": "a.csv", "size_bytes": 9}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "_put", twice)
            form = asked(stack, "POST", "/v1/uploads", upload | {"content_type": "text/csv"})
        for expired in (False, True):
            form = asked(stack, "POST", "/v1/uploads", upload | {"content_type": "text/csv"})
            sent = requests.post(form["url"], data=form["form_fields"], files={"file": b"no trusts"}, timeout=5)
            assert sent.status_code == 204
            if expired:
                s3.delete_object(Bucket=stack.outputs["IncomingBucketName"], Key=form["upload_id"])
            stack.run_until_idle()
        asked(stack, "GET", f"/v1/uploads/{form['upload_id']}")
        assert stack.request("GET", "/sign-in").status == 303
        for receipt in asked(stack, "GET", "/v1/receipts")["receipts"][:2]:
            asked(stack, "GET", f"/v1/receipts/{receipt['receipt_id']}")
        asked(stack, "POST", "/v1/feedback", {"about": {"methodology": "all"}, "text": "Thank you."})
        asked(stack, "GET", "/v1/feedback")
        for path in ("/v1/releases/current", "/v1/trusts", "/v1/trusts/NOBODY", "/v1/opportunities"):
            stack.request("GET", path)
        current = stack.request("GET", "/v1/releases/current").json()["manifest"]["release_id"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(downloads, "MOST_BYTES", 1)  # as if it were too large for one answer
            assert stack.request("GET", f"/v1/releases/{current}/tables/trusts.csv").status == 307
        yield stack


def until_computing(stack: LocalStack) -> None:
    while "SideBySide" not in stack.pending():
        stack.deliver(next(iter(stack.pending())))


_PUT = Store._put


def twice(store: Store, *arguments: Any, **condition: Any) -> None:
    """As boto3 does where S3's answer is lost: the second time finds what the first one wrote."""
    _PUT(store, *arguments, **condition)
    _PUT(store, *arguments, **condition)


def asked(stack: LocalStack, method: str, path: str, body: Any = None) -> Any:
    """What somebody is told who may do everything."""
    answer = ask(stack, method, path, body, scope="operate supply:ods_trusts")
    assert answer.status == 200, answer.text
    return answer.json()


def decide(stack: LocalStack, path: str, **body: str) -> None:
    asked(stack, "POST", f"/v1/releases/{path}", {"why": "It was reviewed."} | body)


def test_walk_went_through(walked: LocalStack) -> None:
    assert walked.dead_letters() == {}
    assert {event.type for event in walked.events} >= {
        "FileCurated",
        "FileRejected",
        "FileWithdrawn",
        "PeersComputed",
        "DryRunAssessed",
        "ReleasePublished",
    }
    shown = walked.client("s3").get_object(Bucket=walked.outputs["DataBucketName"], Key="channels/current.json")
    assert json.loads(shown["Body"].read())["sequence"] > 1


def test_every_call_is_granted(walked: LocalStack) -> None:
    assert spy.ungranted(walked.calls, walked.grants) == set()


def test_every_grant_is_used(walked: LocalStack) -> None:
    spare = {(grant.function, grant.sid, grant.permission) for grant in spy.unused(walked.calls, walked.grants)}
    assert spare == set()


def test_without_any_one_statement_some_call_is_refused(walked: LocalStack) -> None:
    for function, sid in {(grant.function, grant.sid) for grant in walked.grants}:
        less = [grant for grant in walked.grants if (grant.function, grant.sid) != (function, sid)]
        assert spy.ungranted(walked.calls, less), f"{function} could do without {sid}"


def test_runtime_may_take_messages_keep_logs_and_send_traces_for_each_function_and_no_more() -> None:
    """What no call of a function's own shows, so that only the template can tell whether it is right."""
    template = expand(load())
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        role = template["Resources"][function["Role"]["Fn::GetAtt"][0]]["Properties"]["Policies"][0]
        held = {one["Sid"]: one for one in role["PolicyDocument"]["Statement"] if one["Sid"] in spy.RUNTIME_STATEMENTS}
        queues = [
            mapping["EventSourceArn"]
            for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values()
            if called(template, mapping["FunctionName"]) == name
        ]
        group = function["LoggingConfig"]["LogGroup"]["Ref"]
        assert held["WriteLogs"]["Resource"] == {"Fn::GetAtt": [group, "Arn"]}, name
        assert set(held["WriteLogs"]["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}, name
        assert set(held["SendTraces"]["Action"]) == {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, name
        assert ("TakeMessages" in held) == bool(queues), name
        if queues:
            assert spy.many(held["TakeMessages"]["Resource"]) == queues, name
            taking = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
            assert set(held["TakeMessages"]["Action"]) == taking, name
