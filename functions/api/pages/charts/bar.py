"""The bar of one row: a gain from 0 to its modest and on to its ambitious benchmark, or one neutral value.

All rows of a table share one axis, which stands in the heading of the column.
"""

from collections.abc import Iterable
from math import isclose
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import Axis, axis, grid_at, tick_labels
from functions.api.pages.charts.rows import BAR, after
from functions.api.pages.charts.text import LINE, NARROWEST, wrap

HEIGHT = 14.0
_EDGE = 1.0
"""Room above and below for the outline, in pixels."""
_LEFT, _RIGHT = 0.5, 99.5
_COLUMN = 220.0
"""The width of the column at its narrowest, next to the others on a small screen or on paper, in pixels. The ticks are
as many as have room there."""


class Gain(NamedTuple):
    """A gain that closes the gap to the modest (`lower`) and to the ambitious benchmark (`upper`).

    One value: `lower` is None or equal to `upper`. Only up to a value: `lower` is 0."""

    lower: float | None
    upper: float


def gains_axis(gains: Iterable[Gain | None], unit: str | None) -> Axis:
    """The axis from 0 that all rows of a table share; None is a row without a bar."""
    values = [value for gain in gains if gain for value in gain if value is not None]
    in_column = axis(values, unit, zero=True, left=_LEFT, right=_RIGHT * _COLUMN / NARROWEST)
    return in_column._replace(right=_RIGHT)


def axis_heading(scale: Axis) -> Markup:
    """The axis in the heading of the column. It is hidden from screen readers, for the figures stand in the rows."""
    ticks = [marks.upright("c-axis", scale.at(tick.value), 22, 28) for tick in scale.ticks]
    return marks.drawing([*tick_labels(scale, 15), *ticks], 28, "")


def gain_bar(gain: Gain, scale: Axis, words: str = "", chance: bool = False) -> Markup:
    """The bar of one row. `chance`: the whole gain may be due to chance, so its bar is outlined only."""
    return marks.drawing(gain_marks(gain, scale, _EDGE, HEIGHT, chance), HEIGHT + 2 * _EDGE, words)


def gain_marks(gain: Gain, scale: Axis, top: float, height: float, chance: bool = False) -> list[Markup]:
    """The bars of a gain: solid from 0 to the lower one, pale and outlined on to the upper one."""
    lower, upper = gain
    if chance:
        return [marks.box("c-chance", scale.at(0), scale.at(upper), top, height)]
    if lower is None or isclose(lower, upper, rel_tol=1e-12):
        return [marks.box("c-solid", scale.at(0), scale.at(upper), top, height)]
    start = lower if lower * upper > 0 else 0.0
    solid = [marks.box("c-solid", scale.at(0), scale.at(lower), top, height)] if lower else []
    return [*solid, marks.box("c-pale", scale.at(start), scale.at(upper), top, height)]


_FILE = 800.0
"""Room for a text in a file, which is as wide as its drawing is made."""


class BarRow(NamedTuple):
    """A row of a chart of gains: its label, its figure in words, and its bar; None without one."""

    label: str
    figure: str
    gain: Gain | None
    chance: bool = False


def gain_rows(rows: Iterable[BarRow], scale: Axis, words: str) -> Markup:
    """Gains one below the other, each with its label and figure above its bar, under one axis. For files: pages have
    tables with bars."""
    drawn: list[Markup] = []
    y, tops = 30.0, list[float]()
    for row in rows:
        lines = wrap(f"{row.label}: {row.figure}", _FILE)
        top = y + LINE * len(lines) + 3
        drawn.append(marks.paragraph("c-label", lines, y + 14))
        if row.gain:
            drawn += gain_marks(row.gain, scale, top, BAR, row.chance)
        tops.append(top)
        y = after(top)
    base = [marks.upright("c-axis", scale.at(0), top - 3, top + BAR + 3) for top in tops]
    return marks.drawing([*tick_labels(scale, 15), *grid_at(scale, tops, BAR), *drawn, *base], y, words)


def value_bar(value: float, largest: float, words: str = "") -> Markup:
    """A neutral bar as long as `value` is of `largest`, such as a distance or a share; both are 0 or more."""
    filled = 0.0 if largest <= 0 else 100 * min(max(value / largest, 0.0), 1.0)
    base = marks.upright("c-axis", 0, 0, HEIGHT + 2 * _EDGE)
    return marks.drawing([marks.box("c-plain", 0, filled, _EDGE, HEIGHT), base], HEIGHT + 2 * _EDGE, words)
