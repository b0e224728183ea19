"""Metrics and opportunities as settings: what cannot be meant is refused, with a sentence."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.method.measures import Metric
from shared.method.opportunities import Benchmark, Opportunity, Route
from tests.unit.little import METRIC, OPPORTUNITY


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"window": {"at_least": 6}}, "give months"),
        ({"plausibility": {"group": "kind", "minimum": 0}}, "give a group"),
        ({"plausibility": {}}, "give a group"),
        ({"numerator": []}, "at least 1 item"),
        ({"numerator": ["cost"]}, "<dataset>.<measure>"),
        ({"direction": "down"}, "lower_is_better"),
        ({"colour": "red"}, "not permitted"),
    ],
)
def test_metric_that_makes_no_sense_is_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Metric.model_validate(METRIC | settings)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"rule": "quantile"}, "quantile needs q"),
        ({"rule": "mean_of_best"}, "mean_of_best needs n"),
        ({"rule": "median", "q": 0.25}, "median has no use for q"),
        ({"rule": "target"}, "target needs value or measure"),
        ({"rule": "target", "value": 1, "measure": "estate.target"}, "target needs value or measure"),
        ({"rule": "target", "value": 1, "times": 2}, "times belongs to a measure"),
        ({"rule": "quantile", "q": 25}, "less than 1"),
    ],
)
def test_benchmark_needs_its_settings_and_no_others(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Benchmark.model_validate(settings)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"comparator": "target"}, "exactly when the benchmarks are targets"),
        ({"upper": {"rule": "target", "value": 1}}, "exactly when the benchmarks are targets"),
        ({"comparator": "national", "fallback": "national"}, "only a peer group may be too small"),
        ({"native": "staff"}, "staff: the native expression needs a route"),
        ({"cash": {"of": "activity", "unit": "GBP"}}, "goes by way of activity, for which there is no route"),
        (
            {"cash": {"of": "activity", "unit": "GBP"}, "activity": {"of": "cash", "unit": "pieces"}},
            "leads back to itself",
        ),
        ({"sources": []}, "at least 1 item"),
    ],
)
def test_opportunity_that_makes_no_sense_is_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Opportunity.model_validate(OPPORTUNITY | settings)


def test_route_is_one_step() -> None:
    with pytest.raises(ValidationError, match="one step"):
        Route.model_validate({"times": "piece", "per_day": True, "unit": "GBP"})


def test_steps_run_from_the_units_to_the_expression() -> None:
    routes = {
        "native": "activity",
        "activity": {"unit": "pieces"},
        "cash": {"of": "activity", "times": "piece", "unit": "GBP"},
        "staff": {"of": "cash", "divide_by": "wte", "unit": "WTE"},
    }
    opportunity = Opportunity.model_validate(OPPORTUNITY | routes)
    assert [step.unit for step in opportunity.steps("staff")] == ["pieces", "GBP", "WTE"]
