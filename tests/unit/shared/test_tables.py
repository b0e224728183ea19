"""The bytes of a table depend on its rows alone."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.tables import MOST_ROWS, NUMBER, columns, to_bytes


def test_how_a_table_is_cut_into_chunks_changes_no_byte() -> None:
    rows, wide = 6_000, 40  # a row group has more than a page of these
    schema = columns(figures=pa.list_(NUMBER))
    figures = pa.array(np.random.default_rng(1).random(rows * wide))
    lists = pa.ListArray.from_arrays(pa.array(np.arange(rows + 1) * wide, pa.int32()), figures)
    whole = pa.table({"figures": lists}, schema=schema)
    cut = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 2_999), whole.slice(3_000)])
    assert cut.column(0).num_chunks == 3
    assert to_bytes(cut) == to_bytes(whole)


@pytest.mark.parametrize(
    ("runs", "groups"),
    [
        ([5_000, 5_000, 2_000], [5_000, 5_000, 2_000]),
        ([2_000] * 6, [6_000, 6_000]),
        ([1_000, 9_000, 2_000], [10_000, 2_000]),
        ([12_000], [12_000]),
        ([4_096, 4_095, 3_809], [4_096, 7_904]),
    ],
)
def test_a_row_group_has_whole_runs_of_at_least_4096_rows(runs: list[int], groups: list[int]) -> None:
    table = pa.table({"name": [str(number) for number in range(12_000)]})
    body = to_bytes(table, runs=runs)
    about = pq.read_metadata(pa.BufferReader(body))
    assert [about.row_group(group).num_rows for group in range(about.num_row_groups)] == groups
    assert pq.read_table(pa.BufferReader(body)).equals(table)


def test_a_run_that_is_too_large_for_a_row_group_is_cut_and_no_rows_are_a_table_too() -> None:
    table = pa.table({"number": pa.array(np.arange(2 * MOST_ROWS + 5))})
    about = pq.read_metadata(pa.BufferReader(to_bytes(table, runs=[table.num_rows])))
    assert [about.row_group(group).num_rows for group in range(3)] == [MOST_ROWS, MOST_ROWS, 5]
    assert pq.read_table(pa.BufferReader(to_bytes(table.slice(0, 0), runs=[]))).equals(table.slice(0, 0))
