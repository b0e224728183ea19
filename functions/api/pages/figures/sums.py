"""How a figure is worked out, as a sum in two columns."""

from typing import NamedTuple

from functions.api.pages.figures.facts import AHEAD, GAIN, Facts
from functions.api.pages.figures.wording import compared_with, costs, rule_name
from shared.formatting import amount, counted, difference, number, subtraction
from shared.method.names import capital
from shared.method.opportunities import TARGET


class SumRow(NamedTuple):
    """One line of the sum: what it is, how it is made, and its values to the modest and to the ambitious benchmark.
    `kind`: `total`, `rule` (a line above) or empty."""

    title: str
    how: str
    lower: str
    upper: str
    kind: str = ""


def the_sum(facts: Facts) -> list[SumRow]:
    """The rows; without a benchmark the value alone, without a value none."""
    line = facts.line
    if line.value is None:
        return []
    value = amount(line.value, line.value_unit)
    rows = [SumRow(f"This {facts.nouns.one}", _division(facts), value, value)]
    if line.benchmark_upper is None:
        return rows
    rows.append(
        SumRow(
            "Target" if line.comparator == TARGET else "Benchmark",
            _rules(facts),
            amount(line.benchmark_lower, line.value_unit),
            amount(line.benchmark_upper, line.value_unit),
        )
    )
    if line.status == AHEAD:
        return [*rows, *_ahead(facts)]
    if line.status != GAIN:
        return rows
    rows.append(_row("Gap", "", [_gap(facts, end) for end in ("lower", "upper")], "rule"))
    base = counted(line.denominator, line.denominator_unit)
    rows.append(_row("Times what it has", facts.sum_titles[1], [f"× {_scaled(facts, base)}"] * 2))
    return [*rows, *_results(facts)]


def _row(title: str, how: str, values: list[str], kind: str = "") -> SumRow:
    return SumRow(title, how, values[0], values[1], kind)


def _division(facts: Facts) -> str:
    line, scale = facts.line, facts.values.metric.scale
    if line.numerator is None or line.denominator is None:
        return ""
    top, bottom = counted(line.numerator, line.numerator_unit), counted(line.denominator, line.denominator_unit)
    named = [
        f"{title}, {figure}" if title else figure for title, figure in zip(facts.sum_titles, (top, bottom), strict=True)
    ]
    return " ÷ ".join(named) + (f" × {number(scale)}" if scale != 1 else "")


def _rules(facts: Facts) -> str:
    line = facts.line
    if line.comparator == TARGET:
        rules = dict.fromkeys([line.benchmark_lower_rule, line.benchmark_upper_rule])
        return "; ".join(one for one in rules if one and one != "the target")
    if facts.single:
        return f"{capital(_bare(line.benchmark_upper_rule))} of {compared_with(facts)}"
    both = [_bare(line.benchmark_lower_rule), _bare(line.benchmark_upper_rule)]
    return f"{capital(both[0])}, and {both[1]}, of {compared_with(facts)}"


def _bare(rule: str | None) -> str:
    return rule_name(rule).removeprefix("the ")


def _gap(facts: Facts, end: str) -> str:
    line = facts.line
    benchmark, gap = getattr(line, f"benchmark_{end}"), getattr(line, f"gap_{end}")
    if not gap or line.value is None:
        return "none"
    larger, smaller = (line.value, benchmark) if facts.lower_is_better else (benchmark, line.value)
    return subtraction(larger, smaller, line.value_unit)[1]


def _ahead(facts: Facts) -> list[SumRow]:
    """By how much the value is better than each benchmark, and how much more would be spent there."""
    line = facts.line
    if line.distance_lower is None or line.distance_upper is None:
        return []
    by = [difference(value, line.value_unit) for value in (line.distance_lower, line.distance_upper)]
    rows = [_row("Better than that by", "", by, "rule")]
    more = [line.distance_cash_lower, line.distance_cash_upper]
    if all(value is not None and value < 0 for value in more):
        spent = [amount(abs(value or 0.0), line.cash_unit) for value in more]
        rows.append(_row("At the benchmark it would spend that much more", "", spent))
    return rows


def _scaled(facts: Facts, base: str) -> str:
    scale = facts.values.metric.scale
    return base if scale == 1 else f"{base} ÷ {number(scale)}"


def _results(facts: Facts) -> list[SumRow]:
    """The gain in the opportunity's unit, and in the native expression if that is another."""
    line, native = facts.line, facts.answer.definition.native
    units = [amount(line.units_lower, line.unit), amount(line.units_upper, line.unit)]
    total = "Costs more by" if costs(facts) else "Worth"
    gains = [
        "none" if value == 0 else amount(None if value is None else abs(value), facts.unit) for value in facts.gain
    ]
    if native is None or (line.units_upper, line.unit) == (facts.gain[1], facts.unit):
        return [_row(total, "", gains, "total")]
    return [_row("Comes to", "", units), _row(total, _route(facts), gains, "total")]


def _route(facts: Facts) -> str:
    """The steps from the units to the native expression, as its sentence has them: `÷ 366 days`."""
    words = next((one.words for one in facts.receipt.equivalents if one.label == "native"), "")
    formula = words.partition(": ")[2].rpartition(" = ")[0]
    return next((formula[at:] for at in sorted(formula.find(sign) for sign in ("÷", "×")) if at > 0), "")
