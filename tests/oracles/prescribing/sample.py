"""The sample programme of prescribing told row by row, in plain Python and fractions, from the landed files alone."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from tests.oracles.statistics import quantile

MONTHS = ("2025-03", "2025-04", "2025-05")
"""The window: the newest three."""

type Figures = dict[str, tuple[Fraction, Fraction]]
"""Code → numerator and denominator over the window."""


class Row(NamedTuple):
    month: str
    code: str
    item: str
    items: Fraction
    quantity: Fraction
    cost: Fraction


def rows_of(files: Mapping[str, bytes], key: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[key].decode())))


class Prescribing:
    """Everything landed. `members`: level → practice → its organisation."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.prescribed = [
            Row(month, row["PRACTICE_CODE"], row["ITEM_CODE"], *(Fraction(row[name]) for name in
                ("ITEMS", "TOTAL_QUANTITY", "ACTUAL_COST")))
            for month in MONTHS
            for row in rows_of(files, f"items/{month}/items.csv")
        ]  # fmt: skip
        self.patients = {
            (month, row["code"]): Fraction(row["patients"])
            for month in MONTHS
            for row in rows_of(files, f"lists/{month}/patients.csv")
        }
        register = [row for row in rows_of(files, "practices/2025/practices.csv") if row["setting"] == "4"]
        self.practices = [row["code"] for row in register]
        heirs = {row["old_code"]: row["new_code"] for row in rows_of(files, "mergers/2025/mergers.csv")}
        self.members = {
            level: {row["code"]: row[level] for row in register if row[level]} for level in ("network", "board")
        }
        for belongs in self.members.values():
            belongs |= {old: belongs[new] for old, new in heirs.items()}

    def quantities(self, prefix: str, *, cost: bool = False) -> dict[tuple[str, str], Fraction]:
        """(month, practice) → the sum of quantity or cost of items whose code begins with a prefix."""
        sums: dict[tuple[str, str], Fraction] = {}
        for row in self.prescribed:
            if row.item.startswith(prefix):
                place = row.month, row.code
                sums[place] = sums.get(place, Fraction(0)) + (row.cost if cost else row.quantity)
        return sums

    def brand_share(self, level: str) -> Figures:
        """Tablets of the brand, and of brand and generic."""
        brand, both = self.quantities("9112TAB"), self.quantities("9112TA")
        found: Figures = {}
        for practice, code in self._codes(level):
            top, bottom = found.get(code, (Fraction(0), Fraction(0)))
            for month in MONTHS:
                top += brand.get((month, practice), Fraction(0))
                bottom += both.get((month, practice), Fraction(0))
            found[code] = top, bottom
        return found

    def nervoline(self, level: str) -> Figures:
        """Cost, and patients of every month; without those with a practice whose list was late, or that closed."""
        cost = self.quantities("9147NE", cost=True)
        found: Figures = {}
        lacking = set()
        for practice, code in self._codes(level):
            for month in MONTHS:
                spent, patients = cost.get((month, practice)), self.patients.get((month, practice))
                if patients is None:
                    lacking |= {code} if spent is not None or level == "practice" else set()
                    continue
                top, bottom = found.get(code, (Fraction(0), Fraction(0)))
                found[code] = top + (spent or Fraction(0)), bottom + patients
        return {code: pair for code, pair in found.items() if code not in lacking}

    def saved(self, level: str) -> dict[str, Fraction]:
        """What a tablet of the brand costs more than a generic one; at the national price where there is no own one."""
        prices = [self._price(level, prefix) for prefix in ("9112TAB", "9112TAG")]
        codes = {code for _, code in self._codes(level)}
        return {
            code: brand - generic
            for code in codes
            for brand, generic in [tuple(own.get(code, national) for own, national in prices)]
        }

    def _price(self, level: str, item: str) -> tuple[dict[str, Fraction], Fraction]:
        cost, quantity = self.quantities(item, cost=True), self.quantities(item)
        sums: Figures = {}
        for practice, code in self._codes(level):
            for month in MONTHS:
                paid, tablets = cost.get((month, practice)), quantity.get((month, practice))
                if paid and tablets:
                    top, bottom = sums.get(code, (Fraction(0), Fraction(0)))
                    sums[code] = top + paid, bottom + tablets
        everyone = (
            sum((top for top, _ in sums.values()), Fraction(0)),
            sum((low for _, low in sums.values()), Fraction(0)),
        )
        return {code: top / bottom for code, (top, bottom) in sums.items()}, everyone[0] / everyone[1]

    def _codes(self, level: str) -> Iterator[tuple[str, str]]:
        for practice in self.practices:
            code = practice if level == "practice" else self.members[level].get(practice)
            if code is not None:
                yield practice, code


def values_of(figures: Figures) -> dict[str, Fraction]:
    """Code → value, where there is a denominator."""
    return {code: top / bottom for code, (top, bottom) in figures.items() if bottom > 0}


def deciles(values: Sequence[Fraction]) -> list[Fraction]:
    """The nine deciles."""
    return [quantile(values, Fraction(nth, 10)) for nth in range(1, 10)]


def percent_rank(value: Fraction, values: Sequence[Fraction]) -> Fraction:
    """How many of the others are worse (larger), of all others: high is good."""
    return Fraction(100 * sum(other > value for other in values), len(values) - 1)


def savings(figures: Figures, saved: Mapping[str, Fraction], decile: Fraction) -> dict[str, Fraction]:
    """Code → what it would save at a decile; negative for one that is ahead."""
    return {code: (top - decile * bottom) * saved[code] for code, (top, bottom) in figures.items() if bottom > 0}
