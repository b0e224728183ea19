"""Benchmark statistics: quantiles agree with NumPy's, and each rule with the standard library's statistics."""

from statistics import fmean, median
from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from shared.facts.quantiles import quantile, statistic
from shared.method.opportunities import Benchmark

VALUES = st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=1, max_size=40)


@drawn(VALUES, st.floats(0, 1))
def test_quantiles_are_those_of_type_7(values: list[float], q: float) -> None:
    assert quantile(values, q) == pytest.approx(float(np.quantile(values, q)), rel=1e-9, abs=1e-3)


@drawn(VALUES, st.randoms())
def test_the_order_of_comparators_does_not_matter(values: list[float], random: Any) -> None:
    shuffled = random.sample(values, len(values))
    assert quantile(shuffled, 0.25) == quantile(values, 0.25)


def test_no_values_have_no_quantile() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)


@drawn(VALUES, st.integers(1, 50), st.booleans())
def test_each_rule_is_its_statistic(values: list[float], n: int, lower_is_better: bool) -> None:
    best = sorted(values, reverse=not lower_is_better)[:n]
    for rule, expected in (
        (Benchmark(rule="median"), median(values)),
        (Benchmark(rule="quantile", q=0.25), float(np.quantile(values, 0.25))),
        (Benchmark(rule="mean"), fmean(values)),
        (Benchmark(rule="mean_of_best", n=n), fmean(best)),
    ):
        assert statistic(rule, values, lower_is_better) == pytest.approx(expected, rel=1e-9, abs=1e-3)


@pytest.mark.parametrize(
    "rule", [Benchmark(rule="mean"), Benchmark(rule="median"), Benchmark(rule="mean_of_best", n=2)]
)
def test_no_values_have_no_statistic(rule: Benchmark) -> None:
    with pytest.raises(ValueError, match="values"):
        statistic(rule, [], lower_is_better=True)


def test_a_target_is_no_statistic() -> None:
    with pytest.raises(ValueError, match="target"):
        statistic(Benchmark(rule="target", value=1.0), [1.0, 2.0], lower_is_better=True)
