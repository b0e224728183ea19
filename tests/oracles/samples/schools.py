"""The sample schools' peers and figures the slow, obvious way: from the landed files, one school at a time."""

import csv
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

YEAR = "2024-25"
AMONG, K = 20, 10
FARTHEST_FROM_MEDIAN = 10

Weights = Mapping[str, float]
GROUPS: dict[str, tuple[Weights, ...]] = {
    "similar_pupils": ({"Pupils": 0.5, "Free school meals (%)": 0.4, "Special needs (%)": 0.1},),
    "similar_needs": (
        {"Pupils": 0.6, "Free school meals (%)": 0.4},
        {"Autism (%)": 1, "Learning difficulty (%)": 1, "Physical disability (%)": 1},
    ),
    "similar_buildings": ({"Internal floor area (m²)": 0.8, "Average age of buildings (years)": 0.2},),
}
"""Group → the weights of each part of its distance."""

COSTS = {
    "teaching_cost": ("Teaching staff (£)", "Pupils", "similar_pupils"),
    "support_cost": ("Support staff (£)", "Pupils", "similar_pupils"),
    "learning_resources": ("Learning resources (£)", "Pupils", "similar_pupils"),
    "energy_cost": ("Energy (£)", "Internal floor area (m²)", "similar_buildings"),
    "premises_cost": ("Premises (£)", "Internal floor area (m²)", "similar_buildings"),
}
"""Opportunity → numerator, denominator and group."""


class Figure(NamedTuple):
    """A school's figure; gains are in pounds. `better_than`: the share of the others that are worse, as a
    percentage."""

    status: str
    value: float | None
    lower: float | None
    upper: float | None
    gain_lower: float | None
    gain_upper: float | None
    rank: int | None
    better_than: float | None


class Schools:
    """The landed files."""

    def __init__(self, landing: Path) -> None:
        self.columns: dict[str, dict[str, str]] = {}
        for name in ("schools/2025/schools", f"census/{YEAR}/census", f"buildings/{YEAR}/buildings",
                     f"finance/{YEAR}/finance"):  # fmt: skip
            with (landing / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    for heading, cell in row.items():
                        self.columns.setdefault(heading, {})[row["School number"]] = cell
        self.codes = sorted(self.columns["School number"])

    def number(self, heading: str, code: str) -> float | None:
        """A cell's number; None if it is blank or says that nothing was submitted."""
        cell = self.columns[heading][code]
        return None if cell in ("", "DNS") else float(cell)

    def alike(self, heading: str, code: str) -> list[str]:
        """The other schools with the same text."""
        column = self.columns[heading]
        return [other for other in self.codes if other != code and column[other] == column[code]]

    def distance(self, parts: Sequence[Weights], code: str, other: str) -> float:
        """The sum over the parts of √(Σ weight · (difference / range in the phase)²)."""
        return sum(
            math.sqrt(sum(weight * self._apart(heading, code, other) ** 2 for heading, weight in weights.items()))
            for weights in parts
        )

    def _filled(self, heading: str, code: str) -> float:
        value = self.number(heading, code)
        known = [one for each in self.codes if (one := self.number(heading, each)) is not None]
        return statistics.median(known) if value is None else value

    def _apart(self, heading: str, code: str, other: str) -> float:
        phase = [self._filled(heading, each) for each in (code, *self.alike("Phase", code))]
        return (self._filled(heading, code) - self._filled(heading, other)) / (max(phase) - min(phase))

    def peers(self, group: str, code: str) -> list[tuple[str, float]]:
        """The ten peers with their distances: those of the region first, then the others of the twenty nearest."""
        distances = {other: self.distance(GROUPS[group], code, other) for other in self.alike("Phase", code)}
        nearest = sorted(distances, key=lambda other: (distances[other], other))[:AMONG]
        region = set(self.alike("Region", code))
        ordered = [one for one in nearest if one in region] + [one for one in nearest if one not in region]
        return [(one, distances[one]) for one in ordered[:K]]

    def figures(self, opportunity: str) -> Iterator[tuple[str, Figure]]:
        """Each school's figure of an opportunity that is compared with similar schools."""
        top, bottom, group = COSTS[opportunity]
        peers = {code: [peer for peer, _ in self.peers(group, code)] for code in self.codes}
        reported = {code: self._rate(top, bottom, code) for code in self.codes}
        values = {code: value for code, value in reported.items() if value is not None}
        believed = {code: value for code, value in values.items() if self._plausible(code, peers[code], values)}
        for code, value in reported.items():
            if value is None or code not in believed:
                yield code, Figure("no_data" if value is None else "implausible", value, *[None] * 6)
                continue
            others = sorted(believed[peer] for peer in peers[code] if peer in believed)
            lower, upper = statistics.median(others), quarter(others)
            size = self.number(bottom, code) or 0
            gains = (max(0, value - lower) * size, max(0, value - upper) * size)
            better = sum(other < value for other in believed.values())
            worse = sum(other > value for other in believed.values())
            equal = len(believed) - better - worse - 1
            status = "opportunity" if value > upper else "at_or_better_than_benchmark"
            percentile = 100 * (worse + equal / 2) / (len(believed) - 1)
            yield code, Figure(status, value, lower, upper, *gains, better + 1, percentile)

    def _rate(self, top: str, bottom: str, code: str) -> float | None:
        over, under = self.number(top, code), self.number(bottom, code)
        return None if not over or not under else over / under

    @staticmethod
    def _plausible(code: str, peers: Sequence[str], values: Mapping[str, float]) -> bool:
        middle = statistics.median(values[peer] for peer in peers if peer in values)
        return middle / FARTHEST_FROM_MEDIAN <= values[code] <= middle * FARTHEST_FROM_MEDIAN


def quarter(values: Sequence[float]) -> float:
    """The lower quartile of sorted values, as Excel's QUARTILE.INC."""
    place = (len(values) - 1) / 4
    below = math.floor(place)
    return values[below] + (place - below) * (values[min(below + 1, len(values) - 1)] - values[below])
