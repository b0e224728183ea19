"""Rows: a name and its figure never touch, however long the name is."""

import pytest

from functions.api.pages.charts import marks
from functions.api.pages.charts.rows import after, heading
from tests.support.api.chart_reading import Chart

LONG = "Share of emergency admissions of people aged 75 and over, by the register of the area in which they live"


@pytest.mark.parametrize("label", ["Beds", LONG, LONG * 2, "W" * 60])
@pytest.mark.parametrize("value", ["", "42%", "£310,000 to £640,000 per year"])
@pytest.mark.parametrize("note", ["", "lacks a part of its data", LONG])
def test_texts_stay_in_the_frame_and_apart(label: str, value: str, note: str) -> None:
    texts, bar = heading(label, value, 10, note)
    drawn = Chart(marks.drawing([*texts, marks.box("c-plain", 0, 50, bar, 12)], after(bar), ""))
    assert drawn.outside() == []
    assert drawn.collisions() == []
    lines = list(drawn.texts(288))
    assert max(line.y for line in lines) < bar
    assert "".join(line.text for line in lines if line.class_ == "c-label").replace(" ", "") == label.replace(" ", "")
    assert {line.text for line in lines if line.class_ == "c-value"} == ({value} if value else set())


def test_a_short_value_stands_at_the_right() -> None:
    texts, _ = heading("Beds", "42%", 0)
    [value] = [t for t in Chart(marks.drawing(texts, 40, "")).texts(1010) if t.class_ == "c-value"]
    assert value.right == pytest.approx(1010)
    assert value.y == 14


def test_a_value_wider_than_half_the_frame_stands_beneath_the_name() -> None:
    texts, _ = heading("Beds", "£310,000 to £640,000 per year", 0)
    name, value = Chart(marks.drawing(texts, 60, "")).texts(288)
    assert (name.text, name.left, value.left) == ("Beds", 0, 0)
    assert value.y == name.y + 18
