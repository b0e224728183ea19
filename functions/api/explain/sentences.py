"""Sentences for each status, flag, benchmark and price, with their numbers. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.facts.quantiles import statistic
from shared.formatting import amount, between, counted, number, percentile, span, window
from shared.method.measures import Metric
from shared.method.names import Organisation
from shared.method.opportunities import NATIONAL, TARGET, Benchmark, Expression, Opportunity, Price
from shared.method.peer_groups import PeerGroup
from shared.method.programme import Programme

Row = Mapping[str, Any]
"""One row of the table `opportunities`."""

DO_NOT_ADD = (
    "Opportunities must not be added together: categories overlap, "
    "so the same money, activity or time can be counted in several."
)
SINGLE = "single_value"
SUPPOSED = "This result was computed from the figures in your request. It is not published, and nothing was stored."
LOCAL_DATA = "These figures are starting points for questions. Check them against local data before acting on them."


def not_comparable(organisation: Organisation) -> str:
    """Why a figure has no benchmark although others have it too."""
    return f"The method does not allow this figure to be compared between {organisation.many}."


def trend(organisation: Organisation) -> str:
    """What the points of a trend are compared with."""
    return (
        f"Each point is compared with the {organisation.many} that had a value for the same period, at the prices and "
        "by the rules of this release. Peers found by similarity are today's, not those of that period."
    )


def break_sentence(name: str, organisation: Organisation) -> str:
    """Why a point of a trend cannot be compared with the one before."""
    one, many = organisation.one, organisation.many
    why = {
        "merged": f"the {one} has taken over another {one} since the previous point, so the two points are not "
        "comparable",
        "type_changed": f"the {one}'s type differs from the previous point, so it is compared with other {many}",
        "definition_changed": "the metric means something else than at the previous point, so the two points are not "
        "comparable",
    }[name]
    return f"At a point marked `{name}`, {why}."


def status_sentence(
    row: Row,
    definition: Opportunity,
    metric: Metric,
    group: PeerGroup,
    prices: Mapping[str, Price],
    programme: Programme,
) -> str:
    """The reason for a row's status, with its numbers."""
    organisation = programme.organisation
    subject = f"{definition.title}: the {organisation.one}"
    if row["period_start"] and row["period_end"]:
        subject = f"{definition.title}, {window(row['period_start'], row['period_end'])}: the {organisation.one}"
    had = f"{subject} had {amount(row['value'], metric.unit)}"
    against = _benchmarks(row, metric, definition, organisation)
    match row["status"]:
        case "opportunity":
            sentence = f"{had}. {against}. Closing the gap would {_worth(row, definition)}"
            cash = gain_in_cash(row, definition, prices)
            return f"{sentence}, or {cash}." if cash else f"{sentence}."
        case "at_or_better_than_benchmark":
            noun = "target" if row["comparator"] == TARGET else "benchmark"
            return f"{had}, which is equal to or better than its {noun}. {against}."
        case "no_data":
            return _no_data(row, definition, metric, subject, had)
        case "not_applicable":
            return f"{subject} reports that this does not apply to it, so it has no figure."
        case "below_minimum":
            return (
                f"{had}, but for only {counted(row['denominator'], metric.denominator_unit)}. A fair comparison needs "
                f"at least {counted(metric.minimum_denominator, metric.denominator_unit)}."
            )
        case "insufficient_comparators":
            itself, count = definition.including_itself, row["comparator_count"] or 0
            few = compared_with(count, organisation, itself=itself, group=group.title)
            return f"{had}, but only {few} had a value. At least {definition.minimum_comparators} are needed."
        case "not_comparable":
            return f"{had}. {not_comparable(organisation)}"
        case "implausible":
            return f"{had}, {_implausible(metric, organisation)}. It is not used. Check this figure first."
        case "no_peer_set":
            return f"{had}, but it has no peers in “{group.title}”: the data that defines the group is missing for it."
        case other:
            return f"{subject}: {other}."


def _benchmarks(row: Row, metric: Metric, definition: Opportunity, organisation: Organisation) -> str:
    single = is_single(row) or row["benchmark_lower"] == row["benchmark_upper"]
    if row["benchmark_upper"] is None:
        return ""
    values = amount(row["benchmark_upper"], metric.unit)
    if not single:
        values = f"{between(row['benchmark_lower'], row['benchmark_upper'], metric.unit)} (modest to ambitious)"
    if row["comparator"] == TARGET:
        return f"The target is {values}" if single else f"The targets are {values}"
    others = compared_with(row["comparator_count"] or 0, organisation, itself=definition.including_itself)
    return f"The benchmark from {others} is {values}" if single else f"The benchmarks from {others} are {values}"


def _no_data(row: Row, definition: Opportunity, metric: Metric, subject: str, had: str) -> str:
    if row["period_end"] is None:
        return f"{subject} has no figure: no accepted file contains it."
    if row["value"] is not None:
        baseline = definition.upper.period
        if baseline is not None:
            return (
                f"{had}, but its target is based on its own figure for {baseline.label}, which is missing or unusable."
            )
        return f"{had}, but its own target is missing."
    base = counted(row["denominator"], metric.denominator_unit)
    if row["denominator"] == 0:
        return f"{subject} reports a denominator of zero ({base}), so it has no figure."
    if row["numerator"] == 0 and row["denominator"] and metric.zero_numerator == "missing":
        zero = counted(0, metric.numerator_unit)
        return f"{subject} reports {zero} for {base}. Here zero means that nothing was recorded, so it has no figure."
    return f"{subject} has no figure: part of its data is missing, which is not the same as zero."


def _implausible(metric: Metric, organisation: Organisation) -> str:
    rule = metric.plausibility
    if rule.group is None:
        return f"which is outside the possible range ({_range(rule.minimum, rule.maximum, metric.unit)})"
    times = number(rule.implausible)
    return f"which is less than 1/{times} of the median of similar {organisation.many}, or more than {times} times it"


def _range(minimum: float | None, maximum: float | None, unit: str) -> str:
    if minimum is None:
        return f"at most {amount(maximum, unit)}"
    return f"at least {amount(minimum, unit)}" if maximum is None else between(minimum, maximum, unit)


def is_single(row: Row) -> bool:
    """Whether the row has one value instead of a lower and an upper one."""
    return SINGLE in (row["flags"] or ())


def _worth(row: Row, definition: Opportunity) -> str:
    """`be worth £5m`, or `cost £70` where what would be used instead costs more."""
    lower, upper = _native(row, definition)
    if upper is not None and upper < 0:
        route = definition.routes.get(definition.native) if definition.native else None
        return f"cost {span(-(lower or 0.0) or None, -upper, route.unit if route else row['unit'], rough=True)}"
    return f"be worth {gain(row, definition)}"


def _native(row: Row, definition: Opportunity) -> tuple[float | None, float | None]:
    kind = definition.native or "units"
    return row[f"{kind}_lower"], row[f"{kind}_upper"]


def gain(row: Row, definition: Opportunity) -> str:
    """The gain from closing the gap, rounded, in the opportunity's native expression or else in its unit."""
    kind = definition.native
    route = definition.routes.get(kind) if kind else None
    unit = route.unit if route else row["unit"]
    return span(row[f"{kind or 'units'}_lower"], row[f"{kind or 'units'}_upper"], unit, rough=True)


def gain_in_cash(row: Row, definition: Opportunity, prices: Mapping[str, Price]) -> str | None:
    """The same gain as money, rounded; None if it is money already or cannot be converted."""
    if definition.native == Expression.CASH or definition.cash is None or row["cash_upper"] is None:
        return None
    money = span(row["cash_lower"], row["cash_upper"], definition.cash.unit, rough=True)
    illustrative = any(prices[name].illustrative for name in definition.price_ids(Expression.CASH))
    return f"{money} at an illustrative price" if illustrative else money


def flag_sentences(row: Row, metric: Metric, organisation: Organisation) -> list[str]:
    """A caution for each flag of a row, `check_data` first; none for `single_value`."""
    rule = metric.plausibility
    limits = f"more than {number(rule.check_above)} times, or less than {number(rule.check_below)} times, the median"
    cautions = {
        "check_data": f"Check this figure first: it is {limits} of similar {organisation.many}, and may be "
        "an error in the data.",
        "data_warning": "A check of the files gave a warning about data used here; see the release's findings.",
        "fallback_national": f"Too few {organisation.many} in its group have a value, so it is compared with all "
        f"{organisation.many} that do.",
        "national_price": f"The {organisation.one} has no price of its own for this, so the price of all "
        f"{organisation.many} together is used.",
        "predecessor_form": f"The {organisation.one} took over another organisation after this period; its figures "
        "here do not include that organisation.",
    }
    flags = sorted((flag for flag in row["flags"] or () if flag != SINGLE), key=lambda flag: flag != "check_data")
    return [cautions.get(flag, f"Flag: {flag}.") for flag in flags]


# ---- benchmarks ----------------------------------------------------------------------------------------------------


def benchmark_value(benchmark: Benchmark, values: Sequence[float], lower_is_better: bool) -> float | None:
    """The benchmark recomputed from the comparators' values; None for a trust's own target, or without values."""
    if benchmark.rule == "target":
        return benchmark.value
    return statistic(benchmark, values, lower_is_better) if values else None


def compared_with(count: int, organisation: Organisation, *, itself: bool, group: str | None = None) -> str:
    """The comparators in words: `55 other trusts in “Estate type”`, or `56 trusts (itself included)`. `group`: the
    title of their group."""
    others = f"{organisation.count(count)} (itself included)" if itself else organisation.others(count)
    return f"{others} in “{group}”" if group else others


def comparators_phrase(row: Row, definition: Opportunity, group: PeerGroup, organisation: Organisation) -> str:
    """The comparators of a row: `6 other trusts in “Estate type”`, `all 55 other trusts with a value`,
    `a target`."""
    if row["comparator"] == TARGET:
        return "a target"
    count, itself = row["comparator_count"] or 0, definition.including_itself
    if row["comparator"] == NATIONAL and count == 1 and not itself:
        return f"the only other {organisation.one} with a value"
    if row["comparator"] == NATIONAL:
        all_of_them = organisation.count(count) if itself else organisation.others(count)
        return f"all {all_of_them} with a value{' (itself included)' if itself else ''}"
    return compared_with(count, organisation, itself=itself, group=group.title)


def rule_phrase(
    benchmark: Benchmark,
    count: int,
    lower_is_better: bool,
    organisation: Organisation,
    group: str | None = None,
    *,
    itself: bool = False,
) -> str:
    """A benchmark's rule as a noun phrase. `count` is the number of comparators; see `compared_with`."""
    others = compared_with(count, organisation, itself=itself, group=group)
    match benchmark.rule:
        case "target":
            return _target_phrase(benchmark, lower_is_better, organisation.one)
        case "mean_of_best":
            return f"the mean of the best {min(benchmark.n or 0, count)} of {others}"
        case "quantile":
            q = benchmark.q or 0.0
            best = " (where the best quarter begins)" if q == (0.25 if lower_is_better else 0.75) else ""
            return f"{percentile(q)}{best} of {others}, interpolated linearly"
        case rule:
            return f"the {rule} of {others}"


def _target_phrase(benchmark: Benchmark, lower_is_better: bool, one: str) -> str:
    if not benchmark.of_its_own:
        return "the target"
    distance = f"{number(benchmark.percent_off)}% {'below' if lower_is_better else 'above'} "
    better = distance if benchmark.percent_off else ""
    if benchmark.period is not None:
        return f"{better}the {one}'s own value in {benchmark.period.label}"
    times = f"{number(benchmark.times)} times " if benchmark.times != 1 else ""
    named = (benchmark.measure or "").rpartition(".")[2].replace("_", " ")
    return f"{better}{times}the {one}'s own “{named}”"


# ---- prices --------------------------------------------------------------------------------------------------------


def price_sentence(price: Price) -> str:
    """A price with its year and source, and whether it is published or illustrative."""
    dated = any(character.isdigit() for character in price.price_year)
    figure = amount(price.value, price.unit) + (f" at {price.price_year} prices" if dated else "")
    if price.illustrative:
        return f"The price used is {figure}. It is illustrative, not published. Source: {price.source}."
    return f"The price used is {figure}. It is published. Source: {price.source}."
