"""Checks that benchmarks are on the better side of their metric, and that the upper one is the more ambitious."""

from collections.abc import Iterator

from shared.method.measures import Metric
from shared.method.opportunities import Benchmark, Opportunity


def misdirected(opportunity: Opportunity, metric: Metric) -> Iterator[tuple[str, str]]:
    """Faults of an opportunity's benchmarks: the setting (`metric`, `lower` or `upper`), and a sentence.

    Two rules are compared only if their order does not depend on the figures. If it does, as for a mean and a quantile,
    the more modest of the two values is used as each trust's lower benchmark.
    """
    if metric.direction == "neither":
        yield "metric", "no value of this metric is better than another, so it has no opportunities; set its direction"
        return
    down = metric.lower_is_better
    for end in ("lower", "upper"):
        rule: Benchmark | None = getattr(opportunity, end)
        if rule is None or rule.q is None or rule.worse_side:
            continue
        if rule.q > 0.5 if down else rule.q < 0.5:
            yield (
                end,
                f"the quantile {rule.q:g} is on the worse side, because {'lower' if down else 'higher'} is better "
                f"for this metric; write q: {1 - rule.q:.12g}, or worse_side: true if it is meant",
            )
    if opportunity.lower is not None and _asks_more(opportunity.lower, opportunity.upper, lower_is_better=down):
        yield (
            "lower",
            "the lower benchmark must be the modest one, and this is more ambitious than the upper; swap the two, or "
            "correct one of them",
        )


def _asks_more(one: Benchmark, other: Benchmark, *, lower_is_better: bool) -> bool:
    """Whether one benchmark is more ambitious than another, whatever the figures."""
    match one.rule, other.rule:
        case "mean_of_best", "mean_of_best":
            return (one.n or 0) < (other.n or 0)
        case "mean_of_best", _:
            return other.rule == "mean" or other.quantile == 0.5
        case "target", "target" if one.of_its_own and (one.measure, one.period) == (other.measure, other.period):
            mine, theirs = one.part(lower_is_better=lower_is_better), other.part(lower_is_better=lower_is_better)
        case "target", "target" if one.value is not None and other.value is not None:
            mine, theirs = one.value, other.value
        case _ if one.quantile is not None and other.quantile is not None:
            mine, theirs = one.quantile, other.quantile
        case _:
            return False
    return mine < theirs if lower_is_better else mine > theirs
