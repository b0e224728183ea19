"""Figures from rows about units below a trust, such as sites: which count, what they add up to, what each is worth."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.opportunities import Fact, Programme
from tests.support.agreement import assert_agrees, same
from tests.support.pipeline.estimated import Estimate
from tests.support.small_programme import (
    CODES,
    LABEL,
    YEAR,
    everyone_near,
    figures,
    method,
    opportunity_rows,
    run,
    texts,
)

BY_SITE: dict[str, Any] = {"numerator": ["sites.cost"], "denominator": ["sites.area"], "zero_numerator": "missing"}
RULES = method({"cost": BY_SITE})
type Sites = Mapping[str, Mapping[str, tuple[float | str, float | str]]]
"""Trust → site → cost and area; a text is a state."""


def sites(of: Sites, dataset: str = "sites", days: tuple[date, date] = YEAR) -> list[Fact]:
    label = LABEL if days == YEAR else f"{days[0]:%Y-%m}"
    rows = []
    for code, units in of.items():
        for unit, cells in units.items():
            for measure, cell in zip(("cost", "area"), cells, strict=True):
                state, value = (cell, None) if isinstance(cell, str) else ("value", float(cell))
                rows.append(Fact(dataset, code, *days, measure, state, value, None, label, unit))
    return rows


OTHERS: Sites = {code: {"S1": (100.0 * nth, 10)} for nth, code in enumerate(CODES[1:], 2)}
"""Values of 20, 30, … 70 GBP per m2, at one site each."""


def estimated(first: Mapping[str, tuple[float | str, float | str]], **metric: Any) -> tuple[Estimate, dict[str, Any]]:
    """The estimate, and the row of T01, whose sites are given."""
    rules = method({"cost": BY_SITE | metric})
    found = run(sites({"T01": first, **OTHERS}), everyone_near(CODES), rules)
    return found, opportunity_rows(found)["T01", "cost"]


def units(found: Estimate, trust: str = "T01") -> dict[str, dict[str, Any]]:
    return {row["unit_code"]: row for row in found.units.to_pylist() if row["trust_code"] == trust}


def test_a_site_counts_only_where_both_sums_were_collected() -> None:
    """Counted: 900 on 10 m2 and 400 on 10 m2, 65 per m2. A leased site with an area and no cost is in neither sum."""
    found, row = estimated(
        {
            "S1": (900, 10),
            "S2": (400, 10),
            "LEASED": ("not_applicable", 5000),
            "FREE": (0, 100),
            "CAR PARK": (70, "not_applicable"),
            "YARD": (30, 0),
        }
    )
    assert (row["numerator"], row["denominator"], row["value"]) == (1300, 20, 65)
    assert {code: one["status"] for code, one in units(found).items()} == {
        "S1": "counted", "S2": "counted", "LEASED": "not_collected", "FREE": "not_collected",
        "CAR PARK": "no_denominator", "YARD": "no_denominator",
    }  # fmt: skip


def test_what_each_site_would_be_worth_at_the_trusts_benchmark() -> None:
    """The others have 20 to 70: median 45, lower quartile 32.5. S2 is better than both; the gains do not add up."""
    found, row = estimated({"S1": (900, 10), "S2": (300, 10)})
    assert (row["value"], row["cash_lower"], row["cash_upper"]) == (60, 300, 550)
    one, other = units(found)["S1"], units(found)["S2"]
    assert (one["value"], one["units_lower"], one["units_upper"], one["cash_upper"]) == (90, 450, 575, 575)
    assert (other["value"], other["units_lower"], other["cash_upper"]) == (30, 0, 0)


@pytest.mark.parametrize("state", ["missing", "suppressed"])
@pytest.mark.parametrize("cells", [(None, 10.0), (400.0, None)])
def test_a_missing_site_makes_the_trust_have_no_data(state: str, cells: tuple[float | None, float | None]) -> None:
    cost, area = (state if cell is None else cell for cell in cells)
    found, row = estimated({"S1": (900, 10), "S2": (cost, area)})
    assert (row["status"], row["value"]) == ("no_data", None)
    assert units(found)["S2"]["status"] == "missing"


@pytest.mark.parametrize(("area", "value"), [(2.0, 90.0), (2.5, 90.0), (2.6, None), ("missing", None)])
def test_a_minimum_coverage_leaves_missing_sites_out_as_long_as_they_are_few(
    area: float | str, value: float | None
) -> None:
    """10 m2 with costs are 80 % of 12.5."""
    _, row = estimated({"S1": (900, 10), "S2": ("missing", area)}, minimum_coverage=0.8)
    assert row["value"] == value


def test_a_trust_to_none_of_whose_sites_it_applies_is_not_applicable() -> None:
    _, row = estimated({"S1": ("not_applicable", 10), "S2": ("not_applicable", 20)})
    assert row["status"] == "not_applicable"
    _, mixed = estimated({"S1": ("not_applicable", 10), "S2": (0, 20)})
    assert mixed["status"] == "no_data"


def test_zero_counts_where_the_method_says_so() -> None:
    found, row = estimated({"S1": (900, 10), "S2": (0, 20)}, zero_numerator="valid")
    assert (row["value"], units(found)["S2"]["status"]) == (30, "counted")


def test_sites_keep_to_their_trust() -> None:
    """Codes of sites are unique within a trust only."""
    same_codes = {code: {"S1": (10.0 * nth, 1), "S2": (20.0 * nth, 1)} for nth, code in enumerate(CODES, 1)}
    rows = opportunity_rows(run(sites(same_codes), everyone_near(CODES), RULES))
    assert [rows[code, "cost"]["value"] for code in CODES] == [15 * nth for nth in range(1, 8)]


OTHERWISE: dict[str, Any] = {"otherwise": [{"numerator": ["estate.cost"], "denominator": ["estate.area"]}]}
BEFORE = (date(2019, 4, 1), date(2020, 3, 31))


def test_the_first_source_with_figures_counts_for_everyone_in_a_period() -> None:
    """2019-20 by trust only; in 2020-21 both, so the trust that has no site has no figure."""
    rules = method({"cost": BY_SITE | OTHERWISE})
    by_trust = [fact for days in (BEFORE, YEAR) for fact in figures("cost", dict.fromkeys(CODES, 500), days=days)]
    by_trust += [fact for days in (BEFORE, YEAR) for fact in figures("area", dict.fromkeys(CODES, 10), days=days)]
    found = run(sites(OTHERS) + by_trust, everyone_near(CODES), rules)
    rows = {(row["trust_code"], row["period_end"].year): row for row in found.metrics.to_pylist()}
    assert [rows[code, 2020]["value"] for code in CODES] == [50] * 7
    assert [rows[code, 2021]["value"] for code in CODES] == [None, 20, 30, 40, 50, 60, 70]
    assert (rows["T02", 2020]["sources"], rows["T02", 2021]["sources"]) == (["estate"], ["sites"])
    assert {row["period_start"] for row in found.units.to_pylist()} == {YEAR[0]}


def test_a_metric_that_was_redefined_breaks_its_series_once() -> None:
    changed = {"redefined": [{"since": "2020-04-01", "because": "Heating is part of it."}]}
    rules = method({"cost": BY_SITE | changed})
    rows = [fact for days in (BEFORE, YEAR) for fact in sites({"T01": {"S1": (900, 10)}, **OTHERS}, days=days)]
    after = (date(2021, 4, 1), date(2022, 3, 31))
    found = run(rows + sites(OTHERS, days=after), everyone_near(CODES), rules)
    breaks = {row["period_end"].year: row["breaks"] for row in found.trend.to_pylist() if row["trust_code"] == "T02"}
    assert breaks == {2020: [], 2021: ["definition_changed"], 2022: []}


def test_over_several_months_a_site_counts_in_the_months_in_which_it_does() -> None:
    rules = method({"cost": BY_SITE | {
        "numerator": ["wards.cost"], "denominator": ["wards.area"], "window": {"months": 2, "at_least": 2},
    }})  # fmt: skip
    months = [(date(2020, 4, 1), date(2020, 4, 30)), (date(2020, 5, 1), date(2020, 5, 31))]
    rows = sites({"T01": {"A": (10, 1), "B": (90, 1)}, **OTHERS}, "wards", months[0])
    rows += sites({"T01": {"A": (30, 1), "B": ("not_applicable", 1)}, **OTHERS}, "wards", months[1])
    found = run(rows, everyone_near(CODES), rules)
    row = opportunity_rows(found)["T01", "cost"]
    assert (row["numerator"], row["denominator"]) == (130, 3)
    told = {code: (one["numerator"], one["denominator"], one["status"]) for code, one in units(found).items()}
    assert told == {"A": (40, 2, "counted"), "B": (90, 1, "counted")}
    assert sum(one[0] for one in told.values()) == row["numerator"]


def test_months_that_are_not_part_of_the_trusts_figure_are_not_part_of_its_units() -> None:
    """B is missing in April, so the trust's figure is that of May alone."""
    rules = method({"cost": BY_SITE | {
        "numerator": ["wards.cost"], "denominator": ["wards.area"], "window": {"months": 2, "minimum_periods": 1},
    }})  # fmt: skip
    months = [(date(2020, 4, 1), date(2020, 4, 30)), (date(2020, 5, 1), date(2020, 5, 31))]
    rows = sites({"T01": {"A": (900, 10), "B": ("missing", 10)}, **OTHERS}, "wards", months[0])
    rows += sites({"T01": {"A": (900, 10), "B": (100, 10)}, **OTHERS}, "wards", months[1])
    found = run(rows, everyone_near(CODES), rules)
    row = opportunity_rows(found)["T01", "cost"]
    assert (row["numerator"], row["denominator"]) == (1000, 20)
    assert {code: one["numerator"] for code, one in units(found).items()} == {"A": 900, "B": 100}


def test_a_later_file_of_the_same_period_replaces_all_units_of_an_organisation() -> None:
    """B was merged into A."""
    rules = method({"cost": BY_SITE | {"numerator": ["wards.cost"], "denominator": ["wards.area"]}})
    month = (date(2020, 4, 1), date(2020, 4, 30))
    first = sites({"T01": {"A": (900, 10), "B": (500, 10)}, **OTHERS}, "wards", month)
    later = [fact._replace(label="2020-05") for fact in sites({"T01": {"A": (1400, 20)}}, "wards", month)]
    found = run(first + later, everyone_near(CODES), rules)
    row = opportunity_rows(found)["T01", "cost"]
    assert (row["numerator"], row["denominator"], [*units(found)]) == (1400, 20, ["A"])


def test_an_own_price_leaves_out_sites_without_the_cost() -> None:
    """90 per m2 at S1; FREE has an area and no cost."""
    rate = {"title": "Own", "numerator": ["sites.cost"], "denominator": ["sites.area"], "unit": "GBP per m2"}
    rules = method(
        {"space": BY_SITE | {"numerator": ["sites.area"], "unit": "share"}},
        {"space": {"metric": "space", "comparator": "target", "lower": None, "upper": {"rule": "target", "value": 0.5},
                   "unit": "m2", "native": None, "cash": {"own_rate": rate, "unit": "GBP"}}},
    )  # fmt: skip
    row = opportunity_rows(run(sites({"T01": {"S1": (900, 10), "FREE": (0, 90)}}), [], rules))["T01", "space"]
    assert row["cash_per_unit"] == 90


def test_names_are_the_newest_and_a_dataset_without_units_has_no_rows() -> None:
    named = [Fact("sites", "T01", *YEAR, "site_name", "value", None, "North", LABEL, "S1")]
    old = [Fact("sites", "T01", *BEFORE, "site_name", "value", None, "Old north", "2019-20", "S1")]
    found = run(sites({"T01": {"S1": (900, 10)}, **OTHERS}) + named + old, everyone_near(CODES), RULES)
    assert units(found)["S1"]["unit_name"] == "North"
    by_trust = run(figures("cost", dict.fromkeys(CODES, 1)) + figures("area", dict.fromkeys(CODES, 1)), [], method())
    assert by_trust.units.num_rows == 0


CELL = st.one_of(st.integers(-20, 200).map(float), st.sampled_from(("missing", "not_applicable", "suppressed", 0.0)))
AREA = st.one_of(st.integers(0, 40).map(float), st.sampled_from(("missing", "not_applicable")))
LANDED = st.dictionaries(
    st.sampled_from(CODES),
    st.dictionaries(st.sampled_from(("S1", "S2", "S3", "S4")), st.tuples(CELL, AREA), min_size=1),
    min_size=5,
)
OWN = {"title": "Own", "numerator": ["sites.cost"], "denominator": ["sites.area"], "unit": "GBP per m2",
       "otherwise": [{"numerator": ["estate.other"], "denominator": ["estate.area"]}]}  # fmt: skip
LAW = method(
    {
        "strict": BY_SITE | OTHERWISE,
        "covered": BY_SITE | {"minimum_coverage": 0.75, "zero_numerator": "valid"},
        "both": BY_SITE | {"numerator": ["sites.cost", {"measure": "sites.area", "times": 2}]},
        "share": BY_SITE | {"numerator": ["sites.area"], "denominator": ["sites.area"], "unit": "share"},
    },
    {
        "strict": {"metric": "strict"},
        "covered": {"metric": "covered", "comparator": "national"},
        "both": {"metric": "both", "minimum_comparators": 3},
        "space": {
            "metric": "share", "comparator": "target", "lower": None, "upper": {"rule": "target", "value": 0.5},
            "unit": "m2", "native": None, "cash": {"own_rate": OWN, "unit": "GBP"},
        },
    },
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(LANDED, LANDED, st.booleans())
def test_every_figure_agrees_with_the_oracle(now: Sites, then: Sites, by_trust: bool) -> None:
    rows = sites(now) + sites(then, days=BEFORE)
    if by_trust:
        earlier = (date(2018, 4, 1), date(2019, 3, 31))
        for days in (earlier, BEFORE):
            for measure in ("cost", "area", "other"):
                rows += figures(measure, dict.fromkeys(CODES[:5], 7), days=days)
    found, expected = run(rows, everyone_near(CODES), LAW), Programme(rows, everyone_near(CODES), LAW)
    assert_agrees(found, expected)
    _assert_units_agree(found, expected)


def _assert_units_agree(found: Estimate, expected: Programme) -> None:
    """Every unit of the newest window, with its gain told from the benchmark of its trust."""
    for name, window in expected.windows.items():
        expected.stand(name, window)
    told = {(row["trust_code"], row["opportunity_id"], row["unit_code"]): row for row in found.units.to_pylist()}
    keys = set()
    for name, opportunity in expected.method.opportunities.items():
        metric = expected.method.metrics[opportunity.metric]
        (days,) = expected.windows[opportunity.metric] or [None]
        if days is None:
            continue
        source = expected.source(metric, days)
        for trust in expected.trusts:
            row = expected.opportunity(name, trust)
            for unit, cells in (expected.of_units(source, days, trust) or {}).items():
                status, top, bottom = expected.unit(source, cells, zero_is_missing=metric.zero_numerator == "missing")
                one = told[trust, name, unit]
                keys.add((trust, name, unit))
                assert one["status"] == status
                if status != "counted":
                    continue
                assert same(one["numerator"], top)
                assert same(one["denominator"], bottom)
                for end in ("lower", "upper"):
                    mark = row.get(f"benchmark_{end}")
                    gain = None
                    if mark is not None and bottom is not None and bottom > 0:
                        gain = max(0, top / bottom - mark) * bottom
                    assert same(one[f"units_{end}"], gain), (one, row)
    assert keys == set(told)


def test_texts_of_units_do_not_stand_for_the_trust() -> None:
    named = texts("site_name", {"T01": "x"}, "sites")
    found = run(sites({"T01": {"S1": (1, 1)}, **OTHERS}) + named, everyone_near(CODES), RULES)
    assert opportunity_rows(found)["T01", "cost"]["trust_name"] != "x"
