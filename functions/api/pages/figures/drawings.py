"""The drawings of one figure: from its answers to charts, each with the sentence that a screen reader reads."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from functions.api.pages.charts.bar import Gain
from functions.api.pages.charts.benchmarks import Named
from functions.api.pages.charts.doubt import doubt
from functions.api.pages.charts.sites import Site, Sites, sites
from functions.api.pages.charts.strip import Quarters, Strip, strip
from functions.api.pages.charts.trend import Point, Trend, trend
from functions.api.pages.figures.facts import GAIN, Facts
from functions.api.pages.figures.wording import break_name, window_name
from functions.api.schemas.figures import Range, UnitLine, WhatIfResult
from shared.formatting import amount, between, difference, headline, span
from shared.method.names import capital
from shared.method.opportunities import NATIONAL, TARGET
from shared.statuses import UnitStatus

MOST_SITES = 12
"""As many sites as a drawing has room for; the table has all."""


class Benchmarks(NamedTuple):
    """The two benchmarks as lines; one alone is the first."""

    modest: Named | None
    ambitious: Named | None


def drawing_of(facts: Facts, kind: str) -> Markup | None:
    """One of KINDS, or None if the figure has no such drawing."""
    return KINDS[kind](facts)


def benchmarks_of(facts: Facts) -> Benchmarks:
    """The published benchmarks."""
    line = facts.line
    if line.benchmark_upper is None:
        return Benchmarks(None, None)
    if facts.single or line.benchmark_lower is None:
        name = "Target" if line.comparator == TARGET else "Benchmark"
        return Benchmarks(Named(name, line.benchmark_upper), None)
    return Benchmarks(Named("Modest", line.benchmark_lower), Named("Ambitious", line.benchmark_upper))


def strip_drawing(facts: Facts, *, small: bool = False) -> Markup | None:
    """Where the value stands among its comparators and among all; None without a value that may be compared. A `small`
    one leaves out all others if there are comparators."""
    line = facts.line
    if line.value is None or line.status in ("implausible", "not_comparable"):
        return None
    modest, ambitious = benchmarks_of(facts)
    compared = facts.receipt.comparators
    few = compared.trusts if compared and line.comparator != NATIONAL else ()
    chance, ahead = facts.receipt.chance, line.distance_upper
    chart = Strip(
        unit=line.value_unit,
        own=Named(f"This {facts.nouns.one}", line.value),
        modest=modest,
        ambitious=ambitious,
        comparators=tuple(one.value for one in few),
        comparators_caption=_comparators(len(few)),
        interval=(chance.value.low, chance.value.high) if chance else None,
        within_chance=bool(line.within_chance),
        ahead="" if ahead is None or ahead >= 0 else f"{difference(ahead, line.value_unit)} better than {_best(facts)}",
        **({"direction": line.direction or "neither"} if small and few else _everyone(facts)),
    )
    return strip(chart, _strip_words(facts, chart))


def supposed_drawing(facts: Facts, supposed: WhatIfResult) -> Markup:
    """The same with the reader's figures: a second diamond, and the benchmarks that it was compared with."""
    rate, compared = supposed.value_unit, supposed.comparators
    named = Named("With your figures", supposed.value)
    if supposed.benchmark_lower == supposed.benchmark_upper:
        modest, ambitious = Named("Target" if compared is None else "Benchmark", supposed.benchmark_upper), None
    else:
        modest, ambitious = Named("Modest", supposed.benchmark_lower), Named("Ambitious", supposed.benchmark_upper)
    few = compared.trusts if compared and compared.group_id != NATIONAL else ()
    published = facts.line.value
    chart = Strip(
        unit=rate,
        own=named if published is None else Named("Published", published),
        supposed=None if published is None else named,
        modest=modest,
        ambitious=ambitious,
        comparators=tuple(one.value for one in few),
        comparators_caption=_comparators(len(few)),
        **_everyone(facts),
    )
    words = f"With your figures {amount(supposed.value, rate)}"
    words += f", published {amount(published, rate)}. " if published is not None else ". "
    return strip(chart, words + _benchmark_words(chart))


def _best(facts: Facts) -> str:
    noun = "target" if facts.line.comparator == TARGET else "benchmark"
    return f"the {noun}" if facts.single else f"the ambitious {noun}"


def _comparators(number: int) -> str:
    return f"{number} comparator{'' if number == 1 else 's'}" if number else ""


def _everyone(facts: Facts) -> dict[str, Any]:
    """All values with their spread, and which side is better."""
    spread, direction = facts.answer.distribution, {"direction": facts.line.direction or "neither"}
    if spread is None or spread.median is None or spread.lower_quartile is None or spread.upper_quartile is None:
        return direction
    return direction | {
        "everyone": tuple(one.value for one in facts.everyone if one.comparable and one.value is not None),
        "everyone_caption": f"All {facts.nouns.count(spread.n)}",
        "quarters": Quarters(spread.lower_quartile, spread.median, spread.upper_quartile),
        "deciles": spread.deciles,
    }


def _strip_words(facts: Facts, chart: Strip) -> str:
    words = f"{chart.own.name}: {amount(chart.own.value, chart.unit)}. " if chart.own else ""
    words += _benchmark_words(chart)
    if chart.comparators:
        smallest, largest = min(chart.comparators), max(chart.comparators)
        words += f" The {chart.comparators_caption}: {between(smallest, largest, chart.unit)}."
    if chart.quarters:
        middle = between(chart.quarters.lower, chart.quarters.upper, chart.unit)
        median = amount(chart.quarters.median, chart.unit)
        words += f" {chart.everyone_caption}: median {median}, the middle half {middle}."
    return words.strip()


def _benchmark_words(chart: Strip) -> str:
    named = [one for one in (chart.modest, chart.ambitious) if one]
    return " ".join(f"{one.name}: {amount(one.value, chart.unit)}." for one in named)


def doubt_range(facts: Facts) -> Range | None:
    """How far the gain moves when a comparator is left out, in the unit of the gain."""
    robustness, native = facts.receipt.robustness, facts.answer.definition.native
    if robustness is None or facts.line.status != GAIN:
        return None
    ranges: Mapping[str, Range | None] = {
        "cash": robustness.cash, "activity": robustness.activity, "staff": robustness.staff
    }  # fmt: skip
    return ranges[native] if native else robustness.units


def doubt_drawing(facts: Facts) -> Markup | None:
    """The gain's bar with how far it moves when a comparator is left out."""
    moved, (lower, upper) = doubt_range(facts), facts.gain
    if moved is None or upper is None:
        return None
    words = f"The gain: {span(lower, upper, facts.unit, rough=True)}. "
    words += f"If a comparator is left out: {between(moved.low, moved.high, facts.unit, rough=True)}."
    return doubt(Gain(None if facts.single else lower, upper), moved.low, moved.high, facts.unit, words)


def trend_drawing(facts: Facts) -> Markup | None:
    """The value and its benchmarks over time; None with fewer than two windows that have a value."""
    known = [one for one in facts.trend.points if one.value is not None]
    if len(known) < 2:
        return None
    lower, upper = "Modest benchmark", "Ambitious benchmark"
    if facts.one_rule:
        lower, upper = "Target" if facts.answer.definition.comparator == TARGET else "Benchmark", ""
    points = tuple(
        Point(
            end=one.period_end,
            window=window_name(one.period_start, one.period_end),
            value=one.value,
            modest=one.benchmark_lower,
            ambitious=None if facts.one_rule else one.benchmark_upper,
            break_words=capital(break_name(one.breaks, facts.nouns)),
        )
        for one in facts.trend.points
    )
    own = f"This {facts.nouns.one}"
    chart = Trend(
        unit=facts.trend.value_unit,
        own=own,
        modest=lower,
        ambitious=upper,
        points=points,
    )
    first, last = known[0], known[-1]
    words = (
        f"{own}: {amount(first.value, chart.unit)} in {window_name(first.period_start, first.period_end)}, "
        f"{amount(last.value, chart.unit)} in {window_name(last.period_start, last.period_end)}."
    )
    return trend(chart, words)


def sites_drawing(facts: Facts) -> Markup | None:
    """The sites with the largest possible gain, and their values against the benchmarks."""
    units = facts.answer.units
    if units is None:
        return None
    counted = [
        Site(unit_name(one), one.value, _worth(facts, one))
        for one in units.units
        if one.status == UnitStatus.COUNTED and one.value is not None
    ]
    if not counted:
        return None
    modest, ambitious = benchmarks_of(facts)
    chart = Sites(
        unit=facts.line.value_unit,
        direction=facts.line.direction or "neither",  # type: ignore[arg-type]
        counted=tuple(counted[:MOST_SITES]),
        modest=modest,
        ambitious=ambitious,
    )
    words = "; ".join(f"{one.name}, {amount(one.value, chart.unit)}" for one in chart.counted)
    return sites(chart, f"{words}.")


def unit_name(unit: UnitLine) -> str:
    """A unit's name; its code if it has none."""
    return unit.display_name or unit.unit_code


def _worth(facts: Facts, unit: UnitLine) -> str:
    _, upper, measured = unit_gain(facts, unit)
    return headline(upper, measured) if upper else ""


def unit_gain(facts: Facts, unit: UnitLine) -> tuple[float | None, float | None, str]:
    """What a unit would be worth at the benchmarks of its organisation, in cash if the gain is, and the unit of it."""
    if facts.answer.definition.native == "cash":
        return unit.cash_lower, unit.cash_upper, facts.unit
    return unit.units_lower, unit.units_upper, facts.line.unit


KINDS: Mapping[str, Callable[[Facts], Markup | None]] = {
    "strip": strip_drawing,
    "sites": sites_drawing,
    "doubt": doubt_drawing,
    "trend": trend_drawing,
}
"""The drawings of a figure by their names in addresses."""


def drawings_of(facts: Facts) -> dict[str, Markup | None]:
    """All drawings of the page."""
    return {kind: draw(facts) for kind, draw in KINDS.items()}
