"""Periods, names of measures, patterns, and kinds of chance."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator


class Period(NamedTuple):
    """First and last day, both included. Periods sort by their last day, so the newest comes last."""

    end: date
    start: date

    @property
    def days(self) -> int:
        """Number of calendar days."""
        return (self.end - self.start).days + 1

    @property
    def is_year(self) -> bool:
        """Whether it is exactly twelve calendar months, of 365 days or 366."""
        after = self.end + timedelta(days=1)
        return (after.year - self.start.year, after.month, after.day) == (1, self.start.month, self.start.day)


class Ref(NamedTuple):
    """A measure by its full name, `<dataset>.<measure>`."""

    dataset: str
    measure: str

    @staticmethod
    @lru_cache(maxsize=65_536)
    def parse(name: str) -> "Ref":
        """Split `<dataset>.<measure>`; ValueError for any other text."""
        dataset, dot, measure = name.partition(".")
        if not (dataset and dot and measure):
            raise ValueError(f"{name!r} is not the name of a measure; write <dataset>.<measure>")
        return Ref(dataset, measure)

    def __str__(self) -> str:
        return f"{self.dataset}.{self.measure}"


Chance = Literal["proportion", "count"]

QUANTILES = {0.95: 1.959963984540054, 0.998: 3.090232306167813}
"""The confidences that an interval may have, each with its quantile of the standard normal distribution (0.975, 0.999).
The last bits of a computed one depend on the machine."""


def _of_table(confidence: float) -> float:
    if confidence not in QUANTILES:
        raise ValueError(f"use one of {', '.join(map(str, QUANTILES))}")
    return confidence


Confidence = Annotated[float, AfterValidator(_of_table)]
"""The confidence of an interval, as a share."""


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
"""A regular expression."""
