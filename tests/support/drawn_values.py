"""Random values of trusts and random comparators, on which the array statistics and the oracles are compared."""

import numpy as np

from functions.opportunities.arrays import Floats, Whole
from shared.method.opportunities import Benchmark

RULES = [
    Benchmark(rule="median"),
    Benchmark(rule="quantile", q=0.25),
    Benchmark(rule="quantile", q=0.9),
    Benchmark(rule="mean"),
    Benchmark(rule="mean_of_best", n=1),
    Benchmark(rule="mean_of_best", n=5),
]
"""A benchmark of each kind: a column of the drawn values for each."""


def drawn(seed: int, trusts: int, width: int) -> tuple[Floats, Whole]:
    """Values of trusts × rules with gaps and ties, and up to `width` members each, none twice."""
    random = np.random.default_rng(seed)
    values = random.integers(0, 20, (trusts, len(RULES))) / 4
    values[random.random(values.shape) < 0.15] = np.nan
    order = np.argsort(random.random((trusts, trusts)), axis=1)[:, :width]
    own = np.arange(trusts)[:, None]
    return values, np.where((order == own) | (random.random(order.shape) < 0.2), -1, order)
