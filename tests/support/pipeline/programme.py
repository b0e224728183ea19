"""Landing the sample programme on the local stack, and reading back what came of it."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq

from infra.local.stack import LocalStack
from infra.stacks import Deployed, describe
from shared import keys
from shared.landing.uploads import Upload
from shared.method.load import bundle
from shared.releases.manifest import IN_PARTS
from shared.tables import RELEASE_TABLES
from tests.support.paths import METHOD, SAMPLES
from tests.support.pipeline.small import METHOD_TEXT, ROLL

METHOD_KEY = "method/1/method.yaml"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@contextmanager
def small_stack(
    build: str = "1", files: Mapping[str, bytes] | None = None, method: str = METHOD_TEXT
) -> Iterator[LocalStack]:
    """A stack at rest with the small programme, its register and further files."""
    with LocalStack({"Build": build}) as stack:
        for key, body in {METHOD_KEY: method.encode(), "roll/2025/roll.csv": ROLL, **(files or {})}.items():
            stack.land(key, body)
        stack.run_until_idle()
        yield stack


def sample_files(*datasets: str) -> dict[str, bytes]:
    """Landing key → bytes of the samples, of some datasets only where named, in key order."""
    files = (path for path in sorted(SAMPLES.rglob("*")) if path.is_file())
    keyed = {path.relative_to(SAMPLES).as_posix(): path for path in files}
    return {key: path.read_bytes() for key, path in keyed.items() if not datasets or key.split("/")[0] in datasets}


def method_text() -> str:
    """The repository's method as it is landed."""
    return bundle(METHOD)


def land_method(stack: LocalStack) -> None:
    stack.land(METHOD_KEY, method_text().encode())


def land(stack: LocalStack, files: Iterable[tuple[str, bytes]]) -> None:
    for key, body in files:
        stack.land(key, body)


def upload(stack: LocalStack, upload_id: str, key: str, body: bytes) -> None:
    """Send a file by an upload form that was given out for a landing key."""
    asked_for = Upload(
        landing_key=key, content_type="text/csv", size_bytes=len(body), uploaded_by="a supplier", requested_at=LONG_AGO
    )
    s3, data = stack.client("s3"), stack.outputs["DataBucketName"]
    s3.put_object(Bucket=data, Key=keys.upload(upload_id), Body=asked_for.model_dump_json().encode())
    s3.put_object(Bucket=stack.outputs["IncomingBucketName"], Key=upload_id, Body=body)


def objects(stack: LocalStack, prefix: str) -> dict[str, bytes]:
    """Everything under a prefix of the data bucket."""
    s3, bucket = stack.client("s3"), stack.outputs["DataBucketName"]
    listed = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    names = [item["Key"] for page in listed for item in page.get("Contents", ())]
    return {name: s3.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}


def pointer(stack: LocalStack, channel: str = "current") -> dict[str, Any] | None:
    found = objects(stack, f"channels/{channel}.json")
    return json.loads(next(iter(found.values()))) if found else None


def current_release(stack: LocalStack) -> dict[str, bytes]:
    """File name → bytes of the release that the current channel points at; `trend/cost.parquet` is the file of a metric
    in a table that has one for each."""
    shown = pointer(stack)
    assert shown is not None, "nothing has been published"
    release_id = shown["release_id"]
    found = {name.rsplit("/", 1)[-1]: body for name, body in objects(stack, f"releases/{release_id}/").items()}
    for table in RELEASE_TABLES:
        for name, body in objects(stack, f"tables/{table}/release_id={release_id}/").items():
            file = name.rsplit("/", 1)[-1]
            found[f"{table}/{file}" if table in IN_PARTS else file] = body
    return found


def receipt(stack: LocalStack, key: str, version_id: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(objects(stack, f"receipts/{key}/{version_id}.json").popitem()[1])
    return body


def event_types(stack: LocalStack) -> list[str]:
    return [event.type for event in stack.events]


def released_rows(stack: LocalStack, table: str) -> list[dict[str, Any]]:
    """A table of the current release, row by row."""
    files = current_release(stack)
    names = [name for name in files if name == f"{table}.parquet" or name.startswith(f"{table}/")]
    return [row for name in sorted(names) for row in pq.read_table(io.BytesIO(files[name])).to_pylist()]


def metric(stack: LocalStack, name: str) -> dict[str, float]:
    """service → sum of a metric that functions emitted in CloudWatch's embedded format."""
    found: dict[str, float] = {}
    for line in stack.logs:
        told = json.loads(line) if line.startswith("{") else {}
        if "_aws" in told and name in told:
            found[told["service"]] = found.get(told["service"], 0) + sum(told[name])
    return found


def deployed(stack: LocalStack) -> Deployed:
    """The stack as the commands find it: through CloudFormation."""
    return describe("headroom", stack.client)
