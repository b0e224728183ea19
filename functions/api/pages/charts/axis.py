"""A linear axis: its range, its ticks, and the place of a value in per cent of the frame."""

from collections.abc import Iterable, Sequence
from math import ceil, floor, isclose, log10
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts import marks
from functions.api.pages.charts.text import SOFT, Placed, on_lines, place
from shared.formatting import CURRENCIES, SHARE, amount, headline, is_count

INSET = 3.0
"""The room left and right of the axis, in per cent of the frame: half a diamond at the narrowest."""
_STEPS = (1.0, 2.0, 2.5, 5.0)
_MOST_TICKS = 6
_TICK_GAP = 5.0


class Tick(NamedTuple):
    """A value with its text."""

    value: float
    text: str


class Axis(NamedTuple):
    """From `low` at `left` per cent of the frame to `high` at `right`."""

    low: float
    high: float
    ticks: tuple[Tick, ...]
    left: float = INSET
    right: float = 100 - INSET

    def at(self, value: float) -> float:
        """The place of a value, in per cent of the frame."""
        return self.left + (self.right - self.left) * (value - self.low) / (self.high - self.low)

    def value_at(self, place: float) -> float:
        """The value at a place."""
        return self.low + (self.high - self.low) * (place - self.left) / (self.right - self.left)


def axis(
    values: Iterable[float],
    unit: str | None,
    zero: bool = False,
    left: float = INSET,
    right: float = 100 - INSET,
    margin: float = 0.0,
) -> Axis:
    """An axis that reaches over all values, on both sides by the share `margin` of their range; with `zero`, to 0 too.

    `left` and `right`: where it begins and ends, in per cent of the frame. ValueError without values.
    """
    low, high = bounds(values, unit, zero, margin)
    return _fitting(Axis(low, high, (), left, right), unit)


def bounds(values: Iterable[float], unit: str | None, zero: bool = False, margin: float = 0.0) -> tuple[float, float]:
    """The range of an axis. Values that are all equal stand in its middle. ValueError without values."""
    known = [*values, *([0.0] if zero else [])]
    low, high = min(known), max(known)
    if isclose(low, high, rel_tol=1e-9, abs_tol=1e-12):
        around = abs(high) / 10 or (0.01 if unit == SHARE else 1.0)
        return (low, high + around) if zero else (low - around, high + around)
    extra = (high - low) * margin
    return (low if zero and low == 0 else low - extra), (high if zero and high == 0 else high + extra)


def _fitting(scale: Axis, unit: str | None) -> Axis:
    """The axis with as many ticks as have room next to each other; never fewer than two."""
    for most in range(_MOST_TICKS, 1, -1):
        chosen = scale._replace(ticks=ticks_of(scale.low, scale.high, unit, most))
        if not any(on_lines([_under(chosen, tick) for tick in chosen.ticks], SOFT, _TICK_GAP)):
            return chosen
    return chosen._replace(ticks=(chosen.ticks[0], chosen.ticks[-1]))


def ticks_of(low: float, high: float, unit: str | None, most: int = _MOST_TICKS) -> tuple[Tick, ...]:
    """Between two and `most` ticks at round values from `low` to `high`, all with the same number of decimals.

    The first two are the closest that a range allows: of a step that has one tick alone, the next smaller is taken."""
    power = floor(log10(high - low))
    steps = [step * 10.0**exponent for exponent in range(power + 1, power - 3, -1) for step in reversed(_STEPS)]
    chosen: list[float] = []
    step = steps[0]
    for narrower in steps:
        values = _multiples(low, high, narrower)
        if len(values) > most and len(chosen) >= 2:
            break
        chosen, step = values, narrower
        if len(chosen) >= most:
            break
    whole = unit is not None and is_count(unit) and step < 1 and len(_multiples(low, high, 1.0)) >= 2
    return labelled(_multiples(low, high, 1.0) if whole else chosen, 1.0 if whole else step, unit)


def _multiples(low: float, high: float, step: float) -> list[float]:
    slack = step * 1e-9
    first, last = ceil((low - slack) / step), floor((high + slack) / step)
    return [n * step for n in range(first, last + 1)] if last - first < 1000 else []


def labelled(values: Sequence[float], step: float, unit: str | None) -> tuple[Tick, ...]:
    """Ticks with their texts, which carry the currency's sign or %, and no other unit."""
    return tuple(Tick(value, _tick_text(value, step, unit)) for value in values)


def _tick_text(value: float, step: float, unit: str | None) -> str:
    head = (unit or "").partition(" ")[0]
    money = head in CURRENCIES
    if money and step >= 1e4 and isclose(float(f"{value:.3g}"), value):
        return f"{'−' * (value < 0)}{headline(abs(value), head)}"
    per_step = step * 100 if unit == SHARE else step
    places = max(0, -floor(log10(per_step) + 1e-9))
    places += not isclose(per_step * 10**places, round(per_step * 10**places), rel_tol=1e-6)
    if money and places == 1:
        places = 2
    return amount(value, SHARE if unit == SHARE else head if money else None, places)


def figure(value: float, unit: str | None) -> str:
    """A value with its currency's sign or %, without the rest of its unit: £37.30 · 5.99% · 254."""
    return amount(value, unit).partition(" ")[0]


def grid(scale: Axis, top: float, bottom: float) -> list[Markup]:
    """A line at each tick."""
    return [marks.upright("c-grid", scale.at(tick.value), top, bottom) for tick in scale.ticks]


def grid_at(scale: Axis, bars: Iterable[float], height: float) -> list[Markup]:
    """Grid lines that run behind bars alone, not through the texts of the rows. `bars`: where each begins."""
    return [mark for top in bars for mark in grid(scale, top - 3, top + height + 3)]


def tick_labels(scale: Axis, y: float) -> list[Markup]:
    """The ticks' texts on the base line `y`, each under its tick and inside the frame."""
    return [marks.text("c-tick", _under(scale, tick), y) for tick in scale.ticks]


def _under(scale: Axis, tick: Tick) -> Placed:
    return place(tick.text, scale.at(tick.value), ("middle", "start", "end"), size=SOFT)
