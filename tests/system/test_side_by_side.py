"""A release that is too large for one call, on the emulator: the same bytes by way of Step Functions."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.landing import files_of
from infra.local.emulator import Emulator
from infra.ops.run import land, settle
from tests.support.paths import SAMPLES
from tests.system.conftest import BUILD, Published

MOST = "3000"
"""Of 60 trusts, 3,660 values of metrics are missing at first, and each peer group has 12,000 of draws."""


@pytest.fixture(scope="module")
def small() -> Iterator[Emulator]:
    """An emulator of its own, where the samples are too large for one call; nothing landed yet."""
    with Emulator() as running:
        running.build()
        running.deploy(BUILD, MostValues=MOST)
        yield running


def of_release(emulator: Emulator, release_id: str) -> dict[str, str]:
    """The objects of a release: key → ETag."""
    pages = emulator.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=emulator.outputs["DataBucketName"])
    return {one["Key"]: one["ETag"] for page in listed for one in page["Contents"] if release_id in one["Key"]}


def executions(emulator: Emulator) -> list[dict[str, Any]]:
    """What became of all executions of the state machine, each with its items."""
    steps, found = emulator.client("stepfunctions"), []
    for one in steps.list_executions(stateMachineArn=emulator.outputs["StateMachineArn"])["executions"]:
        (run,) = steps.list_map_runs(executionArn=one["executionArn"])["mapRuns"]
        counts = steps.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
        found.append({"name": one["name"], "status": one["status"], **counts})
    return found


def test_release_goes_through_the_state_machine_and_is_the_same(published: Published, small: Emulator) -> None:
    assert executions(published.emulator) == []  # the shared one computes it in one call
    receipts = dict(land(small, files_of(SAMPLES)))
    assert receipts.keys() == published.receipts.keys()
    release_id = settle(small)
    assert release_id == published.release_id
    assert len(of_release(small, release_id)) > 10
    assert of_release(small, release_id) == of_release(published.emulator, release_id)
    done = executions(small)
    assert {one["status"] for one in done} == {"SUCCEEDED"}
    assert {one["name"].split("-")[0] for one in done} == {"peers", "opportunities"}
    assert all(one["failed"] == 0 and one["succeeded"] == one["total"] > 1 for one in done)
