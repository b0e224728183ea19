"""The walk of the data on the real template: files land, one release comes out, and nothing is lost on the way."""

import hashlib
import io
import json
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest

from functions.opportunities.publish import Publisher
from infra.local.clock import MOMENT
from infra.local.stack import LocalStack
from shared.aws.store import Store
from shared.events import PeersComputed
from shared.releases.manifest import IN_PARTS
from shared.tables import RELEASE_TABLES
from tests.support.pipeline import programme
from tests.support.pipeline.programme import (
    current_release,
    event_types,
    land,
    land_method,
    pointer,
    receipt,
    sample_files,
)

FEW = ("ods_trusts", "ods_successors", "eric_trust", "trust_characteristics")


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with LocalStack({"Build": "7"}) as running:
        yield running


@pytest.fixture
def published(stack: LocalStack) -> LocalStack:
    land_method(stack)
    land(stack, sample_files(*FEW).items())
    stack.run_until_idle()
    return stack


def test_samples_become_one_release_with_a_receipt_for_every_file(stack: LocalStack) -> None:
    land_method(stack)
    files = sample_files()
    versions = {key: stack.land(key, body) for key, body in files.items()}
    stack.run_until_idle()
    for key, version in versions.items():
        told = receipt(stack, key, version)
        assert told["status"] == "accepted", f"{key}: {told['findings'][:3]}"
        assert told["sha256"] == hashlib.sha256(files[key]).hexdigest()
    release = current_release(stack)
    manifest = json.loads(release["manifest.json"])
    assert {output["name"] for output in manifest["outputs"]} == set(RELEASE_TABLES)
    for output in manifest["outputs"]:
        parts = {f"{output['name']}/{metric}.parquet": part for metric, part in output["parts"].items()}
        assert bool(parts) == (output["name"] in IN_PARTS)
        for name, file in (parts or {f"{output['name']}.parquet": output}).items():
            assert hashlib.sha256(release[name]).hexdigest() == file["sha256"]
    metadata = pq.read_metadata(io.BytesIO(release["opportunities.parquet"])).metadata
    assert metadata[b"release_id"].decode() == manifest["release_id"]
    assert (metadata[b"method_id"].decode(), metadata[b"build"]) == (manifest["method_id"], b"7")
    assert {entry["slot"] for entry in manifest["inputs"]} == {key.rsplit("/", 1)[0] for key in files}
    assert {entry["sha256"] for entry in manifest["inputs"]} == {hashlib.sha256(b).hexdigest() for b in files.values()}
    assert event_types(stack).count("ReleasePublished") == 1
    assert event_types(stack).count("FileCurated") == len(files) + 1
    assert stack.dead_letters() == {}
    assert [call.error for call in stack.invocations if call.error] == []


@pytest.mark.parametrize("dataset", ["ods_trusts", "sickness_absence", "trust_characteristics"])
def test_first_file_of_a_new_stack_may_be_of_any_dataset(stack: LocalStack, dataset: str) -> None:
    key, body = next(iter(sample_files(dataset).items()))
    land_method(stack)
    version = stack.land(key, body)
    stack.land(f"dry-run/{key}", body)
    stack.run_until_idle()
    assert stack.dead_letters() == {}
    assert receipt(stack, key, version)["status"] == "accepted"


def test_files_that_come_before_the_method_wait_for_it(stack: LocalStack) -> None:
    land(stack, sample_files(*FEW).items())
    stack.run_until_idle()
    assert pointer(stack) is None
    assert stack.dead_letters() == {}
    land_method(stack)
    stack.run_until_idle()
    assert pointer(stack) is not None


def test_order_of_landing_changes_no_byte_of_the_release(published: LocalStack) -> None:
    first = (pointer(published) or {})["release_id"], current_release(published)
    with LocalStack({"Build": "7"}) as other:
        for key, body in reversed(sample_files(*FEW).items()):
            other.land(key, body)
            other.run_until_idle()
        land_method(other)
        other.run_until_idle()
        assert ((pointer(other) or {})["release_id"], current_release(other)) == first


def test_file_landed_twice_changes_nothing(published: LocalStack) -> None:
    before = pointer(published)
    land(published, sample_files("eric_trust").items())
    published.run_until_idle()
    assert pointer(published) == before


def test_rejected_file_leaves_the_earlier_one_current(published: LocalStack) -> None:
    before = pointer(published)
    key = next(iter(sample_files("eric_trust")))
    version = published.land(key, b"this is no ERIC return\n")
    published.run_until_idle()
    told = receipt(published, key, version)
    assert told["status"] == "rejected"
    assert told["errors"] >= 1
    assert told["findings"][0]["message"]
    assert pointer(published) == before
    assert event_types(published)[-1] == "FileRejected"
    assert published.dead_letters() == {}


def test_corrected_file_supersedes_and_deleting_it_withdraws(published: LocalStack) -> None:
    before = pointer(published) or {}
    key, body = list(sample_files("eric_trust").items())[-1]
    text = body.decode("utf-8", "surrogateescape").rstrip("\n").rsplit("\n", 1)[0]  # one trust fewer
    corrected = key.replace(".csv", "-corrected.csv")
    published.clock.advance(1)  # of two keys in one second the later name would count as the later
    published.land(corrected, text.encode("utf-8", "surrogateescape") + b"\n")
    published.run_until_idle()
    after = pointer(published) or {}
    assert after["release_id"] != before["release_id"]
    assert after["sequence"] == before["sequence"] + 1
    published.delete(corrected)
    published.run_until_idle()
    restored = pointer(published) or {}
    assert restored["release_id"] == before["release_id"]
    assert restored["sequence"] == before["sequence"] + 2


def test_bad_key_and_unknown_dataset_get_a_receipt_that_says_so(published: LocalStack) -> None:
    for key, word in {"eric_trust.csv": "land it as", "erik_trust/2015-16/f.csv": "did you mean 'eric_trust'?"}.items():
        version = published.land(key, b"a,b\n1,2\n")
        published.run_until_idle()
        told = receipt(published, key, version)
        assert told["status"] == "rejected"
        assert word in told["findings"][0]["message"]
    assert published.dead_letters() == {}


def test_faulty_method_gets_a_receipt_and_the_current_one_stays(published: LocalStack) -> None:
    before = pointer(published)
    version = published.land("method/2/method.yaml", b"--- # prices.yaml\nprices: {wau: {value: three}}\n")
    published.run_until_idle()
    told = receipt(published, "method/2/method.yaml", version)
    assert told["status"] == "rejected"
    assert any("prices.yaml" in finding["message"] and "wau" in finding["message"] for finding in told["findings"])
    assert pointer(published) == before


def test_second_method_makes_a_preview_beside_the_current_release(published: LocalStack) -> None:
    before = pointer(published)
    text = programme.method_text().replace("name: NHS provider productivity opportunities", "name: Another method")
    published.land("method/2/method.yaml", text.encode())
    published.run_until_idle()
    preview = pointer(published, "preview")
    assert preview is not None
    assert preview["method_id"] != (before or {})["method_id"]
    assert pointer(published) == before


def test_schedule_finds_what_a_lost_event_left_behind(stack: LocalStack) -> None:
    land_method(stack)
    stack.run_until_idle()
    land(stack, sample_files(*FEW).items())
    sqs = stack.client("sqs")
    sqs.purge_queue(QueueUrl=stack.outputs["IngestQueueUrl"])
    stack.run_until_idle()
    assert pointer(stack) is None
    stack.tick()
    stack.run_until_idle()
    assert pointer(stack) is not None


def test_of_two_who_publish_at_once_one_wins_and_the_other_asks_to_look_again(published: LocalStack) -> None:
    shown = pointer(published) or {}
    data = Store(published.outputs["DataBucketName"], published.client("s3"))
    key, body = list(sample_files("eric_trust").items())[-1]
    published.land(key, body + b" ")  # the same content, other bytes
    while published.pending().keys() & {"IngestQueue", "PeersQueue"}:
        published.deliver(next(iter(published.pending())))
    slow = PeersComputed.model_validate(published.events[-1].detail)
    published.run_until_idle()
    assert (pointer(published) or {})["sequence"] == shown["sequence"] + 1
    settled = pointer(published)
    stale = slow.model_copy(update={"snapshot_id": shown["snapshot_id"]})
    queue = published.outputs["OpportunitiesQueueUrl"]
    envelope = {"source": "headroom", "detail-type": "PeersComputed", "detail": stale.model_dump()}
    published.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(envelope))
    published.run_until_idle()
    assert "RecomputeRequested" in event_types(published)
    assert pointer(published) == settled
    assert Publisher(data, 7).publish(slow, MOMENT).sequence == shown["sequence"] + 1


def test_lower_build_leaves_what_a_higher_one_published(published: LocalStack) -> None:
    before = pointer(published)
    published.functions = {
        name: function.__class__(**{**function.__dict__, "environment": {**function.environment, "BUILD": "6"}})
        for name, function in published.functions.items()
    }
    published.tick()
    published.run_until_idle()
    assert pointer(published) == before
    published.functions = {
        name: function.__class__(**{**function.__dict__, "environment": {**function.environment, "BUILD": "8"}})
        for name, function in published.functions.items()
    }
    published.tick()
    published.run_until_idle()
    assert (pointer(published) or {})["build"] == 8
