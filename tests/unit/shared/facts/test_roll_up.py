"""From rows about units to one row for each organisation, against sums that fit in the head."""

from typing import Any

import pandas as pd
import pytest

from shared.facts.facts import Facts
from shared.facts.roll_up import rolled_up
from shared.method.contracts import Dataset
from shared.method.terms import Period, Ref
from tests.support.conforming import contract
from tests.support.facts_of import facts_of

CONTRACT: Dataset = contract(
    unit={"heading": "Site", "called": "site", "plural": "sites"},
    families=[],
    checks={},
    measures={
        "kind": {"heading": "Kind", "type": "text"},
        "tenure": {"heading": "Tenure", "type": "text", "of_unit": True},
        "cost": {"heading": "Cost", "unit": "GBP"},
        "floor": {"heading": "Floor", "unit": "m2"},
        "empty": {"heading": "Empty", "unit": "percent", "share_of": "floor"},
        "rate": {"heading": "Rate", "unit": "GBP per hour"},
    },
    derived={"twice": {"title": "Twice", "unit": "GBP", "ways": [{"sum": ["cost"], "times": 2}]}},
)
DAYS = "2020-04-01,2021-03-31"


def rolled(*rows: str) -> dict[tuple[str, str], Any]:
    """`rows`: code, unit, measure, value or state or 'text:…'. Organisation and measure → value, text or state."""
    lines = []
    for row in rows:
        code, unit, measure, cell = row.split()
        value, text, state = "", "", ""
        if cell.startswith("text:"):
            text = cell.removeprefix("text:")
        elif cell.replace(".", "").lstrip("-").isdigit():
            value = cell
        else:
            state = cell
        lines.append(f"{code},{unit},{DAYS},{measure},{value},{text},{state},2020-21\n")
    header = "code,unit,period_start,period_end,measure,value,text,state,period\n"
    table = rolled_up(facts_of(estates=header + "".join(lines)).tables["estates"], CONTRACT)
    assert table["unit"].isna().all()
    return {
        (row["code"], row["measure"]): row["text"] or (row["state"] if pd.isna(row["value"]) else row["value"])
        for row in table.to_dict("records")
    }


def test_amounts_add_up_over_the_units_of_an_organisation() -> None:
    found = rolled("RA S1 cost 10", "RA S2 cost -4", "RB S1 cost 7", "RA S1 twice 20", "RA S2 twice 1")
    assert found == {("RA", "cost"): 6, ("RB", "cost"): 7, ("RA", "twice"): 21}


@pytest.mark.parametrize(
    ("other", "sum_"), [("missing", "missing"), ("not_applicable", 10), ("suppressed", "suppressed")]
)
def test_a_missing_part_makes_the_sum_missing_and_one_that_does_not_apply_is_left_out(other: str, sum_: Any) -> None:
    assert rolled("RA S1 cost 10", f"RA S2 cost {other}") == {("RA", "cost"): sum_}
    assert rolled("RA S1 cost not_applicable", "RA S2 cost not_applicable") == {("RA", "cost"): "not_applicable"}


def test_a_percentage_is_weighted_by_what_it_is_a_percentage_of() -> None:
    """10 % of 100 and 40 % of 300 are 130 of 400."""
    found = rolled("RA S1 floor 100", "RA S2 floor 300", "RA S1 empty 10", "RA S2 empty 40")
    assert found["RA", "empty"] == pytest.approx(32.5)
    unknown = rolled("RA S1 floor 100", "RA S2 floor missing", "RA S1 empty 10", "RA S2 empty 40")
    assert unknown["RA", "empty"] == "missing"
    nothing = rolled("RA S1 floor 0", "RA S1 empty 10")
    assert nothing["RA", "empty"] == "missing"


def test_rates_and_attributes_of_units_are_left_out_and_those_of_organisations_kept() -> None:
    found = rolled("RA S1 rate 3", "RA S1 tenure text:lease", "RA S1 kind text:acute", "RA S2 kind text:acute")
    assert found == {("RA", "kind"): "acute"}


def test_of_two_rows_about_one_unit_the_later_counts() -> None:
    assert rolled("RA S1 cost 10", "RA S2 cost 1", "RA S1 cost 20") == {("RA", "cost"): 21}


def test_a_warning_about_one_unit_is_a_warning_about_the_sum() -> None:
    header = "code,unit,period_start,period_end,measure,value,period\n"
    table = facts_of(estates=header + f"RA,S1,{DAYS},cost,1,2020-21\nRA,S2,{DAYS},cost,2,2020-21\n").tables["estates"]
    (row,) = rolled_up(table.assign(warned=[False, True]), CONTRACT).to_dict("records")
    assert (row["value"], row["warned"]) == (3, True)


def test_facts_look_up_organisations() -> None:
    header = "code,unit,period_start,period_end,measure,value,period\n"
    table = facts_of(estates=header + f"RA,S1,{DAYS},cost,1,2020-21\nRA,S2,{DAYS},cost,2,2020-21\n").tables
    facts = Facts(table, {"estates": CONTRACT})
    (period,) = facts.periods(Ref("estates", "cost"))
    assert period == Period(period.end, period.start)
    assert facts.at(Ref("estates", "cost"), period)["value"].to_dict() == {"RA": 3}
    assert len(facts.tables["estates"]) == 2
