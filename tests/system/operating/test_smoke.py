"""`headroom smoke` on the emulator: a stack that is right, and the same stack with something broken in it."""

import os
import subprocess
import sys
import time

from infra.ops import smoke
from infra.ops.smoke import fetcher
from infra.stacks import api_url, describe
from infra.template import REGION, ROOT
from shared import keys
from shared.aws.store import Store
from shared.releases.channels import read_pointer
from tests.system.conftest import Published, settled_at

SECONDS = 120.0


def run(published: Published) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": published.emulator.endpoint,
        "AWS_DEFAULT_REGION": REGION,
    }
    command = [sys.executable, "-m", "infra.ops", "smoke", "--stage", "local", "--seconds", str(SECONDS)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400, check=False)


def data(published: Published) -> Store:
    return Store(published.emulator.outputs["DataBucketName"], published.emulator.client("s3"))


def test_stack_that_is_right_passes_and_stays_as_it_was(published: Published) -> None:
    done = run(published)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-1500:] + done.stderr[-1500:]
    *lines, last = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["right"] * 10  # four receipts, three impacts, three answers
    assert last.startswith("headroom agrees with this checkout: 4 files")
    assert published.release_id in last
    landing = Store(published.emulator.outputs["LandingBucketName"], published.emulator.client("s3"))
    assert [name for name in landing.names(keys.DRY_RUN_PREFIX) if "/smoke-" in name] == []
    assert settled_at(published.emulator, published.release_id) == published.release_id


def test_receipt_altered_in_the_bucket_is_found(published: Published) -> None:
    """Altered before it is compared: smoke first looks at its clock when all files are landed."""
    bucket = data(published)
    known = set(bucket.names("receipts/dry-run/"))
    altered: list[str] = []

    def clock() -> float:
        until = time.monotonic() + SECONDS
        while not altered and time.monotonic() < until:
            for name in set(bucket.names("receipts/dry-run/")) - known:
                body = bucket.get(name).body
                if b'"status": "rejected"' in body:
                    bucket.put(name, body.replace(b'"sample": "12x"', b'"sample": "13x"'), "application/json")
                    altered.append(name)
            time.sleep(0.1)
        return time.monotonic()

    stack = describe("headroom", published.emulator.client)
    lines: list[str] = []
    (difference,) = smoke.smoke(stack, fetcher(api_url(stack)), SECONDS, lines.append, clock=clock)
    assert "`findings` is " in difference
    assert lines[-1].startswith("headroom does not agree with this checkout: 1 difference, listed above.")


def test_stored_method_that_differs_ends_with_exit_code_1(published: Published) -> None:
    bucket = data(published)
    pointer, _ = read_pointer(bucket, keys.CURRENT)
    assert pointer is not None
    place = keys.method(pointer.method_id)
    right = bucket.get(place).body
    try:
        bucket.put(place, right + b" ", "application/json")
        done = run(published)
    finally:
        bucket.put(place, right, "application/json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "read its method method/1/method.yaml differently from this checkout" in done.stderr
