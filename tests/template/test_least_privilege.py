"""Least privilege, both ways: the whole walk makes no call that its function's role lacks, and needs every grant."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from functions.api import downloads
from infra import spy
from infra.landing import files_of
from infra.local import LocalStack
from shared.promotion import By, Operator
from shared.releases import read_pointer
from shared.store import Store
from tests.paths import SAMPLES


@pytest.fixture(scope="module")
def walked() -> Iterator[LocalStack]:
    """A stack through which all has gone once: files accepted, rejected, withdrawn and overlooked, and requests."""
    with LocalStack({"Build": "7"}, cold=True) as stack:
        method, *files = files_of(SAMPLES)
        stack.request("GET", "/v1/releases/current")  # before there is one
        stack.land(files[0].key, files[0].body)  # before the method: waits, and is asked for later
        stack.run_until_idle()
        for file in (method, *files):
            stack.land(file.key, file.body)
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
        stack.land("method/2/method.yaml", method.body + b"# another\n")
        stack.run_until_idle()
        s3 = stack.client("s3")
        buckets = [Store(stack.outputs[f"{name}BucketName"], s3) for name in ("Landing", "Data")]
        preview, _ = read_pointer(buckets[1], "preview")
        assert preview
        Operator(*buckets).promote(preview.release_id, By("an operator", datetime.now(UTC), "It was reviewed."))
        stack.run_until_idle()
        for path in ("/v1/releases/current", "/v1/trusts", "/v1/trusts/NOBODY", "/v1/opportunities"):
            stack.request("GET", path)
        current = stack.request("GET", "/v1/releases/current").json()["manifest"]["release_id"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(downloads, "MOST_BYTES", 1)  # as if it were too large for one answer
            assert stack.request("GET", f"/v1/releases/{current}/tables/trusts.csv").status == 307
        yield stack


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
