"""Shares of a distance: bars to one scale, each with its share as text."""

import itertools

import pytest

from functions.api.pages.charts.shares import Share, shares
from tests.support.api.chart_reading import Chart

ROWS = [Share("Beds", 0.42), Share("Income of the organisation in the year before last", 0.31), Share("Age", 0.266)]


def test_bars_are_to_the_scale_of_the_largest() -> None:
    drawn = Chart(shares(ROWS, "What makes them differ."))
    ends = [right for _, right in drawn.places("c-plain")]
    assert [end / ends[0] * 0.42 for end in ends] == pytest.approx([0.42, 0.31, 0.266], abs=0.001)
    assert ends[0] == 100
    assert {left for left, _ in drawn.places("c-plain")} == {0}
    assert [text.text for text in drawn.texts(288) if text.class_ == "c-value"] == ["42%", "31%", "27%"]
    assert drawn.outside() == []
    assert drawn.collisions() == []


@pytest.mark.parametrize(("share", "text"), [(0, "0%"), (0.004, "under 1%"), (0.006, "1%"), (1, "100%")])
def test_only_nothing_is_0_per_cent(share: float, text: str) -> None:
    assert f">{text}<" in shares([Share("Beds", share)], "")


def test_rows_keep_the_callers_order_and_do_not_overlap() -> None:
    drawn = Chart(shares(list(reversed(ROWS)), ""))
    labels = [text.text for text in drawn.texts(1010) if text.class_ == "c-label"]
    assert (labels[0], labels[-1]) == ("Age", "Beds")
    tops = [float(bar.get("y", "nan")) for bar in drawn.of("c-plain")]
    assert all(b - a >= 30 for a, b in itertools.pairwise(tops))


def test_no_shares_are_an_empty_drawing() -> None:
    assert Chart(shares([], "Nothing.")).of("c-plain") == []
    assert Chart(shares([Share("Beds", 0)], "")).places("c-plain") == [(0, 0)]
