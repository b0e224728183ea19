"""Sentences: what every status, flag, benchmark and price says in plain words, with its numbers. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.facts.quantiles import statistic
from shared.formatting import amount, between, counted, number, span, trusts, window
from shared.method.measures import Metric
from shared.method.opportunities import TARGET, Benchmark, Expression, Opportunity, Price
from shared.method.peer_groups import PeerGroup

Row = Mapping[str, Any]
"""One row of the table `opportunities`."""

DO_NOT_ADD = (
    "Opportunities must not be added together: categories overlap, "
    "and the same pound, bed day or hour can stand in several."
)
NOT_COMPARABLE = "The method says that this figure may not be compared between trusts."
SINGLE = "single_value"
TREND = (
    "Every point is compared over its own days with those who had a value then, at the prices and by the rules of this "
    "release. Peers found by similarity are those of today."
)
BREAKS = {
    "merged": "Where a point is marked `merged`, the trust took in another one since the point before: the series does "
    "not continue there.",
    "type_changed": "Where a point is marked `type_changed`, the trust is of another type than at the point before, "
    "and compared with others.",
}
SUPPOSED = "This was computed for you alone, from what you supposed. It is not published, and nothing was stored."
LOCAL_DATA = "These are starting points for questions, from landed figures. Check them with local data before acting."


def status_sentence(
    row: Row, definition: Opportunity, metric: Metric, group: PeerGroup, prices: Mapping[str, Price]
) -> str:
    """Why this row says what it says, with its numbers."""
    name = row["trust_name"] or row["trust_code"]
    subject = f"{definition.title}: {name}"
    if row["period_start"] and row["period_end"]:
        subject = f"{definition.title}, {window(row['period_start'], row['period_end'])}: {name}"
    had = f"{subject} had {amount(row['value'], metric.unit)}"
    match row["status"]:
        case "opportunity":
            told = f"{had}. {_against(row, metric)}. Closing the gap would be worth {gain(row, definition)}"
            cash = gain_in_cash(row, definition, prices)
            return f"{told}, or {cash}." if cash else f"{told}."
        case "at_or_better_than_benchmark":
            return f"{had}, which is as good as its benchmark or better. {_against(row, metric)}."
        case "no_data":
            return _no_data(row, definition, metric, subject, had)
        case "not_applicable":
            return f"{subject} reports that this does not apply to it, so there is no figure."
        case "below_minimum":
            return (
                f"{had}, but on only {counted(row['denominator'], metric.denominator_unit)}: at least "
                f"{counted(metric.minimum_denominator, metric.denominator_unit)} are needed for a fair comparison."
            )
        case "insufficient_comparators":
            return (
                f"{had}, but only {trusts(row['comparator_count'] or 0)} in “{group.title}” had a value; "
                f"at least {definition.minimum_comparators} are needed."
            )
        case "not_comparable":
            return f"{had}. {NOT_COMPARABLE}"
        case "implausible":
            return f"{had}, {_implausible(metric)}. It is not used; check this figure first."
        case "no_peer_set":
            return f"{had}, but it has no peers in “{group.title}”: what that group is made from was not landed for it."
        case other:
            return f"{subject}: {other}."


def _against(row: Row, metric: Metric) -> str:
    single = is_single(row)
    marks = amount(row["benchmark_upper"], metric.unit)
    if not single:
        marks = between(row["benchmark_lower"], row["benchmark_upper"], metric.unit)
    if row["comparator"] == TARGET:
        return f"The target is {marks}" if single else f"The targets are {marks}"
    others = trusts(row["comparator_count"] or 0)
    if single:
        return f"The benchmark, from {others}, is {marks}"
    return f"The benchmarks, modest to ambitious, from {others}, are {marks}"


def _no_data(row: Row, definition: Opportunity, metric: Metric, subject: str, had: str) -> str:
    if row["period_end"] is None:
        return f"{subject} has no figure: no file that holds it has landed."
    if row["value"] is not None:
        baseline = definition.upper.period
        if baseline is not None:
            return f"{had}, but its target is set from its own figure for {baseline.label}, and there is none to use."
        return f"{had}, but states no target of its own to compare it with."
    base = counted(row["denominator"], metric.denominator_unit)
    if row["denominator"] == 0:
        return f"{subject} reports {base}, and nothing can be divided by that, so there is no figure."
    if row["numerator"] == 0 and row["denominator"] and metric.zero_numerator == "missing":
        zero = counted(0, metric.numerator_unit)
        return (
            f"{subject} reports {zero} on {base}. Here that means not recorded, rather than none: there is no figure."
        )
    return f"{subject} has no usable figure: some part of it is missing, which is not the same as zero."


def _implausible(metric: Metric) -> str:
    rule = metric.plausibility
    if rule.group is None:
        bounds = " to ".join(amount(end, metric.unit) for end in (rule.minimum, rule.maximum) if end is not None)
        return f"which cannot be ({bounds})"
    times = number(rule.implausible)
    return f"which is below 1/{times} or above {times} times the median of those like it"


def is_single(row: Row) -> bool:
    """Whether the row has one value instead of a lower and an upper one."""
    return SINGLE in (row["flags"] or ())


def gain(row: Row, definition: Opportunity) -> str:
    """What closing the gap would be worth, as a headline in the opportunity's own kind of gain."""
    kind = definition.native
    route = definition.routes.get(kind) if kind else None
    unit = route.unit if route else row["unit"]
    return span(row[f"{kind or 'units'}_lower"], row[f"{kind or 'units'}_upper"], unit, rough=True)


def gain_in_cash(row: Row, definition: Opportunity, prices: Mapping[str, Price]) -> str | None:
    """The same gain as money, where it is not money already and there is a way to it."""
    if definition.native == Expression.CASH or definition.cash is None or row["cash_upper"] is None:
        return None
    said = span(row["cash_lower"], row["cash_upper"], definition.cash.unit, rough=True)
    illustrative = any(prices[name].illustrative for name in definition.price_ids(Expression.CASH))
    return f"{said} at an illustrative price" if illustrative else said


def flag_sentences(row: Row, metric: Metric) -> list[str]:
    """What to beware of, what to check first. That there is one value, and no range, needs no caution."""
    rule = metric.plausibility
    far = f"above {number(rule.check_above)} or below {number(rule.check_below)} times the median of those like it"
    said = {
        "check_data": f"Check this figure first: it is {far}, and may be an error in the data.",
        "data_warning": "A check of the files warned of a figure that this rests on; the release's findings say why.",
        "fallback_national": "Too few of its own group had a value, so it is compared with all trusts that have one.",
        "predecessor_form": "The trust took in another organisation after these days; the figures are its own from "
        "before.",
    }
    flags = sorted((flag for flag in row["flags"] or () if flag != SINGLE), key=lambda flag: flag != "check_data")
    return [said.get(flag, f"Flag: {flag}.") for flag in flags]


# ---- benchmarks ----------------------------------------------------------------------------------------------------


def benchmark_value(benchmark: Benchmark, values: Sequence[float], lower_is_better: bool) -> float | None:
    """The benchmark computed afresh; None for the trust's own target or where there are no values."""
    if benchmark.rule == "target":
        return benchmark.value
    return statistic(benchmark, values, lower_is_better) if values else None


def rule_words(benchmark: Benchmark, count: int, lower_is_better: bool) -> str:
    """A benchmark's rule as a noun phrase."""
    match benchmark.rule:
        case "target":
            return _target_words(benchmark, lower_is_better)
        case "mean_of_best":
            return f"the mean of the best {min(benchmark.n or 0, count)} of {trusts(count)}"
        case "quantile":
            q = benchmark.q or 0.0
            best = " (where the best quarter begins)" if q == (0.25 if lower_is_better else 0.75) else ""
            return f"the {number(100 * q)}th percentile{best} of {trusts(count)}, interpolated linearly"
        case rule:
            return f"the {rule} of {trusts(count)}"


def _target_words(benchmark: Benchmark, lower_is_better: bool) -> str:
    if not benchmark.of_its_own:
        return "the target"
    off = f"{number(benchmark.percent_off)} % {'below' if lower_is_better else 'above'} "
    better = off if benchmark.percent_off else ""
    if benchmark.period is not None:
        return f"{better}the trust's own value in {benchmark.period.label}"
    times = f"{number(benchmark.times)} times " if benchmark.times != 1 else ""
    return f"{better}{times}what the trust states as its own ({benchmark.measure})"


# ---- prices --------------------------------------------------------------------------------------------------------


def price_sentence(price: Price) -> str:
    """A price with its year and source, and plainly whether it is illustrative."""
    dated = any(character.isdigit() for character in price.price_year)
    figure = amount(price.value, price.unit) + (f" at {price.price_year} prices" if dated else "")
    if price.illustrative:
        return f"The price used, {figure}, is illustrative, not published: {price.source}."
    return f"The price used, {figure}, is published: {price.source}."
