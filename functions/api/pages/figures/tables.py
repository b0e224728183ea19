"""The tables beneath the drawings of a figure: what each of them shows, as rows. Captions have the unit of values."""

from typing import NamedTuple

from functions.api.pages.charts.axis import figure
from functions.api.pages.figures.drawings import unit_gain, unit_name
from functions.api.pages.figures.facts import GAIN, Facts
from functions.api.pages.figures.wording import break_name, window_name
from functions.api.schemas.figures import TrendPoint, UnitLine
from shared.formatting import SHARE, amount, ordinal, span
from shared.method.names import capital
from shared.statuses import UnitStatus

_MOST_COMPARED = 300


class Compared(NamedTuple):
    """An organisation among the comparators, best first. `me`: the one that the page is about."""

    code: str
    name: str
    value: str
    me: bool = False


class Place(NamedTuple):
    """A place in the spread of all values, best first."""

    label: str
    value: str
    me: bool = False


class Window(NamedTuple):
    """One window of the trend. `note`: why it is not comparable with the one before, or has no figure."""

    name: str
    value: str
    modest: str
    ambitious: str
    gain: str
    note: str


class SiteRow(NamedTuple):
    """A site: its value, its share of the denominator, and what it would be worth; `note` if it does not count."""

    name: str
    kind: str
    value: str
    part: str
    lower: str
    upper: str
    note: str


def compared_rows(facts: Facts) -> list[Compared]:
    """The comparators and the organisation itself, best first; empty without any, or with too many for a page."""
    compared, line = facts.receipt.comparators, facts.line
    if compared is None or line.value is None or not 0 < len(compared.trusts) <= _MOST_COMPARED:
        return []
    rows = [
        (one.value, one.trust_code, one.display_name or one.trust_code)
        for one in compared.trusts
        if one.trust_code != facts.code
    ]
    rows.append((line.value, facts.code, facts.name))
    rows.sort(key=lambda row: (row[0] if facts.lower_is_better else -row[0], row[1]))
    return [Compared(code, name, figure(value, line.value_unit), code == facts.code) for value, code, name in rows]


def spread_rows(facts: Facts) -> list[Place]:
    """The values that divide all into tenths, best first, with the organisation's own at its place."""
    spread, line = facts.answer.distribution, facts.line
    if spread is None or spread.min is None or spread.max is None or not spread.deciles:
        return []
    better = line.direction in ("lower_is_better", "higher_is_better")
    values = [spread.min, *spread.deciles, spread.max]
    if line.direction == "higher_is_better":
        values.reverse()
    this = "this good or better" if better else "this small or smaller"
    labels = ["The best" if better else "The smallest"]
    labels += [f"{10 * nth}% are {this}" + (" (the median)" if nth == 5 else "") for nth in range(1, 10)]
    labels.append("The last" if better else "The largest")
    rows = [Place(label, figure(value, line.value_unit)) for label, value in zip(labels, values, strict=True)]
    if line.value is None or line.national_of is None:
        return rows
    rank = f", {ordinal(line.national_rank)} of {line.national_of:,}" if line.national_rank else ""
    own = Place(f"This {facts.nouns.one}{rank}", figure(line.value, line.value_unit), me=True)
    sign = -1 if line.direction == "higher_is_better" else 1
    at = sum(sign * value <= sign * line.value for value in values[:-1])
    return [*rows[:at], own, *rows[at:]]


def trend_rows(facts: Facts) -> list[Window]:
    """All windows, the newest first."""
    return [_window(facts, one) for one in reversed(facts.trend.points)]


def _window(facts: Facts, point: TrendPoint) -> Window:
    rate, native = facts.trend.value_unit, facts.answer.definition.native or "units"
    lower, upper = getattr(point, f"{native}_lower"), getattr(point, f"{native}_upper")
    gain = span(lower, upper, facts.unit, rough=True) if point.status == GAIN else "none" if upper == 0 else ""
    return Window(
        window_name(point.period_start, point.period_end),
        "no value" if point.value is None else figure(point.value, rate),
        "" if point.benchmark_lower is None else figure(point.benchmark_lower, rate),
        "" if point.benchmark_upper is None else figure(point.benchmark_upper, rate),
        gain,
        capital(break_name(point.breaks, facts.nouns)),
    )


def site_rows(facts: Facts) -> list[SiteRow]:
    """All sites, those with the largest possible gain first, then those that do not count."""
    units = facts.answer.units
    whole = sum(one.denominator or 0.0 for one in units.units) if units else 0.0
    return [_site(facts, one, whole) for one in (units.units if units else ())]


def _site(facts: Facts, one: UnitLine, whole: float) -> SiteRow:
    counted = one.status == UnitStatus.COUNTED
    lower, upper, unit = unit_gain(facts, one)
    part = amount(one.denominator / whole, SHARE, 0) if one.denominator and whole else ""
    return SiteRow(
        unit_name(one),
        one.unit_type or "",
        amount(one.value, facts.line.value_unit) if one.value is not None else "",
        part,
        _gain(lower, unit) if counted else "",
        _gain(upper, unit) if counted else "",
        "" if counted else _WHY_NOT.get(one.status, one.status),
    )


_WHY_NOT: dict[str, str] = {
    UnitStatus.NOT_COLLECTED: "no figure of its own",
    UnitStatus.NO_DENOMINATOR: "no denominator",
    UnitStatus.MISSING: "part of its data is missing",
}


def _gain(value: float | None, unit: str) -> str:
    return "" if value is None else "none" if value == 0 else span(value, value, unit, rough=True)
