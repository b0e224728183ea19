"""The sites that a figure is made of: each one's value as a bar against the benchmarks."""

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import Axis, axis, figure, grid_at, tick_labels
from functions.api.pages.charts.benchmarks import Named, heads
from functions.api.pages.charts.rows import BAR, LEFT, RIGHT, after, heading
from functions.api.pages.charts.strip import Direction
from functions.api.pages.charts.text import LINE, SOFT, wrap


class Site(NamedTuple):
    """A site, its value, and a note: why it does not count, or what it would be worth."""

    name: str
    value: float | None
    note: str = ""


@dataclass(frozen=True)
class Sites:
    """The sites that count, and those that do not with a caption; values and benchmarks are in `unit`.

    The counted stand worst first, by `direction`; where neither side is better, and those that do not count, in the
    caller's order."""

    unit: str
    direction: Direction
    counted: tuple[Site, ...]
    uncounted: tuple[Site, ...] = ()
    uncounted_caption: str = ""
    modest: Named | None = None
    ambitious: Named | None = None


def sites(chart: Sites, words: str) -> Markup:
    """The rows, with the benchmarks as lines through those that count."""
    known = [site.value for site in (*chart.counted, *chart.uncounted) if site.value is not None]
    named = [one.value for one in (chart.modest, chart.ambitious) if one]
    scale = axis([*known, *named], chart.unit, zero=True, left=LEFT, right=RIGHT)
    benchmarks, top = heads(chart.modest, chart.ambitious, chart.unit, scale)
    rows = _rows(_ordered(chart), chart.unit, scale, top + 4, "c-plain")
    bottom = rows.end
    apart, end = _apart(chart, scale, bottom + 30) if chart.uncounted else ([], bottom + 16)
    return marks.drawing(
        [
            *grid_at(scale, rows.tops, BAR),
            *(marks.upright("c-axis", scale.at(0), bar - 3, bar + BAR + 3) for bar in rows.tops),
            *rows.bars,
            *(one.line(bottom - 8) for one in benchmarks),
            *rows.texts,
            *(one.label for one in benchmarks),
            *tick_labels(scale, bottom + 8),
            *apart,
        ],
        end,
        words,
    )


def _ordered(chart: Sites) -> tuple[Site, ...]:
    if chart.direction == "neither":
        return chart.counted
    sign = -1 if chart.direction == "lower_is_better" else 1
    return tuple(sorted(chart.counted, key=lambda site: (site.value is None, sign * (site.value or 0.0), site.name)))


class _Rows(NamedTuple):
    """The texts of rows, their bars, where each bar begins, and where the rows end."""

    texts: list[Markup]
    bars: list[Markup]
    tops: list[float]
    end: float


def _rows(rows: tuple[Site, ...], unit: str, scale: Axis, top: float, class_: str) -> _Rows:
    """The rows from `top` downwards."""
    texts: list[Markup] = []
    bars: list[Markup] = []
    tops: list[float] = []
    y = top
    for site in rows:
        value = figure(site.value, unit) if site.value is not None else ""
        names, bar = heading(site.name, value, y, site.note)
        texts += names
        if site.value is None:
            y = bar + 8
            continue
        bars.append(marks.box(class_, scale.at(0), scale.at(site.value), bar, BAR))
        tops.append(bar)
        y = after(bar)
    return _Rows(texts, bars, tops, y)


def _apart(chart: Sites, scale: Axis, top: float) -> tuple[list[Markup], float]:
    """The sites that do not count, under their caption."""
    lines = wrap(chart.uncounted_caption, size=SOFT) if chart.uncounted_caption else ()
    rows = _rows(chart.uncounted, chart.unit, scale, top + LINE * len(lines) + 6, "c-open")
    caption = marks.paragraph("c-soft", lines, top + 18)
    return [marks.level("c-axis", 0, 100, top), caption, *rows.bars, *rows.texts], rows.end
