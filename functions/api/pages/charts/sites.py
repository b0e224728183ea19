"""The sites that a figure is made of: each one's value as a bar against the benchmarks."""

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import Axis, axis, figure, grid_at, tick_labels
from functions.api.pages.charts.benchmarks import Named, heads
from functions.api.pages.charts.rows import BAR, LEFT, RIGHT, after, heading
from functions.api.pages.charts.strip import Direction


class Site(NamedTuple):
    """A site, its value, and a note: what it would be worth."""

    name: str
    value: float
    note: str = ""


@dataclass(frozen=True)
class Sites:
    """The sites that count; values and benchmarks are in `unit`. They stand worst first, by `direction`; where neither
    side is better, in the caller's order."""

    unit: str
    direction: Direction
    counted: tuple[Site, ...]
    modest: Named | None = None
    ambitious: Named | None = None


def sites(chart: Sites, words: str) -> Markup:
    """The rows, with the benchmarks as lines through them."""
    named = [one.value for one in (chart.modest, chart.ambitious) if one]
    scale = axis([*(site.value for site in chart.counted), *named], chart.unit, zero=True, left=LEFT, right=RIGHT)
    benchmarks, top = heads(chart.modest, chart.ambitious, chart.unit, scale)
    rows = _rows(_ordered(chart), chart.unit, scale, top + 4)
    bottom = rows.end
    return marks.drawing(
        [
            *grid_at(scale, rows.tops, BAR),
            *(marks.upright("c-axis", scale.at(0), bar - 3, bar + BAR + 3) for bar in rows.tops),
            *rows.bars,
            *(one.line(bottom - 8) for one in benchmarks),
            *rows.texts,
            *(one.label for one in benchmarks),
            *tick_labels(scale, bottom + 8),
        ],
        bottom + 16,
        words,
    )


def _ordered(chart: Sites) -> tuple[Site, ...]:
    if chart.direction == "neither":
        return chart.counted
    sign = -1 if chart.direction == "lower_is_better" else 1
    return tuple(sorted(chart.counted, key=lambda site: (sign * site.value, site.name)))


class _Rows(NamedTuple):
    """The texts of rows, their bars, where each bar begins, and where the rows end."""

    texts: list[Markup]
    bars: list[Markup]
    tops: list[float]
    end: float


def _rows(rows: tuple[Site, ...], unit: str, scale: Axis, top: float) -> _Rows:
    """The rows from `top` downwards."""
    texts: list[Markup] = []
    bars: list[Markup] = []
    tops: list[float] = []
    y = top
    for site in rows:
        names, bar = heading(site.name, figure(site.value, unit), y, site.note)
        texts += names
        bars.append(marks.box("c-plain", scale.at(0), scale.at(site.value), bar, BAR))
        tops.append(bar)
        y = after(bar)
    return _Rows(texts, bars, tops, y)
