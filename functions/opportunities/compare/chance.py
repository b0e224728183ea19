"""Chance: whether a trust's gap may be chance alone."""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags, Floats, above
from functions.opportunities.measure.plan import Case
from shared.facts.intervals import defined, interval
from shared.method.terms import Chance


def within_chance(
    cases: Sequence[Case], wanted: Flags, numerator: Floats, denominator: Floats, benchmark: Floats
) -> NDArray[np.object_]:
    """Whether the interval of each trust's own value reaches its benchmark (t × c): True, False or None.

    None if it is not `wanted`, if the metric declares no kind of chance, or if there is no interval.
    """
    within = np.full(wanted.shape, None, dtype=object)
    scale = np.broadcast_to([case.metric.scale for case in cases], wanted.shape)
    for chance in get_args(Chance):
        declared = np.array([case.metric.chance == chance for case in cases], dtype=bool)
        cells = wanted & declared & defined(chance, numerator, denominator)
        ends: Any = interval(chance, numerator[cells], denominator[cells])
        low, high = (end * scale[cells] for end in ends)
        within[cells] = ~above(low, benchmark[cells]) & ~above(benchmark[cells], high)
    return within
