"""Intervals found by searching for the ends of what is consistent with what was counted, not by formula.

A share p is in Wilson's interval where the score test does not reject it: (events − n·p)² ≤ z² · n · p · (1 − p).
Exact limits are those of Clopper and Pearson, and of a Poisson count.
"""

from collections.abc import Callable
from math import comb, exp, lgamma, log, sqrt
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)


def z_of(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def last_within(inside: float, outside: float, within: Callable[[float], bool]) -> float:
    """The end of a stretch that holds `inside` and does not hold `outside`, by halving."""
    if within(outside):
        return outside
    for _ in range(200):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if within(middle) else (inside, middle)
    return inside


def wilson(events: float, trials: float, confidence: float = 0.95) -> tuple[float, float]:
    z = z_of(confidence)

    def accepted(share: float) -> bool:
        return (events - trials * share) ** 2 <= z * z * trials * share * (1 - share)

    middle = events / trials
    return last_within(middle, 0.0, accepted), last_within(middle, 1.0, accepted)


def clopper_pearson(events: int, trials: int) -> tuple[float, float]:
    def at_most(count: int, share: float) -> float:
        return sum(comb(trials, i) * share**i * (1 - share) ** (trials - i) for i in range(count + 1))

    middle = events / trials
    low = last_within(middle, 0.0, lambda share: 1 - at_most(events - 1, share) >= 0.025) if events else 0.0
    return low, last_within(middle, 1.0, lambda share: at_most(events, share) >= 0.025) if events < trials else 1.0


def byar(events: float, confidence: float = 0.95) -> tuple[float, float]:
    """The approximation as it is printed (Breslow and Day, volume II, 1987); and not below 0."""
    z, after = z_of(confidence), events + 1
    high = after * (1 - 1 / (9 * after) + z / (3 * sqrt(after))) ** 3
    if events < 0.1:  # where 1 / (9 · events) alone takes the lower one below 0
        return 0.0, high
    return max(0.0, events * (1 - 1 / (9 * events) - z / (3 * sqrt(events))) ** 3), high


def poisson(events: int) -> tuple[float, float]:
    def at_most(count: int, mean: float) -> float:
        return sum(exp(i * log(mean) - mean - lgamma(i + 1)) for i in range(count + 1)) if mean else 1.0

    low = last_within(float(events), 0.0, lambda mean: 1 - at_most(events - 1, mean) >= 0.025) if events else 0.0
    return low, last_within(float(events), 10.0 * events + 100, lambda mean: at_most(events, mean) >= 0.025)
