"""Benchmarks: their labels are over the beginning of their lines, and no line runs through the other's label."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import axis, grid, tick_labels
from functions.api.pages.charts.benchmarks import Named, heads
from tests.support.api.chart_reading import FRAMES, Chart


def read(modest: float, ambitious: float) -> Chart:
    scale = axis([0, 100], None)
    made, top = heads(Named("Modest", modest), Named("Ambitious", ambitious), None, scale)
    parts = [part for one in made for part in (one.line(200), one.label)]
    return Chart(marks.drawing([*grid(scale, top, 180), *parts, *tick_labels(scale, 190)], 200, ""))


def crossings(drawn: Chart) -> list[str]:
    """Labels through which a benchmark's line runs."""
    found = []
    for class_, own in (("c-line-modest", "Modest"), ("c-line-ambitious", "Ambitious")):
        [line], [(x, _)] = drawn.of(class_), drawn.places(class_)
        for frame in FRAMES:
            found += [
                text.text
                for text in drawn.texts(frame)
                if text.class_ == "c-label"
                and not text.text.startswith(own)
                and float(line.get("y1", "nan")) < text.y
                and text.left + 2 < frame * x / 100 < text.right - 2
            ]
    return found


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 100), st.floats(0, 100))
def test_no_line_runs_through_a_label(modest: float, ambitious: float) -> None:
    drawn = read(modest, ambitious)
    assert drawn.outside() == []
    assert drawn.collisions() == []
    assert crossings(drawn) == []


def test_both_near_one_end_put_the_farther_label_on_top() -> None:
    [ambitious, modest] = sorted((t for t in read(8, 2).texts(288) if t.class_ == "c-label"), key=lambda t: t.y)
    assert (ambitious.text, modest.text) == ("Ambitious 2", "Modest 8")


@pytest.mark.parametrize("value", [2, 50, 98])
def test_a_line_begins_just_under_its_label(value: float) -> None:
    drawn = read(value, 100 - value)
    for class_, name in (("c-line-modest", "Modest"), ("c-line-ambitious", "Ambitious")):
        [label] = [text for text in drawn.texts(288) if text.text.startswith(name)]
        assert float(drawn.of(class_)[0].get("y1", "nan")) == label.y + 5
