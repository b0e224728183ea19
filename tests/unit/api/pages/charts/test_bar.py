"""The bars of rows: their ends give back the gains, and their kind says which gain it is."""

import pytest

from functions.api.pages.charts.bar import Gain, axis_heading, gain_bar, gains_axis, value_bar
from tests.support.api.chart_reading import Chart

GAINS = [Gain(9.07e6, 10.9e6), Gain(2e6, 5.65e6), Gain(0, 3.21e6), Gain(None, 3.16e6), Gain(584e3, 584e3)]
SCALE = gains_axis([*GAINS, None], "GBP")
HEADING = Chart(axis_heading(SCALE))


def ends(bar: str, class_: str) -> tuple[float, float]:
    """The amounts from and to which the bar of a class reaches, by the ticks of the heading."""
    [(left, right)] = Chart(bar).places(class_)
    return HEADING.value_at(left, "c-axis"), HEADING.value_at(right, "c-axis")


@pytest.mark.parametrize("gain", GAINS[:2])
def test_a_gain_of_two_values_is_solid_and_then_pale(gain: Gain) -> None:
    bar = gain_bar(gain, SCALE)
    assert ends(bar, "c-solid") == pytest.approx((0, gain.lower), abs=10.9e3)
    assert ends(bar, "c-pale") == pytest.approx((gain.lower, gain.upper), abs=10.9e3)


def test_a_gain_up_to_a_value_is_outlined_only() -> None:
    bar = gain_bar(GAINS[2], SCALE)
    assert ends(bar, "c-pale") == pytest.approx((0, 3.21e6), abs=10.9e3)
    assert Chart(bar).classes() == {"chart", "c-pale"}


@pytest.mark.parametrize("gain", GAINS[3:])
def test_one_value_is_solid_only(gain: Gain) -> None:
    bar = gain_bar(gain, SCALE)
    assert ends(bar, "c-solid") == pytest.approx((0, gain.upper), abs=10.9e3)
    assert Chart(bar).classes() == {"chart", "c-solid"}


def test_a_gain_that_may_be_chance_is_outlined_only() -> None:
    bar = gain_bar(GAINS[0], SCALE, chance=True)
    assert ends(bar, "c-chance") == pytest.approx((0, 10.9e6), abs=10.9e3)
    assert Chart(bar).classes() == {"chart", "c-chance"}


@pytest.mark.parametrize(
    ("gain", "solid", "pale"),
    [
        (Gain(-2e5, 4e5), (-2e5, 0), (0, 4e5)),
        (Gain(-4e5, -1e5), (-4e5, 0), (-4e5, -1e5)),
    ],
)
def test_a_negative_gain_goes_to_the_other_side_of_zero(
    gain: Gain, solid: tuple[float, float], pale: tuple[float, float]
) -> None:
    scale = gains_axis([gain, Gain(None, 5e5)], "GBP")
    heading, bar = Chart(axis_heading(scale)), Chart(gain_bar(gain, scale))
    for class_, expected in (("c-solid", solid), ("c-pale", pale)):
        [(left, right)] = bar.places(class_)
        assert (heading.value_at(left, "c-axis"), heading.value_at(right, "c-axis")) == pytest.approx(expected, abs=900)


def test_the_heading_is_in_its_column_and_hidden() -> None:
    assert HEADING.outside() == []
    assert HEADING.collisions() == []
    assert HEADING.root.get("aria-hidden") == "true"
    assert next(text.text for text in HEADING.texts(288)) == "£0"


def test_a_bar_has_the_words_of_its_caller() -> None:
    assert (
        Chart(gain_bar(GAINS[0], SCALE, "Worth £9.07m to £10.9m.")).root.get("aria-label") == "Worth £9.07m to £10.9m."
    )


@pytest.mark.parametrize(("value", "largest", "expected"), [(0.2, 0.8, 25), (0.8, 0.8, 100), (0, 0.8, 0), (0, 0, 0)])
def test_a_neutral_bar_is_as_long_as_its_share(value: float, largest: float, expected: float) -> None:
    assert Chart(value_bar(value, largest)).places("c-plain") == [(0, expected)]
