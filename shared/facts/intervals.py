"""The confidence interval of a proportion or of a rate, for independent events.

The functions take single numbers or arrays.
"""

from typing import TYPE_CHECKING, Any

from shared.method.terms import QUANTILES, Chance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    type Amounts = float | NDArray[np.float64]
    type Flags = bool | NDArray[np.bool_]


def defined(chance: Chance, events: "Amounts", base: "Amounts") -> "Flags":
    """Whether an interval exists: the base is positive and, for a proportion, events ≤ base."""
    counted = (base > 0) & (events >= 0)
    return counted & (events <= base) if chance == "proportion" else counted


def interval(
    chance: Chance, events: "Amounts", base: "Amounts", confidence: float = 0.95
) -> tuple["Amounts", "Amounts"]:
    """The lower and upper limit of events / base, if it is `defined`.

    Proportions by Wilson's score method (E. B. Wilson, 1927), counts by Byar's approximation of the Poisson limits, as
    in the guidance of England's public health observatories (APHO Technical Briefing 3).
    """
    z = QUANTILES[confidence]
    if chance == "proportion":
        return _least_share(events, base, z), 1 - _least_share(base - events, base, z)
    # Below half an event the lower limit is 0. The formula divides by events, so 1 is added there.
    least = _byar(events + (events < 0.5), -z) * (events >= 0.5)
    return least / base, _byar(events + 1, z) / base


def _least_share(events: "Amounts", trials: "Amounts", z: float) -> Any:
    """Wilson's lower limit, written without cancellation, so that 0 events give exactly 0."""
    half = z**2 / 2
    spread = z * (events * (trials - events) / trials + half / 2) ** 0.5
    return events**2 / (trials * (events + half + spread))


def _byar(events: Any, z: float) -> Any:
    """Byar's limit of a count, at least 0: for few events the formula's lower limit is negative."""
    root = 1 - 1 / (9 * events) + z / (3 * events**0.5)
    root = root * (root > 0)
    return events * (root * root * root)  # the last bits of NumPy's ** 3 depend on the processor
