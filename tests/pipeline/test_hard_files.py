"""Files on which ingest dies end in a receipt; a key of very many versions is looked at one version at a time; peers
asks for verdicts in batches, after it has said what it computed."""

import json
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.ingest import handler
from functions.ingest.apart import SUSPECT, NotStarted, judge_apart
from functions.ingest.judge import judge_body
from functions.peers import handler as peers_handler
from functions.peers import recompute as peers
from infra.local.stack import LocalStack
from shared.aws.store import Store
from shared.errors import Transient
from shared.landed import Landed
from shared.landing.verdicts import method_rules_for, rules_for
from shared.method.load import from_documents
from shared.method.load import parse as parse_method
from tests.support.pipeline.programme import metric, objects, pointer, receipt, small_stack
from tests.support.pipeline.small import METHOD_TEXT, work

KEY = "work/2025-01/a.csv"
RULES = rules_for(KEY, from_documents(parse_method(METHOD_TEXT)))
ENTRY = Landed(KEY, "v1", datetime(2025, 3, 1, tzinfo=UTC), False)


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with small_stack("7") as running:
        yield running


def dies(*_: Any) -> Any:
    raise MemoryError


# ---- Files on which ingest dies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1])
def test_judging_apart_comes_to_the_same_receipt_and_table(seed: int) -> None:
    assert judge_apart(ENTRY, work(seed), RULES, "m" * 32) == judge_body(ENTRY, work(seed), RULES, "m" * 32)


def test_method_is_judged_apart_too() -> None:
    entry, body = ENTRY._replace(key="method/1/method.yaml"), METHOD_TEXT.encode()
    judgement = judge_apart(entry, body, method_rules_for(), None)
    assert judgement == judge_body(entry, body, method_rules_for(), None)
    assert judgement.receipt.status == "accepted"


def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """Let a shell's words stand for the interpreter of the child."""
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\n{does}\n", "utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))


@pytest.mark.parametrize(
    ("does", "seconds"),
    [(f"kill -{signal.SIGSEGV.value} $$", 60), ("exit 1", 60), ("exec tail -f /dev/null", 3)],
    ids=["killed by a signal", "failed", "took too long"],
)
def test_child_that_ends_while_it_reads_makes_the_file_unreadable(
    does: str, seconds: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python(tmp_path, monkeypatch, f"printf reading\n{does}")
    judgement = judge_apart(ENTRY, work(1), RULES, "m" * 32, seconds)
    (finding,) = judgement.receipt.findings
    assert (judgement.receipt.status, finding.rule, judgement.derived) == ("rejected", "unreadable", None)
    assert finding.message.startswith("a.csv: the file could not be read")
    assert judgement.receipt.sha256 == judge_body(ENTRY, work(1), RULES, "m" * 32).receipt.sha256


@pytest.mark.parametrize("does", [f"kill -{signal.SIGKILL.value} $$", "exit 1"])
def test_child_that_does_not_start_to_read_is_no_verdict_on_the_file(
    does: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python(tmp_path, monkeypatch, does)
    with pytest.raises(NotStarted):
        judge_apart(ENTRY, work(1), RULES, "m" * 32)


def test_file_that_kills_ingest_every_time_ends_in_a_receipt_and_holds_nothing_up(
    stack: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "judge_body", dies)
    python(tmp_path, monkeypatch, f"printf reading\nkill -{signal.SIGKILL.value} $$")
    version = stack.land(KEY, work(1))
    stack.run_until_idle()
    told = receipt(stack, KEY, version)
    assert (told["status"], told["findings"][0]["rule"]) == ("rejected", "unreadable")
    assert stack.dead_letters() == {}
    assert metric(stack, "UnforeseenErrors") == {"ingest": SUSPECT - 1}
    calls = len(stack.invocations)
    stack.tick()
    stack.run_until_idle()
    assert "IngestFunction" not in {call.function for call in stack.invocations[calls:]}, "it is asked for no more"
    monkeypatch.undo()
    stack.land(KEY, work(1))
    stack.run_until_idle()
    assert pointer(stack) is not None


def test_file_that_meets_an_outage_three_times_is_accepted_once_that_is_over(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine, left = Store.get_at_most, [3]

    def out(self: Store, *arguments: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise Transient("S3 is out")
        return genuine(self, *arguments)

    monkeypatch.setattr(Store, "get_at_most", out)
    version = stack.land(KEY, work(1))
    stack.run_until_idle()
    assert receipt(stack, KEY, version)["status"] == "accepted"


# ---- Very many versions ----------------------------------------------------------------------------------------------


def test_event_that_names_its_version_lists_no_versions_of_the_key(stack: LocalStack) -> None:
    for seed in (1, 2, 3):
        stack.land(KEY, work(seed))
    stack.run_until_idle()
    before = len(stack.calls)
    version = stack.land(KEY, work(4))
    while stack.pending().get("IngestQueue"):
        stack.deliver("IngestQueue")
    calls = stack.calls[before:]
    listed = [call.parameters["Prefix"] for call in calls if call.operation == "ListObjectVersions"]
    assert listed == ["decisions/", "method/"]
    read = [
        call.parameters["VersionId"]
        for call in calls
        if call.operation == "GetObject" and "VersionId" in call.parameters
    ]
    assert read == [version]
    verdicts = [call.parameters["Prefix"] for call in calls if call.operation == "ListObjectsV2"]
    assert [prefix for prefix in verdicts if prefix.startswith("verdicts/work/")] == [
        prefix for prefix in verdicts if prefix.endswith(f"/{version}/")
    ]


def test_message_that_names_no_version_looks_at_all_of_them(stack: LocalStack) -> None:
    versions = [stack.land(KEY, work(seed)) for seed in (1, 2, 3)]
    stack.client("sqs").purge_queue(QueueUrl=stack.outputs["IngestQueueUrl"])
    stack.tick()
    stack.run_until_idle()
    assert {name.rsplit("/", 1)[-1] for name in objects(stack, f"receipts/{KEY}/")} == {f"{v}.json" for v in versions}


def test_event_of_a_version_that_is_gone_changes_nothing(stack: LocalStack) -> None:
    version = stack.land(KEY, work(1))
    stack.client("s3").delete_object(Bucket=stack.outputs["LandingBucketName"], Key=KEY, VersionId=version)
    stack.run_until_idle()
    assert stack.dead_letters() == {}
    assert not objects(stack, f"receipts/{KEY}/")


# ---- Methods without a verdict ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "dry-run/"])
def test_file_that_comes_before_its_method_is_judged_has_it_judged_first(stack: LocalStack, prefix: str) -> None:
    """After a deployment that reads methods otherwise, no method has its verdict: a dry run must not be turned away."""
    bucket = stack.outputs["DataBucketName"]
    s3 = stack.client("s3")
    for name in objects(stack, "verdicts/method/"):
        s3.delete_object(Bucket=bucket, Key=name)
    version = stack.land(f"{prefix}{KEY}", work(1))
    while stack.pending().get("IngestQueue"):
        stack.deliver("IngestQueue")
    assert receipt(stack, f"{prefix}{KEY}", version)["status"] == "accepted"
    assert objects(stack, "verdicts/method/")


# ---- Very many keys without a verdict --------------------------------------------------------------------------------


def unjudged(stack: LocalStack, monkeypatch: pytest.MonkeyPatch, keys: int) -> None:
    """Let peers see so many keys without a verdict."""
    genuine = peers.look

    def look(*arguments: Any) -> Any:
        seen = genuine(*arguments)
        waiting = [f"work/2025-01/{place}.csv" for place in range(keys)]
        return seen._replace(results={name: one._replace(unjudged=waiting) for name, one in seen.results.items()})

    monkeypatch.setattr(peers, "look", look)


def test_peers_asks_in_batches_up_to_a_bound_and_only_after_it_has_said_what_it_computed(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.land(KEY, work(1))
    while stack.pending().get("IngestQueue"):
        stack.deliver("IngestQueue")
    assert peers.MOST_REQUESTED == peers_handler.MOST_REQUESTED == 2_000
    monkeypatch.setattr(peers_handler, "MOST_REQUESTED", 35)
    unjudged(stack, monkeypatch, 10_000)
    before = len(stack.calls)
    stack.deliver("PeersQueue")
    calls = [
        call for call in stack.calls[before:] if call.operation in ("PutEvents", "SendMessageBatch", "SendMessage")
    ]
    assert [call.operation for call in calls] == ["PutEvents"] + ["SendMessageBatch"] * 4
    keys = [
        json.loads(entry["MessageBody"])["detail"]["object"]["key"]
        for call in calls[1:]
        for entry in call.parameters["Entries"]
    ]
    assert keys == [f"work/2025-01/{place}.csv" for place in range(35)]


@pytest.mark.parametrize(("waiting", "requested"), [(9, 0), (5, 0), (4, 10)])
def test_peers_does_not_ask_again_for_what_waits_for_ingest(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch, waiting: int, requested: int
) -> None:
    """Each recompute would else queue all that ingest has not reached yet once more."""
    for place in range(waiting):
        stack.land(f"work/2025-01/{place}.csv", work(1))
    unjudged(stack, monkeypatch, 10)
    stack.tick()
    for _ in range(2):  # the second sees what the first requested
        stack.deliver("PeersQueue")
        assert stack.pending().get("IngestQueue", 0) == waiting + requested
        stack.tick()


def test_messages_that_the_queue_did_not_take_are_asked_for_again(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    unjudged(stack, monkeypatch, 3)
    refusing = {
        "get_queue_attributes": lambda *_, **__: {"Attributes": {"ApproximateNumberOfMessages": "0"}},
        "send_message_batch": lambda *_, **__: {"Failed": [{"Id": "1"}]},
    }
    monkeypatch.setattr(peers, "client", lambda _: type("Sqs", (), refusing)())
    stack.tick()
    stack.deliver("PeersQueue")
    assert "1 of 3 messages were not taken" in stack.invocations[-1].error
