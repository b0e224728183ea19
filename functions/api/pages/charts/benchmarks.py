"""Benchmarks as lines through the rows of a chart, labelled at the top."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import Axis, figure
from functions.api.pages.charts.text import LINE, Anchor, place, wrap


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
    """The benchmarks with their labels, each on lines of its own; and where the rows begin, in pixels."""
    both = (("c-line-modest", modest, ambitious), ("c-line-ambitious", ambitious, modest))
    made = []
    y = 14.0
    for class_, named, other in both:
        if named is None:
            continue
        lines = name_lines(named, unit)
        x = scale.at(named.value)
        label = Markup("").join(
            marks.text("c-label", place(line, x, _away(named, other)), y + LINE * n) for n, line in enumerate(lines)
        )
        y += LINE * len(lines)
        made.append(Head(class_, x, y - LINE + 5, label))
    return made, y - 6 if made else 0.0


def _away(named: Named, other: Named | None) -> Sequence[Anchor]:
    """A label stands on the side where the other benchmark's line is not."""
    return ("end", "start") if other and named.value < other.value else ("start", "end")


def name_lines(named: Named, unit: str | None, bold: bool = False) -> tuple[str, ...]:
    """The name and the value; a long name on several lines."""
    return wrap(f"{named.name} {figure(named.value, unit)}", bold=bold)
