"""Chance: the 95 % interval of a proportion of independent events, or of a count of them.

The formulas hold for numbers and for arrays of them alike.
"""

from typing import TYPE_CHECKING, Any

from shared.method.terms import Chance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    type Amounts = float | NDArray[np.float64]
    type Flags = bool | NDArray[np.bool_]


CONFIDENCE = 0.95
_Z = 1.959963984540054
"""The 0.975 quantile of the standard normal distribution."""


def defined(chance: Chance, events: "Amounts", base: "Amounts") -> "Flags":
    """Whether there is an interval: something to count in, and no more of its units befallen than there are."""
    counted = (base > 0) & (events >= 0)
    return counted & (events <= base) if chance == "proportion" else counted


def interval(chance: Chance, events: "Amounts", base: "Amounts") -> tuple["Amounts", "Amounts"]:
    """The interval of events / base, where it is `defined`.

    Proportions by Wilson's score (E. B. Wilson, 1927), counts by Byar's approximation of Poisson limits, as in the
    technical guides of England's public health observatories (APHO Technical Briefing 3).
    """
    if chance == "proportion":
        return _least_share(events, base), 1 - _least_share(base - events, base)
    # Of less than half an event the least is none. The formula divides by events, so there a whole one stands in.
    least = _byar(events + (events < 0.5), -_Z) * (events >= 0.5)
    return least / base, _byar(events + 1, _Z) / base


def _least_share(events: "Amounts", trials: "Amounts") -> Any:
    """Wilson's lower limit, written so that nothing cancels: exactly 0 for no events, and so exactly 1 for all."""
    half = _Z**2 / 2
    spread = _Z * (events * (trials - events) / trials + half / 2) ** 0.5
    return events**2 / (trials * (events + half + spread))


def _byar(events: Any, z: float) -> Any:
    """A limit of a count, at least 0: of few events the lower one would fall under it."""
    root = 1 - 1 / (9 * events) + z / (3 * events**0.5)
    root = root * (root > 0)
    return events * (root * root * root)  # the last bits of NumPy's ** 3 depend on the processor
