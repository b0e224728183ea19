"""Figures in words: the arithmetic receipt of an opportunity, step by step, and the sentence for every status.

Pure. Numbers leave as they came, unrounded; only sentences round. Documents are the method's, as published.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import isclose
from statistics import fmean, median
from typing import Any

Row = Mapping[str, Any]
Document = Mapping[str, Any]

DO_NOT_ADD = (
    "Opportunities must not be added together: categories overlap, "
    "and the same pound, bed day or hour can stand in several."
)
LOCAL_DATA = "These are starting points for questions, from landed figures. Check them with local data before acting."
ROUNDING = (
    "Sentences round: money and units to whole numbers from 100 up, all else to four significant figures. "
    "The numbers beside them are not rounded, and every step was computed from unrounded ones."
)
FLAGS = {
    "single_value": "This opportunity has one value, not a range.",
    "fallback_national": "Too few peers had a value, so all other trusts with one were compared with.",
    "check_data": "Check this figure first: it is unusually far from the others, and may be an error in the data.",
    "predecessor_form": "The trust took in another organisation after these days; the figures are its own from before.",
}
LOWER_IS_BETTER = "lower_is_better"
_SYMBOLS = {"GBP": "£"}
KINDS = ("cash", "activity", "staff")


# ---- numbers -------------------------------------------------------------------------------------------------------


def quantile(values: Sequence[float], q: float) -> float:
    """Hyndman and Fan's type 7 (linear interpolation, Excel's PERCENTILE.INC); ValueError for no values."""
    if not values:
        raise ValueError("no values have no quantile")
    ordered = sorted(values)
    place = (len(ordered) - 1) * q
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def number(value: float) -> str:
    """Whole from 100 up, else four significant figures, in full: 4,211,561 · 67.73 · 0.331."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    text = f"{value:.4g}"
    return f"{value:.6f}".rstrip("0").rstrip(".") if "e" in text else text


def amount(value: float | None, unit: str | None) -> str:
    """A number with its unit, as a person writes it: £67.73 per m² · 5.82 % · 254 WTE."""
    if value is None:
        return "no value"
    unit = (unit or "").replace("m2", "m²")
    if unit == "share":
        return f"{number(value * 100)} %"
    head, _, rest = unit.partition(" ")
    if head in _SYMBOLS:
        figure = f"{value:,.2f}" if abs(value) < 100 and rest else number(value)
        return f"{_SYMBOLS[head]}{figure} {rest}".rstrip()
    return f"{number(value)} {unit}".rstrip()


def counted(value: float | None, unit: str | None) -> str:
    """A sum of so many of a unit, whose name the method gives in the singular: 38,830 appointments."""
    said = amount(value, unit)
    return f"{said}s" if said[-1:].islower() and said[-1:] != "s" and value not in (1, None) else said


def _range(lower: float | None, upper: float | None, unit: str | None) -> str:
    if lower is None or upper is None or isclose(lower, upper, rel_tol=1e-12, abs_tol=1e-12):
        return amount(upper if upper is not None else lower, unit)
    first, last = amount(lower, unit), amount(upper, unit)
    figure, _, rest = last.partition(" ")
    said_once = bool(rest) and first.endswith(f" {rest}") and rest != "%"
    return f"{first.removesuffix(f' {rest}')} to {figure} {rest}" if said_once else f"{first} to {last}"


def points(value: float, unit: str | None) -> str:
    """A difference of two values: that of two percentages is in percentage points."""
    return f"{number(100 * value)} percentage points" if unit == "share" else amount(value, unit)


def window(start: date, end: date) -> str:
    """The days of a window in words."""
    return f"{start.day} {start:%B %Y} to {end.day} {end:%B %Y}"


def _trusts(count: int) -> str:
    return "1 trust" if count == 1 else f"{count} trusts"


# ---- statuses ------------------------------------------------------------------------------------------------------


def status_sentence(row: Row, definition: Document, metric: Document) -> str:
    """Why this row says what it says, in one sentence with its numbers."""
    name, title, unit = row["trust_name"] or row["trust_code"], definition["title"], metric.get("unit")
    when = window(row["period_start"], row["period_end"]) if row["period_start"] and row["period_end"] else None
    had = f"{title}, {when}: {name} had {amount(row['value'], unit)}" if when else f"{title}: {name}"
    count = row["comparator_count"] or 0
    bounds = _range(row["benchmark_lower"], row["benchmark_upper"], unit)
    minimum = metric.get("minimum_denominator")
    against = (
        "a target of" if row["comparator"] == "target" else f"{_trusts(count)} to compare with, whose benchmark is"
    )
    sentences = {
        "opportunity": f"{had}, against {against} {bounds}: closing the gap would be {gain(row)}.",
        "at_or_better_than_benchmark": f"{had}, which is at or better than the benchmark ({against} {bounds}).",
        "no_data": f"{title}: {name} has no usable figure"
        + (f" for {when}" if when else "")
        + ". Some part of it is missing, which is not the same as zero.",
        "not_applicable": f"{title} does not apply to {name}: the trust reports that it does not provide this.",
        "below_minimum": f"{had}, but on {counted(row['denominator'], metric.get('denominator_unit'))}"
        + (f", below the minimum of {number(minimum)}" if minimum else ", too small a base")
        + ", so it is not compared.",
        "insufficient_comparators": f"{had}, but only {_trusts(count)} to compare with "
        f"had a value; at least {definition.get('minimum_comparators', 5)} are needed.",
        "not_comparable": f"{had}; this figure may not be compared between trusts.",
        "implausible": f"{had}, {_implausible(metric)}, so it is not used. "
        "Check this figure first: it is probably an error in the data.",
        "no_peer_set": f"{had}, but there is no peer set for it in the group {row['comparator']}.",
    }
    return sentences.get(row["status"], f"{title}: {row['status']}.")


def _implausible(metric: Document) -> str:
    rule = metric.get("plausibility") or {}
    if rule.get("group") is None:
        return "which is outside what it can be"
    times = number(rule.get("implausible", 10))
    return f"less than 1/{times} or more than {times} times the median of its group"


def gain(row: Row) -> str:
    """A row's gain in the most telling of what it has: cash, else its native units, else staff, else activity."""
    for kind, unit in (("cash", "GBP"), ("units", row["unit"]), ("staff", "WTE"), ("activity", row["activity_unit"])):
        if row[f"{kind}_upper"] is not None:
            return _range(row[f"{kind}_lower"], row[f"{kind}_upper"], unit)
    return "not expressed in figures"


def cautions(row: Row, prices: Iterable[Document]) -> list[str]:
    """Everything the reader must be told beside the figure."""
    said = [FLAGS.get(flag, f"Flag: {flag}.") for flag in row["flags"] or ()]
    said.sort(key=lambda sentence: not sentence.startswith("Check"))
    illustrative = [price for price in prices if price["status"] == "illustrative"]
    return said + [price_sentence(price) for price in illustrative]


# ---- benchmarks ----------------------------------------------------------------------------------------------------


def benchmark_value(benchmark: Document, values: Sequence[float], direction: str) -> float | None:
    """The benchmark computed afresh; None for a target (it is not computed) or where there are no values."""
    rule = benchmark["rule"]
    if rule == "target" or not values:
        return None
    if rule == "median":
        return median(values)
    if rule == "mean":
        return fmean(values)
    if rule == "mean_of_best":
        ordered = sorted(values, reverse=direction != LOWER_IS_BETTER)
        return fmean(ordered[: benchmark["n"]])
    return quantile(values, benchmark["q"])


def rule_words(benchmark: Document, count: int) -> str:
    """A benchmark's rule as a noun phrase."""
    rule = benchmark["rule"]
    if rule == "target":
        own = benchmark.get("measure")
        return f"the trust's own target ({own})" if own else "the target"
    if rule == "mean_of_best":
        return f"the mean of the best {benchmark['n']} of {_trusts(count)}"
    if rule == "quantile":
        best = " (the top quartile)" if benchmark["q"] in (0.25, 0.75) else ""
        return f"the {number(100 * benchmark['q'])}th percentile{best} of {_trusts(count)}, interpolated linearly"
    return f"the {rule} of {_trusts(count)}"


# ---- prices --------------------------------------------------------------------------------------------------------


def routes_of(definition: Document, kind: str) -> list[Document]:
    """The steps from the units to one expression (cash, activity, staff), in order; none if there is no way to it."""
    route = definition.get(kind)
    if route is None:
        return []
    before = route.get("of", "units")
    return (routes_of(definition, before) if before != "units" else []) + [route]


def prices_of(
    definition: Document, prices: Mapping[str, Document], kinds: Iterable[str] = KINDS
) -> dict[str, Document]:
    """The prices that an opportunity's routes name, by id."""
    named = [route.get("times") or route.get("divide_by") for kind in kinds for route in routes_of(definition, kind)]
    return {name: prices[name] for name in named if name}


def price_sentence(price: Document) -> str:
    """A price with its year and source, and plainly whether it is illustrative."""
    figure = amount(price["value"], price.get("unit"))
    year = f" at {price['price_year']} prices" if price.get("price_year") else ""
    if price["status"] == "illustrative":
        return f"The price used, {figure}{year}, is illustrative, not published: {price['source']}."
    return f"The price used is {figure}{year}, published: {price['source']}."


# ---- the receipt ---------------------------------------------------------------------------------------------------


def receipt(
    row: Row,
    definition: Document,
    metric: Document,
    prices: Mapping[str, Document],
    comparators: Sequence[Mapping[str, Any]],
    group: Document,
    overlaps: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """How one figure came about, each step as words and as unrounded numbers.

    `comparators`: {trust_code, trust_name, value}, all with a value, the trust itself not among them.
    `overlaps`: {opportunity_id, title} of the others in the same overlap group.
    """
    unit, direction = metric.get("unit"), metric.get("direction", LOWER_IS_BETTER)
    used = prices_of(definition, prices)
    steps = [_value_step(row, metric)]
    if row["comparator"] != "target":
        steps.append(_comparators_step(comparators, group))
    values = [item["value"] for item in comparators]
    for bound in ("lower", "upper"):
        if row[f"benchmark_{bound}"] is None or (bound == "lower" and _single(row)):
            continue
        steps += _bound_steps(row, definition, metric, bound, values, direction)
    agrees = all(step.get("agrees", True) for step in steps)
    warnings = cautions(row, ())
    if not agrees:
        warnings.insert(0, "The benchmark computed afresh differs from the published one. Do not use this figure.")
    return {
        "summary": status_sentence(row, definition, metric),
        "unit": unit,
        "steps": steps,
        "comparators": list(comparators),
        "equivalents": _equivalents(row, definition, used),
        "prices": [{"price_id": name, **price, "words": price_sentence(price)} for name, price in used.items()],
        "cautions": warnings,
        "overlaps": {
            "overlap_group": row["overlap_group"],
            "with": list(overlaps),
            "words": _overlap_words(overlaps),
        },
        "rounding": ROUNDING,
        "benchmarks_agree": agrees,
    }


def _single(row: Row) -> bool:
    return "single_value" in (row["flags"] or ())


def _value_step(row: Row, metric: Document) -> dict[str, Any]:
    step = {"step": "value", "value": row["value"], "numerator": row["numerator"], "denominator": row["denominator"]}
    if row["value"] is None or not row["period_start"]:
        return step | {"words": "There is no value: a part of it is missing, and missing is not zero."}
    top, bottom = (counted(row[part], metric.get(f"{part}_unit")) for part in ("numerator", "denominator"))
    scale = f" × {number(metric['scale'])}" if metric.get("scale", 1) != 1 else ""
    named = f"{metric['title']}, " if metric.get("title") else ""
    return step | {
        "words": f"{named}{window(row['period_start'], row['period_end'])}: "
        f"{top} ÷ {bottom}{scale} = {amount(row['value'], metric.get('unit'))}."
    }


def _comparators_step(comparators: Sequence[Mapping[str, Any]], group: Document) -> dict[str, Any]:
    title = group.get("title", "the group")
    return {
        "step": "comparators",
        "count": len(comparators),
        "words": f"Compared with {_trusts(len(comparators))} with a value, never with itself: {title}.",
    }


def _bound_steps(
    row: Row, definition: Document, metric: Document, bound: str, values: Sequence[float], direction: str
) -> list[dict[str, Any]]:
    rule = definition.get(bound) or definition["upper"]
    unit, name = metric.get("unit"), "benchmark" if _single(row) else f"{bound} benchmark"
    published = row[f"benchmark_{bound}"]
    afresh = benchmark_value(rule, values, direction) if row["comparator"] != "target" else None
    agrees = row["comparator"] == "target" or (
        afresh is not None and isclose(afresh, published, rel_tol=1e-9, abs_tol=1e-12)
    )
    steps: list[dict[str, Any]] = [
        {
            "step": f"benchmark_{bound}",
            "value": published,
            "recomputed": afresh,
            "agrees": agrees,
            "words": f"The {name} is {rule_words(rule, len(values))}: {amount(published, unit)}.",
        }
    ]
    gap, units = row[f"gap_{bound}"], row[f"units_{bound}"]
    if gap is None or row["value"] is None:
        return steps
    better, worse = amount(published, unit), amount(row["value"], unit)
    first, second = (worse, better) if direction == LOWER_IS_BETTER else (better, worse)
    never = " A gap below zero counts as none." if gap == 0 else ""
    steps.append(
        {"step": f"gap_{bound}", "value": gap, "words": f"Gap: {first} − {second} = {points(gap, unit)}.{never}"}
    )
    if units is not None and row["denominator"] is not None:
        scale = f" ÷ {number(metric['scale'])}" if metric.get("scale", 1) != 1 else ""
        base = counted(row["denominator"], metric.get("denominator_unit"))
        words = f"{points(gap, unit)}{scale} × {base} = {amount(units, row['unit'])}."
        steps.append({"step": f"units_{bound}", "value": units, "unit": row["unit"], "words": words})
    return steps


def _equivalents(row: Row, definition: Document, used: Mapping[str, Document]) -> list[dict[str, Any]]:
    units = {"cash": (definition.get("cash") or {}).get("unit"), "activity": row["activity_unit"], "staff": "WTE"}
    found = []
    for kind, unit in units.items():
        lower, upper = row[f"{kind}_lower"], row[f"{kind}_upper"]
        if lower is None and upper is None:
            continue
        label = "native" if definition.get("native") == kind else "equivalent"
        how = _how(row, definition, kind, used)
        said = _range(lower, upper, unit) + (f", that is {how}" if how else "")
        words = f"{said}." if label == "native" else f"Equivalent to {said}; the same gain, not one more."
        own = prices_of(definition, used, [kind])
        found.append(
            {"kind": kind, "label": label, "lower": lower, "upper": upper, "unit": unit, "words": words}
            | {"price_ids": list(own), "illustrative": any(price["status"] == "illustrative" for price in own.values())}
        )
    return found


def _how(row: Row, definition: Document, kind: str, used: Mapping[str, Document]) -> str:
    """The way from the units to an expression: `£4,211,561 ÷ £3,500 per weighted activity unit`."""
    steps = ""
    for route in routes_of(definition, kind):
        if price := route.get("times") or route.get("divide_by"):
            sign = "×" if route.get("times") else "÷"
            steps += f" {sign} {amount(used[price]['value'], used[price]['unit'])}"
        if route.get("per_day"):
            days = round(row["units_upper"] / row["staff_upper"]) if row["staff_upper"] else None
            steps += f" ÷ {days} days" if days else " ÷ the days in the window"
        if (rate := route.get("own_rate")) and row["units_upper"]:
            steps += f" × the trust's own {amount(row[f'{kind}_upper'] / row['units_upper'], rate['unit'])}"
    return f"{_range(row['units_lower'], row['units_upper'], row['unit'])}{steps}" if steps else ""


def _overlap_words(overlaps: Sequence[Mapping[str, str]]) -> str:
    if not overlaps:
        return DO_NOT_ADD
    titles = ", ".join(other["title"] for other in overlaps)
    return f"This overlaps with {titles}: these figures must not be added together."
