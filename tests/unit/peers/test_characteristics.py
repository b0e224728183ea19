"""The table of characteristics: what was landed, what the distance used, and what else decides a list."""

import math

import numpy as np
import pytest

from functions.peers.characteristics import characteristics
from functions.peers.groups import peer_groups
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.contracts import Dataset
from shared.tables import to_bytes
from tests.support.facts_of import facts_of
from tests.support.groups_of import HEADER, SHIPPED, characteristics_rows, method_of, nearest, sizes, successions

AGES = "".join(
    f"{code},2019-04-01,2020-03-31,age,{age},,2019-20\n" for code, age in [("RAA", 3), ("RAB", 7), ("RAC", "")]
)
VARIABLES = [
    {"measure": "trust_characteristics.size", "label": "Size", "scale": "zscore", "transform": "sqrt"},
    {"measure": "trust_characteristics.age", "label": "Age", "scale": "range", "weight": 0.5},
]


def test_raw_values_stand_beside_those_that_the_distance_used() -> None:
    facts = facts_of(trust_characteristics=sizes(RAB=16, RAA=4, RAC=0) + AGES)
    rows = characteristics_rows(facts, g=nearest(variables=VARIABLES))
    # Roots 2, 4 and 0: mean 2, standard deviation √(8/3). Ages over their range of 4.
    deviation = math.sqrt(8 / 3)
    told = [(row["trust_code"], row["measure"], row["value"], row["scaled"], row["weight"]) for row in rows]
    assert told == [
        ("RAA", "size", 4.0, 0.0, 1.0), ("RAA", "age", 3.0, 0.0, 0.5),
        ("RAB", "size", 16.0, pytest.approx(2 / deviation), 1.0), ("RAB", "age", 7.0, 1.0, 0.5),
        ("RAC", "size", 0.0, pytest.approx(-2 / deviation), 1.0), ("RAC", "age", None, None, 0.5),
    ]  # fmt: skip
    assert {(row["group_id"], row["attribute"], row["period"], *row["stands_for"]) for row in rows} == {
        ("g", None, "2019-20", code) for code in ("RAA", "RAB", "RAC")
    }


def test_a_gap_that_the_recipe_fills_is_null_as_landed_and_a_number_as_used() -> None:
    facts = facts_of(trust_characteristics=sizes(RAA=4, RAB=16, RAC=0) + AGES)
    rows = characteristics_rows(facts, g=nearest(variables=VARIABLES, missing="mean"))
    assert [(row["value"], row["scaled"]) for row in rows if row["trust_code"] == "RAC"][1] == (None, 0.5)


def test_each_variable_has_the_period_of_its_own_dataset() -> None:
    beds = HEADER + "RAA,2018-01-01,2018-12-31,beds,5,,2018\nRAB,2018-01-01,2018-12-31,beds,9,,2018\n"
    named = ("trust_characteristics.size", "hospitals.beds", "never.landed")
    group = nearest(variables=[{"measure": name, "label": "L"} for name in named])
    rows = characteristics_rows(facts_of(trust_characteristics=sizes(RAA=1), hospitals=beds), g=group)
    assert [(row["trust_code"], row["measure"], row["period"], row["value"]) for row in rows] == [
        ("RAA", "size", "2019-20", 1.0), ("RAA", "beds", "2018", 5.0), ("RAA", "landed", None, None),
        ("RAB", "size", "2019-20", None), ("RAB", "beds", "2018", 9.0), ("RAB", "landed", None, None),
    ]  # fmt: skip


def test_who_stands_for_a_trust_and_the_attribute_it_shares_are_told() -> None:
    kinds = {"RAA": "acute", "RNN": "care", "RAC": ""}
    facts = facts_of(
        trust_characteristics=sizes(RAA=0, RAB=1, RAC=2),
        eric_trust=HEADER
        + "".join(f"{code},2020-04-01,2021-03-31,trust_type,,{text},2020-21\n" for code, text in kinds.items()),
        ods_successors=successions("RAB RNN 2020-05-01"),
        ods_trusts=HEADER + "RAC,2020-01-01,2020-12-31,closed,,2020-06-30,2020\n",
    )
    rows = characteristics_rows(facts, g=nearest(within="eric_trust.trust_type", successors={"rule": "dated"}))
    assert [(row["trust_code"], row["attribute"], row["stands_for"]) for row in rows] == [
        ("RAA", "acute", ["RAA"]), ("RAB", "care", ["RNN"]), ("RAC", None, []),
    ]  # fmt: skip


def test_of_a_group_by_attribute_the_table_holds_what_each_trust_stated_in_each_period() -> None:
    stated = [("RAB", "2016", "acute"), ("RAA", "2016", "care"), ("RAA", "2017", "acute"), ("TOTAL", "2017", "acute")]
    text = HEADER + "".join(f"{code},{y}-01-01,{y}-12-31,trust_type,,{kind},{y}\n" for code, y, kind in stated)
    rows = characteristics_rows(facts_of(eric_trust=text), estate_type=SHIPPED["estate_type"])
    assert [(row["period"], row["trust_code"], row["measure"], row["attribute"], row["value"]) for row in rows] == [
        ("2016", "RAA", "trust_type", "care", None), ("2016", "RAB", "trust_type", "acute", None),
        ("2017", "RAA", "trust_type", "acute", None),
    ]  # fmt: skip


def test_a_count_that_is_zero_where_it_is_absent_is_zero_for_a_trust_with_another_value() -> None:
    """RAC has a row without a figure, and no characteristics: it is left out."""
    landed = facts_of(trust_characteristics=sizes(RAA=4, RAB="", RAC="") + AGES)
    measures = {
        "size": {"heading": "size", "unit": "bed", "absent": "zero"},
        "age": {"heading": "age", "unit": "year", "absent": "zero"},
    }
    contract = Dataset.model_validate(
        {"id": "trust_characteristics", "title": "t", "source": "s", "licence": "l", "period": {"kind": "year"},
         "code": {"heading": "code"}, "measures": measures}
    )  # fmt: skip
    lines = landed.tables["trust_characteristics"]
    facts = Facts({"trust_characteristics": lines[~((lines["code"] == "RAB") & (lines["measure"] == "size"))]},
                  {"trust_characteristics": contract})  # fmt: skip
    rows = characteristics_rows(facts, g=nearest(variables=VARIABLES))
    assert [(row["trust_code"], row["measure"], row["value"]) for row in rows] == [
        ("RAA", "size", 4.0), ("RAA", "age", 3.0), ("RAB", "size", 0.0), ("RAB", "age", 7.0),
    ]  # fmt: skip


def test_nothing_landed_gives_an_empty_table() -> None:
    assert characteristics_rows(Facts({}), **SHIPPED) == []


def test_the_order_of_rows_in_the_files_changes_no_byte() -> None:
    random = np.random.default_rng(5)
    codes = [f"R{a}{b}" for a in "ABCDEF" for b in "ABCDEF"]
    lines = [
        f"{code},2019-04-01,2020-03-31,{measure},{value:.3f},,2019-20\n"
        for code in codes
        for measure, value in zip(("size", "age"), random.normal(5, 1, 2), strict=True)
    ]
    method = method_of(g=nearest(variables=VARIABLES, k=5, runners_up=3, stability={"draws": 20}))
    made = set()
    for _ in range(3):
        facts = facts_of(trust_characteristics=HEADER + "".join(lines))
        population = Population(facts, method.programme)
        peers = peer_groups(facts, method, population)
        made.add((to_bytes(peers), to_bytes(characteristics(facts, method, population))))
        random.shuffle(lines)
    assert len(made) == 1
