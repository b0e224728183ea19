"""Periods, and the names of measures."""

from datetime import date
from typing import Literal, NamedTuple


class Period(NamedTuple):
    """Inclusive first and last day, ordered by last day so that the newest comes last."""

    end: date
    start: date

    @property
    def days(self) -> int:
        """Calendar days, both ends included."""
        return (self.end - self.start).days + 1


class Ref(NamedTuple):
    """A measure by its full name, `<dataset>.<measure>`."""

    dataset: str
    measure: str

    @classmethod
    def parse(cls, name: str) -> "Ref":
        """Split `dataset.measure`; a ValueError names what was given."""
        dataset, dot, measure = name.partition(".")
        if not (dataset and dot and measure):
            raise ValueError(f"a measure is named <dataset>.<measure>, not {name!r}")
        return cls(dataset, measure)

    def __str__(self) -> str:
        return f"{self.dataset}.{self.measure}"


Chance = Literal["proportion", "count"]
