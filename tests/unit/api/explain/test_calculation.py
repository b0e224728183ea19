"""The arithmetic of a figure in words. Expected texts are written by hand."""

from typing import Any

import pytest

from functions.api.explain.calculation import calculation
from shared.method.method import published
from shared.method.opportunities import Opportunity
from shared.method.peer_groups import everyone
from tests.support.api.programme import METHOD, OWN_RATE, opportunity

OTHER = OWN_RATE | {"title": "Another price", "unit": "WTE per GBP"}


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (100.0, "As staff: 500 m² × £100 per m² (own cost of space) × 0.002 WTE per GBP (another price) = 100 WTE."),
        (0.0, "As staff: 0 WTE."),
    ],
)
def test_a_price_of_nothing_ends_the_formula(price: float, words: str) -> None:
    method = published(METHOD)
    routes: dict[str, Any] = {
        "cash": {"unit": "GBP", "own_rate": OWN_RATE},
        "staff": {"of": "cash", "unit": "WTE", "own_rate": OTHER},
    }
    target = {"upper": {"rule": "target", "value": 0.35}}
    definition = Opportunity.model_validate(opportunity("Space", "space", "space", "target", "m2", **target, **routes))
    row: dict[str, Any] = {
        "status": "opportunity", "unit": "m2", "comparator": "target", "comparator_count": 0, "flags": ["single_value"],
        "period_start": None, "period_end": None, "value": 0.4, "numerator": 4000.0, "denominator": 10_000.0,
        "benchmark_lower": 0.35, "benchmark_upper": 0.35, "gap_lower": 0.05, "gap_upper": 0.05,
        "activity_lower": None, "activity_upper": None, "robust_low": None, "robust_high": None,
        "within_chance": None, "value_low": None, "value_high": None,
    }  # fmt: skip
    for name, amount in (("units", 500.0), ("cash", 500 * price), ("staff", 500 * price * 0.002)):
        row |= {f"{name}_lower": amount, f"{name}_upper": amount}
    group, metric = everyone(method.programme.organisation), method.metrics["space"]
    told = calculation(row, definition, metric, method.prices, group, None, None, [], method.programme)
    assert told.equivalents[-1].words.startswith(words)
