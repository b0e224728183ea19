"""What a list of gains shows next to the gains: figures that are as good as their benchmark, and what has no figure."""

from collections.abc import Iterable
from typing import NamedTuple

from functions.api.pages.lists.filters import QUARTERS
from functions.api.pages.lists.marks import Mark, chance
from functions.api.pages.lists.rows import Period, how_long, period_of, usual_period
from functions.api.schemas.figures import Line
from shared.formatting import amount, difference, headline, ordinal
from shared.method.names import Organisation
from shared.method.opportunities import TARGET
from shared.statuses import Compared


class AheadRow(NamedTuple):
    """A figure that is as good as its benchmark or better: its value, by how much it is ahead and of what, what the
    distance is worth (empty if not known), and where it stands (empty without a rank)."""

    line: Line
    value: str
    ahead: str
    benchmark: str
    more: str
    stands: str
    marks: tuple[Mark, ...]
    own_period: bool


class Reason(NamedTuple):
    """Why there is no figure, as a sentence, and the lines of which that holds."""

    words: str
    lines: tuple[Line, ...]


def ahead_rows(lines: Iterable[Line], nouns: Organisation) -> list[AheadRow]:
    """The rows of figures that are as good as their benchmark or better, by title."""
    ordered = sorted(lines, key=lambda one: one.title)
    usual = usual_period(ordered)
    return [_ahead(one, nouns, own_period=period_of(one) != usual) for one in ordered]


def _ahead(line: Line, nouns: Organisation, *, own_period: bool) -> AheadRow:
    unit, distance, cash = line.value_unit, line.distance_upper, line.distance_cash_upper
    noun = "target" if line.comparator == TARGET else "benchmark" if _single(line) else "ambitious benchmark"
    ahead, more = "", ""
    if cash is not None and cash < 0:
        more = f"at which it would spend {_more(cash, line.cash_unit, period_of(line))}"
    if distance is not None:
        ahead = f"{difference(distance, unit)} ahead" if distance < 0 else "Equal"
    return AheadRow(
        line,
        amount(line.value, unit),
        ahead,
        f"{noun}, {amount(line.benchmark_upper, unit)}",
        more,
        stands(line),
        (chance(nouns),) if line.compared == Compared.SIMILAR and distance else (),
        own_period,
    )


def stands(line: Line) -> str:
    """Where a value stands among all: best quarter, 5th of 57; empty without a rank."""
    rank = ""
    if line.national_rank is not None and line.national_of is not None:
        rank = f"{ordinal(line.national_rank)} of {line.national_of:,}"
    quarter = QUARTERS[str(line.quartile)] if line.quartile else ""
    return ", ".join(filter(None, (quarter, rank)))


def _more(cash: float, unit: str | None, period: Period) -> str:
    """£921,000 more a year · £30,000 more in 3 months · £30,000 more per year, where the unit says so."""
    money, _, per = headline(-cash, unit).partition(" ")
    return f"{money} more {per or how_long(period)}".rstrip()


def _single(line: Line) -> bool:
    return "single_value" in line.flags or line.benchmark_lower == line.benchmark_upper


def reasons(lines: Iterable[Line]) -> list[Reason]:
    """Why there is no figure, the reason of most first. The answers' sentences begin with the opportunity and its
    period, which stand next to them here."""
    groups: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda one: one.title):
        groups.setdefault(_why(line), []).append(line)
    return [Reason(words, tuple(group)) for words, group in sorted(groups.items(), key=lambda one: -len(one[1]))]


def _why(line: Line) -> str:
    _, _, words = line.words.removeprefix(line.title).partition(": ")
    return words[:1].upper() + words[1:] if words else line.words
