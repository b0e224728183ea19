"""Axes: round ticks that say what they are at, and places that give back their values."""

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import axis, figure, tick_labels
from tests.support.api.chart_reading import Chart, number, per_cent

VALUES = st.floats(-1e8, 1e8).filter(lambda value: value == 0 or abs(value) > 1e-3)


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected"),
    [
        (9.5, 58, "GBP per m2", ["£10", "£20", "£30", "£40", "£50"]),
        (0.02, 0.118, "share", ["2%", "4%", "6%", "8%", "10%"]),
        (0, 1.18e6, "GBP", ["£0", "£500,000", "£1m"]),
        (0, 10.9e6, "GBP", ["£0", "£2m", "£4m", "£6m", "£8m", "£10m"]),
        (-30, 20, "GBP", ["−£30", "−£20", "−£10", "£0", "£10", "£20"]),
        (31.8, 40.4, "GBP per m2", ["£32", "£34", "£36", "£38", "£40"]),
        (36.1, 38.9, "GBP per m2", ["£36.50", "£37.00", "£37.50", "£38.00", "£38.50"]),
        (36.1, 37.4, "GBP per m2", ["£36.25", "£36.50", "£36.75", "£37.00", "£37.25"]),
        (-2.5e7, 5e6, "GBP", ["−£20m", "−£10m", "£0"]),
        (1, 6, "outpatient appointments", ["1", "2", "3", "4", "5", "6"]),
        (1e6, 1.0003e6, "GBP", ["£1,000,000", "£1,000,200"]),
    ],
)
def test_ticks_are_round(low: float, high: float, unit: str, expected: list[str]) -> None:
    texts = [tick.text for tick in axis([low, high], unit).ticks]
    assert texts[: len(expected)] == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=6), st.sampled_from(["GBP", "share", "days", None]), st.booleans())
def test_every_axis_has_at_least_two_ticks_that_fit_and_say_their_value(
    values: list[float], unit: str | None, zero: bool
) -> None:
    if unit == "share":
        values = [value / 1e6 for value in values]
    assume(max(values) == min(values) or (max(values) - min(values)) > 1e-5 * max(map(abs, values)))
    scale = axis(values, unit, zero)
    assert len(scale.ticks) >= 2
    assert all(
        scale.low - 1e-6 * abs(scale.low) <= tick.value <= scale.high + 1e-6 * abs(scale.high) for tick in scale.ticks
    )
    for tick in scale.ticks:
        assert number(tick.text) == pytest.approx(tick.value, rel=1e-9, abs=1e-9)
    steps = {round((b.value - a.value) / (scale.high - scale.low), 6) for a, b in pairwise(scale.ticks)}
    assert len(steps) == 1
    drawn = Chart(marks.drawing(tick_labels(scale, 20), 30, ""))
    assert drawn.outside() == []
    assert drawn.collisions() == []
    places = [per_cent(text.get("x")) for text in drawn.of("c-tick")]
    assert places == pytest.approx([scale.at(tick.value) for tick in scale.ticks], abs=0.001)


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, min_size=2, max_size=6), VALUES)
def test_a_place_gives_back_its_value(values: list[float], value: float) -> None:
    scale = axis(values, None)
    share = (scale.at(value) - 3) / 94
    assert scale.low + share * (scale.high - scale.low) == pytest.approx(
        value, rel=1e-6, abs=1e-6 * (scale.high - scale.low)
    )
    assert scale.value_at(scale.at(value)) == pytest.approx(value, rel=1e-6, abs=1e-6 * (scale.high - scale.low))


@pytest.mark.parametrize("unit", ["GBP", "share", "days"])
@pytest.mark.parametrize("value", [0.0, 0.25, -3.0])
def test_values_that_are_all_equal_stand_in_the_middle(unit: str, value: float) -> None:
    assert axis([value] * 5, unit).at(value) == pytest.approx(50)


def test_an_axis_from_zero_reaches_it_from_either_side() -> None:
    assert axis([3, 5], None, zero=True)[:2] == (0, 5)
    assert axis([-3, -5], None, zero=True)[:2] == (-5, 0)
    assert axis([0], None, zero=True)[:2] == (0, 1)


def test_a_margin_widens_both_sides_but_never_past_zero() -> None:
    assert axis([0, 10], None, margin=0.1)[:2] == (-1, 11)
    assert axis([5, 10], None, zero=True, margin=0.1)[:2] == (0, 11)


def test_an_axis_without_values_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        axis([], None)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(37.3, "GBP per m2", "£37.30"), (0.0599, "share", "5.99%"), (254, "WTE", "254"), (-14.48, "GBP", "−£14.5"),
     (67.7, "SEK per m2", "SEK\N{NO-BREAK SPACE}67.70")],
)  # fmt: skip
def test_a_figure_has_its_sign_and_no_other_unit(value: float, unit: str, expected: str) -> None:
    assert figure(value, unit) == expected
