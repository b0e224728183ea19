"""Every command of docs/operating.md, run by a shell against the emulator, in the situation that it is for."""

import json
import re
import shutil
from pathlib import Path

import pytest

from infra.landing import LandingFile
from infra.ops.run import land, settle
from infra.template import load
from shared import keys
from shared.aws.store import Store
from shared.releases.channels import read_pointer
from tests.support.paths import METHOD, SAMPLES
from tests.support.system import runbook
from tests.system.conftest import Published, settled_at

SAMPLE = "outpatients_quarterly/2024-25-Q4/qar_2024-25_q4_provider.csv"
WRONG = "outpatients_quarterly/2024-25-Q4/wrong.csv"
DATASET, PERIOD, _ = SAMPLE.split("/")
SLOT = {"DATASET": DATASET, "PERIOD": PERIOD}


def data(published: Published) -> Store:
    return Store(published.emulator.outputs["DataBucketName"], published.emulator.client("s3"))


def delete(published: Published, prefix: str) -> None:
    landing = published.emulator.outputs["LandingBucketName"]
    s3 = published.emulator.client("s3")
    for item in s3.list_objects_v2(Bucket=landing, Prefix=prefix)["Contents"]:
        s3.delete_object(Bucket=landing, Key=item["Key"])


def test_beginning_shows_the_release_and_that_nothing_was_given_up(published: Published) -> None:
    told = runbook.run(published.emulator, runbook.BEGIN, 1)
    assert published.release_id in told
    assert told.count(" 0 dead letters.") == 7


def test_rejected_file(published: Published) -> None:
    key = f"{DATASET}/{PERIOD}/broken-at-night.csv"
    ((_, receipt),) = land(published.emulator, [LandingFile(key, b"no such\nfile,1\n")])
    version = receipt["version_id"]
    told = runbook.run(
        published.emulator, "A file is rejected", KEY=key, VERSION=version, FILE=str(SAMPLES / SAMPLE), **SLOT
    )
    assert keys.receipt(key, version) in told
    assert receipt["findings"][0]["rule"] in told
    assert '"status": "accepted"' in told or "accepted" in told
    assert settled_at(published.emulator, published.release_id) == published.release_id


def test_dead_letter(published: Published) -> None:
    asked = {"source": "headroom", "detail-type": "RecomputeRequested", "detail": {"reason": "a dead letter"}}
    url = published.emulator.outputs["PeersQueueDeadLetterQueueUrl"]
    published.emulator.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(asked))
    told = runbook.run(published.emulator, "A dead letter", QUEUE="PeersQueue")
    assert json.dumps(asked) in told
    assert "PeersQueue: 1 dead letter; returned 1 to PeersQueue." in told
    assert settled_at(published.emulator, published.release_id) == published.release_id


def test_replay(published: Published) -> None:
    told = runbook.run(published.emulator, "Replay", **SLOT)
    assert re.search(r"\d+ landing keys would be sent.*\d+ landing keys are sent", told, re.DOTALL)
    assert settled_at(published.emulator, published.release_id) == published.release_id


def test_what_grows_is_counted_and_what_is_not_needed_deleted(published: Published) -> None:
    """The stack is of today: everything is needed."""
    before = [*data(published).names("")]
    told = runbook.run(published.emulator, "The data bucket grows", 0)
    for name in ("LandingBucketName", "IncomingBucketName", "DataBucketName"):
        assert published.emulator.outputs[name] in told
    assert published.release_id in told
    told = runbook.run(published.emulator, "The data bucket grows", 1)
    assert told.count("There is nothing to delete.") == 2
    assert [*data(published).names("")] == before


def test_roll_back_withdraw_resume(published: Published) -> None:
    lines = (SAMPLES / SAMPLE).read_bytes().splitlines(keepends=True)
    ((_, receipt),) = land(published.emulator, [LandingFile(WRONG, b"".join(lines[:-20]))])
    assert receipt["status"] == "accepted"
    wrong = settle(published.emulator)
    assert wrong != published.release_id
    told = runbook.run(published.emulator, "Roll back", 0, CURRENT=wrong, EARLIER=published.release_id)
    assert wrong in told
    pointer, _ = read_pointer(data(published), keys.CURRENT)
    assert pointer
    assert (pointer.release_id, pointer.hold) == (published.release_id, True)
    for place in (1, 2):
        runbook.run(published.emulator, "Roll back", place, WRONG=WRONG)
        assert settled_at(published.emulator, published.release_id) == published.release_id
    pointer, _ = read_pointer(data(published), keys.CURRENT)
    assert pointer
    assert not pointer.hold


def test_promote(published: Published, tmp_path: Path) -> None:
    method = tmp_path / "method"
    shutil.copytree(METHOD, method)
    programme = method / "programme.yaml"
    programme.write_text(re.sub(r"(?m)^(  name: .*)$", r"\1, revised", programme.read_text("utf-8"), count=1), "utf-8")
    told = {"FILE": str(tmp_path / "method.yaml"), "METHOD": str(method)}
    runbook.run(published.emulator, "Promote", 0, **told)
    assert settled_at(published.emulator, published.release_id) == published.release_id
    preview, _ = read_pointer(data(published), keys.PREVIEW)
    assert preview
    assert preview.release_id in runbook.run(published.emulator, "Promote", 1)
    runbook.run(published.emulator, "Promote", 2, PREVIEW=preview.release_id)
    assert settled_at(published.emulator, preview.release_id) == preview.release_id
    for prefix in (keys.DECISIONS_PREFIX, "method/2/"):
        delete(published, prefix)
    assert settled_at(published.emulator, published.release_id) == published.release_id


def test_restore_a_deleted_object(published: Published) -> None:
    landing = published.emulator.outputs["LandingBucketName"]
    s3 = published.emulator.client("s3")
    version = s3.head_object(Bucket=landing, Key=SAMPLE)["VersionId"]
    s3.delete_object(Bucket=landing, Key=SAMPLE)
    told = runbook.run(published.emulator, "Restore a deleted object", KEY=SAMPLE, VERSION=version)
    assert version in told
    assert settled_at(published.emulator, published.release_id) == published.release_id


def test_rotate_keys(published: Published) -> None:
    """The emulator does not know second secrets, so those commands are held against the service's description."""
    assert "operator" in runbook.run(published.emulator, "Rotate keys", 0)
    variables = {"POOL": "eu-west-2_abcdefghi", "CLIENT": "0123456789", "SECRET": "0123456789--1"}
    for place in (1, 2):
        runbook.run(published.emulator, "Rotate keys", place, only_check=True, **variables)


@pytest.mark.nightly
def test_the_key_of_sessions_is_changed_and_the_one_before_it_stays(published: Published) -> None:
    secrets, arn = published.emulator.client("secretsmanager"), published.emulator.outputs["SessionKeyArn"]
    before = secrets.get_secret_value(SecretId=arn)["SecretString"]
    runbook.run(published.emulator, "Rotate keys", 3)
    now, previous = (
        secrets.get_secret_value(SecretId=arn, VersionStage=stage)["SecretString"]
        for stage in ("AWSCURRENT", "AWSPREVIOUS")
    )
    assert previous == before
    assert re.fullmatch("[A-Za-z0-9]{64}", now)
    assert now != before


@pytest.mark.nightly
def test_person_is_added_with_an_address_that_gets_the_password(published: Published) -> None:
    """Compared with the service's description only: the emulator makes up a password that its own policy refuses."""
    pool = published.emulator.outputs["UserPoolId"]
    person = {"POOL": pool, "EMAIL": "analyst@example.org", "GROUP": "supply-eric_trust"}
    runbook.run(published.emulator, "Add a person", only_check=True, **person)
    published.emulator.client("cognito-idp").admin_create_user(
        UserPoolId=pool, Username=person["EMAIL"], TemporaryPassword="Long enough 4 anybody!"
    )
    runbook.run(published.emulator, "Add a person", 1, **person)
    groups = published.emulator.client("cognito-idp").admin_list_groups_for_user(
        UserPoolId=pool, Username=person["EMAIL"]
    )["Groups"]
    assert [group["GroupName"] for group in groups] == ["supply-eric_trust"]
    block, _ = runbook.blocks("Add a person")
    assert "--desired-delivery-mediums EMAIL" in block


def test_every_block_is_run_by_a_test_here_or_on_a_bad_day() -> None:
    run = {
        runbook.BEGIN, "A file is rejected", "A dead letter", "Replay", "Rebuild", "Roll back", "Promote",
        "The data bucket grows", "Restore a deleted object", "Add a person", "Rotate keys",
    }  # fmt: skip
    assert {title for title in runbook.sections() if runbook.blocks(title)} == run
    counts = {"The data bucket grows": 2, "Roll back": 3, "Promote": 3, "Rotate keys": 4, "Add a person": 2}
    assert {title: len(runbook.blocks(title)) for title in counts} == counts


def test_every_alarm_has_its_passage_and_no_passage_is_of_an_alarm_that_is_gone() -> None:
    alarms = [name for name, one in load()["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"]
    told = [name for title in runbook.sections() for name in re.findall(r"\w+Alarm\b", title)]
    assert sorted(told) == sorted(alarms)


def test_nobody_is_sent_back_to_an_earlier_build_without_a_higher_number() -> None:
    """A lower build publishes nothing: whoever followed such a line would stop publication."""
    for title, text in runbook.sections().items():
        if re.search(r"(earlier|older|previous) (build|commit)|build before", text) and "BUILD=" not in text:
            assert '"Go back to an earlier build"' in text or "BuildsBehindAlarm" in text, title
    assert "BUILD=" in runbook.sections()["Go back to an earlier build"]


@pytest.mark.parametrize("title", [title for title in runbook.sections() if title.endswith("Alarm")])
def test_queue_that_an_alarms_passage_names_has_dead_letters(title: str) -> None:
    for queue in re.findall(r"QUEUE=(\w+)", runbook.sections()[title]):
        assert f"{queue}DeadLetterQueueUrl" in load()["Outputs"]
