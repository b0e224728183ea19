"""The bar of a gain with the line of how far it moves: both give back their values."""

import pytest

from functions.api.pages.charts.bar import Gain
from functions.api.pages.charts.doubt import doubt
from tests.support.api.chart_reading import Chart


@pytest.mark.parametrize(
    ("gain", "low", "high"),
    [
        (Gain(374_876, 1_065_056), 24_900, 1_180_000),
        (Gain(None, 3_160_000), 0, 5_200_000),
        (Gain(0, 3_210_000), 0, 3_210_000),
        (Gain(100, 300), -250, 420),
        (Gain(5, 5), 5, 5),
    ],
)
def test_bar_and_line_give_back_their_values(gain: Gain, low: float, high: float) -> None:
    drawn = Chart(doubt(gain, low, high, "GBP", "How sure it is."))
    slack = drawn.range() / 1000
    line, *ends = drawn.values("c-whisker")
    assert line == pytest.approx((low, high), abs=slack)
    assert [end[0] for end in ends] == pytest.approx([low, high], abs=slack)
    if gain.lower and gain.lower != gain.upper:
        assert drawn.values("c-solid", "c-pale") == [
            pytest.approx((0, gain.lower), abs=slack),
            pytest.approx(gain, abs=slack),
        ]
    else:
        class_ = "c-pale" if gain.lower == 0 else "c-solid"
        assert drawn.values("c-solid", "c-pale") == drawn.values(class_) == [pytest.approx((0, gain.upper), abs=slack)]
    assert drawn.outside() == []
    assert drawn.collisions() == []


def test_it_says_what_it_shows() -> None:
    root = Chart(doubt(Gain(1, 2), 0, 3, None, "How sure it is.")).root
    assert (root.get("role"), root.get("aria-label")) == ("img", "How sure it is.")
