"""What weights are learnt from: which costs and which characteristics are used."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infra.learn.examples import NothingToLearn, cost_of, examples_of, group_of, require_apart
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.contracts import Derived
from shared.method.measures import Metric
from shared.method.method import Method
from tests.support.facts_of import facts_of
from tests.support.groups_of import HEADER, recipe, sizes
from tests.support.small_programme import METRIC, method

SIZE = [{"measure": "trust_characteristics.size"}]


def population(facts: Facts, of: Method) -> Population:
    return Population(facts, of.programme)


def metric_rows(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    """Rows of the table `metrics`: code, year of the last day, value, status."""
    return pd.DataFrame(
        [
            {"trust_code": code, "metric_id": "cost", "value": value, "status": status}
            | {"period_start": date(int(year) - 1, 4, 1), "period_end": date(int(year), 3, 31)}
            for code, year, value, status in rows
        ]
    )


def test_a_metric_gives_its_believed_values_of_the_newest_window() -> None:
    rows = metric_rows(
        ("T01", "2020", 9, "ok"), ("T01", "2021", 1, "ok"), ("T02", "2021", 9, "implausible"), ("T03", "2021", 3, "ok")
    )  # fmt: skip
    facts = facts_of()
    cost = cost_of(method(), "cost", facts, rows, population(facts, method()))
    assert cost.by_code.to_dict() == {"T01": 1, "T03": 3}
    assert (cost.title, cost.unit, cost.period) == ("Cost per area", "GBP per m2", "2020-04-01 to 2021-03-31")


def test_a_measure_gives_the_newest_values_of_trusts() -> None:
    facts = facts_of(
        estate=HEADER
        + "T01,2019-04-01,2020-03-31,cost,5,,2019-20\nT01,2020-04-01,2021-03-31,cost,6,,2020-21\n"
        + "T02,2020-04-01,2021-03-31,cost,,,2020-21\nXYZ,2020-04-01,2021-03-31,cost,7,,2020-21\n"
    )
    cost = cost_of(method(), "estate.cost", facts, pd.DataFrame(), population(facts, method()))
    assert cost.by_code.to_dict() == {"T01": 6}
    assert (cost.unit, cost.period) == ("GBP", "2020-21")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such", "'no_such' is neither a metric nor a measure with a unit"),
        ("estate.no_such", "'estate.no_such' is neither a metric"),
        ("estate.name", "'estate.name' is neither a metric"),
        ("estate.cost", "no file has figures for estate.cost"),
        ("cost", "no file has figures for the metric cost"),
    ],
)
def test_a_cost_that_does_not_exist_is_a_mistake(name: str, message: str) -> None:
    facts, rows = facts_of(), metric_rows(("T01", "2020", 1, "ok")).iloc[:0]
    with pytest.raises(NothingToLearn, match=message):
        cost_of(method(), name, facts, rows, population(facts, method()))


def test_examples_are_organisations_with_a_cost_and_a_characteristic() -> None:
    facts = facts_of(trust_characteristics=sizes(T01=1, T02=2, T04=4, XYZ=9))
    rows = metric_rows(("T04", "2020", 40, "ok"), ("T01", "2020", 10, "ok"), ("T03", "2020", 30, "ok"))
    cost = cost_of(method(), "cost", facts, rows, population(facts, method()))
    examples = examples_of(recipe(SIZE), cost, facts, population(facts, method()))
    assert examples.codes == ["T01", "T04"]
    assert np.array_equal(examples.values, [[1], [4]])
    assert examples.cost.tolist() == [10, 40]
    assert (examples.period, examples.without_cost) == ("2019-20", 1)
    with pytest.raises(NothingToLearn, match="no file has the characteristics"):
        examples_of(recipe([{"measure": "trust_characteristics.age"}]), cost, facts, population(facts, method()))


def test_only_nearest_groups_have_weights() -> None:
    one = method()
    with pytest.raises(NothingToLearn, match="'near' is not a group of nearest peers; name one of them"):
        group_of(one, "near")
    one = one.model_copy(update={"peer_groups": one.peer_groups | {"alike": recipe(SIZE)}})
    assert group_of(one, "alike") == recipe(SIZE)
    with pytest.raises(NothingToLearn, match="'no_such' is not a group of nearest peers; name one of alike"):
        group_of(one, "no_such")


@pytest.mark.parametrize("named", ["cost", "estate.area"])
def test_a_cost_cannot_predict_itself(named: str) -> None:
    group: Any = recipe([{"measure": "estate.area"}, *SIZE])
    with pytest.raises(NothingToLearn, match=f"^estate.area: this variable of the group is part of the cost {named}"):
        require_apart(group, method({"cost": METRIC}), named)
    require_apart(group, method({"cost": METRIC}), "estate.other")


def test_a_derived_cost_cannot_be_predicted_by_a_part_of_it() -> None:
    one = method()
    both = Derived.model_validate({"title": "Both", "unit": "GBP", "ways": [{"sum": ["cost"], "also": ["other"]}]})
    estate = one.datasets["estate"].model_copy(update={"derived": {"both": both}})
    cost = Metric.model_validate(METRIC | {"numerator": ["estate.both"]})
    one = one.model_copy(update={"datasets": one.datasets | {"estate": estate}, "metrics": {"cost": cost}})
    for named in ("cost", "estate.both"):
        for part in ("estate.cost", "estate.other"):
            with pytest.raises(NothingToLearn, match=f"^{part}: this variable of the group is part of the cost"):
                require_apart(recipe([{"measure": part}, *SIZE]), one, named)
    with pytest.raises(NothingToLearn, match=r"^estate.both: this variable"):
        require_apart(recipe([{"measure": "estate.both"}]), one, "estate.cost")
    require_apart(recipe([{"measure": "estate.target"}]), one, "cost")
