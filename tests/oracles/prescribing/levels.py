"""Organisations of a further level, told the slow way: the sums of their members, one member and period at a time."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from shared.method.measures import Metric, SourcedRatio
from shared.method.method import Method
from tests.oracles.opportunities import Fact, Pair, Programme
from tests.oracles.statistics import exact
from tests.oracles.windows import Days


class LevelProgramme(Programme):
    """A programme of the organisations to which trusts belong: `members` has the organisation of each trust."""

    def __init__(
        self, facts: Iterable[Fact], peers: Iterable[Pair], method: Method, members: Mapping[str, str]
    ) -> None:
        self.below = Programme(facts, [], method)
        self.belongs = members
        super().__init__(self.below.facts, peers, method)

    def _trusts(self, used_windows: dict[str, list[list[Days]]]) -> list[str]:
        return sorted({organisation for code, organisation in self.belongs.items() if code in self.below.registered})

    def sums(
        self, ratio: SourcedRatio, window: list[Days], needed: int, trust: str
    ) -> tuple[Fraction | None, Fraction | None, int, bool]:
        """A member that has no row in a period does not count, nor one to which a part does not apply, or that has no
        denominator, or whose zero means missing. One that lacks a figure makes the sum missing."""
        top = bottom = Fraction(0)
        days, whole, not_applicable = 0, 0, False
        zero_is_missing = not isinstance(ratio, Metric) or ratio.zero_numerator == "missing"
        least = ratio.minimum_coverage if isinstance(ratio, Metric) else None
        for period in window:
            counted: list[tuple[Fraction, Fraction]] = []
            missing: list[Fraction | None] = []
            applies: list[bool] = []
            source = self.below.source(ratio, period)
            for code, organisation in sorted(self.belongs.items()):
                rows = [(name, period, code) in self.stated for name in source.measures]
                if organisation != trust or not any(rows) or not self.below.is_trust(code):
                    continue
                over, met = self.below.sum(source.numerator, period, code)
                under, also = self.below.sum(source.denominator, period, code)
                applies.append("not_applicable" not in met | also)
                if not applies[-1] or (zero_is_missing and over == 0) or under == 0:
                    continue
                if over is None or under is None:
                    missing.append(under)
                else:
                    counted.append((over, under))
            not_applicable |= bool(applies) and not any(applies)
            over, under = (sum((pair[side] for pair in counted), Fraction(0)) for side in (0, 1))
            lacking = sum((each for each in missing if each is not None), Fraction(0))
            covered = least is not None and None not in missing and under >= exact(least) * (under + lacking)
            if counted and (not missing or covered):
                top, bottom, whole = top + over, bottom + under, whole + 1
                days += (period[0] - period[1]).days + 1
        if not window or whole < needed:
            return None, None, 0, not_applicable
        return top, bottom, days, False
