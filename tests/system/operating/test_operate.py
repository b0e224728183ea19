"""What ops and suppliers do with a deployed stack, on the emulator: dry runs, replay, redrive."""

import json
import os
import re
import subprocess
import sys

from infra.landing import LandingFile
from infra.ops.run import land
from infra.template import REGION, ROOT
from shared import keys
from tests.support.paths import SAMPLES
from tests.system.conftest import Published, settled_at

SAMPLE = "outpatients_quarterly/2024-25-Q4/qar_2024-25_q4_provider.csv"


def make(published: Published, *arguments: str) -> str:
    """What a command prints that finds the stack as ops have it found: by its stage, at AWS_ENDPOINT_URL."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": published.emulator.endpoint,
        "AWS_DEFAULT_REGION": REGION,
    }
    command = [sys.executable, "-m", "infra.ops", *arguments, "--stage", "local"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_dry_run_is_answered_in_its_receipt_and_publishes_nothing(published: Published) -> None:
    lines = (SAMPLES / SAMPLE).read_bytes().splitlines(keepends=True)
    file = LandingFile(f"{keys.DRY_RUN_PREFIX}{SAMPLE}", b"".join(lines[:-20]))
    ((_, receipt),) = land(published.emulator, [file])
    assert receipt["status"] == "accepted"
    assert settled_at(published.emulator, published.release_id) == published.release_id
    place = keys.receipt(file.key, receipt["version_id"])
    s3, bucket = published.emulator.client("s3"), published.emulator.outputs["DataBucketName"]
    impact = json.loads(s3.get_object(Bucket=bucket, Key=place)["Body"].read())["impact"]
    assert (impact["state"], impact["compared_with"]) == ("done", published.release_id)
    assert impact["changes"]["counts"]["vanish"] > 0


def test_replay_finds_the_stack_by_its_stage_and_changes_nothing(published: Published) -> None:
    told = make(published, "replay", "--dataset", "outpatients_quarterly")
    assert re.search(r"[1-9]\d* landing keys are sent", told)
    assert settled_at(published.emulator, published.release_id) == published.release_id


def test_redrive_returns_a_dead_letter_to_its_queue(published: Published) -> None:
    sqs, outputs = published.emulator.client("sqs"), published.emulator.outputs
    asked = {"source": "headroom", "detail-type": "RecomputeRequested", "detail": {"reason": "a dead letter"}}
    sqs.send_message(QueueUrl=outputs["PeersQueueDeadLetterQueueUrl"], MessageBody=json.dumps(asked))
    assert "PeersQueue: 1 dead letter; returned 1 to PeersQueue." in make(published, "redrive")
    assert settled_at(published.emulator, published.release_id) == published.release_id
    assert "PeersQueue: 0 dead letters." in make(published, "redrive", "--dry-run")
