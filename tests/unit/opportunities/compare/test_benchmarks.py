"""The array statistics against the plain ones, one trust and one column at a time."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.opportunities.arrays import Floats
from functions.opportunities.compare import order_statistics
from functions.opportunities.compare.benchmarks import benchmarks
from functions.opportunities.compare.order import ranks
from shared.facts.quantiles import statistic
from shared.method.opportunities import Benchmark
from tests.oracles import statistics as oracle
from tests.support.drawn_values import RULES, drawn


def expected(values: Floats, members: list[list[int]], lower_is_better: list[bool]) -> tuple[list[list[int]], Floats]:
    counts, marks = [], np.full(values.shape, np.nan)
    for trust, held in enumerate(members):
        row = []
        for column, rule in enumerate(RULES):
            known = [Fraction(float(values[j, column])) for j in held if not np.isnan(values[j, column])]
            row.append(len(known))
            if known:
                marks[trust, column] = float(oracle.benchmark(rule, known, lower_is_better[column]))
        counts.append(row)
    return counts, marks


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 30), st.integers(1, 12), st.lists(st.booleans(), min_size=6, max_size=6))
def test_listed_comparators_agree_with_the_oracle(seed: int, trusts: int, width: int, direction: list[bool]) -> None:
    values, members = drawn(seed, trusts, width)
    counts, (marks,), _ = benchmarks(values, members, [RULES], np.array(direction))
    told = expected(values, [[j for j in row if j >= 0] for row in members.tolist()], direction)
    assert counts.tolist() == told[0]
    np.testing.assert_allclose(marks, told[1], rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 30), st.lists(st.booleans(), min_size=6, max_size=6))
def test_everyone_else_agrees_with_the_oracle(seed: int, trusts: int, direction: list[bool]) -> None:
    values, _ = drawn(seed, trusts, 0)
    counts, (marks,), _ = benchmarks(values, None, [RULES], np.array(direction))
    told = expected(values, [[j for j in range(trusts) if j != i] for i in range(trusts)], direction)
    assert counts.tolist() == told[0]
    np.testing.assert_allclose(marks, told[1], rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 30), st.lists(st.booleans(), min_size=6, max_size=6))
def test_arrays_agree_with_the_statistic_that_readers_are_shown(seed: int, trusts: int, direction: list[bool]) -> None:
    """A release is computed with arrays; sentences, what-ifs and changes with `statistic`, over plain numbers."""
    values, _ = drawn(seed, trusts, 0)
    counts, (arrays,), _ = benchmarks(values, None, [RULES], np.array(direction))
    for trust, column in zip(*np.nonzero(counts), strict=True):
        others = np.delete(values[:, column], trust)
        plain = statistic(RULES[column], others[~np.isnan(others)].tolist(), direction[column])
        exact = RULES[column].quantile is not None  # sums round differently, one by one or as an array
        assert arrays[trust, column] == (plain if exact else pytest.approx(plain, rel=1e-12))


def test_taking_trusts_in_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values, members = drawn(1, 40, 10)
    direction = np.ones(len(RULES), dtype=bool)
    counts, (marks,), _ = benchmarks(values, members, [RULES], direction)
    monkeypatch.setattr(order_statistics, "BLOCK", 7 * 11 * len(RULES))
    again, (same,), _ = benchmarks(values, members, [RULES], direction)
    assert np.array_equal(counts, again)
    assert np.array_equal(marks, same, equal_nan=True)


def test_quantiles_are_those_of_numpy_and_spreadsheets() -> None:
    values = np.array([[15.0], [20.0], [35.0], [40.0], [50.0], [np.nan]])
    _, (marks,), _ = benchmarks(values, None, [[Benchmark(rule="quantile", q=0.4)]], np.array([True]))
    assert marks[5, 0] == np.percentile([15, 20, 35, 40, 50], 40) == 29


def test_ranks_put_cash_first_then_shares_and_break_ties_by_place() -> None:
    ranked = np.array([[True, True, True, True, False, True]])
    cash = np.array([[5.0, np.nan, 9.0, 5.0, 99.0, np.nan]])
    share = np.array([[0.9, 0.2, 0.1, 0.1, 0.9, 0.3]])
    assert ranks(ranked, cash, share).tolist() == [[2, 5, 1, 3, 0, 4]]


def test_nobody_at_all_has_no_benchmarks() -> None:
    found = benchmarks(np.empty((0, len(RULES))), None, [RULES], np.zeros(len(RULES), bool), leaving_out=True)
    assert (found.counts.shape, found.benchmarks.shape) == ((0, 6), (1, 0, 6))
    assert found.left_out.shape == (2, 1, 0, 6)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32), st.lists(st.integers(0, 3), min_size=2, max_size=30), st.booleans(),
    st.lists(st.booleans(), min_size=6, max_size=6),
)  # fmt: skip
def test_trusts_that_are_alike_have_the_bits_of_pairs(
    seed: int, kinds: list[int], itself: bool, direction: list[bool]
) -> None:
    """Kind 0 is none. Sums too are the same to the last bit, though pairs are never listed."""
    values, _ = drawn(seed, len(kinds), 0)
    groups = [np.flatnonzero(np.array(kinds) == kind) for kind in (1, 2, 3) if kind in kinds]
    pairs = np.full((len(kinds), len(kinds)), -1)
    for group in groups:
        for trust in group:
            pairs[trust, : len(group)] = [other if other != trust or itself else -1 for other in group]
    none = np.full((len(kinds), 1), -1)
    listed = benchmarks(values, pairs, [RULES], np.array(direction), leaving_out=True)
    alike = benchmarks(values, none, [RULES], np.array(direction), alike=groups, itself=itself, leaving_out=True)
    for one, other in zip(listed, alike, strict=True):
        np.testing.assert_array_equal(one, other)
