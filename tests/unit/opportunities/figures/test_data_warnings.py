"""The flag `data_warning`: on what rests on a figure that a check warned of, and on nothing else."""

from datetime import date
from typing import Any

from shared.facts.facts import Facts
from tests.support.pipeline.estimated import estimate
from tests.support.small_programme import (
    CODES,
    TEN_TO_SEVENTY,
    YEAR,
    Fact,
    everyone_near,
    facts_of,
    figures,
    method,
    opportunity_rows,
    peers_of,
    target,
)  # fmt: skip

BEFORE = (date(YEAR[0].year - 1, 4, 1), date(YEAR[0].year, 3, 31))


def flagged(facts: list[Fact], warned: set[tuple[str, str]], days: Any = YEAR, **opportunity: Any) -> set[str]:
    """The trusts whose opportunity is flagged where a check warned of these (code, measure) in a year."""
    landed = facts_of(facts)
    marked = {}
    for name, table in landed.tables.items():
        about = zip(table["code"], table["measure"], table["period_start"], strict=True)
        marked[name] = table.assign(
            warned=[(code, measure) in warned and start == days[0] for code, measure, start in about]
        )
    rules = method({"cost": {}}, {"cost": opportunity})
    found = estimate(Facts(marked), peers_of(everyone_near(CODES)), rules)
    return {trust for (trust, _), row in opportunity_rows(found).items() if "data_warning" in row["flags"]}


def test_numerator_and_denominator_are_both_looked_at() -> None:
    assert flagged(TEN_TO_SEVENTY, set()) == set()
    assert flagged(TEN_TO_SEVENTY, {("T01", "cost"), ("T05", "area")}) == {"T01", "T05"}


def test_another_measure_and_another_year_are_not() -> None:
    facts = TEN_TO_SEVENTY + figures("other", dict.fromkeys(CODES, 5)) + figures("cost", {"T01": 7}, days=BEFORE)
    assert flagged(facts, {("T01", "other")}) == set()
    assert flagged(facts, {("T01", "cost")}, days=BEFORE) == set()


def test_own_target_and_own_rate_are_looked_at_where_they_are_used() -> None:
    facts = TEN_TO_SEVENTY + figures("other", dict.fromkeys(CODES, 5))
    assert flagged(facts, {("T02", "other")}, **target(measure="estate.other")) == {"T02"}
    earlier = TEN_TO_SEVENTY + figures("other", dict.fromkeys(CODES, 5), days=BEFORE)
    assert flagged(earlier, {("T02", "other")}, days=BEFORE, **target(measure="estate.other")) == {"T02"}
    rate = {"title": "r", "unit": "GBP per m2", "numerator": ["estate.other"], "denominator": ["estate.area"]}
    priced = target(value=29) | {"native": None, "cash": {"own_rate": rate, "unit": "GBP"}}
    assert flagged(facts, {("T03", "other")}, **priced) == {"T03"}


def test_baseline_of_an_own_target_is_looked_at() -> None:
    facts = TEN_TO_SEVENTY + figures("cost", dict.fromkeys(CODES, 5), days=BEFORE)
    facts += figures("area", dict.fromkeys(CODES, 1), days=BEFORE)
    less = target(period={"financial_year": "2019-20"}, percent_off=40)
    assert flagged(facts, {("T02", "cost"), ("T03", "area")}, days=BEFORE, **less) == {"T02", "T03"}
    assert flagged(facts, {("T02", "cost")}, days=BEFORE) == set()
