"""What a figure's parts are called. Expected texts are written by hand."""

from typing import Any

import pytest

from functions.api.explain import titles
from shared.method.contracts import Dataset
from shared.method.measures import Metric
from shared.method.method import Method, published
from shared.method.names import Organisation
from shared.method.opportunities import Opportunity
from tests.support.api.programme import METHOD, METRICS, metric, opportunity

DATASET: dict[str, Any] = {
    "id": "estate", "title": "Estate", "source": "Here", "licence": "None", "period": {"kind": "financial_year"},
    "code": {"heading": "Code"}, "families": [{"ending": "(£)", "unit": "GBP"}, {"ending": "(No.)", "unit": "item"}],
    "measures": {
        "cleaning": {"heading": "Cleaning service cost (£)"},
        "meals": {"heading": "Meals requested (No.)"},
        "type_1": {"heading": "A&E attendances", "unit": "attendance"},
        "days": {"heading": "FTE_DAYS_LOST", "unit": "day"},
        "third": {"at": 3, "heading": "Third", "unit": "item"},
    },
    "derived": {"area": {"title": "Occupied floor area", "unit": "m2", "ways": [{"sum": ["meals"]}]}},
}  # fmt: skip
OTHER = DATASET | {"id": "earlier", "measures": {"c": {"heading": "Cleaning", "unit": "GBP"}}, "derived": {}}
TRUST = Organisation(one="trust", many="trusts")


def method() -> Method:
    extra = [("datasets/estate.yaml", {"dataset": DATASET}), ("datasets/earlier.yaml", {"dataset": OTHER})]
    return published([*METHOD, *extra])


def sums(top: list[Any], bottom: list[Any], *datasets: str, **other: Any) -> tuple[str | None, str | None]:
    made = Metric.model_validate(metric("M", "GBP", "GBP", "m2", **other) | {"numerator": top, "denominator": bottom})
    return titles.sum_titles(method(), made, datasets)


def test_a_sum_is_called_what_the_contract_calls_its_measures() -> None:
    assert sums(["estate.cleaning"], ["estate.area"]) == ("Cleaning service cost", "Occupied floor area")
    assert sums(["estate.cleaning", "estate.meals"], ["estate.area", "estate.type_1"]) == (
        "Cleaning service cost + meals requested",
        "Occupied floor area + A&E attendances",
    )
    assert sums([{"measure": "estate.meals", "times": 0.01, "of": "estate.area"}], ["estate.area"])[0] == (
        "Meals requested × Occupied floor area"
    )


def test_a_sum_says_what_is_taken_off_and_has_no_title_with_a_factor() -> None:
    off = {"measure": "estate.meals", "times": -1}
    assert sums(["estate.cleaning", off], [off, "estate.area"]) == (
        "Cleaning service cost − meals requested",
        "− meals requested + occupied floor area",
    )
    share = {"measure": "estate.meals", "times": -0.01, "of": "estate.area"}
    twice, thousandth = ({"measure": "estate.meals", "times": times} for times in (2, 0.001))
    assert sums(["estate.area", share], ["estate.area", twice]) == (
        "Occupied floor area − meals requested × Occupied floor area",
        None,
    )
    assert sums([thousandth], [thousandth | {"of": "estate.area"}]) == (None, None)


def test_a_sum_of_which_a_contract_does_not_say_what_it_is_has_no_title() -> None:
    assert sums(["estate.days"], ["estate.area", "estate.days"]) == (None, None)
    assert sums(["estate.unlisted"], ["nowhere.at_all"]) == (None, None)


def test_a_measure_of_a_file_with_one_figure_a_row_is_called_by_its_id() -> None:
    """There it stands in a column of its own, and has no heading."""
    rows = {"measure": {"heading": "measure"}, "value": {"heading": "value"}, "open": True}
    dataset = Dataset.model_validate(
        DATASET
        | {
            "long": rows,
            "families": [],
            "derived": {},
            "measures": {"agency_spend": {"unit": "GBP"}, "b": {"unit": "GBP"}},
        }
    )
    assert titles.measure_title(dataset, "agency_spend") == "Agency spend"
    assert titles.measure_title(dataset, "unlisted") is None


def test_titles_are_those_of_the_source_that_was_used() -> None:
    other = {"otherwise": [{"numerator": ["earlier.c"], "denominator": ["earlier.c"]}]}
    for datasets, top in ((["estate"], "Cleaning service cost"), (["earlier"], "Cleaning"), ([], None)):
        expected = top or "Cleaning service cost"  # the preferred source, if the release does not name one
        assert sums(["estate.cleaning"], ["estate.area"], *datasets, **other)[0] == expected


def test_a_category_is_a_heading() -> None:
    assert titles.category_title("length_of_stay") == "Length of stay"


@pytest.mark.parametrize(
    ("lower", "upper", "better", "values", "phrases"),
    [
        (
            {"rule": "median"}, {"rule": "quantile", "q": 0.25}, "lower_is_better", [1.0, 2.0, 3.0],
            ("the median of 3 other trusts in “Peers”",
             "the 25th percentile (where the best quarter begins) of 3 other trusts in “Peers”, interpolated linearly"),
        ),
        # The mean of 0, 8, 10, 10 is 28 / 4 = 7, their quantile 0.25 at place 0.75 is 6: the more ambitious one.
        (
            {"rule": "mean"}, {"rule": "quantile", "q": 0.25}, "lower_is_better", [0.0, 8.0, 10.0, 10.0],
            ("the mean of 4 other trusts in “Peers”",
             "the 25th percentile (where the best quarter begins) of 4 other trusts in “Peers”, interpolated linearly"),
        ),
        # Of 0, 10, 10, 10, 10 they are 8 and, at place 1, 10: here the mean is the more ambitious one.
        (
            {"rule": "mean"}, {"rule": "quantile", "q": 0.25}, "lower_is_better", [0.0, 10.0, 10.0, 10.0, 10.0],
            ("the 25th percentile (where the best quarter begins) of 5 other trusts in “Peers”, interpolated linearly",
             "the mean of 5 other trusts in “Peers”"),
        ),
        (
            None, {"rule": "mean_of_best", "n": 2}, "higher_is_better", [1.0, 2.0, 3.0],
            (None, "the mean of the best 2 of 3 other trusts in “Peers”"),
        ),
    ],
)  # fmt: skip
def test_each_benchmark_has_the_rule_that_it_comes_from(
    lower: Any, upper: Any, better: str, values: list[float], phrases: tuple[str | None, str]
) -> None:
    made = Metric.model_validate(METRICS["cleaning"] | {"direction": better})
    rules = {"upper": upper} | ({"lower": lower} if lower else {})
    definition = Opportunity.model_validate(opportunity("O", "c", "m", "peers", "GBP", **rules))
    row = {
        "benchmark_upper": 1.0, "comparator_count": len(values), "flags": [] if lower else ["single_value"],
    }  # fmt: skip
    found = titles.benchmark_rules(row, definition, made, values, "Peers", TRUST)
    assert (found.get("benchmark_lower_rule"), found["benchmark_upper_rule"]) == phrases
    assert titles.benchmark_rules(row | {"benchmark_upper": None}, definition, made, values, None, TRUST) == {}


def test_a_column_without_a_heading_has_no_title() -> None:
    dataset = Dataset.model_validate(DATASET)
    assert titles.measure_title(dataset, "third") == "Third"
    assert titles.measure_title(dataset, "nothing") is None
