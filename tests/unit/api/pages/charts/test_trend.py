"""The trend: points give back their values, no line crosses a break, and the names at the ends never touch."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.api.pages.charts.trend import Point, Trend, cheapest, trend
from tests.support.api.chart_reading import Chart, number, per_cent

YEARS = Trend(
    "GBP per m2",
    "This trust",
    "Modest benchmark",
    "Ambitious benchmark",
    (
        Point(date(2023, 3, 31), "2022–23", 36.0, 35.0, 31.0),
        Point(date(2024, 3, 31), "2023–24", 38.3, 36.9, 32.9),
        Point(date(2025, 3, 31), "2024–25", 39.33, 37.3, 33.54),
    ),
)
CLASSES = ("c-me-line", "c-line-modest", "c-line-ambitious")


def value_at(drawn: Chart, y: float) -> float:
    """The value at a height, by the grid lines and their texts."""
    ys = sorted((float(line.get("y1", "nan")) for line in drawn.of("c-grid")), reverse=True)
    labels = sorted(number(text.text or "") for text in drawn.of("c-tick") if text.get("x") == "0%")
    assert len(ys) == len(labels) >= 2
    return labels[0] + (ys[0] - y) / (ys[0] - ys[-1]) * (labels[-1] - labels[0])


def height(drawn: Chart) -> float:
    """The range of values from top to bottom of the lines."""
    return abs(value_at(drawn, 170) - value_at(drawn, 0))


def ends(drawn: Chart, class_: str) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Each segment of a line: x in per cent and the value, at both ends."""
    return [
        (
            (per_cent(line.get("x1")), value_at(drawn, float(line.get("y1", "nan")))),
            (per_cent(line.get("x2")), value_at(drawn, float(line.get("y2", "nan")))),
        )
        for line in drawn.of(class_)
    ]


def test_every_point_gives_back_its_value_and_its_day() -> None:
    drawn = Chart(trend(YEARS, "Over time."))
    slack = height(drawn) / 1000
    expected = {
        "c-me-line": (36.0, 38.3, 39.33),
        "c-line-modest": (35.0, 36.9, 37.3),
        "c-line-ambitious": (31, 32.9, 33.54),
    }
    for class_, values in expected.items():
        segments = ends(drawn, class_)
        assert [(a[1], b[1]) for a, b in segments] == [pytest.approx(pair, abs=slack) for pair in pairwise(values)]
        (first, second), (_, third) = segments
        # 366 days to March 2024, and 365 from there.
        assert (second[0] - first[0]) / (third[0] - first[0]) == pytest.approx(366 / 731, abs=0.001)
    diamonds = [value_at(drawn, float(one.get("y", "nan"))) for one in drawn.of("c-me")]
    assert diamonds == pytest.approx([36.0, 38.3, 39.33], abs=slack)


def test_no_line_crosses_a_break_which_is_marked_and_explained() -> None:
    points = list(YEARS.points)
    points[1] = points[1]._replace(break_words="Merged with another trust")
    drawn = Chart(trend(replace(YEARS, points=tuple(points)), ""))
    [(at, _)] = drawn.places("c-break")
    first, second, _ = [x for x, _ in drawn.places("c-me")]
    assert first < at < second
    for class_ in CLASSES:
        assert not any(a[0] < at < b[0] for a, b in ends(drawn, class_))
    assert "Merged with another trust" in " ".join(t.text for t in drawn.texts(288) if t.class_ == "c-soft")


def test_a_break_before_the_first_window_is_not_shown() -> None:
    points = (YEARS.points[0]._replace(break_words="Merged"), *YEARS.points[1:])
    drawn = Chart(trend(replace(YEARS, points=points), ""))
    assert drawn.of("c-break") == []
    assert len(drawn.of("c-me-line")) == 2


def test_a_window_without_a_value_leaves_a_gap() -> None:
    points = list(YEARS.points)
    points[1] = points[1]._replace(value=None)
    drawn = Chart(trend(replace(YEARS, points=tuple(points)), ""))
    assert (len(drawn.of("c-me")), len(drawn.of("c-me-line")), len(drawn.of("c-line-modest"))) == (2, 0, 2)


def test_one_window_has_a_diamond_and_short_lines() -> None:
    drawn = Chart(trend(replace(YEARS, points=YEARS.points[:1]), ""))
    assert (len(drawn.of("c-me")), len(drawn.of("c-me-line")), len(drawn.of("c-line-modest"))) == (1, 0, 1)
    assert [a[1] for a, _ in ends(drawn, "c-line-ambitious")] == [pytest.approx(31.0, abs=height(drawn) / 1000)]
    assert drawn.outside() == []


def test_a_series_without_benchmarks_is_one_line() -> None:
    points = tuple(Point(point.end, point.window, point.value) for point in YEARS.points)
    drawn = Chart(trend(replace(YEARS, points=points), ""))
    assert drawn.of("c-line-modest", "c-line-ambitious") == []
    assert {"This trust"} == {t.text for t in drawn.texts(288) if t.class_ in ("c-label", "c-me-label")}


def test_names_stand_in_the_order_of_the_ends() -> None:
    names = [t for t in Chart(trend(YEARS, "")).texts(288) if t.class_ in ("c-label", "c-me-label")]
    assert [t.text for t in sorted(names, key=lambda t: t.y)] == [
        "This trust",
        "Modest benchmark",
        "Ambitious benchmark",
    ]


def test_the_first_and_the_last_window_are_always_named() -> None:
    windows = tuple(
        Point(date(2022 + n // 12, n % 12 + 1, 28), f"12 months to {n % 12 + 1:02}/{2022 + n // 12}", 5 + n % 5, 6, 7)
        for n in range(36)
    )
    drawn = Chart(trend(replace(YEARS, points=windows), ""))
    texts = {t.text for t in drawn.texts(288)}
    assert {"12 months to 01/2022", "12 months to 12/2024"} <= texts
    assert len({t.y for t in drawn.texts(288) if t.text.startswith("12 months")}) <= 2
    assert drawn.outside() == []
    assert drawn.collisions() == []


def test_without_a_value_there_is_no_trend() -> None:
    with pytest.raises(ValueError, match="empty"):
        trend(replace(YEARS, points=(Point(date(2024, 3, 31), "2023–24", None),)), "")


LONG = "The integrated care partnership of the northern valleys and the adjoining districts"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(-50, 50) | st.none()] * 3, st.booleans()), min_size=1, max_size=8),
    st.integers(-50, 50),
    st.sampled_from(["This trust", LONG]),
)
def test_whatever_the_values_texts_stay_apart(
    rows: list[tuple[int | None, int | None, int | None, bool]], last: int, name: str
) -> None:
    points = [
        Point(
            date(2010 + n, 3, 31), f"April {2009 + n} to March {2010 + n}", own, modest, ambitious, "It merged" * broken
        )
        for n, (own, modest, ambitious, broken) in enumerate(rows)
    ]
    points.append(Point(date(2030, 3, 31), "2030", last, last, last))
    drawn = Chart(trend(replace(YEARS, own=name, unit="days", points=tuple(points)), ""))
    assert drawn.outside() == []
    assert drawn.collisions(("c-label", "c-me-label", "c-soft")) == []
    assert drawn.collisions(("c-tick",)) == []
    slack = height(drawn) / 1000
    known = [float(own) for own, *_ in rows if own is not None]
    assert [value_at(drawn, float(one.get("y", "nan"))) for one in drawn.of("c-me")] == pytest.approx(
        [*known, last], abs=slack
    )


def test_the_cheapest_places_are_found() -> None:
    costs = [[5, 1, 9, 9, 9, 9], [9, 0, 4, 2, 9, 9], [9, 9, 9, 0, 9, 3]]
    every = [
        (costs[0][a] + costs[1][b] + costs[2][c], [a, b, c])
        for a in range(6)
        for b in range(a + 2, 6)
        for c in range(b + 2, 6)
    ]
    assert cheapest(costs, 2) == min(every)[1] == [1, 3, 5]
