"""What it takes two files to see reaches the release, and a figure that cannot be right reaches nobody."""

import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from infra.local import LocalStack
from tests.pipeline.programme import current_release
from tests.pipeline.small import METHOD_TEXT, ROLL, work

HEAD = b"code,kind,cost,area\n"
ADDED = b"RA6,A,900,16\nRA7,B,800,17\n"


def hundredfold(month: bytes, column: int) -> bytes:
    """The same month with one column in a unit a hundred times smaller."""
    rows = [line.split(b",") for line in month.splitlines()[1:]]
    for row in rows:
        row[column] = b"%d" % (int(row[column]) * 100)
    return HEAD + b"\n".join(map(b",".join, rows))


def released(stack: LocalStack, name: str) -> pa.Table:
    stack.run_until_idle()
    assert stack.dead_letters() == {}
    return pq.read_table(io.BytesIO(current_release(stack)[f"{name}.parquet"]))


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with LocalStack({"Build": "1"}) as running:
        running.land("method/1/method.yaml", METHOD_TEXT.encode())
        running.land("roll/2025/roll.csv", ROLL)
        running.land("work/2025-01/a.csv", work(1))
        yield running


def rows_of(stack: LocalStack, month: int) -> list[dict[str, object]]:
    return [row for row in released(stack, "metrics").to_pylist() if row["period_start"].month == month]


def test_hundredfold_month_is_found_and_its_values_are_withheld_until_corrected(stack: LocalStack) -> None:
    stack.land("work/2025-02/a.csv", hundredfold(work(1), 2))
    (one,) = released(stack, "findings").to_pylist()
    assert (one["severity"], one["rule"], one["period"], one["measure"]) == ("error", "drift", "2025-02", "cost")
    assert one["file_id"]
    assert {row["status"] for row in rows_of(stack, 1)} == {"ok"}
    assert all(row["status"] == "no_data" and row["value"] is None for row in rows_of(stack, 2))
    stack.land("work/2025-02/a.csv", work(2))
    assert released(stack, "findings").num_rows == 0
    assert [row["status"] for row in rows_of(stack, 2)] == ["ok"] * 8


def test_withheld_values_choose_no_peers(stack: LocalStack) -> None:
    assert "similar" in released(stack, "peers")["group_id"].to_pylist()
    stack.land("work/2025-02/a.csv", hundredfold(work(1), 3))  # the area, by which trusts are similar
    assert "similar" not in released(stack, "peers")["group_id"].to_pylist()


def test_overlapping_part_is_left_out_until_the_overlap_is_gone(stack: LocalStack) -> None:
    stack.land("work/2025-02/north/a.csv", work(1, trusts=6))
    stack.land("work/2025-02/south/a.csv", HEAD + b"RA5,A,77777,15\n" + ADDED)
    told = released(stack, "findings").to_pylist()
    assert [(each["severity"], each["rule"]) for each in told] == [("error", "overlap"), ("warning", "coverage")]
    assert "work/2025-02/south" in told[0]["message"]
    assert "1 code (RA5) that the file of work/2025-02/north" in told[0]["message"]
    # month 1 has RA5 at 100 * 6 + 37 * (5 % 3) = 674; so has its part of month 2, not 77,777.
    assert [row["numerator"] for row in rows_of(stack, 2) if row["trust_code"] == "RA5"] == [674]
    assert sum(row["status"] == "ok" for row in rows_of(stack, 2)) == 6
    stack.land("work/2025-02/south/a.csv", HEAD + ADDED)
    assert released(stack, "findings").num_rows == 0
    assert sum(row["status"] == "ok" for row in rows_of(stack, 2)) == 8
