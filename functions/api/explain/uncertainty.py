"""The uncertainty of a figure: the effect of leaving out one comparator, and whether the gap may be chance. Pure."""

from math import isclose
from typing import Any

from functions.api.explain.sentences import Row, is_single
from functions.api.schemas.figures import ChanceInterval, Range, Robustness
from shared.facts.intervals import interval
from shared.formatting import amount, between, headline, span
from shared.method.measures import Metric
from shared.method.names import Organisation
from shared.method.opportunities import EXPRESSIONS, TARGET, Opportunity

_NAMES: dict[str, Any] = {"proportion": "Wilson", "count": "Byar"}


def robustness(row: Row, definition: Opportunity) -> Robustness | None:
    """The range of the gain when any one comparator is left out; None if the row has no such range."""
    low, high, comparators = row.get("robust_low"), row.get("robust_high"), row["comparator_count"]
    if low is None or high is None or not comparators:
        return None
    units = Range(low=low, high=high, unit=row["unit"])
    ranges = {}
    for kind in EXPRESSIONS:
        route, each = definition.routes.get(kind), row.get(f"{kind}_per_unit")
        if route is not None and each is not None:
            ranges[kind] = Range(low=low * each, high=high * each, unit=route.unit)
    native = ranges.get(definition.native, units) if definition.native else units
    words = f"If any one of the {comparators} comparators is left out, {_gain(native)}."
    return Robustness(comparators=comparators, units=units, words=words, **ranges)


def _gain(gain: Range) -> str:
    if not gain.high:
        return "there is still no gain"
    if isclose(gain.low, gain.high, rel_tol=1e-12):
        return f"the gain is still {headline(gain.high, gain.unit)}"
    if not gain.low:
        return f"the gain is {span(gain.low, gain.high, gain.unit, rough=True)}"
    low, _, high = between(gain.low, gain.high, gain.unit, rough=True).partition(" to ")
    return f"the gain is between {low} and {high}"


def chance(row: Row, metric: Metric, organisation: Organisation) -> ChanceInterval | None:
    """The confidence interval of a trust's value, compared with its ambitious benchmark; None if the row has none."""
    within = row.get("within_chance")
    if within is None or metric.chance is None:
        return None
    ends = (
        float(end * metric.scale)
        for end in interval(metric.chance, row["numerator"], row["denominator"], metric.confidence)
    )
    value = Range(**dict(zip(("low", "high"), ends, strict=True)), unit=metric.unit)
    name, confidence = _NAMES[metric.chance], f"{100 * metric.confidence:g}%"
    noun = "target" if row["comparator"] == TARGET else "benchmark"
    benchmark = f"{'' if is_single(row) else 'ambitious '}{noun} of {amount(row['benchmark_upper'], metric.unit)}"
    gap, reaches = ("may be due to", "reaches") if within else ("is greater than", "does not reach")
    words = (
        f"The gap {gap} chance: the {confidence} {name} interval of this {organisation.one}'s own value, "
        f"{between(value.low, value.high, value.unit)}, {reaches} the {benchmark}."
    )
    return ChanceInterval(name=name, confidence=metric.confidence, value=value, within_chance=within, words=words)
