"""Comparators as columns: the same as of dictionaries of values by code."""

from collections.abc import Mapping

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from functions.api.changes.comparators import Comparators, Pool
from shared.releases.contents import Contents, Readings

OWN = "C"

readings = st.dictionaries(
    st.sampled_from("ABCDEFG"), st.tuples(st.integers(-3, 3).map(float), st.integers(1, 5).map(float)), max_size=7
)
whether = st.booleans()
least = st.sampled_from([None, 3.0])
members = st.none() | st.frozensets(st.sampled_from("ABCDEFGXY"), max_size=6)


def pool(
    release: Contents, name: str, values: Mapping[str, tuple[float, float]], least: float | None, positive: bool
) -> Pool:
    numbers = [*values.values()]
    columns = {
        "trust_code": pa.array([*values], pa.string()),
        "value": pa.array([value for value, _ in numbers], pa.float64()),
        "denominator": pa.array([denominator for _, denominator in numbers], pa.float64()),
    }
    return Pool.of(release, (name,), Readings(pa.table(columns)), least, positive=positive)


def plain(
    values: Mapping[str, tuple[float, float]], least: float | None, positive: bool, among: frozenset[str] | None,
    including_itself: bool,
) -> dict[str, float]:  # fmt: skip
    return {
        code: value
        for code, (value, denominator) in values.items()
        if (least is None or denominator >= least)
        and (value > 0 or not positive)
        and (among is None or code in among)
        and (including_itself or code != OWN)
    }


@given(readings, readings, least, least, whether, whether, members, members, whether, whether)
def test_the_same_as_of_dictionaries(
    old: dict[str, tuple[float, float]], new: dict[str, tuple[float, float]], old_least: float | None,
    new_least: float | None, old_positive: bool, new_positive: bool, old_among: frozenset[str] | None,
    new_among: frozenset[str] | None, old_itself: bool, new_itself: bool,
) -> None:  # fmt: skip
    release = Contents.of({})
    earlier = plain(old, old_least, old_positive, old_among, old_itself)
    later = plain(new, new_least, new_positive, new_among, new_itself)
    pools = [pool(release, "old", old, old_least, old_positive), pool(release, "new", new, new_least, new_positive)]
    one, other = (
        Comparators(values if among is None else values.among(among), None if itself else OWN)
        for values, among, itself in zip(pools, (old_among, new_among), (old_itself, new_itself), strict=True)
    )
    for found, expected in ((one, earlier), (other, later)):
        assert len(found) == len(expected)
        assert [*found.ordered()] == sorted(expected.values())
        assert [*found.ordered(0.1)] == [value * 0.1 for value in sorted(expected.values())]
    assert one.others_than(other) == sorted(earlier.keys() - later.keys())
    assert other.others_than(one) == sorted(later.keys() - earlier.keys())
    if old_itself == new_itself:
        assert [*one.shared(other).ordered()] == sorted(earlier[code] for code in earlier.keys() & later.keys())


@given(st.lists(st.integers(0, 9).map(float), max_size=9), st.integers(0, 10), st.integers(0, 10))
def test_some_of_the_values_in_order_without_its_own(values: list[float], start: int, stop: int) -> None:
    coded = {code: (value, 1.0) for code, value in zip("ABCDEFGHI", values, strict=False)}
    expected = sorted(value for code, (value, _) in coded.items() if code != OWN)
    ordered = Comparators(pool(Contents.of({}), "", coded, None, positive=False), OWN).ordered(2.0)
    assert [*ordered[start:stop]] == [2 * value for value in expected[start:stop]]
    assert [ordered[place] for place in range(len(expected))] == [2 * value for value in expected]


def test_all_that_are_compared_with_the_same_share_one_pool() -> None:
    release = Contents.of({})
    values = {code: (float(place), 1.0) for place, code in enumerate("ABCD")}
    whole = pool(release, "x", values, None, positive=False)
    assert pool(release, "x", values, None, positive=False) is whole
    assert whole.among(frozenset("ABZ")) is whole.among(frozenset("ZBA"))
    assert [whole.value(code) for code in "AZDA"] == [0.0, None, 3.0, 0.0]
