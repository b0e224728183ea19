"""Types of arrays, and comparisons of floats that allow for rounding."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

ROUNDING = 1e-12
_BITS = 40
"""Of the fraction that `alike` keeps: about twelve decimal digits."""


def alike(values: Floats) -> Floats:
    """The values without the last bits, so that two that differ by rounding alone are equal; NaN for NaN."""
    mantissa, exponent = np.frexp(values)
    rounded: Floats = np.ldexp(np.round(np.ldexp(mantissa, _BITS)), exponent - _BITS)
    return rounded


def above(one: Floats, other: Floats) -> Flags:
    """Whether one is larger than the other by more than the rounding of binary fractions: 2.5% is not above 0.025."""
    return one - other > ROUNDING * np.maximum(np.abs(one), np.abs(other))
