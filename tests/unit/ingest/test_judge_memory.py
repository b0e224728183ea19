"""However large a file, reading it takes its own bytes and a fixed room beside them, within what the function has."""

import subprocess
import sys

import pytest

from functions.ingest.conform.limits import LARGEST
from infra.template import load, of_type
from tests.support.paths import CHECKOUT

MB = 1 << 20
READ = """
import sys
from benchmarks.harness import peak_mib
from functions.ingest.judge import judge_file
from shared.keys import Slot
from shared.landing.verdicts import Rules
from tests.support.conforming import HEADER, contract
from shared.aws.store import Landed
from datetime import UTC, datetime

row = b"RAA," + b"One,1,1,1,1\\n"
body = HEADER.encode() + b"\\n" + row * (int(sys.argv[1]) // len(row))
rules = Rules("estates", "c", Slot("estates", "2015-16"), contract())
entry = Landed("estates/2015-16/a.csv", "v", datetime(2025, 6, 30, tzinfo=UTC), False)
print(judge_file(entry, body, rules, "m").receipt.findings[0].rule)
print(round(peak_mib() * 1024 * 1024))
"""


@pytest.fixture(scope="module")
def peaks() -> dict[int, int]:
    """Size of a file of rows without end → the most memory that a process had which judged it."""
    found = {}
    for size in (20 * MB, 60 * MB):
        done = subprocess.run([sys.executable, "-c", READ, str(size)], cwd=CHECKOUT, capture_output=True, check=True)
        rule, peak = done.stdout.decode().split()
        assert rule == "too_many_values"
        found[size] = int(peak)
    return found


def test_more_rows_take_no_more_than_their_bytes(peaks: dict[int, int]) -> None:
    small, large = sorted(peaks)
    assert peaks[large] - peaks[small] < (large - small) + 12 * MB


def test_largest_file_fits_into_the_function(peaks: dict[int, int]) -> None:
    large = max(peaks)
    (memory,) = (
        properties["MemorySize"]
        for name, properties in of_type(load(), "AWS::Serverless::Function").items()
        if name == "IngestFunction"
    )
    assert peaks[large] + (LARGEST - large) < 0.75 * memory * MB
