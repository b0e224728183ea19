"""The sentence about a change: all of its numbers have the same decimals, so that they add up as printed."""

from functions.api.changes.result import FigureChange, Parts, sentence


def test_a_share_has_three_significant_figures_as_a_percentage() -> None:
    parts = Parts(own_value=0.0123, benchmark_moved=-0.004, comparators_changed=0.0, method_changed=0.0)
    change = FigureChange("units_upper", "share", before=0.05, after=0.0583, total=0.0083, parts=parts, reason=None)
    assert sentence(change) == "Up 0.83% to 5.83%: own value +1.23%, benchmark −0.40%."


def test_pounds_have_three_significant_figures_of_the_largest() -> None:
    change = FigureChange("cash_upper", "GBP", before=80.0, after=92.5, total=12.5, parts=None, reason=None)
    assert sentence(change) == "Up £12.5 to £92.5."
