"""The calculation of one figure: every step from a trust's value to its possible gain, as sentences and numbers.
Pure."""

from collections.abc import Iterator, Mapping, Sequence
from math import isclose

from functions.api.explain.sentences import (
    DO_NOT_ADD,
    Row,
    compared_with,
    flag_sentences,
    is_single,
    price_sentence,
    rule_phrase,
    status_sentence,
)
from functions.api.explain.titles import benchmark_ends
from functions.api.explain.uncertainty import chance, robustness
from functions.api.schemas.figures import (
    BenchmarkStep,
    Calculation,
    Comparators,
    Equivalent,
    NamedOpportunity,
    Overlaps,
    PriceUsed,
    Step,
)
from shared.formatting import ROUNDING, amount, counted, number, span, subtraction, window
from shared.method.measures import Metric
from shared.method.names import Organisation
from shared.method.opportunities import EXPRESSIONS, Benchmark, Expression, Opportunity, Price, Rate
from shared.method.overlaps import OverlapGroup
from shared.method.peer_groups import PeerGroup
from shared.method.programme import Programme
from shared.statuses import OpportunityStatus

_NOUNS = {"cash": "money", "activity": "activity", "staff": "staff"}
DISAGREES = (
    "The benchmark recomputed from the comparators listed here differs from the published one. Do not use this figure."
)


def calculation(
    row: Row,
    definition: Opportunity,
    metric: Metric,
    prices: Mapping[str, Price],
    group: PeerGroup,
    comparators: Comparators | None,
    overlap_group: OverlapGroup | None,
    overlaps: Sequence[NamedOpportunity],
    programme: Programme,
) -> Calculation:
    """The calculation of one row of the table `opportunities`. `comparators` is None if the row has none by its
    method."""
    organisation = programme.organisation
    values = [one.value for one in comparators.trusts] if comparators else []
    itself = definition.including_itself
    steps = [_value_step(row, metric)]
    if comparators:
        steps.append(_comparators_step(row, comparators, organisation, itself=itself))
    bounds = benchmark_ends(row, definition, metric, values)
    for bound, rule, recomputed in bounds:
        phrase = rule_phrase(rule, len(values), metric.lower_is_better, organisation, itself=itself)
        steps += _bound_steps(row, metric, bound, rule, recomputed, phrase)
    agrees = all(step.agrees for step in steps if isinstance(step, BenchmarkStep))
    has_gain = row["status"] == OpportunityStatus.OPPORTUNITY
    equivalents = list(_equivalents(row, definition, prices)) if has_gain else []
    used = dict.fromkeys(price for equivalent in equivalents for price in equivalent.price_ids)
    return Calculation(
        summary=status_sentence(row, definition, metric, group, prices, programme),
        steps=tuple(steps),
        comparators=comparators,
        equivalents=tuple(equivalents),
        prices=tuple(price_used(name, prices[name]) for name in used),
        cautions=(*([] if agrees else [DISAGREES]), *flag_sentences(row, metric, organisation)),
        overlaps=_overlaps(definition, overlap_group, overlaps),
        robustness=robustness(row, definition),
        chance=chance(row, metric, organisation),
        rounding=ROUNDING,
        benchmarks_agree=agrees,
    )


def price_used(name: str, price: Price) -> PriceUsed:
    """A price with its id and sentence."""
    return PriceUsed(**dict(price), price_id=name, words=price_sentence(price))


def _value_step(row: Row, metric: Metric) -> Step:
    value = row["value"]
    if value is None or row["period_end"] is None:
        words = f"{metric.title}: no value."
    else:
        top = counted(row["numerator"], metric.numerator_unit)
        bottom = counted(row["denominator"], metric.denominator_unit)
        scale = f" × {number(metric.scale)}" if metric.scale != 1 else ""
        days = window(row["period_start"], row["period_end"])
        words = f"{metric.title}, {days}: {top} ÷ {bottom}{scale} = {amount(value, metric.unit)}."
    return Step(step="value", words=words, value=value, unit=metric.unit)


def _comparators_step(row: Row, comparators: Comparators, organisation: Organisation, *, itself: bool) -> Step:
    others, group = compared_with(comparators.count, organisation, itself=itself), f"“{comparators.title}”"
    group += f", {comparators.period}" if comparators.period else ""
    have = "has" if comparators.count == 1 else "have"
    if row["benchmark_upper"] is not None:
        words = f"Compared with {others} that {have} a value (group: {group})."
    else:
        few = f"{others} {have} a value" if comparators.count else "There are no comparators with a value"
        words = f"Not compared. {few} (group: {group})."
    return Step(step="comparators", words=words, value=comparators.count, unit=organisation.many)


def _bound_steps(
    row: Row,
    metric: Metric,
    bound: str,
    rule: Benchmark,
    recomputed: float | None,
    phrase: str,
) -> Iterator[Step]:
    noun = "target" if rule.rule == "target" else "benchmark"
    name = noun if is_single(row) else {"lower": f"modest {noun}", "upper": f"ambitious {noun}"}[bound]
    published, gap, units = row[f"benchmark_{bound}"], row[f"gap_{bound}"], row[f"units_{bound}"]
    yield BenchmarkStep(
        step=f"benchmark_{bound}",
        words=f"The {name} is {phrase}: {amount(published, metric.unit)}."
        if rule.rule != "target" or rule.of_its_own
        else f"The {name} is {amount(published, metric.unit)}.",
        value=published,
        unit=metric.unit,
        recomputed=recomputed,
        agrees=rule.of_its_own
        or (recomputed is not None and isclose(recomputed, published, rel_tol=1e-9, abs_tol=1e-12)),
    )
    pair = (row["value"], published) if metric.lower_is_better else (published, row["value"])
    terms, difference = subtraction(*pair, metric.unit)
    none = ", so there is no gap" if gap == 0 else ""
    yield Step(step=f"gap_{bound}", words=f"Gap: {terms} = {difference}{none}.", value=gap, unit=metric.unit)
    if gap:
        scale = f" ÷ {number(metric.scale)}" if metric.scale != 1 else ""
        base = counted(row["denominator"], metric.denominator_unit)
        words = f"{difference}{scale} × {base} = {amount(units, row['unit'])}."
        yield Step(step=f"units_{bound}", words=words, value=units, unit=row["unit"])


def _equivalents(row: Row, definition: Opportunity, prices: Mapping[str, Price]) -> Iterator[Equivalent]:
    """The gain in each expression that the row has, the native one first."""
    for kind in sorted(EXPRESSIONS, key=lambda kind: kind != definition.native):
        route = definition.routes.get(kind)
        lower, upper = row[f"{kind}_lower"], row[f"{kind}_upper"]
        if route is None or upper is None:
            continue
        own = definition.price_ids(kind)
        native = definition.native == kind
        how = _how(row, definition, kind, prices)
        words = f"As {_NOUNS[kind]}: {f'{how} = ' if how else ''}{span(lower, upper, route.unit)}."
        yield Equivalent(
            kind=kind,
            label="native" if native else "equivalent",
            lower=lower,
            upper=upper,
            unit=route.unit,
            words=words if native else f"{words} This is the same gain in another unit, not an additional gain.",
            price_ids=own,
            illustrative=any(prices[name].illustrative for name in own),
        )


def _how(row: Row, definition: Opportunity, kind: Expression, prices: Mapping[str, Price]) -> str:
    """The formula from the units to an expression: `46,514 to 60,039 FTE days ÷ 183 days × £50,000 per WTE`; empty if
    the two are equal, or if a price of the trust's own is 0, so that the steps after it cannot be shown."""
    factors = ""
    for step in definition.steps(kind):
        if step.price:
            price = prices[step.price]
            factors += f" {'×' if step.times else '÷'} {amount(price.value, price.unit)}"
        if step.per_day or step.own_rate:
            expression = next(name for name in EXPRESSIONS if definition.routes.get(name) is step)
            before, after = row[f"{step.of}_upper"], row[f"{expression}_upper"]
            if not before:
                return ""
            if step.per_day:
                factors += f" ÷ {round(before / after)} days"
            if step.own_rate:
                rate = amount(after / before, step.own_rate.unit)
                factors += f" × {rate} ({_titles(step.own_rate)})"
    return f"{span(row['units_lower'], row['units_upper'], row['unit'])}{factors}" if factors else ""


def _titles(rate: Rate) -> str:
    title = f"{rate.title[:1].lower()}{rate.title[1:]}"
    return f"{title} less {_titles(rate.less)}" if rate.less else title


def _overlaps(definition: Opportunity, group: OverlapGroup | None, others: Sequence[NamedOpportunity]) -> Overlaps:
    titles = ", ".join(other.title for other in others)
    words = f"This overlaps with {titles}, so these figures must not be added together." if others else DO_NOT_ADD
    return Overlaps(
        overlap_group=definition.overlap_group,
        title=group and group.title,
        explanation=group and group.explanation,
        others=tuple(others),
        words=words,
    )
