"""How far a figure may be trusted: what leaving out one comparator does to it, and whether it may be chance. Pure."""

from math import isclose
from typing import Any

from functions.api.explain.sentences import Row, is_single
from functions.api.schemas.figures import Interval, Range, Robustness
from shared.facts.intervals import CONFIDENCE, interval
from shared.formatting import amount, between, headline, span
from shared.method.measures import Metric
from shared.method.opportunities import EXPRESSIONS, TARGET, Opportunity

_NAMES: dict[str, Any] = {"proportion": "Wilson", "count": "Byar"}


def robustness(row: Row, definition: Opportunity) -> Robustness | None:
    """Between what the gain lies when any one comparator is left out; None where the release does not say."""
    low, high, comparators = row.get("robust_low"), row.get("robust_high"), row["comparator_count"]
    if low is None or high is None or not comparators:
        return None
    units = Range(low=low, high=high, unit=row["unit"])
    found = {}
    for kind in EXPRESSIONS:
        route, each = definition.routes.get(kind), row.get(f"{kind}_per_unit")
        if route is not None and each is not None:
            found[kind] = Range(low=low * each, high=high * each, unit=route.unit)
    said = found.get(definition.native, units) if definition.native else units
    words = f"Leaving out any one of the {comparators} comparators, {_gain(said)}."
    return Robustness(comparators=comparators, units=units, words=words, **found)


def _gain(said: Range) -> str:
    if not said.high:
        return "there is still no gain"
    if isclose(said.low, said.high, rel_tol=1e-12):
        return f"the gain is still {headline(said.high, said.unit)}"
    if not said.low:
        return f"the gain is {span(said.low, said.high, said.unit, rough=True)}"
    return f"the gain lies between {headline(said.low, said.unit)} and {headline(said.high, said.unit)}"


def chance(row: Row, metric: Metric) -> Interval | None:
    """The interval of the trust's own value beside its ambitious benchmark; None where there is none."""
    within = row.get("within_chance")
    if within is None or metric.chance is None:
        return None
    ends = (float(end * metric.scale) for end in interval(metric.chance, row["numerator"], row["denominator"]))
    value = Range(**dict(zip(("low", "high"), ends, strict=True)), unit=metric.unit)
    name, confidence = _NAMES[metric.chance], f"{100 * CONFIDENCE:g} %"
    mark = "target" if row["comparator"] == TARGET else "benchmark"
    mark = f"{'' if is_single(row) else 'ambitious '}{mark} of {amount(row['benchmark_upper'], metric.unit)}"
    told, reached = ("within", "reaches") if within else ("more than", "does not reach")
    shown = between(value.low, value.high, value.unit)
    words = f"The distance is {told} chance: the {confidence} {name} interval of this trust's own rate, {shown}, "
    return Interval(
        name=name, confidence=CONFIDENCE, value=value, within_chance=within, words=f"{words}{reached} the {mark}."
    )
