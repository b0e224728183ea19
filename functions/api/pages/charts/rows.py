"""Rows of a chart: a name at the left, a figure at the right, and a bar beneath both."""

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.text import GAP, LABEL, LINE, NARROWEST, SOFT, Placed, width, wrap

BAR = 12.0
LEFT, RIGHT = 0.5, 99.5
"""From where to where the axis of rows reaches, in per cent of the frame: bars need no more room."""
_AFTER = 14.0
"""From the bar to the next row."""


def heading(label: str, value: str, top: float, note: str = "") -> tuple[list[Markup], float]:
    """The texts of a row that begins at `top`, and where its bar begins. A long name takes several lines; a note stands
    beneath it. A value that is wider than half the frame stands there too."""
    room = NARROWEST - width(value) - GAP
    below = room < NARROWEST / 2
    y = top + 14
    drawn = [] if below else [marks.text("c-value", Placed(value, 100.0, "end"), y)] if value else []
    parts = (
        ("c-label", label, LABEL, NARROWEST if below else room),
        ("c-value", value if below else "", LABEL, NARROWEST),
    )
    for class_, words, size, wide in (*parts, ("c-soft", note, SOFT, NARROWEST)):
        lines = wrap(words, wide, size) if words else ()
        drawn.append(marks.paragraph(class_, lines, y))
        y += LINE * len(lines)
    return drawn, y - 14 + 3


def after(bar_top: float) -> float:
    """Where the row after a bar begins."""
    return bar_top + BAR + _AFTER
