"""Elements of SVG: texts are escaped, and a chart without words is hidden from screen readers."""

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.text import Placed
from tests.support.api.chart_reading import Chart


def test_texts_and_words_are_escaped() -> None:
    name = '<b>"A" & B\'s</b>'
    svg = marks.drawing([marks.text("c-label", Placed(name, 10, "start"), 14)], 20, name)
    assert "<b>" not in svg
    chart = Chart(svg)
    assert chart.root.get("aria-label") == name
    assert chart.of("c-label")[0].text == name


def test_a_chart_is_an_image_with_one_sentence() -> None:
    svg = marks.drawing([marks.dot("c-dot", 50, 10, 5)], 20, "One dot.")
    root = Chart(svg).root
    assert (root.get("role"), root.get("aria-label"), root.get("aria-hidden")) == ("img", "One dot.", None)
    assert (root.get("class"), root.get("width"), root.get("height")) == ("chart", "100%", "20")
    assert root.get("viewBox") is None


def test_a_chart_without_words_is_hidden() -> None:
    root = Chart(marks.drawing([], 20, "")).root
    assert (root.get("role"), root.get("aria-label"), root.get("aria-hidden")) == (None, None, "true")


def test_a_diamond_is_drawn_in_pixels_at_a_place_in_per_cent() -> None:
    nested = Chart(marks.drawing([marks.diamond("c-me", 12.5, 30)], 60, "")).of("c-me")[0]
    assert (nested.get("x"), nested.get("y"), nested.get("overflow")) == ("12.5%", "30", "visible")
    assert nested[0].get("d") == "M0-8 8 0 0 8-8 0Z"


def test_a_bar_may_be_given_from_either_end() -> None:
    assert marks.box("c-plain", 40, 10, 0, 5) == marks.box("c-plain", 10, 40, 0, 5)
    assert 'x="10%"' in marks.box("c-plain", 40, 10, 0, 5)


def test_numbers_are_short() -> None:
    assert marks.per_cent(33.33333) == "33.333%"
    assert marks.per_cent(50.0) == "50%"
    assert 'y1="-0"' not in marks.level("c-axis", 0, 100, -0.001)
    assert isinstance(marks.per_cent(1), str)
    assert isinstance(marks.level("c-axis", 0, 100, 1), Markup)
