"""What it takes two files to see reaches the release, and a figure that cannot be right reaches nobody."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from infra.local.stack import LocalStack
from shared.tables import RELEASE_TABLES
from tests.support.pipeline.programme import released_rows
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work

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
    return pa.Table.from_pylist(released_rows(stack, name), RELEASE_TABLES[name])


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


WARY = METHOD_TEXT.replace(
    "  expects: {coverage: 0.9, drift: 50}",
    "  checks:\n    dear:\n      {sum: [cost], per: [area], at_most: 60, severity: warning, because: Too dear.}\n"
    "  expects: {coverage: 0.9, drift: 30, drift_of_one: 50}",
)


def flagged(stack: LocalStack) -> set[object]:
    return {row["trust_code"] for row in released(stack, "opportunities").to_pylist() if "data_warning" in row["flags"]}


def test_figures_that_were_warned_of_are_published_with_a_flag() -> None:
    with LocalStack({"Build": "1"}) as wary:
        wary.land("method/1/method.yaml", WARY.encode())
        wary.land("roll/2025/roll.csv", ROLL)
        # 10,000 on 10 m2 is more than 60 a m2; 337 on 12 m2 and the others are not.
        wary.land("work/2025-01/a.csv", HEAD + b"RA0,A,10000,10\nRA1,B,237,11\nRA2,A,337,12\nRA3,B,400,13\n")
        assert flagged(wary) == {"RA0"}
        told = released(wary, "findings").to_pylist()
        assert [(each["rule"], each["trust_code"], each["measure"], each["row"]) for each in told] == [
            ("dear", "RA0", "area", 2), ("dear", "RA0", "cost", 2),
        ]  # fmt: skip
        # A month later RA0 is right again, 99 times less; RA3 has a hundred times the cost, and the total hides it.
        wary.land("work/2025-02/a.csv", HEAD + b"RA0,A,101,10\nRA1,B,237,11\nRA2,A,337,12\nRA3,B,40000,1300\n")
        assert flagged(wary) == {"RA0", "RA3"}
        opportunities = {row["trust_code"]: row for row in released(wary, "opportunities").to_pylist()}
        assert (opportunities["RA3"]["numerator"], opportunities["RA0"]["numerator"]) == (40000, 101)


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
