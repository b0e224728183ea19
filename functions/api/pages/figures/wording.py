"""A figure in words: what the gain is worth, what it is compared with, its marks, its windows."""

import re
from datetime import date
from typing import NamedTuple

from functions.api.pages.figures.facts import AHEAD, GAIN, Facts
from shared.formatting import amount, headline, span
from shared.method.names import Organisation
from shared.method.opportunities import TARGET
from shared.method.terms import Period

_BEST_QUARTER = re.compile(r"the \w+ percentile \((where the best quarter begins)\)")
_OF_THE_OTHERS = re.compile(r" of [\d,]+ .*")
_KINDS = {"cash": "money", "activity": "activity", "staff": "staff"}
_WORKING_TIME = re.compile(r"\b(WTE|FTE)\b")


class SameGain(NamedTuple):
    """The gain in another unit: `as money`, the amount, and whether an illustrative price made it."""

    label: str
    words: str
    illustrative: bool = False


def headline_of(facts: Facts) -> str:
    """The large text of the page: the gain, or that there is none."""
    if facts.line.status == GAIN:
        lower, upper = facts.gain
        return span(-(lower or 0.0) or None, -(upper or 0.0), facts.unit, rough=True) if costs(facts) else _gain(facts)
    if facts.line.status == AHEAD:
        return f"No gain: as good as its {'target' if facts.line.comparator == TARGET else 'benchmark'} or better"
    return {"no_data": "No figure", "not_applicable": "No figure", "implausible": "Not used: check the data first"}.get(
        facts.line.status, "Not compared"
    )


def _gain(facts: Facts) -> str:
    return facts.line.gain or ""


def costs(facts: Facts) -> bool:
    """Whether closing the gap would cost more than now, because what would be used instead is dearer."""
    return (facts.gain[1] or 0.0) < 0


def closing(facts: Facts) -> str:
    """What follows the large gain: `is what closing the gap to 6 other trusts … would be worth`."""
    verb = "would cost" if costs(facts) else "would be worth"
    if facts.line.comparator == TARGET:
        return f"is what reaching its target {verb}"
    return f"is what closing the gap to {compared_with(facts)} {verb}"


def compared_with(facts: Facts) -> str:
    """The comparators: `6 other trusts in “Same type of estate”`, `all 46 other trusts with a value`, `its target`."""
    return "its target" if facts.line.comparator == TARGET else facts.line.compared_with


def rule_name(rule: str | None) -> str:
    """A benchmark without its comparators: `the median`, `the 25th percentile (where the best quarter begins)`."""
    return _OF_THE_OTHERS.sub("", rule or "the benchmark")


def _place(rule: str | None) -> str:
    return _BEST_QUARTER.sub(r"\1", rule_name(rule))


def reaching(facts: Facts) -> list[tuple[str, str]]:
    """The amounts that reach each benchmark, and the benchmark: `£375,000`, `would bring it to the median`."""
    line, (lower, upper), rate = facts.line, facts.gain, facts.line.value_unit
    if line.status != GAIN or upper is None or costs(facts):
        return []
    ambitious = f"{_place(line.benchmark_upper_rule)}, {amount(line.benchmark_upper, rate)}"
    if facts.single:
        return [(headline(upper, facts.unit), f"would bring it to {ambitious}.")]
    modest = f"{_place(line.benchmark_lower_rule)}, {amount(line.benchmark_lower, rate)}"
    if not lower:
        return [
            ("", f"It is already at {modest}, or better;"),
            (headline(upper, facts.unit), f"would bring it to {ambitious}."),
        ]
    return [
        (headline(lower, facts.unit), f"would bring it to {modest};"),
        (headline(upper, facts.unit), f"to {ambitious}."),
    ]


def same_gains(facts: Facts) -> list[SameGain]:
    """The gain in other units, and over a year where its period is not one."""
    line = facts.line
    others = [
        SameGain(f"The same as {_KINDS[one.kind]}", span(one.lower, one.upper, one.unit, rough=True), one.illustrative)
        for one in facts.receipt.equivalents
        if one.label == "equivalent"
    ]
    cash, year = line.cash_upper, line.cash_per_year_upper
    if not (cash and year) or is_year(line.period_start, line.period_end) or abs(year / cash - 1) < 0.01:
        return others
    illustrative = any(one.illustrative for one in facts.receipt.equivalents if one.kind == "cash")
    words = span(line.cash_per_year_lower, year, facts.currency, rough=True)
    return [*others, SameGain("As money, over a year at this rate", words, illustrative)]


def working_time(facts: Facts) -> bool:
    """Whether a unit of the page is of working time, which has to be explained."""
    units = (facts.line.unit, facts.line.staff_unit, facts.line.value_unit, facts.line.denominator_unit)
    return any(_WORKING_TIME.search(unit or "") for unit in units)


def is_year(start: date | None, end: date | None) -> bool:
    """Whether a period is twelve whole months, or a year to the day."""
    return start is not None and end is not None and Period(end, start).is_year


def window_name(start: date, end: date) -> str:
    """A window on an axis: 2023–24 for a financial year, 2023, Apr to Sep 2024, Sep 2024."""
    if is_year(start, end):
        return str(start.year) if start.month == 1 else f"{start.year}–{end.year % 100:02d}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start:%b %Y}"
    return f"{start:%b}{'' if start.year == end.year else f' {start.year}'} to {end:%b %Y}"


def break_name(breaks: tuple[str, ...], nouns: Organisation) -> str:
    """Why a point is not comparable with the one before, on the chart; empty if it is."""
    names = {
        "merged": f"took over another {nouns.one}",
        "type_changed": "other type",
        "definition_changed": "other definition",
    }
    return " · ".join(names.get(one, one) for one in breaks)
