"""Figures in words: how numbers are said, and quantiles that agree with NumPy's."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api import words
from shared import tables

VALUES = st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=1, max_size=40)


@given(VALUES, st.floats(0, 1))
def test_quantiles_are_those_of_type_7(values: list[float], q: float) -> None:
    assert words.quantile(values, q) == pytest.approx(float(np.quantile(values, q)), rel=1e-9, abs=1e-3)


@given(VALUES, st.randoms())
def test_the_order_of_comparators_does_not_matter(values: list[float], random: Any) -> None:
    shuffled = random.sample(values, len(values))
    assert words.quantile(shuffled, 0.25) == words.quantile(values, 0.25)


def test_no_values_have_no_quantile() -> None:
    with pytest.raises(ValueError, match="no values"):
        words.quantile([], 0.5)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (4_211_560.6, "GBP", "£4,211,561"),
        (67.727, "GBP per m2", "£67.73 per m²"),
        (0.331, "GBP per item", "£0.33 per item"),
        (0.0582, "share", "5.82 %"),
        (1, "share", "100 %"),
        (254.17, "WTE", "254 WTE"),
        (4.5, "WTE", "4.5 WTE"),
        (0.00001234, "m²", "0.000012 m²"),
        (0, "m²", "0 m²"),
        (None, "m²", "no value"),
    ],
)
def test_amounts_read_as_people_write_them(value: float | None, unit: str, said: str) -> None:
    assert words.amount(value, unit) == said


@pytest.mark.parametrize(
    ("benchmark", "direction", "value"),
    [
        ({"rule": "median"}, "lower_is_better", 25.0),
        ({"rule": "mean"}, "lower_is_better", 25.0),
        ({"rule": "quantile", "q": 0.25}, "lower_is_better", 17.5),
        ({"rule": "quantile", "q": 0.75}, "higher_is_better", 32.5),
        ({"rule": "mean_of_best", "n": 2}, "lower_is_better", 15.0),
        ({"rule": "mean_of_best", "n": 2}, "higher_is_better", 35.0),
        ({"rule": "target", "value": 3.0}, "lower_is_better", None),
    ],
)
def test_benchmarks_are_computed_by_their_rule(benchmark: Any, direction: str, value: float | None) -> None:
    assert words.benchmark_value(benchmark, [40.0, 10.0, 30.0, 20.0], direction) == value


STATUSES = {
    "opportunity": "would be £10 to £20",
    "at_or_better_than_benchmark": "at or better than the benchmark",
    "no_data": "not the same as zero",
    "not_applicable": "does not apply",
    "below_minimum": "below the minimum of 1,000",
    "insufficient_comparators": "only 3 trusts",
    "not_comparable": "may not be compared",
    "implausible": "Check this figure first",
    "no_peer_set": "no peer set",
}


@pytest.mark.parametrize(("status", "said"), STATUSES.items())
@pytest.mark.parametrize("bare", [False, True], ids=["with figures", "without"])
def test_every_status_has_a_sentence(status: str, said: str, bare: bool) -> None:
    row: dict[str, Any] = dict.fromkeys(tables.OPPORTUNITIES.names) | {
        "trust_code": "RAA",
        "status": status,
        "comparator": "estate_type",
        "comparator_count": 3,
        "cash_lower": 10.0,
        "cash_upper": 20.0,
    }
    if not bare:
        row |= {
            "trust_name": "Saint A",
            "value": 2.0,
            "denominator": 9.0,
            "benchmark_lower": 1.0,
            "benchmark_upper": 0.5,
            "period_start": date(2019, 4, 1),
            "period_end": date(2020, 3, 31),
        }
    sentence = words.status_sentence(row, {"title": "Cleaning"}, {"unit": "GBP per m2", "minimum_denominator": 1000})
    assert said in sentence
    assert "None" not in sentence
    assert sentence.endswith(".")


def test_a_price_says_plainly_whether_it_is_published() -> None:
    price = {
        "value": 120,
        "unit": "GBP per appointment",
        "price_year": "2016-17",
        "source": "Reference costs",
        "status": "published",
    }
    assert (
        words.price_sentence(price)
        == "The price used is £120 per appointment at 2016-17 prices, published: Reference costs."
    )
    assert "is illustrative, not published" in words.price_sentence(price | {"status": "illustrative"})


def test_an_expression_by_way_of_another_names_every_price_on_the_way() -> None:
    definition = {
        "native": "staff",
        "staff": {"per_day": True, "unit": "WTE"},
        "cash": {"of": "staff", "times": "wte", "unit": "GBP per year"},
    }
    prices = {"wte": {"value": 50_000, "unit": "GBP per WTE", "status": "illustrative"}}
    row = dict.fromkeys(tables.OPPORTUNITIES.names) | {"units_lower": 183.0, "units_upper": 366.0, "unit": "FTE days"}
    row |= {"staff_lower": 1.0, "staff_upper": 2.0, "cash_lower": 50_000.0, "cash_upper": 100_000.0}
    cash, staff = words._equivalents(row, definition, prices)
    assert (cash["price_ids"], cash["illustrative"], cash["label"]) == (["wte"], True, "equivalent")
    assert "183 to 366 FTE days ÷ 183 days × £50,000 per WTE" in cash["words"]
    assert (staff["price_ids"], staff["label"]) == ([], "native")
    assert staff["words"] == "1 to 2 WTE, that is 183 to 366 FTE days ÷ 183 days."
