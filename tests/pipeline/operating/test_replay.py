"""Replay, redrive and rebuild: whatever was lost but the landing bucket comes back, and nothing else changes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.stack import LocalStack
from infra.ops import replay as operate
from infra.ops.cli import main
from infra.ops.replay import CannotOperate, rebuild, redrive, replay
from infra.stacks import Deployed, NoStack, find
from shared.aws.store import Store
from shared.releases.promotion import DecidedBy, Operator
from tests.support.pipeline.programme import (
    current_release,
    deployed,
    event_types,
    objects,
    pointer,
    receipt,
    small_stack,
)
from tests.support.pipeline.small import METHOD_TEXT, work


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with small_stack("7", {"work/2025-01/a.csv": work(1)}) as running:
        yield running


def queued(stack: LocalStack, queue: str) -> list[str]:
    """Landing keys that wait in a queue; they stay there."""
    sqs, url = stack.client("sqs"), stack.outputs[f"{queue}Url"]
    bodies: list[str] = []
    while some := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60).get("Messages"):
        bodies += [message["Body"] for message in some]
    return [json.loads(body)["detail"]["object"]["key"] for body in bodies]


def test_replay_of_a_period_queues_its_keys_and_no_others(stack: LocalStack) -> None:
    stack.land("work/2025-02/a.csv", work(2))
    stack.land("work/2025-01/south & north/b.csv", work(0))
    stack.delete("work/2025-01/a.csv")
    stack.run_until_idle()
    assert replay(deployed(stack), "work", "2025-01") == 2
    assert sorted(queued(stack, "IngestQueue")) == ["work/2025-01/a.csv", "work/2025-01/south & north/b.csv"]


def test_replay_of_a_dataset_takes_no_other_whose_name_begins_alike(stack: LocalStack) -> None:
    stack.land("work_more/2025-01/a.csv", work(1))
    stack.run_until_idle()
    replay(deployed(stack), "work")
    assert queued(stack, "IngestQueue") == ["work/2025-01/a.csv"]


def test_replay_of_everything_leaves_out_dry_runs_which_can_be_asked_for(stack: LocalStack) -> None:
    stack.land("dry-run/work/2025-01/a.csv", work(2))
    stack.run_until_idle()
    assert replay(deployed(stack)) == 3
    assert sorted(queued(stack, "IngestQueue")) == [
        "method/1/method.yaml",
        "roll/2025/roll.csv",
        "work/2025-01/a.csv",
    ]
    assert replay(deployed(stack), "dry-run/work", "2025-01") == 1
    assert queued(stack, "IngestQueue") == ["dry-run/work/2025-01/a.csv"]


def test_replay_changes_nothing_where_nothing_is_missing(stack: LocalStack) -> None:
    before = objects(stack, "")
    replay(deployed(stack))
    stack.run_until_idle()
    assert objects(stack, "") == before
    assert event_types(stack).count("ReleasePublished") == 1


def test_replay_mends_what_a_lost_event_left_behind(stack: LocalStack) -> None:
    version = stack.land("work/2025-02/a.csv", work(2))
    stack.client("sqs").purge_queue(QueueUrl=stack.outputs["IngestQueueUrl"])
    replay(deployed(stack), "work", "2025-02")
    stack.run_until_idle()
    assert receipt(stack, "work/2025-02/a.csv", version)["status"] == "accepted"
    assert "work/2025-02" in current_release(stack)["manifest.json"].decode()


def test_many_keys_are_sent_ten_at_a_time_and_none_is_lost(stack: LocalStack) -> None:
    names = [f"work/2025-01/{number}.csv" for number in range(23)]
    for name in names:
        stack.client("s3").put_object(Bucket=stack.outputs["LandingBucketName"], Key=name, Body=work(1))
    stack.client("sqs").purge_queue(QueueUrl=stack.outputs["IngestQueueUrl"])
    assert replay(deployed(stack), "work", "2025-01") == 24
    assert sorted(queued(stack, "IngestQueue")) == sorted([*names, "work/2025-01/a.csv"])


def test_what_cannot_be_replayed_is_said(stack: LocalStack) -> None:
    with pytest.raises(CannotOperate, match=r"nothing was ever landed under .*wrok/2025-01/"):
        replay(deployed(stack), "wrok", "2025-01")
    with pytest.raises(CannotOperate, match="--dataset"):
        replay(deployed(stack), period="2025-01")


def test_dry_run_of_a_command_only_says_what_it_would_do(stack: LocalStack) -> None:
    before = objects(stack, "")
    dead_letter(stack, "PeersQueue", "{}")
    told: list[str] = []
    replay(deployed(stack), dry_run=True, show=told.append)
    redrive(deployed(stack), dry_run=True, show=told.append)
    rebuild(deployed(stack), dry_run=True, show=told.append)
    assert "3 landing keys would be sent" in told[0]
    assert "PeersQueue: 1 dead letter would be returned." in told
    assert any(f"{len(before)} objects of" in line and "would be deleted" in line for line in told)
    assert (stack.pending(), stack.dead_letters()) == ({}, {"PeersQueueDeadLetterQueue": 1})
    assert objects(stack, "") == before


def dead_letter(stack: LocalStack, queue: str, body: str, target: str = "") -> None:
    """One message in a queue's dead letters; `target`: as EventBridge marks those it could not deliver."""
    marks = {"TARGET_ARN": {"DataType": "String", "StringValue": target}} if target else {}
    url = stack.outputs[f"{queue}DeadLetterQueueUrl"]
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageAttributes=marks)


def held(stack: LocalStack, queue: str) -> int:
    """Messages in a queue, those included that someone has just received."""
    told = stack.client("sqs").get_queue_attributes(QueueUrl=stack.outputs[f"{queue}Url"], AttributeNames=["All"])
    return sum(int(told["Attributes"][f"ApproximateNumberOfMessages{which}"]) for which in ("", "NotVisible"))


def test_redrive_returns_what_a_fault_sent_there(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    from functions.ingest import handler

    def fails(*_: object) -> None:
        raise OSError("a disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(handler, "_handle", fails)
        for number in range(12):
            stack.land(f"work/2025-02/p{number}/a.csv", b"code,kind,cost,area\nRA%d,A,5,5\n" % number)
        stack.run_until_idle()
    assert stack.dead_letters() == {"IngestQueueDeadLetterQueue": 12}
    told: list[str] = []
    assert redrive(deployed(stack), show=told.append) == 12
    assert "IngestQueue: 12 dead letters; returned 12 to IngestQueue." in told
    assert held(stack, "IngestQueueDeadLetterQueue") == 0
    stack.run_until_idle()
    assert current_release(stack)["manifest.json"].count(b"work/2025-02/p") == 12


def test_redrive_of_one_queue_leaves_the_others(stack: LocalStack) -> None:
    dead_letter(stack, "PeersQueue", "{}")
    dead_letter(stack, "IngestQueue", "{}")
    assert redrive(deployed(stack), "PeersQueue") == 1
    assert (stack.pending(), stack.dead_letters()) == ({"PeersQueue": 1}, {"IngestQueueDeadLetterQueue": 1})
    with pytest.raises(CannotOperate, match=r"--queue with one of .*PeersQueue"):
        redrive(deployed(stack), "PearsQueue")


def test_event_that_found_no_queue_goes_where_it_was_meant_to_go(stack: LocalStack) -> None:
    sqs = stack.client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=stack.outputs["OpportunitiesQueueUrl"], AttributeNames=["QueueArn"])
    dead_letter(stack, "Rules", "{}", arn["Attributes"]["QueueArn"])
    assert redrive(deployed(stack)) == 1
    assert stack.pending() == {"OpportunitiesQueue": 1}


def test_letter_of_unknown_origin_stays_and_is_named(stack: LocalStack) -> None:
    dead_letter(stack, "Rules", '{"whose": "nobody knows"}')
    with pytest.raises(CannotOperate, match="nobody knows"):
        redrive(deployed(stack), "Rules")
    assert held(stack, "RulesDeadLetterQueue") == 1


def released(stack: LocalStack) -> dict[str, bytes]:
    """Every object of every release."""
    return objects(stack, "releases/") | objects(stack, "tables/")


def eventful(stack: LocalStack) -> None:
    """Corrections, a late older file, parts that overlap and parts that do not, withdrawals, rejects, a dry run."""
    for key, body in {
        "work/2025-02/north/a.csv": work(1, trusts=6),
        "work/2025-02/south/a.csv": b"code,kind,cost,area\nRA5,A,77777,15\n",
        "work/2025-01/b.csv": work(2),
        "work/2025-03/a.csv": work(3),
        "dry-run/work/2025-03/a.csv": work(1),
    }.items():
        stack.land(key, body)
    stack.run_until_idle()
    stack.land("work/2025-02/south/a.csv", b"code,kind,cost,area\nRA6,A,900,16\n")
    stack.land("work/2025-03/a.csv", work(0))
    stack.delete("work/2025-01/b.csv")
    stack.run_until_idle()
    stack.land("method/2/method.yaml", METHOD_TEXT.replace("A small", "Another").encode())
    stack.run_until_idle()


def shown_now(stack: LocalStack, channel: str = "current") -> dict[str, Any]:
    """What readers of a channel see, and by which decision."""
    told = pointer(stack, channel) or {}
    return {name: told[name] for name in ("release_id", "method_id", "build", "hold", "decision")}


def test_decisions_of_operators_survive_a_rebuild(stack: LocalStack) -> None:
    eventful(stack)
    s3, outputs = stack.client("s3"), stack.outputs
    operator = Operator(Store(outputs["LandingBucketName"], s3), Store(outputs["DataBucketName"], s3))
    by = DecidedBy("someone", datetime(2025, 6, 1, tzinfo=UTC), "a test")
    operator.promote(shown_now(stack, "preview")["release_id"], by)
    stack.run_until_idle()
    promoted, before = shown_now(stack), released(stack)
    rebuild(deployed(stack), outputs["DataBucketName"], wait=lambda _: stack.run_until_idle())
    assert shown_now(stack) == promoted
    assert released(stack).items() <= before.items()

    stack.land("work/2025-04/a.csv", work(2))
    stack.run_until_idle()
    operator.roll_back(promoted["release_id"], shown_now(stack)["release_id"], by)
    stack.run_until_idle()
    held, before = shown_now(stack), released(stack)
    assert (held["release_id"], held["hold"]) == (promoted["release_id"], True)
    rebuild(deployed(stack), outputs["DataBucketName"], wait=lambda _: stack.run_until_idle())
    assert shown_now(stack) == held
    assert released(stack).items() <= before.items()


def test_rebuilt_data_bucket_shows_the_same_releases_byte_for_byte(stack: LocalStack) -> None:
    eventful(stack)
    shown = {channel: (pointer(stack, channel) or {})["release_id"] for channel in ("current", "preview")}
    releases = {name: body for name, body in released(stack).items() if any(one in name for one in shown.values())}
    assert len(releases) > 4
    receipts = objects(stack, "receipts/work/2025-02/") | objects(stack, "receipts/work/2025-03/")
    told: list[str] = []
    bucket = stack.outputs["DataBucketName"]
    rebuild(deployed(stack), bucket, show=told.append, wait=lambda _: stack.run_until_idle())
    assert {channel: (pointer(stack, channel) or {})["release_id"] for channel in shown} == shown
    assert released(stack) == releases
    assert objects(stack, "receipts/").items() >= receipts.items()
    assert f"current: release {shown['current']} of build 7 before, release {shown['current']} of build 7 now." in told
    assert stack.dead_letters() == {}


def test_filled_data_bucket_is_emptied_only_when_its_name_is_given(stack: LocalStack) -> None:
    before = objects(stack, "")
    for confirm in (None, "yes"):
        with pytest.raises(CannotOperate, match=f"--confirm {stack.outputs['DataBucketName']}"):
            rebuild(deployed(stack), confirm)
    assert (objects(stack, ""), stack.pending()) == (before, {})


def test_what_s3_does_not_delete_ends_a_rebuild(stack: LocalStack) -> None:
    """S3 answers 200 all the same, and names what it kept."""
    s3 = stack.client("s3")
    s3.meta.events.register(
        "after-call.s3.DeleteObjects",
        lambda parsed, **_: parsed.update(
            Errors=[{"Key": "verdicts/a", "Code": "InternalError", "Message": "try again"}]
        ),
    )
    with pytest.raises(CannotOperate, match=r"did not delete 1 objects, the first verdicts/a: try again.*run it again"):
        rebuild(deployed(stack), stack.outputs["DataBucketName"], wait=lambda _: stack.run_until_idle())
    assert stack.pending() == {}  # nothing is replayed into what was left


def test_lost_data_bucket_is_rebuilt_without_more_ado(stack: LocalStack) -> None:
    before = released(stack)
    for name in objects(stack, ""):
        stack.client("s3").delete_object(Bucket=stack.outputs["DataBucketName"], Key=name)
    rebuild(deployed(stack), wait=lambda _: stack.run_until_idle())
    assert released(stack) == before


def test_rebuild_says_so_when_something_else_is_shown_in_the_end(stack: LocalStack) -> None:
    def wait(_: Deployed) -> None:
        stack.delete("work/2025-01/a.csv")  # someone lands or withdraws meanwhile
        stack.land("work/2025-02/a.csv", work(2))
        stack.run_until_idle()

    with pytest.raises(CannotOperate, match="current shows another release"):
        rebuild(deployed(stack), stack.outputs["DataBucketName"], wait=wait)


def test_waiting_ends_when_the_queues_have_been_empty_for_a_while(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operate, "time", SimpleNamespace(sleep=lambda _: None, monotonic=lambda: 0.0))
    operate.until_idle(deployed(stack))
    dead_letter(stack, "PeersQueue", "{}")
    redrive(deployed(stack), "PeersQueue")
    seconds = count(step=600)  # ten minutes pass between two looks
    monkeypatch.setattr(operate.time, "monotonic", lambda: next(seconds))
    with pytest.raises(CannotOperate, match="still busy"):
        operate.until_idle(deployed(stack))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay"], "use --stage with one of local, dev, prod"),
        (["replay", "--stage", "live"], "there is no stage 'live'"),
        (["redrive", "--stage", "prod"], "the stack headroom-prod cannot be described"),
        (["replay", "--stack", "headroom", "--period", "2025-01"], "--dataset"),
    ],
)
def test_commands_say_on_one_line_what_is_missing(
    stack: LocalStack, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"headroom {arguments[0]}: ")
    assert said.lower() in line.lower()


def test_commands_find_the_stack_of_a_stage(stack: LocalStack, capsys: pytest.CaptureFixture[str]) -> None:
    assert find("local").outputs["IngestQueueUrl"] == stack.outputs["IngestQueueUrl"]
    assert main(["replay", "--stage", "local", "--dataset", "roll"]) == 0
    assert capsys.readouterr().out.startswith("headroom: 1 landing keys are sent")
    assert queued(stack, "IngestQueue") == ["roll/2025/roll.csv"]


def test_unknown_stack_is_said(stack: LocalStack) -> None:
    with pytest.raises(NoStack, match="elsewhere"):
        find(stack="elsewhere")
