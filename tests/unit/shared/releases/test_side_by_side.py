"""Two releases side by side: each opportunity of each trust once, whatever the order of the rows."""

from collections.abc import Sequence
from itertools import permutations

import pyarrow as pa
import pytest

from shared.releases.side_by_side import KEY, side_by_side

type Rows = Sequence[tuple[str, str, float | None]]
type Pairs = list[tuple[dict[str, object], dict[str, object]]]

BEFORE: Rows = [("A", "x", 1.0), ("A", "y", None), ("B", "x", 3.0)]
NOTHING = {"trust_code": None, "opportunity_id": None, "value": None}


def table(rows: Rows) -> pa.Table:
    names = [*KEY, "value"]
    kinds = (pa.string(), pa.string(), pa.float64())
    return pa.table([pa.array([row[place] for row in rows], kind) for place, kind in enumerate(kinds)], names)


def pairs(before: Rows, after: Rows) -> Pairs:
    both = side_by_side(table(before), table(after))
    return [*zip(both.before.to_pylist(), both.after.to_pylist(), strict=True)]


def expected(before: Rows, after: Rows) -> Pairs:
    """Row by row, of dictionaries."""
    then, now = (
        {(code, name): {"trust_code": code, "opportunity_id": name, "value": value} for code, name, value in rows}
        for rows in (before, after)
    )
    return [(then.get(key, NOTHING), now.get(key, NOTHING)) for key in dict.fromkeys([*then, *now])]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_rows_are_matched_in_any_order(order: Sequence[int]) -> None:
    after = [(BEFORE[place][0], BEFORE[place][1], float(place)) for place in order]
    assert pairs(BEFORE, after) == expected(BEFORE, after)


def test_rows_of_one_release_alone_have_nothing_in_the_other() -> None:
    after = [("C", "x", 7.0), ("A", "y", 2.0), ("A", "z", 8.0)]
    assert pairs(BEFORE, after) == expected(BEFORE, after)
    assert [row["trust_code"] for _, row in pairs(BEFORE, after)] == [None, "A", None, "C", "A"]


def test_as_many_rows_of_others_are_no_match() -> None:
    after = [("A", "x", 1.0), ("A", "y", 1.0), ("C", "x", 1.0)]
    assert pairs(BEFORE, after) == expected(BEFORE, after)


def test_a_code_and_an_id_are_not_run_together() -> None:
    before, after = [("A", "bc", 1.0)], [("Ab", "c", 2.0)]
    assert pairs(before, after) == expected(before, after)


@pytest.mark.parametrize("kind", [None, pa.null()])
def test_a_release_without_rows(kind: pa.DataType | None) -> None:
    none = table([]) if kind is None else pa.table({name: pa.nulls(0, kind) for name in (*KEY, "value")})
    first, gone = side_by_side(none, table(BEFORE)), side_by_side(table(BEFORE), none)
    for held, nothing in ((first.after, first.before), (gone.before, gone.after)):
        assert held.to_pylist() == table(BEFORE).to_pylist()
        assert nothing.to_pylist() == [NOTHING] * 3
