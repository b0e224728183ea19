"""Dots that never touch, and histograms that count every value."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import axis
from functions.api.pages.charts.distribution import MOST_BINS, bins_for, counts_of, crowd, histogram, levels_of
from tests.support.api.chart_reading import FRAMES, Chart


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(3, 97), min_size=1, max_size=40))
def test_dots_never_touch(places: list[float]) -> None:
    spots = list(zip(places, levels_of(places), strict=True))
    for frame in FRAMES:
        for n, (x, level) in enumerate(spots):
            assert all(level != other or abs(x - y) * frame / 100 >= 10 for y, other in spots[n + 1 :])


def test_a_dot_stands_on_the_base_line_where_it_has_room() -> None:
    assert levels_of([10, 10.1, 50, 10.2, 49.9]) == [0, 1, 1, 2, 0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=1, max_size=80), st.integers(1, 44))
def test_every_value_is_in_one_bin(values: list[float], bins: int) -> None:
    counts = counts_of(values, -50, 50, bins)
    edges = [-50 + 100 * n / bins for n in range(bins + 1)]
    assert sum(counts) == len(values)
    for n, count in enumerate(counts):
        inner = sum(edges[n] + 1e-9 < value < edges[n + 1] - 1e-9 for value in values)
        closed = sum(edges[n] - 1e-9 <= value <= edges[n + 1] + 1e-9 for value in values)
        assert inner <= count <= closed


@pytest.mark.parametrize("number", [1, 3, 56, 208, 500, 10_000])
def test_there_are_never_more_bins_than_a_phone_can_show(number: int) -> None:
    assert 11 <= bins_for(number) <= MOST_BINS == 44
    assert bins_for(number) % 2 == 1


def test_bars_are_as_high_as_their_counts() -> None:
    values = [1.0] * 4 + [5.0] * 8 + [9.0] * 1
    drawn = Chart(marks.drawing(histogram("c-bin", values, axis([0, 10], None), 100, 40), 110, ""))
    bars = drawn.of("c-bin")
    assert [float(bar.get("height", "nan")) for bar in bars] == [20, 40, 5]
    assert all(float(bar.get("y", "nan")) + float(bar.get("height", "nan")) == 100 for bar in bars)
    for (left, right), value in zip(drawn.places("c-bin"), (1, 5, 9), strict=True):
        assert left < 3 + 94 * value / 10 < right


def test_one_value_among_many_can_be_seen() -> None:
    drawn = Chart(marks.drawing(histogram("c-bin", [1.0] * 500 + [9.0], axis([0, 10], None), 100, 40), 110, ""))
    assert min(float(bar.get("height", "nan")) for bar in drawn.of("c-bin")) == 3


def test_few_values_are_dots_and_many_a_hollow_histogram() -> None:
    scale = axis([0, 10], None)
    few, many = (Chart(marks.drawing(crowd(values, scale, 10)[0], 100, "")) for values in ([5.0] * 6, [5.0] * 7))
    assert (len(few.of("c-dot")), len(few.of("c-bin-open"))) == (6, 0)
    assert (len(many.of("c-dot")), len(many.of("c-bin-open"))) == (0, 1)
