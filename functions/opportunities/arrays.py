"""Types of arrays, and comparisons of floats that allow for rounding."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

ROUNDING = 1e-12


def above(one: Floats, other: Floats) -> Flags:
    """Whether one is larger than the other by more than the rounding of binary fractions: 2.5 % is not above 0.025."""
    return one - other > ROUNDING * np.maximum(np.abs(one), np.abs(other))
