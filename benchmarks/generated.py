"""Input for the benchmarks: seeded, so that every process makes the same."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

VARIABLES = 12
K = 10


def characteristics(organisations: int, missing: float) -> Floats:
    """Organisations × 12, of very different size and spread; NaN = missing."""
    random = np.random.default_rng(12)
    made = np.exp(random.normal(size=(organisations, VARIABLES)) * np.linspace(0.2, 1.5, VARIABLES))
    made *= np.logspace(-2, 6, VARIABLES)
    return _with_gaps(made, missing, random)


def values(organisations: int, metrics: int) -> Floats:
    """Organisations × metrics, 5 % missing."""
    random = np.random.default_rng(5)
    return _with_gaps(random.lognormal(3, 0.5, size=(organisations, metrics)), 0.05, random)


def peers(organisations: int) -> Whole:
    """Organisations × 10: places of others, never of oneself, none twice."""
    random = np.random.default_rng(10)
    shape = (organisations, 4 * K)
    onwards = np.cumsum(random.integers(1, 1 + max(1, (organisations - 1) // shape[1]), shape), axis=1)
    chosen = np.argpartition(random.random(shape), K, axis=1)[:, :K]
    found: Whole = (np.arange(organisations)[:, None] + np.take_along_axis(onwards, chosen, axis=1)) % organisations
    return found


def _with_gaps(made: Floats, share: float, random: np.random.Generator) -> Floats:
    return np.where(random.random(made.shape) < share, np.nan, made)
