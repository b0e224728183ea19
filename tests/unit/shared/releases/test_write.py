"""Copies of tables: in another order, some of the columns, and written with each release."""

import random

import pyarrow as pa
import pytest

from shared import keys, tables
from shared.ids import MethodId, ReleaseId
from shared.releases import write
from shared.releases.side_by_side import FIGURES
from shared.releases.write import COPIES, Copy
from tests.support.api.published import MemoryStore, opportunities
from tests.support.api.published import table as rows_of

RELEASE = ReleaseId("a" * 32)


def numbered(seed: int) -> pa.Table:
    """Rows in random order; `place` numbers them."""
    drawn = random.Random(seed)
    names = [drawn.choice("abc") for _ in range(50)]
    ends = [drawn.choice([2, 1, None]) for _ in range(50)]
    return pa.table({"name": names, "end": pa.array(ends, pa.int32()), "place": [*range(50)]})


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_is_in_order_and_rows_that_are_equal_stay_as_they_were(seed: int) -> None:
    table = numbered(seed)
    rows = sorted(table.to_pylist(), key=lambda row: (row["name"], row["end"] is None, row["end"] or 0, row["place"]))
    copy = Copy("t", ("name", "end")).of(table)
    assert copy.num_rows == 50
    assert copy.whole().to_pylist() == rows
    assert copy.part(10, 20).to_pylist() == rows[10:20]


def test_a_copy_of_a_reordered_table_is_of_its_order() -> None:
    table = numbered(7)
    backwards = tables.Reordered.of(table)._replace(places=tables.Reordered.of(table).places[::-1])
    expected = sorted(table.to_pylist(), key=lambda row: (row["name"], -row["place"]))
    assert Copy("t", ("name",)).of(backwards).whole().to_pylist() == expected


def test_a_copy_may_have_some_columns_and_be_ordered_by_another() -> None:
    table = numbered(3)
    expected = [row["place"] for row in sorted(table.to_pylist(), key=lambda row: row["name"])]
    copy = Copy("t", ("name",), ("place",)).of(table)
    assert copy.schema.names == ["place"]
    assert copy.whole()["place"].to_pylist() == expected


def test_a_release_has_a_copy_of_each_table_that_is_asked_for_in_another_order() -> None:
    store, rows = MemoryStore(), opportunities()
    outputs = {"opportunities": rows_of("opportunities", rows)}
    manifest = write.write(store, RELEASE, MethodId("m" * 32), 1, b"{}", [], outputs)
    assert [output.name for output in manifest.outputs] == ["opportunities"]
    of_opportunities = {name for name, copy in COPIES.items() if copy.table == "opportunities"}
    written = {name for name in COPIES if keys.in_order(RELEASE, name) in store.objects}
    assert written == of_opportunities == {"by_opportunity", "figures"}
    ordered = sorted(rows_of("opportunities", rows).to_pylist(), key=lambda row: str(row["opportunity_id"]))
    for name, columns in (("by_opportunity", tables.OPPORTUNITIES.names), ("figures", FIGURES)):
        copy = tables.from_bytes(store.objects[keys.in_order(RELEASE, name)])
        assert copy.to_pylist() == [{column: row[column] for column in columns} for row in ordered]
