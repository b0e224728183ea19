"""A value and its benchmarks over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import Tick, bounds, ticks_of
from functions.api.pages.charts.text import (
    GAP,
    LINE,
    NARROWEST,
    SOFT,
    Block,
    Placed,
    on_lines,
    place,
    place_block,
    width,
    wrap,
)

_TOP, _HEIGHT = 16.0, 170.0
_TICKS = 4
_RIGHT = 97.0
_FRAMES = (NARROWEST, 480.0, 960.0)
"""The widths in which labels are tried against the lines."""
_STEP = 3.0
_SHORT = 2.5
_ASCENT, _DESCENT = 12.0, 4.0
_BELOW = 6.0
_CROSSING = 25.0
"""A label stands rather that many pixels farther from the end of its line than across a line, in one of the frames."""

Place = tuple[float, float]
"""x in per cent of the frame, y in pixels."""
Segment = tuple[Place, Place]


class Point(NamedTuple):
    """One window: its last day, its name, the value and the benchmarks (None where there is none), and why it cannot
    be compared with the window before (`Merged with another trust`; empty if it can)."""

    end: date
    window: str
    value: float | None
    modest: float | None = None
    ambitious: float | None = None
    break_words: str = ""


@dataclass(frozen=True)
class Trend:
    """Windows, oldest first, in `unit`, and the names of the three lines. Windows may overlap: each stands at its last
    day."""

    unit: str
    own: str
    modest: str
    ambitious: str
    points: tuple[Point, ...]


class _Plot(NamedTuple):
    """From a day and a value to a place. y grows downwards from `top`."""

    first: int
    last: int
    left: float
    low: float
    high: float
    top: float
    ticks: tuple[Tick, ...]

    def x(self, day: date) -> float:
        if self.first == self.last:
            return (self.left + _RIGHT) / 2
        return self.left + (_RIGHT - self.left) * (day.toordinal() - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        return self.top + _HEIGHT * (self.high - value) / (self.high - self.low)


class _Line(NamedTuple):
    """One of the three lines: its name, the class of its segments, and its place in each window."""

    name: str
    class_: str
    places: tuple[Place | None, ...]


def trend(chart: Trend, words: str) -> Markup:
    """The three lines with their names at the ends. No line crosses a break. ValueError without a value."""
    plot = _plot(chart)
    breaks = _break_labels(chart, plot)
    plot = plot._replace(top=_TOP + LINE * sum(len(label.lines) for _, label in breaks))
    lines = [line for line in _lines(chart, plot) if any(line.places)]
    broken = [bool(point.break_words) for point in chart.points]
    segments = [(line.class_, one) for line in lines for one in _drawn(line, broken)]
    own = [spot for spot in lines[0].places if spot] if lines[0].class_ == "c-me-line" else []
    windows, bottom = _windows(chart, plot, plot.top + _HEIGHT)
    return marks.drawing(
        [
            *_grid(plot),
            *_breaks(breaks, plot),
            *(marks.segment(class_, *one) for class_, one in segments),
            *(marks.diamond("c-me", *spot, half=6) for spot in own),
            *_names(lines, [one for _, one in segments], own, plot),
            *windows,
        ],
        bottom,
        words,
    )


def _plot(chart: Trend) -> _Plot:
    known = [value for point in chart.points for value in point[2:5] if isinstance(value, float | int)]
    low, high = bounds(known, chart.unit, margin=0.12)
    ticks = ticks_of(low, high, chart.unit, _TICKS)
    left = 100 * (max(width(tick.text, SOFT) for tick in ticks) + GAP + 6) / NARROWEST
    days = [point.end.toordinal() for point in chart.points]
    return _Plot(min(days), max(days), left, low, high, _TOP, ticks)


def _lines(chart: Trend, plot: _Plot) -> list[_Line]:
    def spots(values: Sequence[float | None]) -> tuple[Place | None, ...]:
        pairs = zip(chart.points, values, strict=True)
        return tuple(None if value is None else (plot.x(point.end), plot.y(value)) for point, value in pairs)

    return [
        _Line(chart.own, "c-me-line", spots([point.value for point in chart.points])),
        _Line(chart.modest, "c-line-modest", spots([point.modest for point in chart.points])),
        _Line(chart.ambitious, "c-line-ambitious", spots([point.ambitious for point in chart.points])),
    ]


def _segments(places: Sequence[Place | None], broken: Sequence[bool]) -> list[Segment]:
    """Between neighbours that both have a value, unless the later is not comparable with the earlier."""
    both = zip(pairwise(places), broken[1:], strict=True)
    return [(first, last) for (first, last), cut in both if first and last and not cut]


def _drawn(line: _Line, broken: Sequence[bool]) -> list[Segment]:
    """The line's segments; for a benchmark that no segment reaches, a short one. The own values have diamonds."""
    segments = _segments(line.places, broken)
    if line.class_ == "c-me-line":
        return segments
    reached = {spot for one in segments for spot in one}
    alone = [spot for spot in line.places if spot and spot not in reached]
    return [*segments, *(((x - _SHORT, y), (x + _SHORT, y)) for x, y in alone)]


def _grid(plot: _Plot) -> list[Markup]:
    """A line at each tick through the whole frame, and its text above it at the left."""
    drawn = []
    for tick in plot.ticks:
        y = plot.y(tick.value)
        drawn.append(marks.level("c-grid", 0, 100, y))
        drawn.append(marks.text("c-tick", Placed(tick.text, 0.0, "start"), y - 4))
    return drawn


def _break_labels(chart: Trend, plot: _Plot) -> list[tuple[float, Block]]:
    """For each break its place between two windows, and its words."""
    labels = []
    for before, after in pairwise(chart.points):
        if after.break_words:
            x = (plot.x(before.end) + plot.x(after.end)) / 2
            labels.append((x, place_block(after.break_words, x, ("middle", "start", "end"), size=SOFT)))
    return labels


def _breaks(labels: list[tuple[float, Block]], plot: _Plot) -> list[Markup]:
    """Each break is a dashed line from under its words down to the axis."""
    drawn: list[Markup] = []
    texts: list[Markup] = []
    y = 14.0
    for x, label in labels:
        texts.append(marks.block("c-soft", label, y))
        y += LINE * len(label.lines)
        drawn.append(marks.upright("c-break", x, y - LINE + 5, plot.top + _HEIGHT))
    return [*drawn, *texts]


def _windows(chart: Trend, plot: _Plot, bottom: float) -> tuple[list[Markup], float]:
    """The windows' names under their points: the last and the first always, others where they have room."""
    order = [len(chart.points) - 1, *range(len(chart.points) - 1)]
    labels = [
        place(chart.points[n].window, plot.x(chart.points[n].end), ("middle", "start", "end"), size=SOFT) for n in order
    ]
    chosen = [
        (label, line)
        for n, (label, line) in enumerate(zip(labels, on_lines(labels, SOFT), strict=True))
        if not line or n < 2
    ]
    ticks = [marks.upright("c-axis", plot.x(point.end), bottom, bottom + 5) for point in chart.points]
    texts = [marks.text("c-tick", label, bottom + 20 + LINE * line) for label, line in chosen]
    base = marks.level("c-axis", 0, 100, bottom)
    return [base, *ticks, *texts], bottom + 28 + LINE * max(line for _, line in chosen)


def _names(lines: Sequence[_Line], segments: Sequence[Segment], own: Sequence[Place], plot: _Plot) -> list[Markup]:
    """The lines' names near their ends, in the order of the ends, so that none touches another. Of all such places,
    those that are near and cross few lines."""
    ends = sorted(
        ((spot, line) for line in lines if (spot := next((s for s in reversed(line.places) if s), None))),
        key=lambda one: one[0][1],
    )
    labels = [
        (line.class_ == "c-me-line", spot, text)
        for spot, line in ends
        if line.name
        for text in wrap(line.name, NARROWEST * 0.8, bold=True)
    ]
    placed = [
        place(text, min(100.0, spot[0] + 100 - _RIGHT), ("end", "start"), bold=bold) for bold, spot, text in labels
    ]
    levels = [plot.top + _ASCENT - 10 + _STEP * n for n in range(int(_HEIGHT / _STEP))]
    levels += [levels[-1] + _STEP * n for n in range(1, 1 + max(0, len(labels) * 7 - len(levels)))]
    reached = [_spans(label, bold) for (bold, _, _), label in zip(labels, placed, strict=True)]
    costs = [
        [_cost(spans, spot[1], y, segments, own) for y in levels]
        for (_, spot, _), spans in zip(labels, reached, strict=True)
    ]
    return [
        marks.text("c-me-label" if bold else "c-label", label, levels[n])
        for (bold, _, _), label, n in zip(labels, placed, cheapest(costs, int(LINE / _STEP)), strict=True)
    ]


def cheapest(costs: Sequence[Sequence[float]], apart: int) -> list[int]:
    """For each row of costs a column, at least `apart` after the column of the row before, so that the sum of costs is
    the least. There must be room for all."""
    best: list[tuple[float, list[int]]] = [(0.0, [])]
    for row, cost in enumerate(costs):
        reached: list[tuple[float, list[int]]] = []
        for column in range(len(cost)):
            before = best if row == 0 else best[: max(0, column - apart + 1)]
            total, columns = min(before, default=(float("inf"), []))
            reached.append((total + cost[column], [*columns, column]))
        best = reached
    return min(best)[1]


def _cost(
    spans: Sequence[tuple[float, float]], end: float, y: float, segments: Sequence[Segment], own: Sequence[Place]
) -> float:
    """How far the label's middle is from the end of its line, rather above it than below, and how many lines it crosses
    in how many frames. `spans`: from where to where the label reaches in each frame, in per cent of it."""
    crossed = 0
    for left, right in spans:
        crossed += sum(_crosses(one, left, right, y) for one in segments)
        crossed += 4 * sum(
            left - 2 <= x <= right + 2 and y - _ASCENT - 5 <= spot <= y + _DESCENT + 5 for x, spot in own
        )
    return abs(y - 5 - end) + _BELOW * (y > end) + _CROSSING * crossed / len(_FRAMES)


def _spans(label: Placed, bold: bool) -> list[tuple[float, float]]:
    """From where to where a label reaches in each of the frames, in per cent of it."""
    pixels = [(frame, label.span(frame, bold=bold)) for frame in _FRAMES]
    return [(100 * left / frame, 100 * right / frame) for frame, (left, right) in pixels]


def _crosses(segment: Segment, left: float, right: float, y: float) -> bool:
    """Whether a segment passes through a label from `left` to `right` on the base line `y`."""
    (x1, y1), (x2, y2) = segment
    start, end = max(left, x1), min(right, x2)
    if start > end or x1 == x2:
        return False
    slope = (y2 - y1) / (x2 - x1)
    heights = [y1 + slope * (x - x1) for x in (start, end)]
    return min(heights) <= y + _DESCENT and max(heights) >= y - _ASCENT
