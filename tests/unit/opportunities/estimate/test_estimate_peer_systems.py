"""Recipes of other systems: their figures, by their own formulas or as they are published."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from tests.oracles.opportunities import Fact
from tests.oracles.statistics import quantile
from tests.support.small_programme import figures, method, opportunity_rows, registered, run

PRACTICES = [f"T{number:02}" for number in range(1, 41)]

# ---- OpenPrescribing: percentiles and savings at deciles -------------------------------------------------------------
# github.com/ebmdatalab/openprescribing, frontend/management/commands/measure_sql: practice_percent_rank,
# global_deciles_practices and practice_cost_savings. Here area are all items, target is what they cost, other are the
# numerator's items, and cost is what these cost.

SHARE = {
    "numerator": ["estate.other"],
    "denominator": ["estate.area"],
    "standing": {"percentile": "percent_rank", "turned": False},
}
PRICE = {"title": "Price", "unit": "GBP per item", "otherwise_national": True}
SAVING = {
    "metric": "share",
    "comparator": "national",
    "including_itself": True,
    "minimum_comparators": 1,
    "lower": {"rule": "quantile", "q": 0.5},
    "upper": {"rule": "quantile", "q": 0.1},
    "cash": {
        "unit": "GBP",
        "own_rate": PRICE
        | {
            "numerator": ["estate.cost"],
            "denominator": ["estate.other"],
            "less": PRICE
            | {
                "numerator": ["estate.target", {"measure": "estate.cost", "times": -1}],
                "denominator": ["estate.area", {"measure": "estate.other", "times": -1}],
            },
        },
    },
}
BOTH = method({"share": SHARE}, {"saving": SAVING})


def practice(random: Random, place: int) -> dict[str, int]:
    """Items and costs; the first two have none of the numerator's items, and nothing but these."""
    items = random.randint(50, 400)
    dear = {0: 0, 1: items}.get(place, random.randint(1, items - 1))
    spent = dear * random.randint(4, 9)
    return {"area": items, "other": dear, "cost": spent, "target": spent + (items - dear) * random.randint(1, 3)}


def saving(one: dict[str, int], everyone: list[dict[str, int]], q: Fraction) -> Fraction:
    """What a practice would spend less, the price of its own items or else the national one."""
    ratios = [Fraction(each["other"], each["area"]) for each in everyone]
    decile = quantile(ratios, q)
    dear, items = one["other"], one["area"]
    all_dear, all_items = (sum(each[name] for each in everyone) for name in ("other", "area"))
    all_cost, all_spent = (sum(each[name] for each in everyone) for name in ("cost", "target"))
    of_dear = Fraction(one["cost"], dear) if dear else Fraction(all_cost, all_dear)
    of_others = Fraction(all_spent - all_cost, all_items - all_dear)
    if items - dear:
        of_others = Fraction(one["target"] - one["cost"], items - dear)
    return one["target"] - (decile * items * of_dear + (items - items * decile) * of_others)


@pytest.mark.parametrize("seed", range(5))
def test_savings_at_deciles_and_percentiles_are_those_of_openprescribing(seed: int) -> None:
    random = Random(seed)
    landed = {code: practice(random, place) for place, code in enumerate(PRACTICES)}
    facts: list[Fact] = registered(*PRACTICES)
    for name in ("area", "other", "cost", "target"):
        facts += figures(name, {code: float(one[name]) for code, one in landed.items()})
    rows = opportunity_rows(run(facts, [], BOTH))
    everyone = [*landed.values()]
    for code, one in landed.items():
        row = rows[code, "saving"]
        assert row["distance_cash_upper"] == pytest.approx(float(saving(one, everyone, Fraction(1, 10))))
        assert row["distance_cash_lower"] == pytest.approx(float(saving(one, everyone, Fraction(1, 2))))
        smaller = sum(Fraction(each["other"], each["area"]) < Fraction(one["other"], one["area"]) for each in everyone)
        assert row["percentile"] == pytest.approx(100 * smaller / (len(everyone) - 1))
        assert ("national_price" in row["flags"]) == (code in PRACTICES[:2])
    assert rows["T01", "saving"]["distance_cash_upper"] < 0


# ---- Fingertips: quintiles -------------------------------------------------------------------------------------------
# github.com/ukhsa-collaboration/fingertips-open, PholioVisualisation.AnalysisTest: QuintilesComparerTest has these
# categories of the values 1 to 10, QuintilesCalculatorTest the boundaries of 1 to 50.


@pytest.mark.parametrize(
    ("direction", "published"),
    [
        ("lower_is_better", {1: 1, 3: 2, 5: 3, 7: 4, 9: 5, 10: 5}),
        ("higher_is_better", {1: 5, 3: 4, 5: 3, 7: 2, 9: 1}),
    ],
)
def test_bands_are_the_quintiles_of_fingertips(direction: str, published: dict[int, int]) -> None:
    found = banded(range(1, 11), direction)
    assert {value: found[value] for value in published} == published


def test_a_value_on_a_boundary_is_in_the_lower_values_quintile() -> None:
    # Of 0 to 5, the boundaries are 1, 2, 3 and 4.
    assert banded(range(6), "higher_is_better") == {0: 5, 1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
    assert banded(range(6), "lower_is_better") == {0: 1, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5}


def test_there_are_no_quintiles_of_fewer_than_five_values() -> None:
    assert set(banded(range(1, 5), "lower_is_better").values()) == {None}


def banded(values: range, direction: str) -> dict[int, Any]:
    codes = dict(zip(PRACTICES, values, strict=False))
    rules = method({"cost": {"direction": direction, "standing": {"bands": 5, "boundary": "lower"}}}, {})
    facts = registered(*codes) + figures("cost", codes) + figures("area", dict.fromkeys(codes, 1.0))
    rows = run(facts, [], rules).metrics.to_pylist()
    return {codes[row["trust_code"]]: row["band"] for row in rows}
