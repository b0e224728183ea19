"""Tables read in parts, from a store that counts: what is read, how often, and what is said of broken objects."""

import io
from datetime import date, timedelta

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
