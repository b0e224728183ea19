"""`make run`: the real template, built and deployed by SAM onto a local AWS emulator, fed, and served until Ctrl-C."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from functions.ingest.receipts import Receipt
from infra.local.emulator import CannotStart, Emulator
from infra.local.processes import CommandFailed
from infra.ops.landing import LandingFile, NothingToLand, files_of
from infra.stacks import work_queues
from infra.template import ROOT
from shared import keys

SAMPLES = ROOT / "samples" / "landing"
_POLL_SECONDS = 0.2
_QUIET_SECONDS = 60
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class Stalled(Exception):
    """The functions made no progress; the message says what is missing."""


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted; 1 with one line on standard error if something fails."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--landing", type=Path, default=SAMPLES, help="folder of files to land (default: the samples)")
    parser.add_argument("--port", type=int, help="loopback port to serve on (default: any free one)")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, _interrupt)  # also where it is ignored, as in a shell's background
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _serve(files_of(given.landing), given.port)
    except KeyboardInterrupt:
        print("\nstopped")
    except (CannotStart, CommandFailed, NothingToLand, Stalled) as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    return 0


def _serve(files: list[LandingFile], port: int | None) -> None:
    with Emulator(port) as emulator:
        print("building …", flush=True)
        emulator.build()
        print("deploying …", flush=True)
        emulator.deploy(int(os.environ.get("BUILD", "1")))
        print(f"landing {len(files)} files …", flush=True)
        for place, (key, receipt) in enumerate(land(emulator, files), start=1):
            print(f"  {place:>3}/{len(files)}  {told(key, receipt)}", flush=True)
        release = settle(emulator)
        print(f"\nrelease {release} is published")
        print(f"  page  {emulator.page}")
        print(f"  API   curl {emulator.page}v1/releases/current")
        print(f"        {emulator.api}  for clients that know no *.localhost")
        print(f"  data  s3://{emulator.outputs['LandingBucketName']} at {emulator.endpoint}: land more files there")
        print(f"  token {emulator.as_ops} make token STAGE=local SCOPES=operate")
        print("Ctrl-C ends it.", flush=True)
        signal.pause()


def land(emulator: Emulator, files: list[LandingFile]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Land the files, the first alone since it is the method; each key with its receipt, as they come.

    Stalled if none comes for a minute.
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


def settle(emulator: Emulator) -> str:
    """Wait until the queues are empty; the current release's id. Stalled if there is none."""
    sqs = emulator.client("sqs")
    queues = work_queues(emulator.outputs)
    last = time.monotonic()
    seen: list[dict[str, str]] = []
    idle = 0
    # Twice, since an event may be on its way from one queue to the next.
    while idle < 2:
        time.sleep(_POLL_SECONDS)
        counts = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"] for url in queues]
        idle = idle + 1 if all(int(count[name]) == 0 for count in counts for name in _COUNTS) else 0
        if counts != seen:
            last, seen = time.monotonic(), counts
        if time.monotonic() - last > _QUIET_SECONDS:
            raise Stalled(f"messages keep failing; the log ends:\n{emulator.last_words()}")
    pointer = keys.channel(keys.CURRENT)
    if pointer not in _names(emulator, pointer):
        raise Stalled("nothing was released: no trust has data for any metric, see the receipts above")
    body = emulator.client("s3").get_object(Bucket=emulator.outputs["DataBucketName"], Key=pointer)["Body"].read()
    release: str = json.loads(body)["release_id"]
    return release


def told(key: str, receipt: dict[str, Any]) -> str:
    """A file's fate in one line."""
    return f"{key}  {Receipt.model_validate(receipt).sentence}"


def _names(emulator: Emulator, prefix: str) -> list[str]:
    pages = emulator.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=emulator.outputs["DataBucketName"], Prefix=prefix)
    return [item["Key"] for page in listed for item in page.get("Contents", ())]


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
