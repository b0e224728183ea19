"""How a figure moved: the figure before, the parts of the change, and the figure after, on a common zero."""

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import axis, grid_at, tick_labels
from functions.api.pages.charts.rows import BAR, LEFT, RIGHT, after, heading
from shared.formatting import headline


class Part(NamedTuple):
    """A name and an amount. A part of a change is negative where it takes away."""

    label: str
    value: float


@dataclass(frozen=True)
class Bridge:
    """A figure in two releases and the parts of their difference, all in `unit`. Before and parts add up to after."""

    unit: str | None
    before: Part
    parts: tuple[Part, ...]
    after: Part


def bridge(chart: Bridge, words: str) -> Markup:
    """One row each. The bar of a part starts where the bar before it ended, and a thin line connects the two."""
    ends = [chart.before.value]
    for part in chart.parts:
        ends.append(ends[-1] + part.value)
    scale = axis([*ends, chart.after.value], chart.unit, zero=True, left=LEFT, right=RIGHT)
    drawn: list[Markup] = []
    y = 0.0
    steps = [(chart.before, 0.0, chart.before.value, "c-plain")]
    steps += [
        (part, start, start + part.value, "c-rise" if part.value > 0 else "c-fall")
        for part, start in zip(chart.parts, ends, strict=False)
    ]
    steps.append((chart.after, 0.0, chart.after.value, "c-plain"))
    bars: list[float] = []
    for n, (part, start, end, class_) in enumerate(steps):
        whole = n in (0, len(steps) - 1)
        texts, bar = heading(f"{part.label}: {_amount(part.value, chart.unit, whole)}", "", y)
        if n:
            joint = chart.after.value if n == len(steps) - 1 else start
            drawn.append(marks.upright("c-link", scale.at(joint), bars[-1] + BAR, bar))
        moved = start != end
        sides = scale.at(start), scale.at(end)
        drawn.append(
            marks.box(class_, *sides, bar, BAR) if moved else marks.upright("c-axis", sides[0], bar, bar + BAR)
        )
        drawn += texts
        bars.append(bar)
        y = after(bar)
    zero = [marks.upright("c-axis", scale.at(0), bar - 3, bar + BAR + 3) for bar in bars]
    return marks.drawing([*grid_at(scale, bars, BAR), *zero, *drawn, *tick_labels(scale, y + 8)], y + 16, words)


def _amount(value: float, unit: str | None, whole: bool) -> str:
    """An amount; that of a part always has its sign."""
    text = headline(value, unit)
    return text if whole or value <= 0 else f"+{text}"
