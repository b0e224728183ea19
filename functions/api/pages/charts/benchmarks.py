"""Benchmarks as lines through the rows of a chart, labelled at the top."""

from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import Axis, figure
from functions.api.pages.charts.text import LINE, Block, place_block


class Named(NamedTuple):
    """A value with its name: `This trust`, `Modest`, `Target`."""

    name: str
    value: float


class Head(NamedTuple):
    """A benchmark whose line begins at `start`, in pixels, under its label."""

    class_: str
    x: float
    start: float
    label: Markup

    def line(self, bottom: float) -> Markup:
        """Its line down to `bottom`."""
        return marks.upright(self.class_, self.x, self.start, bottom)


def heads(modest: Named | None, ambitious: Named | None, unit: str | None, scale: Axis) -> tuple[list[Head], float]:
    """The benchmarks with their labels, each on lines of its own; and where the rows begin, in pixels.

    The label that another benchmark's line would pass through stands first, above the beginning of that line."""
    both = (("c-line-modest", modest, ambitious), ("c-line-ambitious", ambitious, modest))
    named = [
        (class_, one, _label(one, other, class_ == "c-line-ambitious", unit, scale))
        for class_, one, other in both
        if one
    ]
    if len(named) == 2 and named[1][2].covers(scale.at(named[0][1].value)):
        named.reverse()
    made = []
    y = 14.0
    for class_, one, label in named:
        after = y + LINE * len(label.lines)
        made.append(Head(class_, scale.at(one.value), after - LINE + 5, marks.block("c-label", label, y)))
        y = after
    return made, y - 6 if made else 0.0


def _label(named: Named, other: Named | None, last: bool, unit: str | None, scale: Axis) -> Block:
    """A label stands on the side where the other benchmark's line is not; if both are equal, the last to its left."""
    left = other is not None and (named.value < other.value or (named.value == other.value and last))
    return place_block(name_of(named, unit), scale.at(named.value), ("end", "start") if left else ("start", "end"))


def name_of(named: Named, unit: str | None) -> str:
    """The name and the value."""
    return f"{named.name} {figure(named.value, unit)}"
