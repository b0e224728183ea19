"""The sentence about a change: all of its numbers have the same decimals, so that they add up as printed."""

import pytest

from functions.api.changes.result import FigureChange, Parts, expression_of, sentence


def test_a_share_has_three_significant_figures_as_a_percentage() -> None:
    parts = Parts(own_value=0.0123, benchmark_moved=-0.004, comparators_changed=0.0, method_changed=0.0)
    change = FigureChange("units_upper", "share", before=0.05, after=0.0583, total=0.0083, parts=parts, reason=None)
    assert sentence(change) == "Up 0.83% to 5.83%: own value +1.23%, benchmark −0.40%."


def test_pounds_have_three_significant_figures_of_the_largest() -> None:
    change = FigureChange("cash_upper", "GBP", before=80.0, after=92.5, total=12.5, parts=None, reason=None)
    assert sentence(change) == "Up £12.5 to £92.5."


def test_a_part_that_is_nothing_in_these_decimals_is_left_out() -> None:
    parts = Parts(own_value=67_164.0, benchmark_moved=-0.13, comparators_changed=18_780.0, method_changed=0.0)
    change = FigureChange("cash_upper", "GBP", 3_883_829.13, 3_969_773.0, 85_943.87, parts, reason=None)
    assert sentence(change) == "Up £85,944 to £3,969,773: own value +£67,164, comparators +£18,780."


def moved(figure: str, before: float, after: float) -> FigureChange:
    return FigureChange(figure, "x", before, after, after - before, parts=None, reason=None)


@pytest.mark.parametrize(
    ("staff", "cash", "expected"),
    [
        ((120.0, 120.0), (4e6, 5e6), "cash"),  # a price moved
        ((120.0, 120.0 + 1e-13), (4e6, 5e6), "cash"),  # rounding is no change
        ((120.0, 121.0), (4e6, 5e6), "staff"),
        ((120.0, 120.0), (4e6, 4e6), "staff"),
    ],
)
def test_a_change_is_reported_in_cash_if_that_alone_moved(
    staff: tuple[float, float], cash: tuple[float, float], expected: str
) -> None:
    figures = {"staff_upper": moved("staff_upper", *staff), "cash_upper": moved("cash_upper", *cash)}
    assert expression_of(figures, "staff") == expected
    assert expression_of({"staff_upper": figures["staff_upper"]}, "staff") == "staff"


def test_a_figure_of_nothing_is_no_gain() -> None:
    change = FigureChange("cash_upper", "GBP", None, 0.0, None, parts=None, reason="There is no figure before.")
    assert sentence(change) == "There is no figure before. The later release shows no gain."
