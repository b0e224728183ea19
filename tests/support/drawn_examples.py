"""Characteristics and a cost with known drivers, for the tests of learnt weights."""

import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.float64]

NOISE = 5.0


def characteristics(n: int, m: int, seed: int) -> Numbers:
    """n × m independent draws from 0 to 1."""
    return np.random.default_rng(seed).random((n, m))


def cost(values: Numbers, drivers: dict[int, float], seed: int) -> Numbers:
    """100 plus each driver's coefficient times its value, plus noise with the standard deviation NOISE."""
    noise = np.random.default_rng(seed + 1).normal(0, NOISE, len(values))
    return np.asarray(100 + sum(factor * values[:, place] for place, factor in drivers.items()) + noise)
