"""Holding what estimate says against the slow oracle."""

import math
from itertools import pairwise
from typing import Any

from functions.opportunities.estimate import Estimate
from tests.oracles.opportunities import Programme
from tests.unit.little import opportunity_rows

EXPRESSIONS = ("benchmark", "gap", "units", "cash", "activity", "staff")
NUMERIC = [f"{name}_{end}" for name in EXPRESSIONS for end in ("lower", "upper")]


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
        for name in ("status", "comparator", "comparator_count", "flags", "period_start", "period_end"):
            assert row[name] == other[name], (key, name, row, other)
        for name in ("value", "numerator", "denominator", *NUMERIC):
            assert same(row[name], other.get(name)), (key, name, row, other)
        assert (row["rank"] is None) == ("rank" not in other), (key, row, other)
    for trust in expected.trusts:
        held = sorted((row["rank"], key) for key, row in rows.items() if key[0] == trust and row["rank"] is not None)
        assert [rank for rank, _ in held] == list(range(1, len(held) + 1))
        _assert_biggest_first([told[key] for _, key in held])
    for row in found.metrics.to_pylist():
        measured = expected.results[row["metric_id"]][row["trust_code"]]
        assert row["status"] == expected.statuses[row["metric_id"]][row["trust_code"]][0]
        assert all(same(row[name], measured[name]) for name in ("value", "numerator", "denominator")), (row, measured)


def _assert_biggest_first(ranked: list[dict[str, Any]]) -> None:
    with_cash = [row["annual"] for row in ranked if row["annual"] is not None]
    without = [row["units_upper"] / row["denominator"] for row in ranked if row["annual"] is None]
    assert [row["annual"] is None for row in ranked] == [False] * len(with_cash) + [True] * len(without)
    for one, following in (*pairwise(with_cash), *pairwise(without)):
        assert one > following or same(one, following)
