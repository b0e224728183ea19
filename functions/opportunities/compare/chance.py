"""Chance: whether the difference between a trust's value and its benchmark may be chance alone."""

from collections.abc import Sequence
from itertools import product
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags, Floats, above
from functions.opportunities.measure.plan import Case
from shared.facts.intervals import defined, interval
from shared.method.terms import QUANTILES, Chance
from shared.statuses import Compared


def compared(
    cases: Sequence[Case], numerator: Floats, denominator: Floats, benchmark: Floats, distance: Floats
) -> NDArray[np.object_]:
    """How each trust compares with its benchmark (t × c): None without a benchmark, if the metric declares no kind of
    chance, or if there is no interval.

    It is `similar` if the interval of the trust's own value reaches the benchmark. `distance`: from the benchmark,
    positive for a value that is worse.
    """
    result = np.full(benchmark.shape, None, dtype=object)
    scale = np.broadcast_to([case.metric.scale for case in cases], benchmark.shape)
    for chance, confidence in product(get_args(Chance), QUANTILES):
        declared = [case.metric.chance == chance and case.metric.confidence == confidence for case in cases]
        cells: Flags = ~np.isnan(benchmark) & np.array(declared, dtype=bool) & defined(chance, numerator, denominator)
        ends: Any = interval(chance, numerator[cells], denominator[cells], confidence)
        low, high = (end * scale[cells] for end in ends)
        reaches = ~above(low, benchmark[cells]) & ~above(benchmark[cells], high)
        side = np.where(distance[cells] > 0, Compared.WORSE, Compared.BETTER)
        result[cells] = np.where(reaches, Compared.SIMILAR, side).astype(object)
    return result


def within_chance(result: NDArray[np.object_], wanted: Flags) -> NDArray[np.object_]:
    """Whether a gap may be chance alone, for the `wanted` cells that have a comparison; None for all others."""
    within = np.full(result.shape, None, dtype=object)
    cells = wanted & (result != None)  # noqa: E711 — elementwise
    within[cells] = result[cells] == Compared.SIMILAR
    return within
