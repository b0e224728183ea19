"""Parts of tables: rows by value, different values, and arrays made of buffers."""

from array import array
from datetime import date
from math import isnan
from typing import Any

import pyarrow as pa
import pytest

from shared.releases.readable import (
    InMemory,
    arrow_array,
    combinations,
    differs,
    floats,
    number,
    numbers,
    rows_at,
    same,
    selected,
    strings,
)

DAYS = [date(1969, 12, 31), date(2025, 3, 31), date(2025, 3, 31), None]
TABLE = pa.table(
    {
        "code": ["A", "B", "A", None],
        "day": pa.array(DAYS, pa.date32()),
        "value": [1.5, None, -2.0, 0.0],
    }
)


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ({}, [0, 1, 2, 3]),
        ({"code": "A"}, [0, 2]),
        ({"code": ("B", "A", "Z")}, [0, 1, 2]),
        ({"code": "A", "day": date(2025, 3, 31)}, [2]),
        ({"day": (date(1969, 12, 31),)}, [0]),
        ({"code": "Z"}, []),
    ],
)
def test_rows_that_have_the_wanted_values(wanted: dict[str, Any], places: list[int]) -> None:
    rows = TABLE.to_pylist()
    assert selected(TABLE, wanted).to_pylist() == [rows[place] for place in places]
    held = InMemory(TABLE)
    assert held.where(["value"], **wanted)["value"].to_pylist() == [rows[place]["value"] for place in places]
    assert held.where(None, **wanted).to_pylist() == [rows[place] for place in places]


def test_all_rows_that_match_but_for_one_null() -> None:
    table = TABLE.slice(2)
    assert selected(table, {"code": "A"}).to_pylist() == TABLE.to_pylist()[2:3]


def test_a_table_without_rows_may_have_columns_of_no_type() -> None:
    empty = pa.table({"code": pa.nulls(0)})
    assert selected(empty, {"code": "A"}).num_rows == 0


def test_the_whole_table_or_some_columns() -> None:
    held = InMemory(TABLE)
    assert (held.num_rows, [*held.column_names]) == (4, ["code", "day", "value"])
    assert held.read() is TABLE
    assert held.read(["value"]).column_names == ["value"]


def test_different_values_together() -> None:
    table = pa.table({"a": ["x", "x", None, None, "x", "y"], "b": [1, 1, 1, None, 1, 1]})
    expected = {("x", 1), (None, 1), (None, None), ("y", 1)}
    assert combinations(table, "a", "b") == expected == InMemory(table).distinct("a", "b")
    assert combinations(table, "b") == {(1,), (None,)}
    assert combinations(table.slice(0, 0), "a") == set()


def test_nulls_are_like_nulls_and_unlike_values() -> None:
    one, other = pa.array([1.0, 1.0, None, None]), pa.array([1.0, 2.0, 1.0, None])
    assert differs(one, other).to_pylist() == [False, True, True, False]


def test_rows_at_places() -> None:
    assert rows_at(TABLE, array("q", [3, 0, 0]))["value"].to_pylist() == [0.0, 1.5, 1.5]


def test_numbers_of_a_column_in_pieces() -> None:
    pieces = pa.chunked_array([pa.array([9.0, 1.5, None]).slice(1), pa.array([], pa.float64()), pa.array([-0.25])])
    first, unknown, last = floats(pieces)
    assert (first, last) == (1.5, -0.25)
    assert isnan(unknown)
    assert floats(pa.chunked_array([pa.array([9.0, 7.0, 5.0]).slice(1, 1)])) == [7.0]


def test_arrays_are_those_that_arrow_makes() -> None:
    assert arrow_array(("", "é", "AB")).equals(pa.array(["", "é", "AB"]))
    assert arrow_array(()).equals(pa.array([], pa.string()))
    days = [date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29)]
    assert arrow_array(days).equals(pa.array(days, pa.date32()))
    assert numbers((0.1, -2.5)).equals(pa.array([0.1, -2.5]))
    assert number(0.1) == pa.scalar(0.1)


@pytest.mark.parametrize("texts", [["a", "", "bc"], ["é", "Ysbyty Môn", "x"], ["a", None], [], [""], ["a" * 300, "b"]])
def test_texts_are_read_as_they_are_wherever_their_chunk_begins(texts: list[str | None]) -> None:
    whole: Any = pa.chunked_array([pa.array(texts, pa.string()), pa.array(["z", *texts], pa.string()).slice(1)])
    assert strings(whole) == [*texts, *texts]
    assert strings(whole.cast(pa.dictionary(pa.int32(), pa.string()))) == [*texts, *texts]


def test_no_value_is_like_no_value() -> None:
    for column, values in (("code", ("A", "B", None)), ("day", {*DAYS})):
        for value in values:
            assert [bool(one) for one in same(TABLE[column], value).to_pylist()] == [
                one == value for one in TABLE[column].to_pylist()
            ]


def test_bytes_after_the_texts_do_not_count() -> None:
    """Buffers may be longer than what is in them."""
    ends, text = pa.py_buffer(array("i", [0, 1, 3])), pa.py_buffer("aé".encode() + b"\xff\xff")
    assert strings(pa.chunked_array([pa.StringArray.from_buffers(2, ends, text)])) == ["a", "é"]
