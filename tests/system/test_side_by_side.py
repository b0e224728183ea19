"""A release that is too large for one call, on the emulator: the same bytes by way of Step Functions."""

from collections.abc import Iterator

import pytest

from infra.landing import files_of
from infra.local.emulator import Emulator
from infra.local.stack import LocalStack
from infra.ops.run import land, settle
from tests.support.paths import SAMPLES
from tests.support.system.machine import executions
from tests.system.conftest import BUILD

MOST = "3000"
"""Of 60 trusts, 3,660 values of metrics are missing at first, and each peer group has 12,000 of draws."""


@pytest.fixture(scope="module")
def small() -> Iterator[Emulator]:
    """An emulator of its own, where the samples are too large for one call; nothing landed yet."""
    with Emulator() as running:
        running.build()
        running.deploy(BUILD, MostValues=MOST)
        yield running


def of_release(stack: Emulator | LocalStack, release_id: str) -> dict[str, bytes]:
    """The objects of a release."""
    s3, bucket = stack.client("s3"), stack.outputs["DataBucketName"]
    names = [
        one["Key"]
        for prefix in ("tables/", "releases/")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for one in page["Contents"]
        if release_id in one["Key"]
    ]
    return {name: s3.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}


def test_release_goes_through_the_state_machine_and_is_the_same(small: Emulator) -> None:
    receipts = dict(land(small, files_of(SAMPLES)))
    release_id = settle(small)
    with LocalStack({"Build": str(BUILD)}) as in_one_call:
        for file in files_of(SAMPLES):
            in_one_call.land(file.key, file.body)
        in_one_call.run_until_idle()
        expected = of_release(in_one_call, release_id)
        assert "ShardsFunction" not in {call.function for call in in_one_call.invocations}
    assert len(receipts) == len(files_of(SAMPLES))
    assert len(expected) > 10
    assert of_release(small, release_id) == expected
    done = executions(small)
    assert {one.status for one in done} == {"SUCCEEDED"}
    assert {one.function for one in done} == {"peers", "opportunities"}
    assert all(one.failures == [] and one.items["succeeded"] == one.items["total"] > 1 for one in done)
