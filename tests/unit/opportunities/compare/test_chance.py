"""Intervals of proportions and counts against searched limits, published figures and exact distributions."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.facts.intervals import defined, interval
from tests.oracles.chance import Z, byar, clopper_pearson, poisson, wilson
from tests.support.small_programme import AREA, CODES, figures, rows_of, target

PUBLISHED = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
"""Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I."""

EXACT = [(1, 0.0253, 5.5716), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904)]
"""Limits of a Poisson count as tables of them have it (Garwood, Biometrika 28, 1936)."""


@pytest.mark.parametrize(("events", "trials", "low", "high"), PUBLISHED)
def test_wilson_is_as_published(events: int, trials: int, low: float, high: float) -> None:
    assert interval("proportion", events, trials) == pytest.approx((low, high), abs=5e-5)


@settings(max_examples=200, deadline=None)
@given(st.floats(1, 1e7), st.floats(0, 1))
def test_wilson_ends_where_the_score_test_begins_to_reject(trials: float, share: float) -> None:
    found = interval("proportion", share * trials, trials)
    assert found == pytest.approx(wilson(share * trials, trials), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("trials", [1, 20, 1000, 10**9])
def test_wilson_of_none_and_of_all_ends_exactly_at_none_and_all(trials: int) -> None:
    none, everything = (interval("proportion", events, trials) for events in (0, trials))
    assert none[0] == 0.0
    assert everything[1] == 1.0
    assert none[1] == pytest.approx(Z**2 / (trials + Z**2))
    assert everything[0] == pytest.approx(trials / (trials + Z**2))


@pytest.mark.parametrize(("events", "low", "high"), EXACT)
def test_the_exact_limits_byar_is_held_against_are_as_published(events: int, low: float, high: float) -> None:
    assert poisson(events) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("events", [10, 11, 25, 65, 200])
def test_byar_is_as_close_to_exact_limits_as_the_technical_guide_says(events: int) -> None:
    # "Within 0.2 %" from ten events on: Public Health England, Technical Guide: Confidence Intervals (2018).
    found, told = interval("count", events, 1), poisson(events)
    assert all(abs(one - other) <= 0.002 * other for one, other in zip(found, told, strict=True))


@given(st.floats(0, 1e6), st.floats(0.01, 1e6))
def test_byar_is_as_printed_and_never_below_nothing(events: float, exposure: float) -> None:
    low, high = interval("count", events, exposure)
    assert (low, high) == pytest.approx(tuple(end / exposure for end in byar(events)), rel=1e-9, abs=1e-12)
    assert 0 <= low <= events / exposure <= high


@pytest.mark.parametrize(("events", "trials"), [(3, 30), (50, 400), (200, 1000), (999, 1000)])
def test_wilson_is_near_the_exact_interval(events: int, trials: int) -> None:
    # Clopper and Pearson's is the wider, never by more than half of Wilson's width at such counts.
    found, exact = interval("proportion", events, trials), clopper_pearson(events, trials)
    width = float(found[1] - found[0])
    assert all(abs(one - other) < width / 2 for one, other in zip(found, exact, strict=True))
    assert exact[1] - exact[0] > width * 0.9


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(1e5, 1e6)), min_size=1, max_size=9))
def test_arrays_are_told_what_numbers_are_told(pairs: list[tuple[float, float]]) -> None:
    events, base = (np.array(column) for column in zip(*pairs, strict=True))
    for kind in ("proportion", "count"):
        together: Any = interval(kind, events, base)
        for place, (one, other) in enumerate(pairs):
            assert [end[place] for end in together] == pytest.approx([*interval(kind, one, other)], rel=1e-14)


def test_there_is_no_interval_of_more_than_there_are_nor_of_less_than_nothing() -> None:
    assert not defined("proportion", 11, 10)
    assert defined("count", 11, 10)
    for kind in ("proportion", "count"):
        assert not defined(kind, -1, 10)
        assert not defined(kind, 1, 0)
        assert not defined(kind, math.nan, 10)
        assert defined(kind, 0, 10)


# ---- what rows say ---------------------------------------------------------------------------------------------------

RATES = figures("cost", dict(zip(CODES, (10, 20, 30, 40, 50, 60, 70), strict=True)))


def flags(area: float, chance: str | None, metric: dict[str, Any] | None = None, **opportunity: Any) -> dict[str, Any]:
    facts = [*RATES, *figures("area", dict.fromkeys(CODES, area))]
    rows = rows_of(facts, {"chance": chance, "plausibility": {"minimum": -1e9}} | (metric or {}), opportunity)
    return {trust: row["within_chance"] for trust, row in rows.items()}


def test_few_trials_leave_more_to_chance_than_many() -> None:
    # T07: 70 of 100 (Wilson 0.60 to 0.78) against the 0.25 quantile of 0.1, 0.2 … 0.6, which is 0.225.
    assert flags(100, "proportion")["T07"] is False
    # T03: 30 of 100 (0.219 to 0.396) against that of 0.1, 0.2, 0.4 … 0.7, which is 0.25; of 10,000 0.291 to 0.309.
    assert flags(100, "proportion")["T03"] is True
    many = [
        *figures("cost", {code: 1000 * n for n, code in enumerate(CODES, 1)}),
        *figures("area", dict.fromkeys(CODES, 1e4)),
    ]
    rows = rows_of(many, {"chance": "proportion", "plausibility": {"minimum": 0}})
    assert rows["T03"]["value"] == 0.3
    assert rows["T03"]["within_chance"] is False


def test_without_an_opportunity_or_a_kind_of_chance_there_is_nothing_to_say() -> None:
    assert flags(100, "proportion")["T01"] is None  # the best of all
    assert set(flags(100, None).values()) == {None}


def test_a_target_is_held_against_the_interval_as_well() -> None:
    # T04: 40 of 100, Wilson 0.309 to 0.498.
    assert flags(100, "proportion", **target(value=0.31))["T04"] is True
    assert flags(100, "proportion", **target(value=0.30))["T04"] is False


def test_higher_is_better_asks_for_the_upper_end() -> None:
    higher = {"direction": "higher_is_better"}
    assert flags(100, "proportion", higher, **target(value=0.49))["T04"] is True
    assert flags(100, "proportion", higher, **target(value=0.50))["T04"] is False


def test_counts_are_told_per_unit_of_exposure_and_scale() -> None:
    # T04: 40 per 10, per thousand 4,000; Byar 28.57 to 54.47 events.
    per_thousand = {"scale": 1000}
    assert flags(10, "count", per_thousand, **target(value=2858))["T04"] is True
    assert flags(10, "count", per_thousand, **target(value=2856))["T04"] is False


def test_more_events_than_trials_are_no_proportion_and_no_error() -> None:
    assert flags(10, "proportion")["T05"] is None
    assert flags(10, "proportion")["T01"] is None


def test_no_trials_at_all_are_no_error() -> None:
    rows = rows_of([*RATES, *AREA, *figures("area", {"T04": 0})], {"chance": "proportion"})
    assert rows["T04"]["status"] == "no_data"
    assert rows["T04"]["within_chance"] is None
