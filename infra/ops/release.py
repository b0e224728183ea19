"""`headroom release`: the whole event flow in one process, offline; writes a release's tables and receipts."""

import json
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from infra.errors import CommandError
from infra.landing import LandingFile, files_of
from infra.local import clock
from infra.local.stack import LocalStack
from infra.ops.run import line_for
from shared import keys, tables
from shared.releases.manifest import IN_PARTS, Manifest
from shared.releases.write import MANIFEST

RECEIPTS = "receipts"
_JUDGED = ("FileCurated", "FileRejected")


class CannotWrite(CommandError):
    """The folder for the results cannot be used; the message says why."""


class NothingReleased(CommandError):
    """The files gave no release; the message says why."""


def make_release(landing: Path, out: Path) -> None:
    """Make a release of a folder of files and write it to `out`. CommandError if that fails."""
    started = time.monotonic()
    _check(out, landing)
    files = files_of(landing)
    with LocalStack({"Build": os.environ.get("BUILD", "1")}, clock=clock.system) as stack:
        summary = _release(stack, files, out)
    print(f"{summary}\nwritten to {out} in {time.monotonic() - started:.1f} s")


def _check(out: Path, landing: Path) -> None:
    if out.resolve().is_relative_to(landing.resolve()):
        raise CannotWrite(f"{out} lies inside {landing} and would be landed the next time; name another folder.")
    if out.exists() and not out.is_dir():
        raise CannotWrite(f"{out} is a file; name a folder.")
    if out.exists() and any(out.iterdir()) and not (out / RECEIPTS).is_dir():
        raise CannotWrite(f"{out} contains files that are not of an earlier release; name another folder.")


def _release(stack: LocalStack, files: list[LandingFile], out: Path) -> str:
    """Land the files, run the flow, write the results; a summary. NothingReleased unless all files are in it."""
    versions = {file.key: stack.land(file.key, file.body) for file in files}
    progress = _Progress(stack, len(files))
    stack.run_until_idle(progress)
    _clear(out)
    receipts: dict[str, dict[str, Any]] = {}
    for key, version in versions.items():
        body = _object(stack, keys.receipt(key, version))
        if body is not None:
            receipts[key] = json.loads(body)
            _write(out / RECEIPTS / f"{key}.json", body)
    pointer = _object(stack, keys.channel(keys.CURRENT))
    if pointer is None:
        raise NothingReleased(f"nothing was released: {_why(stack, versions, receipts, out)}")
    release_id = json.loads(pointer)["release_id"]
    for name in (MANIFEST, *(f"{table}.parquet" for table in tables.RELEASE_TABLES if table not in IN_PARTS)):
        _write(out / name, _object(stack, keys.release(release_id, name)) or b"")
    manifest = Manifest.model_validate_json((out / MANIFEST).read_bytes())
    for output in manifest.outputs:
        for metric in output.parts:
            body = _object(stack, keys.part(release_id, output.name, metric))
            _write(out / output.name / f"{metric}.parquet", body or b"")
    if stack.dead_letters() or len(receipts) < len(versions):
        raise NothingReleased(f"the release in {out} lacks files: {_why(stack, versions, receipts, out)}")
    rejected = sum(receipt["status"] == "rejected" for receipt in receipts.values())
    rows = tables.from_bytes((out / "opportunities.parquet").read_bytes())
    opportunities = rows.filter(pc.field("status") == "opportunity")
    return (
        f"release {release_id}: {len(files) - rejected} files accepted, {rejected} rejected; "
        f"{opportunities.num_rows:,} opportunities of {len(opportunities['trust_code'].unique()):,} organisations"
    )


class _Progress:
    """Prints a line for each file when its verdict arrives."""

    def __init__(self, stack: LocalStack, files: int) -> None:
        self.stack = stack
        self.files = files
        self.seen = 0
        self.judged: set[tuple[str, str]] = set()

    def __call__(self) -> None:
        for event in self.stack.events[self.seen :]:
            self.seen += 1
            if event.type in _JUDGED:
                self._print(event.detail["landing_key"], event.detail["version_id"])

    def _print(self, key: str, version: str) -> None:
        receipt = _object(self.stack, keys.receipt(key, version))
        if receipt is not None and (key, version) not in self.judged:
            self.judged.add((key, version))
            print(f"  {len(self.judged):>3}/{self.files}  {line_for(key, json.loads(receipt))}", flush=True)


def _why(stack: LocalStack, landed: Iterable[str], receipts: dict[str, dict[str, Any]], out: Path) -> str:
    """Why there is no release of all files, in a sentence."""
    methods = [receipt for key, receipt in receipts.items() if key.startswith(keys.METHOD_PREFIX)]
    if stack.dead_letters():
        raised = [call.error for call in stack.invocations if call.error]
        logged = [line["exception"] for line in _logged(stack) if "exception" in line]
        last = (raised + logged or ["there is no message"])[-1].strip().splitlines()[-1]
        return f"a function failed, which is a bug: {last}"
    if methods and all(receipt["status"] == "rejected" for receipt in methods):
        return f"the method was rejected: {methods[0]['findings'][0]['message']}"
    if missing := [key for key in landed if key not in receipts]:
        return f"there is no receipt for {', '.join(missing)}"
    if all(receipt["status"] == "rejected" for receipt in receipts.values() if receipt not in methods):
        return f"every file was rejected; {out / RECEIPTS} says why"
    reasons = [line["reason"] for line in _logged(stack) if "reason" in line]
    return reasons[-1] if reasons else "the files give no organisation a figure"


def _logged(stack: LocalStack) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stack.logs if line.startswith("{")]


def _object(stack: LocalStack, key: str) -> bytes | None:
    s3 = stack.client("s3")
    try:
        body: bytes = s3.get_object(Bucket=stack.outputs["DataBucketName"], Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    return body


def _clear(out: Path) -> None:
    """Delete an earlier release, so that none of its files is mistaken for this release's."""
    for name in (MANIFEST, *(f"{table}.parquet" for table in tables.RELEASE_TABLES)):
        (out / name).unlink(missing_ok=True)
    for name in (RECEIPTS, *IN_PARTS):
        shutil.rmtree(out / name, ignore_errors=True)


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
