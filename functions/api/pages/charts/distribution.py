"""How many values stand together: dots that are stacked where they would touch, or a histogram."""

from collections.abc import Sequence
from math import ceil, sqrt

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.axis import Axis
from functions.api.pages.charts.text import NARROWEST

MOST_BINS = 44
"""As many bars as a phone shows apart."""
RADIUS = 5.0
STEP = 2 * RADIUS + 2.5
"""From one dot to the next, when they do not touch; in pixels."""
MOST_LEVELS = 6
_MOST_DOTS = int(MOST_LEVELS * NARROWEST / STEP)
_BAR = 0.86
"""The share of a bin that its bar covers."""


def levels_of(places: Sequence[float]) -> list[int]:
    """The level of each dot, from 0, in the order of `places` (per cent of the frame): the lowest at which it touches
    no dot of the narrowest frame."""
    chosen = [0] * len(places)
    last: list[float] = []
    for index in sorted(range(len(places)), key=places.__getitem__):
        place = places[index] * NARROWEST / 100
        free = next((n for n, before in enumerate(last) if place - before >= STEP), len(last))
        last[free : free + 1] = [place]
        chosen[index] = free
    return chosen


def counts_of(values: Sequence[float], low: float, high: float, bins: int) -> list[int]:
    """How many values are in each of `bins` equal parts of the range. A value on a border belongs to the upper part;
    the highest to the last."""
    counts = [0] * bins
    for value in values:
        counts[bin_of(value, low, high, bins)] += 1
    return counts


def bin_of(value: float, low: float, high: float, bins: int) -> int:
    """The part of the range that a value is in; the first or the last if it is outside."""
    return min(max(int((value - low) / (high - low) * bins), 0), bins - 1)


def bins_for(number: int) -> int:
    """As many bins as a histogram of that many values has: an odd number, so that the middle of the axis, where values
    that are all equal stand, is the middle of a bin."""
    return min(MOST_BINS - 1, max(11, ceil(4 * sqrt(number)) | 1))


def histogram(class_: str, values: Sequence[float], scale: Axis, base: float, height: float) -> list[Markup]:
    """Bars upwards from `base`; the fullest bin is `height` pixels high, and none with a value is lower than 3."""
    bins = bins_for(len(values))
    counts = counts_of(values, scale.low, scale.high, bins)
    fullest = max(counts, default=0)
    part = (scale.high - scale.low) / bins
    bars = []
    for n, count in enumerate(counts):
        if count:
            tall = max(3.0, height * count / fullest)
            middle = scale.low + (n + 0.5) * part
            sides = (scale.at(middle - part * _BAR / 2), scale.at(middle + part * _BAR / 2))
            bars.append(marks.box(class_, *sides, base - tall, tall))
    return bars


def crowd(values: Sequence[float], scale: Axis, top: float) -> tuple[list[Markup], float]:
    """Values as hollow dots that begin at `top`, and the base line that they stand on. Too many for dots are a hollow
    histogram."""
    places = [scale.at(value) for value in values]
    levels = levels_of(places) if len(values) <= _MOST_DOTS else [MOST_LEVELS]
    highest = max(levels, default=0)
    if highest >= MOST_LEVELS:
        base = top + STEP * MOST_LEVELS
        return histogram("c-bin-open", values, scale, base, STEP * MOST_LEVELS), base
    base = top + STEP * (highest + 1)
    spots = zip(places, levels, strict=True)
    return [marks.dot("c-dot", place, base - STEP / 2 - STEP * level, RADIUS) for place, level in spots], base
