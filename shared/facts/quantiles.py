"""Benchmark statistics of plain lists of numbers."""

from collections.abc import Sequence
from math import fsum

from shared.method.opportunities import Benchmark


def quantile(values: Sequence[float], q: float) -> float:
    """Hyndman and Fan's type 7 (linear interpolation, Excel's PERCENTILE.INC); ValueError for no values."""
    if not values:
        raise ValueError("no values have no quantile")
    return of_ordered(sorted(values), q)


def of_ordered(ordered: Sequence[float], q: float) -> float:
    """The same for values that are already in order of size."""
    place = (len(ordered) - 1) * q
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def statistic(rule: Benchmark, values: Sequence[float], lower_is_better: bool) -> float:
    """A benchmark over at least one comparator's value: median, quantile, mean, or mean of the best n. ValueError for
    no values and for a target, which is no statistic."""
    return statistic_of_ordered(rule, sorted(values), lower_is_better)


def statistic_of_ordered(rule: Benchmark, ordered: Sequence[float], lower_is_better: bool) -> float:
    """The same for values that are already in order of size."""
    if not ordered or rule.rule == "target":
        raise ValueError(f"{rule.rule} of {len(ordered)} values")
    if rule.quantile is not None:
        return of_ordered(ordered, rule.quantile)
    n = min(rule.n or len(ordered), len(ordered)) if rule.rule == "mean_of_best" else len(ordered)
    chosen = ordered[:n] if lower_is_better else ordered[len(ordered) - n :]
    return fsum(chosen) / n
