"""Statistics of plain lists, in exact fractions."""

from collections.abc import Sequence
from fractions import Fraction

from shared.method.opportunities import Benchmark


def exact(number: float) -> Fraction:
    """The decimal as written: 0.01 is a hundredth."""
    return Fraction(repr(number))


def quantile(values: Sequence[Fraction], q: Fraction) -> Fraction:
    """Hyndman and Fan's type 7."""
    ordered = sorted(values, key=float)
    position = (len(ordered) - 1) * q
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def benchmark(rule: Benchmark, values: Sequence[Fraction], lower_is_better: bool) -> Fraction:
    if rule.rule == "mean":
        return sum(values, Fraction(0)) / len(values)
    if rule.rule == "mean_of_best":
        best = sorted(values, key=float, reverse=not lower_is_better)[: rule.n]
        return sum(best, Fraction(0)) / len(best)
    return quantile(values, exact(0.5 if rule.q is None else rule.q))
