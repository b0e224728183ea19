"""How sure a gain is: its bar, and how far it moves when any one comparator is left out."""

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import axis, grid, tick_labels
from functions.api.pages.charts.bar import Gain, gain_marks

_TOP, _BAR = 8.0, 16.0


def doubt(gain: Gain, low: float, high: float, unit: str | None, words: str) -> Markup:
    """The bar of the gain from 0, and a line from the smallest lower (`low`) to the largest upper gain (`high`), all in
    `unit`."""
    values = [low, high, gain.upper, gain.upper if gain.lower is None else gain.lower]
    scale = axis(values, unit, zero=True)
    middle = _TOP + _BAR / 2
    return marks.drawing(
        [
            *grid(scale, 0, _TOP + _BAR + 8),
            *gain_marks(gain, scale, _TOP, _BAR),
            marks.upright("c-axis", scale.at(0), 0, _TOP + _BAR + 8),
            marks.whisker(scale.at(low), scale.at(high), middle, 7),
            *tick_labels(scale, _TOP + _BAR + 24),
        ],
        _TOP + _BAR + 32,
        words,
    )
