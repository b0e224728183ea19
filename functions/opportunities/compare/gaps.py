"""Gaps between values and benchmarks, and how far they move when any one comparator is left out. Arrays only."""

from typing import NamedTuple

import numpy as np

from functions.opportunities.arrays import Floats, above


class Gaps(NamedTuple):
    """t × c each: the benchmarks; the gaps to them, never below 0; and the same distances with a sign, negative for a
    value that is better. NaN where there is no benchmark."""

    modest: Floats
    ambitious: Floats
    lower: Floats
    upper: Floats
    distance_lower: Floats
    distance_upper: Floats


def gaps(value: Floats, ends: Floats, side: Floats) -> Gaps:
    """Gaps between values (t × c) and both ends' benchmarks (2 × t × c); `side` (c): 1 if lower is better, else -1.

    The more modest of the two benchmarks is the lower end, even if the rules are crossed, as a mean and a quantile may
    be.
    """
    modest, ambitious = side * (side * ends).max(axis=0), side * (side * ends).min(axis=0)
    distances = (_distance(value, modest, side), _distance(value, ambitious, side))
    return Gaps(modest, ambitious, _gap(value, modest, side), _gap(value, ambitious, side), *distances)


def robust(value: Floats, gap: Gaps, left_out: Floats, side: Floats) -> tuple[Floats, Floats]:
    """The smallest lower and the largest upper gap (t × c) when any one comparator is left out.

    `left_out` (2 × 2 × t × c): both ends' benchmarks without the smallest comparator, and without the largest. That is
    enough: every rule grows with every value, so these two omissions move a benchmark the furthest, one up and one
    down, and the benchmark of all comparators is in between.
    """
    fewer = [gaps(value, ends, side) for ends in left_out]
    # By rounding alone, the gap to a mean of equal values may be outside the other two.
    low = np.minimum.reduce([gap.lower, *(one.lower for one in fewer)])
    high = np.maximum.reduce([gap.upper, *(one.upper for one in fewer)])
    return low, high


def _distance(value: Floats, benchmark: Floats, side: Floats) -> Floats:
    """0 if the two differ by rounding alone."""
    apart = above(value, benchmark) | above(benchmark, value)
    return np.where(np.isnan(benchmark), np.nan, np.where(apart, side * (value - benchmark), 0.0))


def _gap(value: Floats, benchmark: Floats, side: Floats) -> Floats:
    clipped = np.where(above(side * value, side * benchmark), side * (value - benchmark), 0.0)
    return np.where(np.isnan(benchmark), np.nan, clipped)
