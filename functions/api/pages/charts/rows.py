"""Rows of a chart: a name at the left, a figure at the right, and a bar beneath both."""

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.text import GAP, LINE, NARROWEST, Placed, width, wrap

BAR = 12.0
_AFTER = 14.0
"""From the bar to the next row."""


def heading(label: str, value: str, top: float) -> tuple[list[Markup], float]:
    """The texts of a row that begins at `top`, and where its bar begins. A long name takes several lines; so does a
    value that is wider than half the frame, beneath the name."""
    room = NARROWEST - width(value) - GAP
    below = room < NARROWEST / 2
    names = wrap(label, NARROWEST if below else room)
    drawn = [marks.paragraph("c-label", names, top + 14)]
    y = top + LINE * len(names)
    if below:
        values = wrap(value)
        return [*drawn, marks.paragraph("c-value", values, y + 14)], y + LINE * len(values) + 3
    return [*drawn, marks.text("c-value", Placed(value, 100.0, "end"), top + 14)], y + 3


def after(bar_top: float) -> float:
    """Where the row after a bar begins."""
    return bar_top + BAR + _AFTER
