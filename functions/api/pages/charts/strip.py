"""Where one value stands: the organisation and its gap, its comparators, and all of them, on one axis."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import Axis, axis, grid, tick_labels
from functions.api.pages.charts.benchmarks import Named, heads, name_of
from functions.api.pages.charts.distribution import crowd, histogram
from functions.api.pages.charts.text import (
    GAP,
    LABEL,
    LINE,
    NARROWEST,
    SOFT,
    Anchor,
    Block,
    Placed,
    inside,
    place_block,
    wrap,
)

Direction = Literal["lower_is_better", "higher_is_better", "neither"]

_BAR = 14.0
_HISTOGRAM = 42.0
_CLOSE = 24.0
"""As far as a label may stand from its diamond or whisker, in pixels of the narrowest frame."""
_BENEATH: tuple[tuple[Anchor, float], ...] = (("middle", 0.0), ("start", -marks.DIAMOND), ("end", -marks.DIAMOND))
_MARGIN = 0.02
"""The axis reaches over the values on both sides by this share of their range."""


class Quarters(NamedTuple):
    """The middle half of all values, and their median."""

    lower: float
    median: float
    upper: float


@dataclass(frozen=True)
class Strip:
    """What a strip shows; every value is in `unit`.

    `own`: the organisation; None for a strip of all alone. `modest`, `ambitious`: the benchmarks; for a target,
    `modest` alone, with its name. `comparators` with their caption (`6 comparators`): empty when all are compared.
    `everyone` with its caption (`All 56 trusts`). `interval`: the confidence interval of the own value.
    `within_chance`: the whole gap may be due to chance. `ahead`: words for the distance of a value that is better than
    its benchmarks (`£2.03 per m² better than the modest benchmark`). `supposed`: a second value of the organisation.
    """

    unit: str
    direction: Direction
    own: Named | None
    modest: Named | None = None
    ambitious: Named | None = None
    comparators: tuple[float, ...] = ()
    comparators_caption: str = ""
    everyone: tuple[float, ...] = ()
    everyone_caption: str = ""
    quarters: Quarters | None = None
    deciles: tuple[float, ...] = ()
    interval: tuple[float, float] | None = None
    within_chance: bool = False
    ahead: str = ""
    supposed: Named | None = None


def strip_axis(chart: Strip) -> Axis:
    """The axis of all three rows."""
    named = [one.value for one in (chart.own, chart.modest, chart.ambitious, chart.supposed) if one]
    spread = [*(chart.interval or ()), *(chart.quarters or ()), *chart.deciles]
    return axis([*named, *spread, *chart.comparators, *chart.everyone], chart.unit, margin=_MARGIN)


def strip(chart: Strip, words: str) -> Markup:
    """The strip as SVG."""
    scale = strip_axis(chart)
    benchmarks, top = heads(chart.modest, chart.ambitious, chart.unit, scale)
    own, y = _own_row(chart, chart.own, scale, top + 6) if chart.own else ([], top)
    peers, y = _peer_row(chart, scale, y)
    everyone, y = _everyone_row(chart, scale, y)
    bottom = y + 6
    side = _better(chart, bottom + 36)
    return marks.drawing(
        [
            *grid(scale, top, bottom),
            *everyone,
            *peers,
            *(one.line(bottom) for one in benchmarks),
            *own,
            *(one.label for one in benchmarks),
            *tick_labels(scale, bottom + 16),
            *side,
        ],
        bottom + (44 if side else 24),
        words,
    )


def _benchmark_values(chart: Strip) -> list[float]:
    return [named.value for named in (chart.modest, chart.ambitious) if named]


def _own_row(chart: Strip, named: Named, scale: Axis, top: float) -> tuple[list[Markup], float]:
    """The gap, the whisker, the diamond and their labels; and where the next row begins."""
    middle = top + _BAR / 2 + 4
    own = scale.at(named.value)
    drawn = _gap(chart, named.value, scale, middle - _BAR / 2)
    if chart.interval:
        drawn.append(marks.whisker(scale.at(chart.interval[0]), scale.at(chart.interval[1]), middle))
    drawn.append(marks.diamond("c-me", own, middle))
    if chart.supposed:
        drawn.append(marks.diamond("c-supposed", scale.at(chart.supposed.value), middle))
    side = None if chart.supposed else _free_side(chart, named, scale)
    y = middle + 8
    if side:
        drawn.append(marks.text("c-me-label", side, middle + 5))
    else:
        for one in (named, *([chart.supposed] if chart.supposed else [])):
            label = _beneath(chart, scale, name_of(one, chart.unit), one.value)
            drawn.append(marks.block("c-me-label", label, y + LINE - 2))
            y += LINE * len(label.lines)
    if chart.ahead and _is_ahead(chart, named.value):
        label = _beneath(chart, scale, chart.ahead, named.value, SOFT, bold=False)
        drawn.append(marks.block("c-soft", label, y + LINE - 2))
        y += LINE * len(label.lines)
    return drawn, y + 8


def _free_side(chart: Strip, named: Named, scale: Axis) -> Placed | None:
    """The own label next to the marks, where no mark and no benchmark's line is; None if it has no room there, or would
    be so far from its diamond that it seems to name something else."""
    label = name_of(named, chart.unit)
    own = [named.value, *(chart.interval or ())]
    marked = [*own, *_benchmark_values(chart)]
    near = marks.DIAMOND + GAP
    right, left = scale.at(max(marked)), scale.at(min(marked))
    sides = [
        (right - scale.at(max(own)), Placed(label, right, "start", near)),
        (scale.at(min(own)) - left, Placed(label, left, "end", -near)),
    ]
    close = [(far, side) for far, side in sides if far * NARROWEST / 100 <= _CLOSE and inside(side, bold=True)]
    return min(close)[1] if close else None


def _beneath(chart: Strip, scale: Axis, text: str, value: float, size: float = LABEL, bold: bool = True) -> Block:
    """A label beneath its diamond; on the side of it where no benchmark's line passes through, if there is one."""
    at = scale.at(value)
    blocks = [
        place_block(text, at, (anchor, "middle", "start", "end"), shift, size, bold) for anchor, shift in _BENEATH
    ]
    crossed = [sum(one.covers(scale.at(line), size, bold) for line in _benchmark_values(chart)) for one in blocks]
    return blocks[crossed.index(min(crossed))]


def _is_ahead(chart: Strip, own: float) -> bool:
    """Whether the own value is better than every benchmark."""
    sign = {"lower_is_better": -1, "higher_is_better": 1, "neither": 0}[chart.direction]
    known = _benchmark_values(chart)
    return bool(known) and all((own - value) * sign > 0 for value in known)


def _gap(chart: Strip, own: float, scale: Axis, top: float) -> list[Markup]:
    """The bars from the own value to the benchmarks that it has not reached, or one back to them if it is ahead."""
    sign = {"lower_is_better": 1, "higher_is_better": -1, "neither": 0}[chart.direction]
    modest = chart.modest.value if chart.modest else None
    ambitious = chart.ambitious.value if chart.ambitious else modest
    if ambitious is None or modest is None or not sign:
        return []
    if _is_ahead(chart, own):
        return [marks.box("c-ahead", scale.at(own), scale.at(modest), top, _BAR)]
    if chart.within_chance:
        return [marks.box("c-chance", scale.at(own), scale.at(ambitious), top, _BAR)]
    start = modest if (own - modest) * sign > 0 else own
    solid = [marks.box("c-solid", scale.at(own), scale.at(modest), top, _BAR)] if start == modest != own else []
    pale = [marks.box("c-pale", scale.at(start), scale.at(ambitious), top, _BAR)] if ambitious != start else []
    return [*solid, *pale]


def _peer_row(chart: Strip, scale: Axis, top: float) -> tuple[list[Markup], float]:
    """The comparators on their base line, and their caption beneath it."""
    if not chart.comparators:
        return [], top
    dots, base = crowd(chart.comparators, scale, top + 2)
    return _captioned(dots, base, chart.comparators_caption)


def _everyone_row(chart: Strip, scale: Axis, top: float) -> tuple[list[Markup], float]:
    """The histogram with the middle half, the median, the deciles and the own value."""
    if not chart.everyone and not chart.quarters:
        return [], top
    base = top + _HISTOGRAM + 8
    drawn = []
    if chart.quarters:
        drawn.append(
            marks.box("c-band", scale.at(chart.quarters.lower), scale.at(chart.quarters.upper), top, base - top)
        )
    drawn += histogram("c-bin", chart.everyone, scale, base, _HISTOGRAM)
    drawn += [marks.upright("c-decile", scale.at(value), base, base + 5) for value in chart.deciles]
    if chart.quarters:
        drawn.append(marks.upright("c-median", scale.at(chart.quarters.median), top, base))
    if chart.own:
        drawn.append(marks.upright("c-me-line", scale.at(chart.own.value), top, base))
    return _captioned(drawn, base, chart.everyone_caption)


def _captioned(drawn: list[Markup], base: float, caption: str) -> tuple[list[Markup], float]:
    lines = wrap(caption, size=SOFT) if caption else ()
    line = marks.level("c-axis", 0, 100, base)
    return [*drawn, line, marks.paragraph("c-soft", lines, base + 17)], base + 8 + LINE * len(lines)


def _better(chart: Strip, y: float) -> list[Markup]:
    """Which side is better, at that side."""
    if chart.direction == "neither":
        return []
    if chart.direction == "lower_is_better":
        return [marks.text("c-better", Placed("◀ better", 0.0, "start"), y)]
    return [marks.text("c-better", Placed("better ▶", 100.0, "end"), y)]
