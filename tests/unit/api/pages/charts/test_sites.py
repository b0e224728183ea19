"""The sites of a figure: ordered, and each bar gives back its value."""

from dataclasses import replace

import pytest

from functions.api.pages.charts.benchmarks import Named
from functions.api.pages.charts.sites import Site, Sites, sites
from tests.support.api.chart_reading import Chart

ESTATE = Sites(
    "GBP per m2",
    "lower_is_better",
    (Site("North Wing", 31.2), Site("Royal Infirmary", 44.8, "£310,000 to £640,000"), Site("St Anne's", 38)),
    Named("Modest", 37.3),
    Named("Ambitious", 33.54),
)
LONG = "The Royal Infirmary of the City and of the Western Districts with its Annexe at the Old Workhouse"


def test_bars_and_benchmarks_give_back_their_values() -> None:
    drawn = Chart(sites(ESTATE, "Three sites."))
    slack = drawn.range() / 1000
    assert drawn.values("c-plain") == [pytest.approx((0, value), abs=slack) for value in (44.8, 38, 31.2)]
    assert drawn.values("c-line-modest") == [pytest.approx((37.3, 37.3), abs=slack)]
    assert drawn.values("c-line-ambitious") == [pytest.approx((33.54, 33.54), abs=slack)]


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("lower_is_better", ["Royal Infirmary", "St Anne's", "North Wing"]),
        ("higher_is_better", ["North Wing", "St Anne's", "Royal Infirmary"]),
        ("neither", ["North Wing", "Royal Infirmary", "St Anne's"]),
    ],
)
def test_the_counted_stand_worst_first(direction: str, expected: list[str]) -> None:
    drawn = Chart(sites(replace(ESTATE, direction=direction), ""))  # type: ignore[arg-type]
    names = {"North Wing", "Royal Infirmary", "St Anne's"}
    assert [text.text for text in drawn.texts(1010) if text.text in names] == expected


@pytest.mark.parametrize(
    "chart",
    [
        ESTATE,
        replace(ESTATE, modest=None, ambitious=None),
        replace(ESTATE, counted=(Site(LONG, 40, LONG), Site(LONG, 0, LONG))),
        replace(ESTATE, counted=tuple(Site(f"Site {n}", n * 7 % 50) for n in range(60))),
        replace(ESTATE, counted=(Site("A", -3), Site("B", 4)), modest=Named("Target", -1), ambitious=None),
        replace(ESTATE, counted=(Site("A", 37.3), Site("B", 37.3)), ambitious=Named("Ambitious", 37.3)),
        replace(ESTATE, counted=(Site("A", 0),), modest=None, ambitious=None),
    ],
)
def test_labels_stay_in_the_frame_and_apart(chart: Sites) -> None:
    drawn = Chart(sites(chart, ""))
    assert drawn.outside() == []
    assert drawn.collisions() == []
