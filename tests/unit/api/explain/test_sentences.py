"""Sentences: every status, flag, benchmark and price says what it means, with its numbers."""

from typing import Any

import numpy as np
import pytest

from functions.api.explain import sentences
from shared import tables
from shared.method.measures import Metric
from shared.method.opportunities import Benchmark, Opportunity, Price
from shared.method.peer_groups import everyone
from shared.method.programme import Programme
from tests.support.api.programme import METRICS, OPPORTUNITIES, PRICES
from tests.support.api.programme import PROGRAMME as SETTINGS
from tests.support.api.rows import COST, row

CLEANING = Metric.model_validate(METRICS["cleaning"])
SPACE = Metric.model_validate(METRICS["space"])
PROGRAMME = Programme.model_validate(SETTINGS)
EVERYONE = everyone(PROGRAMME.organisation)
PRICE = {name: Price.model_validate(price) for name, price in PRICES.items()}


def sentence(told: dict[str, Any], metric: Metric = CLEANING) -> str:
    return sentences.status_sentence(told, COST, metric, EVERYONE, PRICE, PROGRAMME)


ENDS = {"benchmark_lower": 1.0, "benchmark_upper": 0.5, "cash_lower": 10.0, "cash_upper": 20.0}
WHEN = "Cleaning cost, 1 April 2019 to 31 March 2020: the trust"
MISSING = {"value": None, "numerator": None, "denominator": None}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            row("opportunity", **ENDS),
            "had £2 per m². The benchmarks from 3 other trusts are £1 to £0.50 per m² (modest to ambitious). "
            "Closing the gap would be worth £10 to £20.",
        ),
        (
            row("opportunity", **ENDS, flags=["single_value"]),
            "had £2 per m². The benchmark from 3 other trusts is £0.50 per m². "
            "Closing the gap would be worth £10 to £20.",
        ),
        (
            row("at_or_better_than_benchmark", **ENDS, comparator="target", flags=["single_value"]),
            "had £2 per m², which is equal to or better than its target. The target is £0.50 per m².",
        ),
        (
            row("at_or_better_than_benchmark", **ENDS, comparator="target"),
            "had £2 per m², which is equal to or better than its target. "
            "The targets are £1 to £0.50 per m² (modest to ambitious).",
        ),
        (
            row("at_or_better_than_benchmark", **ENDS),
            "had £2 per m², which is equal to or better than its benchmark. "
            "The benchmarks from 3 other trusts are £1 to £0.50 per m² (modest to ambitious).",
        ),
        (
            row("no_data", **MISSING),
            "has no figure: part of its data is missing, which is not the same as zero.",
        ),
        (
            row("no_data", value=None, numerator=0.0, denominator=25_180.0),
            "reports £0 for 25,180 m². Here zero means that nothing was recorded, so it has no figure.",
        ),
        (
            row("no_data", value=None, numerator=0.0, denominator=0.0),
            "reports a denominator of zero (0 m²), so it has no figure.",
        ),
        (row("no_data"), "had £2 per m², but its own target is missing."),
        (
            row("not_applicable", **MISSING),
            "reports that this does not apply to it, so it has no figure.",
        ),
        (
            row("below_minimum"),
            "had £2 per m², but for only 9 m². A fair comparison needs at least 1,000 m².",
        ),
        (
            row("insufficient_comparators"),
            "had £2 per m², but only 3 other trusts in “All trusts” had a value. At least 5 are needed.",
        ),
        (
            row("insufficient_comparators", comparator_count=1),
            "had £2 per m², but only 1 other trust in “All trusts” had a value. At least 5 are needed.",
        ),
        (
            row("not_comparable"),
            "had £2 per m². The method does not allow this figure to be compared between trusts.",
        ),
        (
            row("implausible"),
            "had £2 per m², which is less than 1/10 of the median of similar trusts, or more than 10 times it. "
            "It is not used. Check this figure first.",
        ),
        (
            row("no_peer_set"),
            "had £2 per m², but it has no peers in “All trusts”: the data that defines the group is missing for it.",
        ),
        (row("invented_later"), ": invented_later."),
    ],
)
def test_every_status_has_a_sentence_with_its_numbers(told: dict[str, Any], said: str) -> None:
    assert sentence(told) == f"{WHEN}{'' if said.startswith(':') else ' '}{said}"


def test_a_target_without_its_baseline_says_which_year_is_lacking() -> None:
    upper = {"rule": "target", "period": {"financial_year": "2017-18"}, "percent_off": 40}
    less = Opportunity.model_validate(
        OPPORTUNITIES["cleaning_cost"] | {"lower": None, "upper": upper, "comparator": "target", "fallback": None}
    )
    said = sentences.status_sentence(row("no_data", comparator="target"), less, CLEANING, EVERYONE, PRICE, PROGRAMME)
    assert said == (
        f"{WHEN} had £2 per m², but its target is based on its own figure for 2017-18, which is missing or unusable."
    )


def test_a_figure_outside_its_natural_range_is_told_with_the_range() -> None:
    assert "had 120%, which is outside the possible range (0 to 100%)." in sentence(
        row("implausible", value=1.2), SPACE
    )


@pytest.mark.parametrize(
    ("plausibility", "words"), [({"minimum": 0}, "(at least 0%)"), ({"maximum": 1}, "(at most 100%)")]
)
def test_an_open_range_is_told_by_the_end_that_it_has(plausibility: dict[str, float], words: str) -> None:
    space = Metric.model_validate(METRICS["space"] | {"plausibility": plausibility})
    assert f"which is outside the possible range {words}." in sentence(row("implausible", value=1.2), space)


def test_figures_that_never_landed_have_no_days() -> None:
    bare = row("no_data", **MISSING, period_start=None, period_end=None, trust_name=None)
    assert sentence(bare) == "Cleaning cost: the trust has no figure: no accepted file contains it."


@pytest.mark.parametrize("status", ["opportunity", "below_minimum", "implausible", "no_data"])
def test_a_row_with_nothing_in_it_still_reads(status: str) -> None:
    bare = dict.fromkeys(tables.OPPORTUNITIES.names) | {"trust_code": "RAA", "status": status, "comparator": "national"}
    assert "None" not in sentence(bare)


@pytest.mark.parametrize(
    ("opportunity", "figures", "gain", "cash"),
    [
        ("cleaning_cost", {"cash_lower": 4_211_561.0, "cash_upper": 5_209_755.0}, "£4.21m to £5.21m", None),
        ("cleaning_cost", {"cash_lower": 0.0, "cash_upper": 617_757.0}, "up to £618,000", None),
        (
            "sickness_absence",
            {"staff_lower": 4.504, "staff_upper": 35.42, "cash_lower": 225_200.0, "cash_upper": 1_771_000.0},
            "4.5 to 35.4 WTE",
            "£225,000 to £1.77m per year at an illustrative price",
        ),
        (
            "seen_share",
            {"activity_lower": 1.0, "activity_upper": 1.0, "cash_lower": 120.0, "cash_upper": 120.0},
            "1 outpatient appointments",
            "£120",
        ),
        ("space_target", {"units_lower": 23_116.4, "units_upper": 23_116.4}, "23,100 m²", None),
    ],
)
def test_a_gain_is_told_in_its_own_kind_and_in_money_beside(
    opportunity: str, figures: dict[str, float], gain: str, cash: str | None
) -> None:
    definition = Opportunity.model_validate(OPPORTUNITIES[opportunity])
    told = row("opportunity", **figures, unit=definition.unit)
    assert sentences.gain(told, definition) == gain
    assert sentences.gain_in_cash(told, definition, PRICE) == cash


def test_what_to_check_is_said_first_and_an_unknown_flag_is_passed_on() -> None:
    flags = ["fallback_national", "invented_later", "single_value", "check_data"]
    said = sentences.flag_sentences(row("opportunity", flags=flags), CLEANING, PROGRAMME.organisation)
    assert said[0] == (
        "Check this figure first: it is more than 3 times, or less than 0.2 times, the median of similar trusts, and "
        "may be an error in the data."
    )
    assert said[2] == "Flag: invented_later."
    assert len(said) == 3


VALUES = [40.0, 10.0, 30.0, 20.0]


@pytest.mark.parametrize(
    ("benchmark", "lower_is_better", "value"),
    [
        ({"rule": "median"}, True, np.median(VALUES)),
        ({"rule": "mean"}, True, np.mean(VALUES)),
        ({"rule": "quantile", "q": 0.25}, True, np.quantile(VALUES, 0.25)),
        ({"rule": "quantile", "q": 0.75}, False, np.quantile(VALUES, 0.75)),
        ({"rule": "mean_of_best", "n": 2}, True, 15.0),
        ({"rule": "mean_of_best", "n": 2}, False, 35.0),
        ({"rule": "mean_of_best", "n": 9}, False, 25.0),
        ({"rule": "target", "value": 3.0}, True, 3.0),
        ({"rule": "target", "measure": "a.b"}, True, None),
    ],
)
def test_benchmarks_are_computed_by_their_rule(benchmark: Any, lower_is_better: bool, value: float | None) -> None:
    found = sentences.benchmark_value(Benchmark.model_validate(benchmark), VALUES, lower_is_better)
    assert found == (None if value is None else pytest.approx(value))


def test_nobody_has_no_benchmark() -> None:
    assert sentences.benchmark_value(Benchmark(rule="median"), [], True) is None


@pytest.mark.parametrize(
    ("benchmark", "lower_is_better", "said"),
    [
        ({"rule": "median"}, True, "the median of 4 other trusts"),
        ({"rule": "mean"}, True, "the mean of 4 other trusts"),
        (
            {"rule": "quantile", "q": 0.25},
            True,
            "the 25th percentile (where the best quarter begins) of 4 other trusts, interpolated linearly",
        ),
        ({"rule": "quantile", "q": 0.01}, True, "the 1st percentile of 4 other trusts, interpolated linearly"),
        ({"rule": "quantile", "q": 0.29}, True, "the 29th percentile of 4 other trusts, interpolated linearly"),
        ({"rule": "quantile", "q": 0.333}, True, "percentile 33.3 of 4 other trusts, interpolated linearly"),
        ({"rule": "quantile", "q": 0.25}, False, "the 25th percentile of 4 other trusts, interpolated linearly"),
        ({"rule": "mean_of_best", "n": 5}, True, "the mean of the best 4 of 4 other trusts"),
        ({"rule": "target", "value": 1.0}, True, "the target"),
        ({"rule": "target", "measure": "a.b"}, True, "the trust's own “b”"),
        (
            {"rule": "target", "measure": "a.b", "times": 0.01, "percent_off": 40},
            True,
            "40% below 0.01 times the trust's own “b”",
        ),
        (
            {"rule": "target", "period": {"financial_year": "2017-18"}, "percent_off": 40},
            True,
            "40% below the trust's own value in 2017-18",
        ),
        (
            {"rule": "target", "period": {"year": 2017}, "percent_off": 12.5},
            False,
            "12.5% above the trust's own value in 2017",
        ),
        ({"rule": "target", "period": {"month": "2024-09"}}, True, "the trust's own value in 2024-09"),
    ],
)
def test_a_rule_is_said_as_it_applied(benchmark: Any, lower_is_better: bool, said: str) -> None:
    assert (
        sentences.rule_phrase(Benchmark.model_validate(benchmark), 4, lower_is_better, PROGRAMME.organisation) == said
    )


def test_a_price_says_its_year_and_plainly_whether_it_is_published() -> None:
    assert sentences.price_sentence(PRICE["appointment"]) == (
        "The price used is £120 per attendance at 2016-17 prices. It is published. Source: Reference costs."
    )
    assert sentences.price_sentence(PRICE["wte"]) == (
        "The price used is £50,000 per WTE and year. It is illustrative, not published. Source: a round figure."
    )


@pytest.mark.parametrize(
    ("fields", "itself", "said"),
    [
        ({}, False, "3 other trusts in “All trusts”"),
        ({}, True, "3 trusts (itself included) in “All trusts”"),
        ({"comparator_count": 1, "comparator": "national"}, False, "the only other trust with a value"),
        ({"comparator": "national"}, True, "all 3 trusts with a value (itself included)"),
        ({"comparator": "target"}, False, "a target"),
        ({"comparator_count": None}, False, "0 other trusts in “All trusts”"),
    ],
)
def test_the_comparators_are_a_phrase(fields: dict[str, Any], itself: bool, said: str) -> None:
    definition = COST.model_copy(update={"including_itself": itself})
    told = row("opportunity", **fields)
    assert sentences.comparators_phrase(told, definition, EVERYONE, PROGRAMME.organisation) == said
