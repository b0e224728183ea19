"""`headroom run`: SAM builds the template and deploys it to a local AWS emulator, where files are landed and served."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from functions.ingest.receipts import Receipt
from infra.errors import CommandError
from infra.landing import LandingFile, files_of
from infra.local.emulator import Emulator
from infra.stacks import work_queues
from shared import keys

_POLL_SECONDS = 0.2
_QUIET_SECONDS = 60
SIGN_IN_WITH = "a password for this machine alone"
"""Of the people who may sign in on the emulator, which ends with the command."""
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class Stalled(CommandError):
    """The functions make no progress; the message says what is missing."""


def run_until_interrupted(landing: Path, port: int | None) -> None:
    """Serve the files of a folder until Ctrl-C. CommandError if something fails."""
    signal.signal(signal.SIGINT, _interrupt)  # a shell ignores it for commands in the background
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _serve(files_of(landing), port)
    except KeyboardInterrupt:
        print("\nstopped")


def _serve(files: list[LandingFile], port: int | None) -> None:
    with Emulator(port) as emulator:
        print("building …", flush=True)
        emulator.build()
        print("deploying …", flush=True)
        emulator.deploy(int(os.environ.get("BUILD", "1")))
        print(f"landing {len(files)} files …", flush=True)
        for place, (key, receipt) in enumerate(land(emulator, files), start=1):
            print(f"  {place:>3}/{len(files)}  {line_for(key, receipt)}", flush=True)
        release = settle(emulator)
        print(f"\nrelease {release} is published")
        print(f"  page  {emulator.page}")
        print(f"  API   curl {emulator.page}v1/releases/current")
        print(f"        {emulator.api}  for clients that cannot resolve *.localhost")
        print(f"  data  s3://{emulator.outputs['LandingBucketName']} at {emulator.endpoint}: land more files there")
        print(f"  token {emulator.as_ops} .venv/bin/headroom token --stage local --scopes operate")
        names = " or ".join(people(emulator.client("cognito-idp"), emulator.outputs["UserPoolId"]))
        print(f"  sign in as {names}, with: {SIGN_IN_WITH}")
        print("Ctrl-C ends it.", flush=True)
        signal.pause()


def land(emulator: Emulator, files: list[LandingFile]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Land the files, first the method alone. Yields each key with its receipt as it arrives.

    Stalled if no receipt arrives for a minute.
    """
    s3 = emulator.client("s3")
    for some in (files[:1], files[1:]):
        waiting = {}
        for file in some:
            put = s3.put_object(Bucket=emulator.outputs["LandingBucketName"], Key=file.key, Body=file.body)
            waiting[keys.receipt(file.key, put["VersionId"])] = file.key
        last = time.monotonic()
        while waiting:
            for name in _names(emulator, keys.RECEIPTS):
                if name in waiting:
                    last = time.monotonic()
                    body = s3.get_object(Bucket=emulator.outputs["DataBucketName"], Key=name)["Body"].read()
                    yield waiting.pop(name), json.loads(body)
            if time.monotonic() - last > _QUIET_SECONDS:
                missing = ", ".join(waiting.values())
                raise Stalled(f"no receipt for {missing}; the log ends:\n{emulator.last_words()}")
            time.sleep(_POLL_SECONDS)


def people(cognito: Any, pool: str) -> list[str]:
    """Add a supplier, who may land files of every dataset, and an operator to a user pool. Their names."""
    pages = cognito.get_paginator("list_groups").paginate(UserPoolId=pool)
    groups = [group["GroupName"] for page in pages for group in page["Groups"]]
    names = {"supplier@example.org": "supply-", "operator@example.org": "operators"}
    for name, prefix in names.items():
        person = {"UserPoolId": pool, "Username": name}
        cognito.admin_create_user(**person, TemporaryPassword=SIGN_IN_WITH, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**person, Password=SIGN_IN_WITH, Permanent=True)
        for group in groups:
            if group.startswith(prefix):
                cognito.admin_add_user_to_group(**person, GroupName=group)
    return [*names]


def settle(emulator: Emulator) -> str:
    """Wait until the queues are empty and no state machine runs. The current release's id; Stalled if there is none."""
    sqs, steps = emulator.client("sqs"), emulator.client("stepfunctions")
    machine = {"stateMachineArn": emulator.outputs["StateMachineArn"], "statusFilter": "RUNNING"}
    queues = work_queues(emulator.outputs)
    last = time.monotonic()
    seen: list[dict[str, Any]] = []
    idle = 0
    # Twice, since an event may be on its way from one queue to the next.
    while idle < 2:
        time.sleep(_POLL_SECONDS)
        counts = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"] for url in queues]
        empty = all(int(count[name]) == 0 for count in counts for name in _COUNTS)
        executions = steps.list_executions(**machine)["executions"]
        running = [
            steps.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
            for execution in executions
            for run in steps.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
        ]
        idle = idle + 1 if empty and not executions else 0
        if [*counts, *running] != seen:
            last, seen = time.monotonic(), [*counts, *running]
        if time.monotonic() - last > _QUIET_SECONDS:
            raise Stalled(f"messages keep failing; the log ends:\n{emulator.last_words()}")
    pointer = keys.channel(keys.CURRENT)
    if pointer not in _names(emulator, pointer):
        raise Stalled("nothing was released: no organisation has data for any metric, see the receipts above")
    body = emulator.client("s3").get_object(Bucket=emulator.outputs["DataBucketName"], Key=pointer)["Body"].read()
    release: str = json.loads(body)["release_id"]
    return release


def line_for(key: str, receipt: dict[str, Any]) -> str:
    """A file and its verdict on one line."""
    return f"{key}  {Receipt.model_validate(receipt).sentence}"


def _names(emulator: Emulator, prefix: str) -> list[str]:
    pages = emulator.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=emulator.outputs["DataBucketName"], Prefix=prefix)
    return [item["Key"] for page in listed for item in page.get("Contents", ())]


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
