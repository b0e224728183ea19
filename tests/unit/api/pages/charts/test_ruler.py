"""The ruler of candidates: distances, the last peer and the one in question are where they say."""

from dataclasses import replace

import pytest

from functions.api.pages.charts.benchmarks import Named
from functions.api.pages.charts.ruler import Ruler, ruler
from tests.support.api.chart_reading import Chart

FEW = Ruler(
    (0.2, 0.3, 0.35, 0.4, 0.41, 0.5, 0.6, 0.9, 1.1, 1.15, 1.4, 1.9),
    "12 candidates",
    Named("10th peer: Rivermouth", 1.15),
    Named("12th: Lower Middling Hospitals", 1.9),
)
LONG = "A trust with a very long name, the University Hospitals of the Northern Valleys NHS Foundation Trust"


def test_every_distance_gives_back_its_value() -> None:
    drawn = Chart(ruler(FEW, "How far they are."))
    slack = drawn.range() / 1000
    assert [low for low, _ in drawn.values("c-dot")] == pytest.approx(list(FEW.candidates), abs=slack)
    assert drawn.values("c-line-modest") == [pytest.approx((1.15, 1.15), abs=slack)]
    assert drawn.values("c-me") == [pytest.approx((1.9, 1.9), abs=slack)]
    words = " ".join(text.text for text in drawn.texts(288))
    assert "10th peer: Rivermouth 1.15" in words
    assert "◀ nearer" in words


@pytest.mark.parametrize(
    "chart",
    [
        FEW,
        replace(FEW, candidates=tuple(n * 37 % 211 / 100 for n in range(187))),
        replace(FEW, candidates=()),
        replace(FEW, last=None),
        replace(FEW, other=None),
        replace(FEW, other=Named(LONG, 1.2), last=Named(LONG, 0.1), caption=LONG),
        replace(FEW, candidates=(0.0, 0.0), last=Named("Last", 0.0), other=Named("This", 0.0)),
    ],
)
def test_labels_stay_in_the_frame_and_apart(chart: Ruler) -> None:
    drawn = Chart(ruler(chart, ""))
    assert drawn.outside() == []
    assert drawn.collisions() == []


def test_many_candidates_are_a_histogram_of_all() -> None:
    many = tuple(n * 37 % 211 / 100 for n in range(187))
    drawn = Chart(ruler(replace(FEW, candidates=many), ""))
    assert drawn.of("c-dot") == []
    assert 10 < len(drawn.of("c-bin-open")) <= 44
