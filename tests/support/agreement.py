"""Holding what estimate says against the slow oracle."""

import math
from itertools import pairwise
from typing import Any

from shared.tables import TOTALS
from tests.oracles.opportunities import Programme
from tests.oracles.standing import distribution, total
from tests.oracles.trend import trend
from tests.oracles.windows import Days
from tests.support.pipeline.estimated import Estimate
from tests.support.small_programme import opportunity_rows

EXPRESSIONS = ("benchmark", "gap", "units", "cash", "activity", "staff")
NUMERIC = [f"{name}_{end}" for name in EXPRESSIONS for end in ("lower", "upper")]
SIGNED = [f"{name}_{end}" for name in ("distance", "distance_cash", "cash_per_year") for end in ("lower", "upper")]
STANDING = ["national_rank", "national_of", "percentile", "quartile", "band"]
SIDE_BY_SIDE = [
    "peer_rank", "peer_of", "peer_percentile", "peer_median", "peer_quartile", "national_median", "national_quartile"
]  # fmt: skip
PER_UNIT = [f"{name}_per_unit" for name in ("cash", "activity", "staff")]


def same(one: Any, other: Any) -> bool:
    """Equal to 1e-9, or both absent."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def assert_agrees(found: Estimate, expected: Programme) -> None:
    """Every row, every figure to 1e-9, and ranks in the order of the exact amounts."""
    rows, told = opportunity_rows(found), expected.rows()
    assert list(rows) == sorted(told)
    for key, row in rows.items():
        other = told[key]
        _assert_same(row, other)
        assert (row["rank"] is None) == ("rank" not in other), (key, row, other)
    for trust in expected.trusts:
        held = sorted((row["rank"], key) for key, row in rows.items() if key[0] == trust and row["rank"] is not None)
        assert [rank for rank, _ in held] == list(range(1, len(held) + 1))
        _assert_biggest_first([told[key] for _, key in held])
    _assert_metrics_agree(found, expected)
    _assert_trend_agrees(found, expected)


def _assert_same(row: dict[str, Any], other: dict[str, Any]) -> None:
    for name in ("status", "comparator", "comparator_count", "flags", "period_start", "period_end"):
        assert row[name] == other[name], (name, row, other)
    for name in ("within_chance", "compared"):
        assert row[name] == other.get(name), (name, row, other)
    figures = ("value", "numerator", "denominator", "robust_low", "robust_high")
    for name in (*figures, *NUMERIC, *PER_UNIT, *SIGNED, *STANDING, *SIDE_BY_SIDE):
        assert same(row[name], other.get(name)), (name, row, other)


def _assert_metrics_agree(found: Estimate, expected: Programme) -> None:
    windows = [(name, window) for name, held in sorted(expected.held.items()) for window in held]
    rows = found.metrics.to_pylist()
    keys = [(trust, name, window[-1][0]) for trust in expected.everyone for name, window in windows]
    assert [(row["trust_code"], row["metric_id"], row["period_end"]) for row in rows] == keys
    by_window = dict(zip(keys, rows, strict=True))
    for name, window in windows:
        expected.stand(name, window)
        for trust in expected.everyone:
            row, measured = by_window[trust, name, window[-1][0]], expected.results[name][trust]
            assert row["status"] == expected.statuses[name][trust][0]
            figures = ("value", "numerator", "denominator")
            assert all(same(row[figure], measured[figure]) for figure in figures), (row, measured)
            stands = expected.stands(name, trust)
            assert all(same(row[figure], stands.get(figure)) for figure in STANDING), (row, stands)
    _assert_distribution_agrees(found, expected, windows)


def _assert_distribution_agrees(found: Estimate, expected: Programme, windows: list[tuple[str, list[Days]]]) -> None:
    told = {}
    for name, window in windows:
        expected.stand(name, window)
        if values := expected.values(name):
            told[name, window[-1][0]] = distribution(values)
    rows = {(row["metric_id"], row["period_end"]): row for row in found.distribution.to_pylist()}
    assert [*rows] == [*told]
    for key, row in rows.items():
        assert all(same(row[figure], amount) for figure, amount in told[key].items()), (row, told[key])


def _assert_trend_agrees(found: Estimate, expected: Programme) -> None:
    rows, told = found.trend.to_pylist(), trend(expected)
    assert [(row["trust_code"], row["opportunity_id"], row["period_end"]) for row in rows] == sorted(told)
    for row in rows:
        other = told[row["trust_code"], row["opportunity_id"], row["period_end"]]
        _assert_same(row, other)
        assert row["breaks"] == other["breaks"], (row, other)
    totals = found.totals.to_pylist()
    assert {(row["opportunity_id"], row["period_end"]) for row in totals} == {key[1:] for key in told}
    for row in totals:
        of_window = [one for key, one in told.items() if key[1:] == (row["opportunity_id"], row["period_end"])]
        assert row["trusts"] == sum(one["status"] == "opportunity" for one in of_window)
        figures = [name for name in TOTALS.names if name.endswith(("_lower", "_upper"))]
        for kind in ("cash", "activity", "staff"):
            gains = [one.get(f"{kind}_upper") for one in of_window if one["status"] == "opportunity"]
            assert row[f"{kind}_trusts"] == sum(gain is not None and gain > 0 for gain in gains)
        assert all(same(row[name], total(of_window, name)) for name in figures), row


def _assert_biggest_first(ranked: list[dict[str, Any]]) -> None:
    with_cash = [row["annual"] for row in ranked if row["annual"] is not None]
    without = [row["units_upper"] / row["denominator"] for row in ranked if row["annual"] is None]
    assert [row["annual"] is None for row in ranked] == [False] * len(with_cash) + [True] * len(without)
    for one, following in (*pairwise(with_cash), *pairwise(without)):
        assert one > following or same(one, following)
