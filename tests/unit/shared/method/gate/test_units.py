"""Units as people write them: what they are made of, and when two are the same."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.method.gate.units import Unit

WORDS = st.sampled_from(["GBP", "m2", "bed", "day", "WTE", "year", "test", "admission"])
TEXTS = st.builds(
    lambda top, bottom: " ".join(top) + "".join(f" per {word}" for word in bottom),
    st.lists(WORDS, min_size=1, max_size=3),
    st.lists(WORDS, max_size=3),
)


@pytest.mark.parametrize(
    ("text", "factor", "top", "bottom"),
    [
        ("GBP", 1, ["GBP"], []),
        ("GBP per m²", 1, ["GBP"], ["m2"]),
        ("FTE days", 1, ["WTE", "day"], []),
        ("GBP per WTE and year", 1, ["GBP"], ["WTE", "year"]),
        ("GBP per £100m of income", 1e-8, ["GBP"], ["GBP"]),
        ("GBP per £100 of income", 1e-2, ["GBP"], ["GBP"]),
        ("GBP per 1,000 tests", 1e-3, ["GBP"], ["test"]),
        ("GBP thousand", 1e3, ["GBP"], []),
        ("percent", 0.01, [], []),
        ("share", 1, [], []),
        ("A&E attendances", 1, ["A&E", "attendance"], []),
        ("boss", 1, ["boss"], []),
    ],
)
def test_units_are_read_as_they_are_meant(text: str, factor: float, top: list[str], bottom: list[str]) -> None:
    unit = Unit.parse(text)
    assert unit.factor == pytest.approx(factor)
    assert (unit.top, unit.bottom) == (Counter(top), Counter(bottom))


@pytest.mark.parametrize(
    ("one", "other"),
    [("bed day", "day"), ("FTE day", "day"), ("GBP", "GBP per year"), ("GBP per m2", "m2 per GBP"), ("share", "GBP")],
)
def test_units_that_differ_in_a_word_are_not_alike(one: str, other: str) -> None:
    assert not Unit.parse(one).measures_like(Unit.parse(other))


def test_a_price_times_what_it_prices_is_money() -> None:
    money = Unit.parse("bed days").times(Unit.parse("GBP per bed day"))
    assert money.measures_like(Unit.parse("GBP"))
    assert Unit.parse("FTE days").per(Unit.parse("day")).measures_like(Unit.parse("WTE"))


@given(TEXTS, TEXTS)
def test_dividing_undoes_multiplying(one: str, other: str) -> None:
    left, right = Unit.parse(one), Unit.parse(other)
    assert left.times(right).per(right).measures_like(left)
    assert left.per(left).measures_like(Unit.parse("share"))


@given(TEXTS)
def test_a_unit_without_a_word_has_none_of_it(text: str) -> None:
    assert all("day" not in side for side in Unit.parse(text).without("day").plain)
