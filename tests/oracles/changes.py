"""The change of a figure told the slow way: five whole figures in exact fractions, and the differences between them.

Written from the sentences of the decision, over what `tests.oracles.opportunities` reads from the facts themselves:
no release, table or method document comes into it.
"""

from fractions import Fraction
from itertools import pairwise

from shared.method.opportunities import Benchmark, Opportunity, Rate, Route
from tests.oracles.opportunities import Programme
from tests.oracles.statistics import benchmark, exact

Parts = dict[str, Fraction]
Values = dict[str, Fraction]
NONE = Fraction(0)


def changed(before: Programme, after: Programme, name: str, trust: str) -> dict[str, Parts] | None:
    """Figure → part → amount; None unless both have a figure. Figures that either cannot state are left out."""
    rows = [programme.opportunity(name, trust) if trust in programme.trusts else {} for programme in (before, after)]
    if any(row.get("units_upper") is None for row in rows):
        return None
    old, new = rows
    rules, later = before.method.opportunities[name], after.method.opportunities[name]
    metric, later_metric = before.method.metrics[rules.metric], after.method.metrics[later.metric]
    scale, later_scale = exact(metric.scale), exact(later_metric.scale)
    borrowed = any("national_price" in row["flags"] for row in rows)
    rate = {kind: rates(before, after, name, trust, kind, borrowed) for kind in ("cash", "activity", "staff")}
    same_metric = (metric.numerator, metric.denominator, metric.direction, metric.window) == (
        later_metric.numerator, later_metric.denominator, later_metric.direction, later_metric.window
    )  # fmt: skip

    # Each whole figure: own value over its denominator, benchmarks, which of the three rates; and the part it ends.
    marks = [old["benchmark_lower"], old["benchmark_upper"]]
    own = (new["numerator"] * scale / new["denominator"], new["denominator"] / scale)
    steps = [("", (old["value"], old["denominator"] / scale), marks, 0)]
    if same_metric:
        steps.append(("own_value", own, marks, 1))
        for part, moved in benchmarks(before, after, rules, later, trust, scale / later_scale, new):
            steps.append((part, own, moved, 1))
    steps.append(
        ("method_changed", (new["value"], new["denominator"] / later_scale),
         [new["benchmark_lower"], new["benchmark_upper"]], 2)
    )  # fmt: skip

    found: dict[str, Parts] = {}
    for kind in ("units", "cash", "activity", "staff"):
        for end in (0, 1):
            figure = f"{kind}_{('lower', 'upper')[end]}"
            if old.get(figure) is None or new.get(figure) is None:
                continue
            amounts = []
            for part, (value, base), states, which in steps:
                side = 1 if (metric if part != "method_changed" else later_metric).lower_is_better else -1
                gaps = sorted(max(NONE, side * (value - mark)) for mark in states)
                times = Fraction(1) if kind == "units" else rate[kind][which]
                assert times is not None
                amounts.append((part, gaps[end] * base * times))
            parts = dict.fromkeys(("own_value", "benchmark_moved", "comparators_changed", "method_changed"), NONE)
            for (_, was), (part, now) in pairwise(amounts):
                parts[part] += now - was
            found[figure] = parts
    return found


def benchmarks(
    before: Programme,
    after: Programme,
    rules: Opportunity,
    later: Opportunity,
    trust: str,
    rescale: Fraction,
    new: dict[str, Fraction],
) -> list[tuple[str, list[Fraction]]]:
    ends = [rules.lower or rules.upper, rules.upper]
    if rules.comparator == "target":
        if later.comparator == "target" and ends == [later.lower or later.upper, later.upper] and rescale == 1:
            return [("benchmark_moved", [new["benchmark_lower"], new["benchmark_upper"]])]
        return []
    least = before.method.metrics[rules.metric].minimum_denominator
    known = believed(before, rules.metric, trust, least, rules)
    then = picked(before, rules, rules, known, trust)
    now = {code: value * rescale for code, value in believed(after, later.metric, trust, least, rules).items()}
    found = []
    same = [code for code in then if code in now]
    if same:
        found.append(("comparators_changed", over(before, rules, ends, [then[code] for code in same])))
        found.append(("benchmark_moved", over(before, rules, ends, [now[code] for code in same])))
    if later.comparator != "target" and (joined := picked(after, later, rules, now, trust)):
        found.append(("comparators_changed", over(before, rules, ends, [*joined.values()])))
    return found


def over(programme: Programme, rules: Opportunity, ends: list[Benchmark], values: list[Fraction]) -> list[Fraction]:
    less = programme.method.metrics[rules.metric].direction == "lower_is_better"
    return [benchmark(rule, values, less) for rule in ends]


def believed(programme: Programme, metric: str, trust: str, least: float | None, by: Opportunity) -> Values:
    """Values of all others that are neither missing nor implausible, on a denominator that is large enough; the trust's
    own too, and only those above zero, if the rules `by` say so."""
    found = {}
    for code in programme.trusts:
        status, _ = programme.statuses[metric][code]
        measured = programme.results[metric][code]
        large = least is None or (measured["denominator"] or NONE) >= exact(least)
        one_of_them = large and status in ("ok", "below_minimum") and (code != trust or by.including_itself)
        if one_of_them and (measured["value"] > 0 or not by.positive_comparators):
            found[code] = measured["value"]
    return found


def picked(programme: Programme, group_of: Opportunity, by: Opportunity, known: Values, trust: str) -> Values:
    """Those in the trust's group, or everyone where they are too few by the rules `by`."""
    members = programme.members(group_of.comparator, group_of.metric, trust) or []
    near = {code: known[code] for code in [*members, trust] if code in known}
    if len(near) >= by.minimum_comparators or by.fallback is None or len(known) < by.minimum_comparators:
        return near
    return known


def rates(
    before: Programme, after: Programme, name: str, trust: str, kind: str, borrowed: bool
) -> list[Fraction | None]:
    """What one unit comes to: before; with the later own rates at the earlier prices; after. What was `borrowed` from
    everyone in either is not its own, so it moves last."""
    old, new = (programme.method.opportunities[name].routes for programme in (before, after))
    if kind not in old or kind not in new:
        return [None, None, None]
    first, last = factor(before, before, name, trust, kind), factor(after, after, name, trust, kind)
    lent = borrowed and any(borrows(step.own_rate) for step in way(old, kind))
    same = own_steps(old, kind) == own_steps(new, kind) and not lent
    return [first, factor(after, before, name, trust, kind) if same else first, last]


def way(routes: dict[str, Route], kind: str) -> list[Route]:
    found = [routes[kind]]
    while found[-1].of != "units":
        found.append(routes[found[-1].of])
    return found


def borrows(rate: Rate | None) -> bool:
    while rate is not None:
        if rate.otherwise_national:
            return True
        rate = rate.less
    return False


def own_steps(routes: dict[str, Route], kind: str) -> list[object]:
    return [(step.own_rate, step.per_day) for step in way(routes, kind) if step.own_rate or step.per_day]


def factor(own: Programme, priced: Programme, name: str, trust: str, kind: str) -> Fraction | None:
    """The way to an expression as the method of `priced` has it, the trust's own rates as `own` landed them."""
    total = Fraction(1)
    metric = own.method.opportunities[name].metric
    for route in way(priced.method.opportunities[name].routes, kind):
        if route.times:
            total *= exact(priced.method.prices[route.times].value)
        elif route.divide_by:
            total /= exact(priced.method.prices[route.divide_by].value)
        elif route.per_day:
            total /= own.results[metric][trust]["days"]
        elif route.own_rate:
            paid = own.own_rate(route.own_rate, metric, trust)
            if paid is None:
                return None
            total *= paid
    return total
