"""Benchmark statistics of plain lists of numbers."""

from collections.abc import Mapping, Sequence
from math import floor, fsum
from typing import Any

Rule = Mapping[str, Any]
"""A benchmark's rule as the method has it."""


def statistic(rule: Rule, values: Sequence[float], lower_is_better: bool) -> float:
    """A benchmark over at least one comparator's value: median, quantile of type 7, mean, or mean of the best n."""
    kind, ordered = rule["rule"], sorted(values)
    if kind == "mean":
        return fsum(ordered) / len(ordered)
    if kind == "mean_of_best":
        best = ordered[: rule["n"]] if lower_is_better else ordered[-rule["n"] :]
        return fsum(best) / len(best)
    place = (len(ordered) - 1) * (0.5 if kind == "median" else rule["q"])
    below = floor(place)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    return low + (place - below) * (high - low)
