"""Leaving out one comparator the slow way: each is really left out, and everything computed anew from the rest."""

from collections.abc import Sequence
from fractions import Fraction

from shared.method.opportunities import Benchmark
from tests.oracles.statistics import benchmark


def lists_without_one(values: Sequence[Fraction]) -> list[list[Fraction]]:
    return [[*values[:place], *values[place + 1 :]] for place in range(len(values))]


def benchmarks_without_one(rule: Benchmark, values: Sequence[Fraction], lower_is_better: bool) -> list[Fraction]:
    """The benchmark of each of those lists; none where nobody would be left."""
    return [benchmark(rule, rest, lower_is_better) for rest in lists_without_one(values) if rest]


def gains_without_one(
    value: Fraction, rules: Sequence[Benchmark], values: Sequence[Fraction], lower_is_better: bool
) -> tuple[Fraction, Fraction] | None:
    """The smallest of the lower gaps and the largest of the upper ones over all lists, None where nobody is left."""
    lower, upper = [], []
    for rest in lists_without_one(values):
        if not rest:
            return None
        marks = [benchmark(rule, rest, lower_is_better) for rule in rules]
        gaps = sorted(max(Fraction(0), value - mark if lower_is_better else mark - value) for mark in marks)
        lower.append(gaps[0])
        upper.append(gaps[-1])
    return (min(lower), max(upper)) if lower else None
