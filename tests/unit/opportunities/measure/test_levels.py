"""Networks and boards: figures of a further level are the sums of its members, and are compared within the level."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.method.method import Method
from shared.method.programme import PopulationRule
from tests.oracles.opportunities import Fact, Pair, Programme
from tests.oracles.prescribing.levels import LevelProgramme
from tests.support.agreement import assert_agrees
from tests.support.pipeline.estimated import Estimate
from tests.support.small_programme import LABEL, YEAR, figures, method, opportunity_rows, run, texts

LEVELS: list[dict[str, Any]] = [
    {"id": "practice"},
    {"id": "network", "measure": "icb", "organisation": {"one": "network", "many": "networks"}},
    {"id": "board", "measure": "region", "organisation": {"one": "board", "many": "boards"}},
]
MEMBERS = {f"T{number}": f"N{number % 7}" for number in range(10, 31)}
"""Three practices to each of seven networks."""

BOARDS = {code: f"Y{number % 2}" for number, code in enumerate(MEMBERS)}


def levelled(rules: Method, levels: Sequence[Mapping[str, Any]] = LEVELS) -> Method:
    """The method with levels."""
    population = rules.programme.population
    changed = PopulationRule.model_validate({**population.model_dump(), "levels": levels})
    return rules.model_copy(update={"programme": rules.programme.model_copy(update={"population": changed})})


def register(members: Mapping[str, str] = MEMBERS) -> list[Fact]:
    days = (date(2025, 1, 1), date(2025, 12, 31))
    rows = texts("name", {code: f"Practice {code}" for code in members}, "register", days)
    return [*rows, *texts("icb", members, "register", days), *texts("region", BOARDS, "register", days)]


NATIONAL: dict[str, Any] = {"comparator": "national"}
RULES = levelled(method({"cost": {}}, {"cost": NATIONAL}))
PEERS = [Pair("near", one, other) for one in sorted({*MEMBERS.values()}) for other in sorted({*MEMBERS.values()})]


def at(found: Estimate, level: str | None) -> Estimate:
    """The rows of one level."""

    def of(table: pa.Table) -> pa.Table:
        if "level" in table.column_names:
            return table.filter(pa.array([one == level for one in table["level"].to_pylist()], pa.bool_()))
        codes = {row["trust_code"] for row in found.trusts.to_pylist() if row["level"] == level}
        return table.filter(pa.array([code in codes for code in table["trust_code"].to_pylist()], pa.bool_()))

    return Estimate(*map(of, found))


def row_of(found: Estimate, code: str) -> dict[str, Any]:
    return opportunity_rows(found)[code, "cost"]


ALIKE = figures("cost", dict.fromkeys(MEMBERS, 60)) + figures("area", dict.fromkeys(MEMBERS, 10))


def test_a_network_has_the_sums_of_its_members_and_is_compared_with_networks() -> None:
    """N3 has T10, T17 and T24: 900 + 60 + 60 on 10 + 10 + 20, or 25.5, where the six others have 6."""
    rows = [*ALIKE, *figures("cost", {"T10": 900}), *figures("area", {"T24": 20}), *register()]
    found = run(rows, [], RULES)
    network, practice = row_of(found, "N3"), row_of(found, "T10")
    assert (network["numerator"], network["denominator"], network["value"]) == (1020, 40, 25.5)
    assert (network["comparator_count"], network["benchmark_upper"], network["cash_upper"]) == (6, 6, 780)
    assert (practice["value"], practice["comparator_count"], practice["national_of"]) == (90, 20, 21)
    assert (network["level"], practice["level"], network["national_of"]) == ("network", "practice", 7)
    board = row_of(found, "Y0")
    assert (board["status"], board["comparator_count"], board["national_of"]) == ("insufficient_comparators", 1, 2)


def test_distributions_and_totals_are_of_one_level() -> None:
    found = run([*ALIKE, *figures("cost", {"T10": 900}), *register()], [], RULES)
    assert {row["level"]: row["count"] for row in found.distribution.to_pylist()} == {
        "practice": 21, "network": 7, "board": 2,
    }  # fmt: skip
    totals = {row["level"]: (row["trusts"], row["cash_upper"]) for row in found.totals.to_pylist()}
    assert totals == {"practice": (1, 840), "network": (1, 840), "board": (0, None)}


def test_without_levels_there_is_one_and_it_has_no_name() -> None:
    found = run([*ALIKE, *register()], [], method({"cost": {}}, {"cost": NATIONAL}))
    tables = (found.metrics, found.opportunities, found.trend, found.distribution, found.totals, found.trusts)
    assert [set(table["level"].to_pylist()) for table in tables] == [{None}] * 6


def test_the_first_level_is_what_it_would_be_alone() -> None:
    rows = [*ALIKE, *figures("cost", {"T10": 900, "T11": 5, "T12": "missing"}), *register()]
    alone = run(rows, [], method({"cost": {}}, {"cost": NATIONAL}))
    for name, table in at(run(rows, [], RULES), "practice")._asdict().items():
        other = getattr(alone, name)
        columns = [column for column in table.column_names if column not in ("level", "belongs_to")]
        assert table.select(columns).to_pylist() == other.select(columns).to_pylist(), name


def test_a_year_of_a_networks_own_rows_is_not_the_newest_of_all() -> None:
    later = (date(2021, 4, 1), date(2022, 3, 31))
    own = figures("cost", {"N3": 5}, days=later) + figures("area", {"N3": 1}, days=later)
    found = run([*ALIKE, *own, *register()], [], RULES)
    assert {row["period_end"] for row in found.opportunities.to_pylist()} == {YEAR[1]}
    assert (row_of(found, "N3")["value"], row_of(found, "T10")["value"]) == (6, 6)


@pytest.mark.parametrize("state", ["missing", "suppressed"])
def test_a_member_without_a_figure_makes_the_sum_missing(state: str) -> None:
    found = run([*ALIKE, *figures("cost", {"T10": state}), *register()], [], RULES)
    assert (row_of(found, "N3")["status"], row_of(found, "N4")["value"]) == ("no_data", 6)
    rows = {(row["unit_code"]): row["status"] for row in found.units.to_pylist() if row["trust_code"] == "N3"}
    assert rows == {"T10": "missing", "T17": "counted", "T24": "counted"}


def test_a_member_that_lacks_one_side_alone_is_missing_too() -> None:
    """Else its area would count without its costs."""
    rows = [row for row in ALIKE if (row.code, row.measure) != ("T10", "cost")]
    assert row_of(run([*rows, *register()], [], RULES), "N3")["status"] == "no_data"


@pytest.mark.parametrize(("area", "value"), [(5, 6), (6, None)])
def test_a_minimum_coverage_leaves_missing_members_out_as_long_as_they_are_few(area: float, value: float) -> None:
    """20 m2 with costs are 80 % of 25."""
    rules = levelled(method({"cost": {"minimum_coverage": 0.8}}, {"cost": NATIONAL}))
    rows = [*ALIKE, *figures("cost", {"T10": "missing"}), *figures("area", {"T10": area}), *register()]
    assert row_of(run(rows, [], rules), "N3")["value"] == value


def test_practices_that_are_made_of_sites_count_as_they_do_themselves() -> None:
    """T10 has 900 on 8 of 10 m2, which its minimum coverage of 80 % lets stand; T17 has 100 on 2."""
    by_site = {"numerator": ["sites.cost"], "denominator": ["sites.area"], "minimum_coverage": 0.8}
    cells = [("T10", "A", "cost", 900.0), ("T10", "A", "area", 8.0), ("T10", "B", "cost", None),
             ("T10", "B", "area", 2.0), ("T17", "A", "cost", 100.0), ("T17", "A", "area", 2.0)]  # fmt: skip
    rows = [
        Fact("sites", code, *YEAR, measure, "missing" if value is None else "value", value, None, LABEL, unit)
        for code, unit, measure, value in cells
    ]
    found = run([*rows, *register()], [], levelled(method({"cost": by_site}, {"cost": NATIONAL})))
    assert [row_of(found, code)["value"] for code in ("T10", "N3", "T17")] == [112.5, 100, 50]
    units = {row["unit_code"]: row["numerator"] for row in found.units.to_pylist() if row["trust_code"] == "N3"}
    assert units == {"T10": 900, "T17": 100}


def test_members_that_have_no_row_in_a_period_were_not_there() -> None:
    rows = [row for row in ALIKE if row.code != "T10"]
    assert row_of(run([*rows, *register()], [], RULES), "N3")["denominator"] == 20


def test_members_to_which_it_does_not_apply_are_in_neither_sum() -> None:
    rows = [*ALIKE, *figures("cost", {"T10": "not_applicable"}), *figures("area", {"T17": 0}), *register()]
    found = row_of(run(rows, [], RULES), "N3")
    assert (found["numerator"], found["denominator"]) == (60, 10)
    all_of_them = figures("cost", dict.fromkeys(("T10", "T17", "T24"), "not_applicable"))
    assert row_of(run([*ALIKE, *all_of_them, *register()], [], RULES), "N3")["status"] == "not_applicable"


def test_a_practice_without_a_network_belongs_to_none() -> None:
    members = {code: network for code, network in MEMBERS.items() if code != "T10"}
    rows = [*register(members), *texts("name", {"T10": "Ten"}, "register", (date(2025, 1, 1), date(2025, 12, 31)))]
    assert row_of(run([*ALIKE, *rows], [], RULES), "N3")["denominator"] == 20


def test_a_practice_that_was_taken_over_belongs_where_its_successor_does() -> None:
    """T31 became T10, and is not in the register; its figures of before count for N3."""
    heirs = [Fact("heirs", "T31", date(2022, 1, 1), date(2022, 1, 1), "heir", "value", None, "T10", "2022")]
    rows = [*ALIKE, *figures("cost", {"T31": 60}), *figures("area", {"T31": 10}), *heirs, *register()]
    assert row_of(run(rows, [], RULES), "N3")["denominator"] == 40


def test_the_table_of_trusts_says_level_name_and_shared_attributes() -> None:
    found = {row["trust_code"]: row for row in run([*ALIKE, *register()], [], RULES).trusts.to_pylist()}
    assert (found["T10"]["level"], found["T10"]["trust_name"]) == ("practice", "Practice T10")
    assert dict(found["T10"]["attributes"]) == {"region": "Y0", "icb": "N3"}
    assert (found["N3"]["level"], found["N3"]["in_register"], found["N3"]["trust_name"]) == ("network", True, "N3")
    assert found["N3"]["attributes"] == []  # its practices are of both boards
    assert (dict(found["T10"]["belongs_to"]), found["N3"]["belongs_to"]) == ({"network": "N3", "board": "Y0"}, [])
    assert found["Y1"]["level"] == "board"


def test_own_prices_of_a_network_are_those_of_its_members_together() -> None:
    rate = {"title": "Own", "numerator": ["estate.cost"], "denominator": ["estate.area"], "unit": "GBP per m2"}
    rules = levelled(method(
        {"space": {"numerator": ["estate.other"], "unit": "share"}},
        {"space": {"metric": "space", "comparator": "target", "lower": None, "upper": {"rule": "target", "value": 0.5},
                   "unit": "m2", "native": None, "cash": {"own_rate": rate, "unit": "GBP"}}},
    ))  # fmt: skip
    rows = [*ALIKE, *figures("cost", {"T10": 900}), *figures("other", dict.fromkeys(MEMBERS, 8)), *register()]
    found = opportunity_rows(run(rows, [], rules))
    assert found["N3", "space"]["cash_per_unit"] == 34  # 1,020 on 30 m2
    assert found["N4", "space"]["cash_upper"] == pytest.approx(9 * 6)  # 24 m2 less half of 30


CELL = st.one_of(st.integers(-20, 200).map(float), st.sampled_from(("missing", "not_applicable", 0.0)))
LANDED = st.dictionaries(st.sampled_from(sorted(MEMBERS)), CELL, min_size=12)
OWN = {"title": "Own", "numerator": ["estate.cost"], "denominator": ["estate.area"], "unit": "GBP per m2",
       "otherwise_national": True}  # fmt: skip
LAW = levelled(
    method(
        {
            "strict": {},
            "covered": {"minimum_coverage": 0.6, "zero_numerator": "missing"},
            "across": {"numerator": ["monthly.lost"], "window": {"months": 2, "minimum_periods": 1},
                       "denominator": [{"measure": "monthly.held", "times": 2}], "direction": "higher_is_better"},
        },
        {
            "strict": NATIONAL | {"metric": "strict", "minimum_comparators": 3},
            "near": {"metric": "covered", "fallback": "national", "minimum_comparators": 4},
            "across": NATIONAL | {"metric": "across", "upper": {"rule": "quantile", "q": 0.9}},
            "space": {"metric": "strict", "comparator": "target", "lower": None, "unit": "m2",
                      "upper": {"rule": "target", "value": 5}, "native": None,
                      "cash": {"own_rate": OWN, "unit": "GBP"}},
        },
    )
)  # fmt: skip
MONTHS = [(date(2020, 4, 1), date(2020, 4, 30)), (date(2020, 5, 1), date(2020, 5, 31))]


@settings(max_examples=40, deadline=None)
@given(st.lists(LANDED, min_size=6, max_size=6))
def test_every_figure_of_every_level_agrees_with_the_oracle(landed: list[dict[str, Any]]) -> None:
    cost, area, *monthly = landed
    rows = register() + figures("cost", cost) + figures("area", area)
    for days, (lost, held) in zip(MONTHS, (monthly[:2], monthly[2:]), strict=True):
        rows += figures("lost", lost, "monthly", days) + figures("held", held, "monthly", days)
    found = run(rows, PEERS, LAW)
    assert_agrees(at(found, "practice"), Programme(rows, PEERS, LAW))
    assert_agrees(at(found, "network"), LevelProgramme(rows, PEERS, LAW, MEMBERS))
    assert_agrees(at(found, "board"), LevelProgramme(rows, PEERS, LAW, BOARDS))
