"""A chart as a file: valid XML of a fixed size with its own colours, title, source and release."""

import re
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from markupsafe import Markup

from functions.api.pages import charts
from functions.api.pages.charts.bar import Gain
from functions.api.pages.charts.doubt import doubt
from functions.api.pages.charts.standalone import STYLE, standalone
from tests.support.api.chart_reading import advance

CHART = doubt(Gain(374_876, 1_065_056), 24_900, 1_180_000, "GBP", 'How "sure" it is & why <so>.')
SVG = "{http://www.w3.org/2000/svg}"
TITLE = "Cleaning cost: Lower Middling Hospitals & its <6> comparators"
CLASS = re.compile(r"\bc-[a-z]+(?:-[a-z]+)*")


def test_it_is_a_file_of_its_own() -> None:
    text = standalone(CHART, TITLE, "Source: Estates Returns", "Release 2cc22d68, published 27 November 2026", 960)
    root = fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.get("width") == "960"
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {TITLE, "Source: Estates Returns", "Release 2cc22d68, published 27 November 2026"} <= set(texts)
    ground = root.find(f"{SVG}rect")
    assert ground is not None
    assert (ground.get("width"), ground.get("height"), ground.get("fill")) == ("100%", "100%", "#ffffff")
    assert root.find(f"{SVG}style") is not None


def test_the_chart_has_a_width_in_pixels_and_everything_is_inside() -> None:
    root = fromstring(standalone(CHART, "T " * 200, "S " * 300, "R", 640))
    [chart] = [element for element in root.iter(f"{SVG}svg") if element.get("class") == "chart"]
    left, top, wide, tall = (float(chart.get(name, "nan")) for name in ("x", "y", "width", "height"))
    assert left + wide <= 640 - left
    ys = [float(element.get("y", "nan")) for element in root.findall(f"{SVG}text")]
    assert all(y < top or y > top + tall for y in ys)
    assert max(ys) < float(root.get("height", "nan"))
    for element in root.findall(f"{SVG}text"):
        size = 20 if element.get("class") == "c-title" else 13
        assert 24 + advance(element.text or "", size, size == 20) <= 640 - 24


def test_every_class_of_the_package_has_a_colour_and_is_documented() -> None:
    folder = Path(charts.__file__).parent
    used = {
        class_
        for path in folder.glob("*.py")
        if path.name not in ("__init__.py", "standalone.py")
        for class_ in CLASS.findall(path.read_text("utf-8"))
    }
    assert len(used) > 20
    assert used | {"c-title"} == set(CLASS.findall(STYLE))
    assert used == set(CLASS.findall(charts.__doc__ or ""))


def test_only_charts_of_this_package_are_taken() -> None:
    with pytest.raises(ValueError, match="not a chart"):
        standalone(Markup("<svg></svg>"), "T", "S", "R")


def test_a_hidden_chart_becomes_a_file_as_well() -> None:
    hidden = doubt(Gain(1, 2), 0, 3, None, "")
    assert fromstring(standalone(hidden, "T", "", "")).get("aria-label") == "T"
