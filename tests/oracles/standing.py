"""Where one value stands among others, by counting, in exact fractions."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from shared.method.measures import Metric
from tests.oracles.statistics import quantile


def standing(own: Fraction, others: Sequence[Fraction], metric: Metric) -> dict[str, Any]:
    """The rank, percentile, quarter and band of a value among itself and others; neither rank nor quarter if no value
    is better than another."""
    rule, everyone = metric.standing, [own, *others]
    down, directed = metric.direction == "lower_is_better", metric.direction != "neither"
    better = sum(other < own if down else other > own for other in others)
    equal = sum(other == own for other in others)
    worse = len(others) - better - equal
    below = worse if rule.turned and directed else sum(other < own for other in others)
    n = len(everyone)
    percentile: Fraction | None = None
    match rule.percentile:
        case "share_below":
            percentile = Fraction(below, n)
        case "at_or_below":
            percentile = Fraction(below + equal + 1, n)
        case "percent_rank" if n > 1:
            percentile = Fraction(below, n - 1)
        case "mid_rank" if n > 1:
            percentile = (below + Fraction(equal, 2)) / (n - 1)
    return {
        "national_rank": better + 1 if directed else None,
        "national_of": n,
        "percentile": None if percentile is None else 100 * percentile,
        "quartile": part_of(own, everyone, 4, metric) if directed else None,
        "band": part_of(own, everyone, rule.bands, metric) if rule.bands else None,
    }


def part_of(own: Fraction, everyone: Sequence[Fraction], parts: int, metric: Metric) -> int | None:
    """1 for the best of so many equal parts."""
    if len(everyone) < parts:
        return None
    down = metric.direction == "lower_is_better"
    boundaries = [quantile(everyone, Fraction(nth, parts)) for nth in range(1, parts)]
    if down or metric.direction == "neither":
        return 1 + sum(own > boundary for boundary in boundaries)
    if metric.standing.boundary == "lower":
        return 1 + sum(own <= boundary for boundary in boundaries)
    return 1 + sum(own < boundary for boundary in boundaries)


def distribution(values: Sequence[Fraction]) -> dict[str, Any]:
    return {
        "count": len(values),
        "smallest": min(values),
        "largest": max(values),
        "lower_quartile": quantile(values, Fraction(1, 4)),
        "upper_quartile": quantile(values, Fraction(3, 4)),
        "mean": sum(values, Fraction(0)) / len(values),
    } | {f"decile_{nth}": quantile(values, Fraction(nth, 10)) for nth in range(1, 10)}


def total(rows: Sequence[Mapping[str, Any]], name: str) -> Fraction | None:
    """The sum of what is above zero, over rows with an opportunity; None if none of them has the figure."""
    known = [row[name] for row in rows if row["status"] == "opportunity" and row.get(name) is not None]
    return sum((each for each in known if each > 0), Fraction(0)) if known else None
