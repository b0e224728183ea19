"""Metrics and opportunities as settings: what cannot be meant is refused, with a sentence."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from shared.method.gate.directions import misdirected
from shared.method.load import MethodFaults, bundle, load
from shared.method.measures import Metric
from shared.method.opportunities import Benchmark, Opportunity, Route
from shared.method.periods import NamedPeriod
from tests.support.paths import METHOD
from tests.support.small_programme import METRIC, OPPORTUNITY


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"window": {"at_least": 6}}, "at_least needs months"),
        ({"window": {"financial_year": True, "at_least": 6}}, "at_least needs months"),
        ({"window": {"minimum_periods": 6}}, "minimum_periods needs months or financial_year"),
        ({"window": {"months": 12, "financial_year": True}}, "either months or financial_year"),
        ({"plausibility": {"group": "kind", "minimum": 0}}, "set either a group"),
        ({"plausibility": {}}, "set either a group"),
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
        ({"rule": "median", "q": 0.25}, "median does not use q"),
        ({"rule": "target"}, "target needs value or measure or period"),
        ({"rule": "target", "value": 1, "measure": "estate.target"}, "or period, one of them"),
        ({"rule": "target", "measure": "estate.target", "period": {"year": 2017}}, "or period, one of them"),
        ({"rule": "median", "period": {"year": 2017}}, "median does not use period"),
        ({"rule": "target", "value": 1, "percent_off": 40}, "percent_off needs a measure"),
        ({"rule": "median", "percent_off": 40}, "percent_off needs a measure"),
        ({"rule": "target", "period": {"year": 2017}, "times": 2}, "times needs a measure"),
        ({"rule": "target", "period": {"year": 2017}, "percent_off": 140}, "less than or equal to 100"),
        ({"rule": "target", "period": {}}, "name one period, by one of month, quarter, financial_year, year"),
        ({"rule": "target", "period": {"year": 2017, "month": "2017-04"}}, "name one period"),
        ({"rule": "target", "period": {"financial_year": "2017-19"}}, "19 does not follow 2017"),
        ({"rule": "target", "period": {"month": "2017-13"}}, "write it like 2024-09"),
        ({"rule": "target", "value": 1, "times": 2}, "times needs a measure"),
        ({"rule": "quantile", "q": 25}, "less than 1"),
    ],
)
def test_benchmark_needs_its_settings_and_no_others(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Benchmark.model_validate(settings)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"comparator": "target"}, "each benchmark must be a target"),
        ({"upper": {"rule": "target", "value": 1}}, "each benchmark must be a target"),
        ({"comparator": "national", "fallback": "national"}, "only a peer group can be too small"),
        ({"native": "staff"}, "staff: the native expression needs a route"),
        ({"cash": {"of": "activity", "unit": "GBP"}}, "it is calculated from activity, which has no route"),
        (
            {"cash": {"of": "activity", "unit": "GBP"}, "activity": {"of": "cash", "unit": "pieces"}},
            "its routes form a loop",
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


@pytest.mark.parametrize(
    ("named", "first", "last"),
    [
        ({"financial_year": "2017-18"}, date(2017, 4, 1), date(2018, 3, 31)),
        ({"year": 2017}, date(2017, 1, 1), date(2017, 12, 31)),
        ({"month": "2011-12"}, date(2011, 12, 1), date(2011, 12, 31)),
        ({"financial_year": "2011-12"}, date(2011, 4, 1), date(2012, 3, 31)),
        ({"quarter": "2019-20-Q4"}, date(2020, 1, 1), date(2020, 3, 31)),
    ],
)
def test_named_period_says_what_kind_it_is(named: dict[str, Any], first: date, last: date) -> None:
    assert NamedPeriod.model_validate(named).days(year_starts=4) == (last, first)


# ---- directions --------------------------------------------------------------------------------------------------

LOWER, HIGHER = "lower_is_better", "higher_is_better"
MEDIAN, MEAN = {"rule": "median"}, {"rule": "mean"}


def quantile(q: float) -> dict[str, Any]:
    return {"rule": "quantile", "q": q}


def best(n: int) -> dict[str, Any]:
    return {"rule": "mean_of_best", "n": n}


def less(percent: float, **of: Any) -> dict[str, Any]:
    return {"rule": "target", "percent_off": percent, **of}


def faults(direction: str, lower: dict[str, Any] | None, upper: dict[str, Any]) -> list[tuple[str, str]]:
    comparator = "target" if upper["rule"] == "target" else "near"
    settings = OPPORTUNITY | {"lower": lower, "upper": upper, "comparator": comparator}
    return [
        *misdirected(Opportunity.model_validate(settings), Metric.model_validate(METRIC | {"direction": direction}))
    ]


@pytest.mark.parametrize(
    ("direction", "lower", "upper"),
    [
        (LOWER, MEDIAN, quantile(0.25)),
        (HIGHER, MEDIAN, quantile(0.75)),
        (LOWER, quantile(0.5), quantile(0.1)),
        (LOWER, None, quantile(0.5)),
        (LOWER, MEDIAN, best(5)),
        (LOWER, MEAN, best(5)),
        (LOWER, best(5), best(2)),
        (LOWER, best(5), quantile(0.25)),
        (LOWER, MEAN, MEDIAN),
        (HIGHER, MEDIAN, MEAN),
        (LOWER, less(0, value=3), less(0, value=2)),
        (HIGHER, less(0, value=2), less(0, value=3)),
        (LOWER, less(10, measure="estate.target"), less(40, measure="estate.target")),
        (HIGHER, less(10, measure="estate.target"), less(40, measure="estate.target")),
        (LOWER, less(40, measure="estate.target"), less(10, measure="estate.other")),
        (LOWER, less(40, period={"year": 2017}), less(10, period={"year": 2018})),
        (LOWER, less(0, value=2), less(40, period={"year": 2018})),
    ],
)
def test_benchmarks_that_may_be_the_right_way_round_pass(
    direction: str, lower: dict[str, Any] | None, upper: dict[str, Any]
) -> None:
    assert faults(direction, lower, upper) == []


@pytest.mark.parametrize(
    ("direction", "lower", "upper", "end", "sentence"),
    [
        (
            LOWER,
            MEDIAN,
            quantile(0.75),
            "upper",
            "0.75 is on the worse side, because lower is better",
        ),
        (HIGHER, MEDIAN, quantile(0.25), "upper", "0.25 is on the worse side, because higher is better"),
        (LOWER, MEDIAN, quantile(0.75), "upper", "lower is better for this metric; write q: 0.25"),
        (LOWER, quantile(0.9), MEDIAN, "lower", "write q: 0.1"),
        (LOWER, quantile(0.25), MEDIAN, "lower", "is more ambitious than the upper"),
        (HIGHER, quantile(0.75), MEDIAN, "lower", "is more ambitious than the upper"),
        (LOWER, quantile(0.1), quantile(0.25), "lower", "is more ambitious"),
        (LOWER, best(5), MEDIAN, "lower", "is more ambitious"),
        (LOWER, best(5), quantile(0.5), "lower", "is more ambitious"),
        (HIGHER, best(5), MEAN, "lower", "is more ambitious"),
        (LOWER, best(2), best(5), "lower", "is more ambitious"),
        (LOWER, less(0, value=2), less(0, value=3), "lower", "is more ambitious"),
        (HIGHER, less(0, value=3), less(0, value=2), "lower", "is more ambitious"),
        (LOWER, less(40, period={"year": 2017}), less(10, period={"year": 2017}), "lower", "is more ambitious"),
        (HIGHER, less(40, measure="estate.target"), less(10, measure="estate.target"), "lower", "is more ambitious"),
    ],
)
def test_benchmark_that_points_the_wrong_way_is_a_fault(
    direction: str, lower: dict[str, Any], upper: dict[str, Any], end: str, sentence: str
) -> None:
    found = faults(direction, lower, upper)
    assert any(where == end and sentence in said for where, said in found), found


def test_method_with_a_quantile_on_the_worse_side_is_refused_with_file_and_path() -> None:
    text = bundle(METHOD)
    wrong = text.replace("upper: {rule: quantile, q: 0.25}", "upper: {rule: quantile, q: 0.75}", 1)
    assert wrong != text
    with pytest.raises(MethodFaults, match=r"opportunities/\S+: opportunities\.\w+\.upper: the quantile 0\.75 is on"):
        load(wrong)
