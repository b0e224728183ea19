"""How far the candidates of a peer group are: all distances, the last peer's, and that of one candidate."""

from dataclasses import dataclass

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import axis, grid, tick_labels
from functions.api.pages.charts.benchmarks import Named, heads, name_of
from functions.api.pages.charts.distribution import crowd
from functions.api.pages.charts.text import LINE, SOFT, Placed, place_block, wrap


@dataclass(frozen=True)
class Ruler:
    """Distances, 0 or more. `candidates`: all, with their caption; `last`: the last peer; `other`: the candidate in
    question."""

    candidates: tuple[float, ...]
    caption: str
    last: Named | None = None
    other: Named | None = None


def ruler(chart: Ruler, words: str) -> Markup:
    """The candidates as dots on an axis from 0, a line for the last peer, and a diamond for the other."""
    named = [one for one in (chart.last, chart.other) if one]
    scale = axis([*chart.candidates, *(one.value for one in named)], None, zero=True, margin=0.02)
    drawn: list[Markup] = []
    last, y = heads(chart.last, None, None, scale)
    start = last[0].start if last else y
    middle = y + 14
    y = middle + 10
    if chart.other:
        at = scale.at(chart.other.value)
        drawn.append(marks.diamond("c-me", at, middle))
        label = place_block(name_of(chart.other, None), at, ("start", "end"), -marks.DIAMOND, bold=True)
        drawn.append(marks.block("c-me-label", label, y + LINE - 4))
        y += LINE * len(label.lines)
    dots, base = crowd(chart.candidates, scale, y + 8)
    caption = wrap(chart.caption, size=SOFT) if chart.caption else ()
    bottom = base + 22 + LINE * len(caption)
    near = marks.text("c-better", Placed("◀ nearer", 0.0, "start"), bottom + 18)
    return marks.drawing(
        [
            *grid(scale, start, base),
            marks.level("c-axis", 0, 100, base),
            *dots,
            *(one.line(base) for one in last),
            *(one.label for one in last),
            *drawn,
            *tick_labels(scale, base + 18),
            marks.paragraph("c-soft", caption, base + 18 + LINE),
            near,
        ],
        bottom + 24,
        words,
    )
