"""Tables read in parts, from a store that counts: what is read, how often, and what is said of broken objects."""

import io
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared import tables
from shared.aws.store import Missing
from shared.content import digest
from shared.releases.kept import Kept
from shared.releases.parts import ENDING, Parts
from tests.support.api.published import MemoryStore

CODES, EACH = [f"R{number:04}" for number in range(2_000)], 20
DAYS = [date(2020, 1, 1) + timedelta(days=31 * place) for place in range(EACH)]


def figures() -> pa.Table:
    """40,000 rows by code; of each, one for each day, and a column in which every second cell is null."""
    rows = len(CODES) * EACH
    return pa.table(
        {
            "trust_code": [code for code in CODES for _ in range(EACH)],
            "period_end": pa.array(DAYS * len(CODES), pa.date32()),
            "status": ["ok", None] * (rows // 2),
            "value": [float(number) for number in range(rows)],
            "flags": [["a"], []] * (rows // 2),
            "note": [digest(str(number))[:32] for number in range(rows)],  # which no codec makes smaller
        }
    )


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return figures()


@pytest.fixture
def store(table: pa.Table) -> MemoryStore:
    held = MemoryStore()
    held.objects["new"] = tables.to_bytes(table)
    body = io.BytesIO()
    pq.write_table(table, body, compression="none", use_dictionary=False)
    held.objects["old"] = body.getvalue()
    return held


def parts(store: MemoryStore, key: str = "new") -> Parts:
    return Parts(store, key, Kept(1 << 26))


def test_row_groups_are_small_and_the_same_table_gives_the_same_bytes(table: pa.Table) -> None:
    body = tables.to_bytes(table)
    assert body == tables.to_bytes(figures())
    about = pq.read_metadata(io.BytesIO(body))
    assert [about.row_group(group).num_rows for group in range(about.num_row_groups)] == [4_096] * 9 + [3_136]


@pytest.mark.parametrize("key", ["new", "old"])
@pytest.mark.parametrize("code", [CODES[0], CODES[204], CODES[-1], "R0000x"])
def test_the_rows_of_a_key_are_those_of_the_whole_table(
    table: pa.Table, store: MemoryStore, key: str, code: str
) -> None:
    expected = [row for row in table.to_pylist() if row["trust_code"] == code]
    assert len(expected) == (EACH if code in CODES else 0)
    read = parts(store, key)
    assert read.where(None, trust_code=code).to_pylist() == expected
    on_a_day = [row["value"] for row in expected if row["period_end"] == DAYS[3]]
    assert read.where(["value"], trust_code=code, period_end=DAYS[3])["value"].to_pylist() == on_a_day


@pytest.mark.parametrize("key", ["new", "old"])
def test_several_values_all_rows_and_different_values(table: pa.Table, store: MemoryStore, key: str) -> None:
    read, some = parts(store, key), (CODES[1_999], CODES[3])
    assert read.where(["trust_code"], trust_code=some)["trust_code"].to_pylist() == [some[1]] * EACH + [some[0]] * EACH
    assert read.read().equals(table)
    assert read.read(["flags"])["flags"].to_pylist() == table["flags"].to_pylist()
    assert read.distinct("status") == {("ok",), (None,)}
    assert read.distinct("period_end", "status") == {(day, "ok" if place % 2 == 0 else None)
                                                     for place, day in enumerate(DAYS)}  # fmt: skip
    assert (read.num_rows, read.column_names) == (table.num_rows, table.column_names)


def test_a_key_costs_the_ending_and_its_row_groups_and_the_next_one_near_it_nothing(store: MemoryStore) -> None:
    read = parts(store)
    read.where(None, trust_code=CODES[10])
    assert len(store.asked) == 2
    read.where(None, trust_code=CODES[11])
    assert len(store.asked) == 2
    read.where(None, trust_code=CODES[204])  # whose rows are in two row groups, one of which is there
    assert len(store.asked) == 3
    read.where(None, trust_code="unknown")
    assert len(store.asked) == 3


def test_a_small_table_is_read_at_once(store: MemoryStore) -> None:
    store.objects["small"] = tables.to_bytes(figures().slice(0, 100))
    assert len(store.objects["small"]) < ENDING < len(store.objects["new"])
    read = parts(store, "small")
    assert read.where(None, trust_code=CODES[4]).num_rows == EACH
    assert read.distinct("trust_code") == {(code,) for code in CODES[:5]}
    assert store.asked == ["small"]


def test_what_is_kept_is_bounded(store: MemoryStore) -> None:
    kept = Kept(1 << 20)
    read = Parts(store, "new", kept)
    for code in CODES[::200]:
        read.where(None, trust_code=code)
    assert 0 < kept._size <= 1 << 20
    assert kept._size == sum(one.size for one in kept._values.values())


def test_a_broken_object_is_an_error_and_a_missing_one_is_missing(store: MemoryStore) -> None:
    whole = store.objects["new"]
    for broken in (whole[: len(whole) // 2], whole[:-1], b"", b"x" * 100):
        store.objects["broken"] = broken
        with pytest.raises((pa.ArrowInvalid, OSError)):
            parts(store, "broken").where(None, trust_code=CODES[0])
    read = parts(store)
    assert read.num_rows
    store.objects["new"] = whole[:1_000]  # cut between the two requests
    with pytest.raises((pa.ArrowInvalid, OSError)):
        read.where(None, trust_code=CODES[300])
    with pytest.raises(Missing):
        parts(store, "none").where(None, trust_code=CODES[0])
    assert Parts.find(store, "none", Kept(1)) is None


def in_runs() -> tuple[pa.Table, list[int]]:
    """Three opportunities of 5,000 rows each, and the rows of each: in a row group of its own."""
    names = [name for name in ("beds", "cleaning", "food") for _ in range(5_000)]
    rows = len(names)
    columns = {
        "opportunity_id": names,
        "level": pa.nulls(rows, pa.string()),
        "status": ["ok"] * 7_000 + [None] + ["ok"] * (rows - 7_001),
        "period_end": pa.array([DAYS[0]] * 10_000 + [DAYS[1]] * 5_000, pa.date32()),
        "flags": [["a"]] * rows,
        "value": [float(number) for number in range(rows)],
    }
    return pa.table(columns), [5_000] * 3


def without(body: bytes, column: str) -> bytes:
    """A parquet table in which the cells of a column are overwritten."""
    about, spoilt = pq.read_metadata(io.BytesIO(body)), bytearray(body)
    for group in range(about.num_row_groups):
        (chunk,) = (
            one
            for place in range(about.num_columns)
            if (one := about.row_group(group).column(place)).path_in_schema == column
        )
        start = min(filter(None, (chunk.dictionary_page_offset, chunk.data_page_offset)))
        spoilt[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    return bytes(spoilt)


def test_a_column_that_is_the_same_in_all_rows_of_a_row_group_is_not_read() -> None:
    table, runs = in_runs()
    store = MemoryStore()
    whole = tables.to_bytes(table, runs=runs)
    for column in ("opportunity_id", "level", "period_end"):
        store.objects[column] = without(whole, column)
        read = parts(store, column)
        assert read.read().equals(table)
        for name, start in (("beds", 0), ("cleaning", 5_000), ("food", 10_000)):
            assert read.where(None, opportunity_id=name).equals(table.slice(start, 5_000))
            assert read.where(["value"], opportunity_id=name).equals(table.slice(start, 5_000).select(["value"]))
    for column in ("status", "value", "flags.list.element"):  # the second row group has two statuses
        store.objects[column] = without(whole, column)
        with pytest.raises((pa.ArrowInvalid, OSError)):
            parts(store, column).read()


@pytest.mark.parametrize("columns", [None, ["value"], ["status", "value", "opportunity_id"]])
@pytest.mark.parametrize(
    "wanted",
    [
        {"opportunity_id": "cleaning"},
        {"opportunity_id": ("food", "beds")},
        {"status": "ok"},
        {"opportunity_id": "food", "period_end": DAYS[1]},
        {"opportunity_id": "food", "period_end": DAYS[0]},
        {"level": "trust"},
    ],
)
@pytest.mark.parametrize("rows_of_group", [5_000, 6_000, 1 << 20])
def test_rows_are_those_of_a_filter_however_they_lie_in_row_groups(
    columns: list[str] | None, wanted: dict[str, Any], rows_of_group: int
) -> None:
    table, _ = in_runs()
    longer = pa.concat_tables([table] * 5)  # in one row group, it is read in batches
    body = io.BytesIO()
    pq.write_table(longer, body, row_group_size=rows_of_group)
    store = MemoryStore()
    store.objects["table"] = body.getvalue()
    found = parts(store, "table").where(columns, **wanted)
    expected = [
        row
        for row in longer.to_pylist()
        if all(row[name] in (value if isinstance(value, tuple) else (value,)) for name, value in wanted.items())
    ]
    assert found.to_pylist() == [{name: row[name] for name in columns or row} for row in expected]


def test_a_row_of_large_row_groups_is_found_once() -> None:
    """Of so many rows, they are looked for before whole rows are read, part by part."""
    table = pa.table({"code": ["a", "b"] * 105_000, "number": pa.array(range(210_000), pa.int64())})
    body = io.BytesIO()
    pq.write_table(table, body, row_group_size=70_000)
    store = MemoryStore()
    store.objects["table"] = body.getvalue()
    found = parts(store, "table").where(None, code="b")
    assert found["number"].to_pylist() == [*range(1, 210_000, 2)]
