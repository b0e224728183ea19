"""What leaving out any one comparator does: the arrays against really leaving each out, and the laws of it."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.opportunities.arrays import Floats, Whole
from functions.opportunities.compare import order_statistics
from functions.opportunities.compare.benchmarks import benchmarks
from functions.opportunities.compare.gaps import gaps, robust
from shared.method.opportunities import Benchmark
from tests.oracles.robustness import benchmarks_without_one, gains_without_one
from tests.support.drawn_values import RULES, drawn
from tests.support.small_programme import AREA, CODES, TEN_TO_SEVENTY, everyone_near, figures, rows_of, target

DIRECTIONS = st.lists(st.booleans(), min_size=len(RULES), max_size=len(RULES))


def known(values: Floats, members: list[int], column: int) -> list[Fraction]:
    return [Fraction(float(values[j, column])) for j in members if not np.isnan(values[j, column])]


def check_marks(values: Floats, members: Whole | None, lower_is_better: list[bool]) -> None:
    found = benchmarks(values, members, [RULES], np.array(lower_is_better), leaving_out=True)
    without_smallest, without_largest = found.left_out[:, 0]
    for trust in range(len(values)):
        held = [j for j in range(len(values)) if j != trust] if members is None else members[trust].tolist()
        for column, rule in enumerate(RULES):
            others = known(values, [j for j in held if j >= 0], column)
            told = benchmarks_without_one(rule, others, lower_is_better[column])
            ends = (max(told), min(told)) if told else (np.nan, np.nan)
            pair = (without_smallest[trust, column], without_largest[trust, column])
            np.testing.assert_allclose(pair, [float(end) for end in ends], rtol=1e-12)
            if told:
                assert pair[1] <= found.benchmarks[0, trust, column] * (1 + 1e-12)
                assert found.benchmarks[0, trust, column] <= pair[0] * (1 + 1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 14), st.integers(1, 12), DIRECTIONS)
def test_listed_comparators_without_one_agree_with_the_oracle(
    seed: int, trusts: int, width: int, direction: list[bool]
) -> None:
    check_marks(*drawn(seed, trusts, width), direction)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 14), DIRECTIONS)
def test_everyone_else_without_one_agrees_with_the_oracle(seed: int, trusts: int, direction: list[bool]) -> None:
    check_marks(drawn(seed, trusts, 0)[0], None, direction)


@pytest.mark.parametrize("short", [0, 40])
def test_many_comparators_and_few_are_sorted_alike(monkeypatch: pytest.MonkeyPatch, short: int) -> None:
    monkeypatch.setattr(order_statistics, "_SHORT", short)
    check_marks(*drawn(3, 45, 39), [True, False] * 3)


def test_taking_trusts_in_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values, members = drawn(1, 40, 10)
    direction = np.ones(len(RULES), dtype=bool)
    whole = benchmarks(values, members, [RULES, RULES[::-1]], direction, leaving_out=True)
    monkeypatch.setattr(order_statistics, "BLOCK", 7 * 11 * len(RULES))
    parts = benchmarks(values, members, [RULES, RULES[::-1]], direction, leaving_out=True)
    assert all(np.array_equal(one, other, equal_nan=True) for one, other in zip(whole, parts, strict=True))


def test_one_enormous_comparator_leaves_no_trace_when_left_out() -> None:
    values = np.array([[1.0], [2.0], [4.0], [1e17]])
    found = benchmarks(values, None, [[Benchmark(rule="mean")]], np.array([True]), leaving_out=True)
    assert found.left_out[1, 0, :, 0].tolist() == [3.0, 2.5, 1.5, 1.5]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(2, 9),
    st.lists(st.sampled_from(RULES), min_size=2, max_size=2),
    st.booleans(),
)
def test_gains_without_one_agree_with_the_oracle_and_hold_the_range(
    seed: int, trusts: int, rules: list[Benchmark], lower_is_better: bool
) -> None:
    values = drawn(seed, trusts, 0)[0][:, :1]
    side = np.array([1.0 if lower_is_better else -1.0])
    found = benchmarks(values, None, [[rule] for rule in rules], np.array([lower_is_better]), leaving_out=True)
    held = gaps(values, found.benchmarks, side)
    low, high = robust(values, held, found.left_out, side)
    for trust in range(trusts):
        others = known(values, [j for j in range(trusts) if j != trust], 0)
        if np.isnan(values[trust, 0]):
            continue
        told = gains_without_one(Fraction(float(values[trust, 0])), rules, others, lower_is_better)
        pair = (low[trust, 0], high[trust, 0])
        np.testing.assert_allclose(pair, [float(end) for end in told or (np.nan, np.nan)], rtol=1e-9, atol=1e-12)
        if told:
            assert 0 <= pair[0] <= held.lower[trust, 0] <= held.upper[trust, 0] <= pair[1]


# ---- what rows say ---------------------------------------------------------------------------------------------------


def robustness(row: dict[str, Any]) -> tuple[Any, Any]:
    return row["robust_low"], row["robust_high"]


def test_rows_carry_the_range_in_their_own_unit() -> None:
    # T07 has 70 on 10 m2, the others 10 to 60. Without T01 (10) the median is 40; without T06 (60) the quartile is 20.
    row = rows_of(TEN_TO_SEVENTY)["T07"]
    assert (row["units_lower"], row["units_upper"]) == (350, 475)
    assert robustness(row) == (300, 500)


def test_the_range_is_that_of_the_comparators_it_fell_back_on() -> None:
    few = [pair for pair in everyone_near(CODES) if pair.trust != "T07" or pair.peer in ("T01", "T02")]
    row = rows_of(TEN_TO_SEVENTY, opportunity={"fallback": "national"}, pairs=few)["T07"]
    assert row["comparator"] == "national"
    assert robustness(row) == (300, 500)


def test_as_many_comparators_as_are_needed_may_still_do_without_one() -> None:
    # The six others suffice exactly; five would not, and are not asked to.
    assert robustness(rows_of(TEN_TO_SEVENTY, opportunity={"minimum_comparators": 6})["T07"]) == (300, 500)


def test_a_lone_comparator_cannot_be_left_out() -> None:
    two = dict(zip(CODES[:2], (100, 200), strict=True))
    row = rows_of([*figures("cost", two), *AREA], opportunity={"minimum_comparators": 1})["T02"]
    assert row["units_upper"] == 100
    assert robustness(row) == (None, None)


def test_a_target_has_no_comparator_to_leave_out() -> None:
    row = rows_of(TEN_TO_SEVENTY, opportunity=target(value=30))["T07"]
    assert row["units_upper"] == 400
    assert robustness(row) == (None, None)


def test_without_a_figure_there_is_no_range() -> None:
    rows = rows_of(TEN_TO_SEVENTY, opportunity={"minimum_comparators": 7})
    assert {row["status"] for row in rows.values()} == {"insufficient_comparators"}
    assert {robustness(row) for row in rows.values()} == {(None, None)}


def test_who_is_at_the_benchmark_may_have_a_gain_without_the_worst() -> None:
    # T02 has 20; the others' quartile is 32.5, and 30 without T07. T03 has 30 against 22.5; T01 nothing in any case.
    rows = rows_of(TEN_TO_SEVENTY)
    assert robustness(rows["T01"]) == (0, 0)
    assert robustness(rows["T02"]) == (0, 0)
    assert rows["T03"]["units_upper"] == 50
    # Others of T03: 10 20 40 50 60 70: quartile 25; without 70 it is 20.
    assert robustness(rows["T03"]) == (0, 100)
