"""The rows of a table of gains, all in one expression: figure, bar and order alike.

Money is that of a year, so that gains of periods of different lengths can be compared. A release that is older than
those figures has the money of each row's own period instead.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.charts.axis import Axis
from functions.api.pages.charts.bar import Gain, axis_heading, gain_bar, gains_axis
from functions.api.pages.lists.marks import Mark, marks_of
from functions.api.schemas.figures import Line
from shared.formatting import span
from shared.method.names import Organisation

EXPRESSIONS: Mapping[str, str] = {"money": "cash", "staff": "staff", "activity": "activity"}
"""The expression of an answer by the word for it on a page, in the order in which a page offers them."""

A_YEAR = 12
"""Months."""

type Period = tuple[date | None, date | None]


class Worth(NamedTuple):
    """A gain in one expression: from `lower` (None: one value) to `upper`, in `unit`. `upper` is None if the gain
    cannot be expressed so."""

    lower: float | None
    upper: float | None
    unit: str | None

    def words(self) -> str:
        """£9.07m to £10.9m, or `costs £70` where what would be used instead costs more; empty without a value."""
        if self.upper is None:
            return ""
        if self.upper < 0:
            return f"costs {span(-(self.lower or 0.0) or None, -self.upper, self.unit, rough=True)}"
        return span(self.lower, self.upper, self.unit, rough=True)


class GainRow(NamedTuple):
    """A row. `worth`: the gain in words, empty if it cannot be expressed so; `gain`: the same for its bar, None in a
    table without bars; `costs`: whether what would be used instead
    costs more; `also`: the gain in the opportunity's own expression. `own_period`: whether its period is another than
    that of most rows."""

    line: Line
    worth: str
    costs: bool
    also: str
    gain: Gain | None
    bar: Markup | None
    marks: tuple[Mark, ...]
    own_period: bool


class GainTable(NamedTuple):
    """Rows, largest first. `kind`: one of EXPRESSIONS, or empty if no row can be expressed in any; `over_a_year`:
    whether its money is that of a year. `scale`: the axis of the bars, and `axis` its drawing; None without bars.
    `period`: that of most rows."""

    kind: str
    over_a_year: bool
    rows: tuple[GainRow, ...]
    scale: Axis | None
    axis: Markup | None
    period: Period

    @property
    def heading(self) -> str:
        """What the column of gains says."""
        if self.over_a_year:
            return "Closing the gap is worth, over a year"
        return f"Closing the gap is worth{f', in {self.kind}' if self.kind in ('staff', 'activity') else ''}"


def kinds_of(lines: Iterable[Line]) -> list[str]:
    """The words of EXPRESSIONS in which at least one of the gains can be expressed."""
    known = [*lines]
    return [
        kind for kind, name in EXPRESSIONS.items() if any(getattr(one, f"{name}_upper") is not None for one in known)
    ]


def worth_of(line: Line, kind: str, currency: str, *, over_a_year: bool) -> Worth:
    """A gain in one of EXPRESSIONS."""
    if kind == "money" and over_a_year:
        return Worth(line.cash_per_year_lower, line.cash_per_year_upper, currency)
    name = EXPRESSIONS[kind]
    return Worth(*(getattr(line, f"{name}_{part}") for part in ("lower", "upper", "unit")))


def has_years(lines: Iterable[Line]) -> bool:
    """Whether the money of a year is known: not in releases that are older than it."""
    return any(one.cash_per_year_upper is not None for one in lines)


def gain_table(lines: Sequence[Line], kind: str, currency: str, nouns: Organisation, *, over_a_year: bool) -> GainTable:
    """The table of gains in one of EXPRESSIONS; with `kind` empty, each in its own unit, in the order of `lines`.

    Activity has a unit for each row, so that it has no bars and keeps the order of `lines`; rows that cannot be
    expressed so come last."""
    usual = usual_period(lines)
    worths = (
        {one.opportunity_id: worth_of(one, kind, currency, over_a_year=over_a_year) for one in lines} if kind else {}
    )
    barred = kind in ("money", "staff")

    def place(line: Line) -> tuple[bool, float]:
        upper = worths[line.opportunity_id].upper
        return upper is None, -(upper or 0.0) if barred else 0.0

    ordered = sorted(lines, key=place) if kind else lines
    gains = {name: Gain(one.lower, one.upper) for name, one in worths.items() if barred and one.upper is not None}
    unit = next((one.unit for one in worths.values() if one.upper is not None), None)
    scale = gains_axis(gains.values(), currency if kind == "money" else unit) if gains else None

    def row(line: Line) -> GainRow:
        name, own = line.opportunity_id, period_of(line) != usual
        gain = gains.get(name)
        return GainRow(
            line,
            worths[name].words() if kind else line.gain or "",
            bool(kind) and (worths[name].upper or 0.0) < 0,
            _also(line) if kind == "money" and line.native != "cash" else "",
            gain,
            gain_bar(gain, scale, chance=bool(line.within_chance)) if gain and scale else None,
            tuple(marks_of(line, EXPRESSIONS.get(kind, line.native), nouns)),
            own,
        )

    drawn = axis_heading(scale) if scale else None
    return GainTable(kind, over_a_year and kind == "money", tuple(map(row, ordered)), scale, drawn, usual)


def usual_period(lines: Iterable[Line]) -> Period:
    """The period of most rows, the first of several; without dates if there are no rows."""
    periods = Counter(map(period_of, lines))
    return periods.most_common(1)[0][0] if periods else (None, None)


def _also(line: Line) -> str:
    """The gain in its own expression, with the length of its period if that is not a year: staff is an average over
    it, all else a sum."""
    if line.gain is None or line.native == "staff" or months_of(*period_of(line)) == A_YEAR:
        return line.gain or ""
    return f"{line.gain} {how_long(period_of(line))}".rstrip()


def how_long(period: Period) -> str:
    """How long a period is, after an amount: a year · in 3 months · in a month; empty if it is not of whole months."""
    months = months_of(*period)
    return {None: "", 1: "in a month", A_YEAR: "a year"}.get(months, f"in {months} months")


def period_of(line: Line) -> Period:
    """The first and the last day of a line's period."""
    return line.period_start, line.period_end


def names_working_time(table: GainTable) -> bool:
    """Whether a row has whole-time equivalents, which have to be explained."""
    return any("WTE" in f"{row.worth} {row.also}" for row in table.rows)


def months_of(start: date | None, end: date | None) -> int | None:
    """The length of a period in months; None if it is not of whole months."""
    if start is None or end is None:
        return None
    after = end + timedelta(days=1)
    return (after.year - start.year) * 12 + after.month - start.month if start.day == after.day else None
