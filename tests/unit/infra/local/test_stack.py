"""moto as the stack uses it."""

from unittest import mock

import boto3
import pytest

from infra.local.stack import mocked_aws
from infra.template import REGION


def test_no_request_loads_a_module_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one thread loaded it, it was missing for the others."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mocked_aws(), mock.patch("moto.s3.models.reload", side_effect=ImportError("it is not there")):
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket="landing", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="landing", Key="a/b", Body=b"1")
        assert s3.get_object(Bucket="landing", Key="a/b")["Body"].read() == b"1"
