"""The bytes of a table depend on its rows alone."""

import numpy as np
import pyarrow as pa

from shared.tables import NUMBER, columns, to_bytes


def test_how_a_table_is_cut_into_chunks_changes_no_byte() -> None:
    rows, wide = 6_000, 40  # a row group has more than a page of these
    schema = columns(figures=pa.list_(NUMBER))
    figures = pa.array(np.random.default_rng(1).random(rows * wide))
    lists = pa.ListArray.from_arrays(pa.array(np.arange(rows + 1) * wide, pa.int32()), figures)
    whole = pa.table({"figures": lists}, schema=schema)
    cut = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 2_999), whole.slice(3_000)])
    assert cut.column(0).num_chunks == 3
    assert to_bytes(cut) == to_bytes(whole)
