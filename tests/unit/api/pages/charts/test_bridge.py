"""The bridge: each part starts where the one before ended, and the last ends at the figure after."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.api.pages.charts.bridge import Bridge, Part, bridge
from tests.support.api.chart_reading import Chart

CHANGE = Bridge(
    "GBP",
    Part("Release of 12 May", 1_200_000),
    (Part("Own value", 310_000), Part("Benchmark", -150_000), Part("Comparators", 0), Part("Price or method", -34_000)),
    Part("Release of 27 November", 1_326_000),
)


def test_bars_give_back_before_parts_and_after() -> None:
    drawn = Chart(bridge(CHANGE, "What changed."))
    slack = drawn.range() / 1000
    assert drawn.values("c-plain") == [
        pytest.approx((0, 1_200_000), abs=slack),
        pytest.approx((0, 1_326_000), abs=slack),
    ]
    assert drawn.values("c-rise") == [pytest.approx((1_200_000, 1_510_000), abs=slack)]
    assert drawn.values("c-fall") == [
        pytest.approx((1_360_000, 1_510_000), abs=slack),
        pytest.approx((1_326_000, 1_360_000), abs=slack),
    ]


def test_each_row_has_its_name_and_its_signed_amount() -> None:
    texts = [text.text for text in Chart(bridge(CHANGE, "")).texts(1010) if text.class_ == "c-label"]
    assert texts == [
        "Release of 12 May: £1.2m", "Own value: +£310,000", "Benchmark: −£150,000", "Comparators: £0",
        "Price or method: −£34,000", "Release of 27 November: £1.33m",
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-900, 900), min_size=5, max_size=5))
def test_each_bar_starts_where_the_last_ended(numbers: list[int]) -> None:
    before, *parts = numbers
    names = ("Own value", "Benchmark", "Comparators", "Price or method")
    chart = Bridge(
        "WTE",
        Part("Before", before),
        tuple(Part(name, part) for name, part in zip(names, parts, strict=True)),
        Part("After", sum(numbers)),
    )
    drawn = Chart(bridge(chart, ""))
    slack = max(drawn.range() / 1000, 1e-9)
    links = drawn.values("c-link")
    sums = [sum(numbers[: n + 1]) for n in range(5)]
    assert [low for low, _ in links] == pytest.approx(sums, abs=slack)
    moved = [tuple(sorted(pair)) for pair, part in zip(pairwise(sums), parts, strict=True) if part]
    assert drawn.values("c-rise", "c-fall") == [pytest.approx(pair, abs=slack) for pair in moved]
    assert len(drawn.of("c-rise")) == sum(part > 0 for part in parts)
    assert drawn.outside() == []
    assert drawn.collisions() == []


def test_a_long_name_takes_more_lines() -> None:
    long = Bridge("GBP", Part("Release " * 30, 5), (Part("Own value " * 20, 1),), Part("After", 6))
    drawn = Chart(bridge(long, ""))
    assert drawn.outside() == []
    assert drawn.collisions() == []
