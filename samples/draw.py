"""Random numbers that belong to one subject.

Each subject (say the size of trust RIA) has its own stream, seeded by its name: adding a trust or a file
leaves all other figures alone. Python's own generator, whose streams do not change between versions.
"""

import random
from collections.abc import Mapping
from math import exp
from typing import Self

SEED = "headroom-samples-1"


class Draw(random.Random):
    """A stream of random numbers."""

    @classmethod
    def of(cls, *subject: str) -> Self:
        """The stream of that subject; the same on every call."""
        return cls("/".join((SEED, *subject)))

    def around(self, median: float, spread: float) -> float:
        """A positive number, log-normal about the median; a spread of 0.2 is about 20 %."""
        return median * exp(self.gauss(0, spread))

    def between(self, low: float, high: float, mean: float, spread: float) -> float:
        """Normal about the mean, held within low and high."""
        return min(high, max(low, self.gauss(mean, spread)))

    def count(self, mean: float) -> int:
        """A count of rare things, spread like a Poisson variable of that mean."""
        return max(0, round(self.gauss(mean, mean**0.5)))

    def parts(self, total: int, shares: Mapping[str, float], spread: float) -> dict[str, int]:
        """Whole parts of the total in about those shares; they add up to it exactly."""
        weights = {name: self.around(share, spread) for name, share in shares.items()}
        whole = sum(weights.values())
        parts = {name: int(total * weight / whole) for name, weight in weights.items()}
        first = next(iter(parts))
        return parts | {first: parts[first] + total - sum(parts.values())}
