"""What a distance is made of: one bar for each characteristic's share."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.rows import BAR, after, heading
from shared.formatting import rough_percent


class Share(NamedTuple):
    """A characteristic and its share of the distance, from 0 to 1."""

    label: str
    share: float


def shares(rows: Sequence[Share], words: str) -> Markup:
    """The rows in the caller's order. Bars are to the scale of the largest share; each share stands as text."""
    largest = max((row.share for row in rows), default=0.0)
    drawn: list[Markup] = []
    y = 0.0
    for row in rows:
        texts, bar = heading(row.label, rough_percent(row.share), y)
        drawn += [*texts, marks.box("c-plain", 0, 100 * row.share / largest if largest > 0 else 0, bar, BAR)]
        drawn.append(marks.upright("c-axis", 0, bar - 2, bar + BAR + 2))
        y = after(bar)
    return marks.drawing(drawn, y, words)
