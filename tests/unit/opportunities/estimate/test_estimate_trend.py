"""Every window held, on programmes small enough to work out by hand: the rows, and where a series breaks."""

from datetime import date
from typing import Any

import pytest

from shared.method.periods import month_of
from shared.tables import OPPORTUNITIES, TREND
from tests.oracles.opportunities import Fact, Pair
from tests.support.small_programme import (
    CODES,
    TEN_TO_SEVENTY,
    YEAR,
    everyone_near,
    figures,
    method,
    opportunity_rows,
    registered,
    run,
    texts,
)

BEFORE = (date(2019, 4, 1), date(2020, 3, 31))
YEAR_BEFORE = [
    *figures("cost", {code: 1000 * number for number, code in enumerate(CODES, 1)}, days=BEFORE),
    *figures("area", dict.fromkeys(CODES, 10), days=BEFORE),
]
"""Values of 100, 200, … 700 GBP per m2 the year before."""

TWO_YEARS = YEAR_BEFORE + TEN_TO_SEVENTY


def points(facts: list[Fact], trust: str = "T05", pairs: list[Pair] | None = None, **settings: Any) -> list[Any]:
    """A trust's rows of the one opportunity, oldest first."""
    rules = method({"cost": settings.pop("metric", {})}, {"cost": settings})
    found = run(facts, everyone_near(CODES) if pairs is None else pairs, rules)
    return [row for row in found.trend.to_pylist() if row["trust_code"] == trust]


def test_each_window_is_compared_with_those_who_had_a_value_then() -> None:
    gone = [row for row in TWO_YEARS if (row.code, row.start) != ("T01", YEAR[0])]
    earlier, newest = points(gone)
    assert (earlier["period_start"], earlier["period_end"]) == BEFORE
    assert (earlier["value"], earlier["comparator_count"], earlier["benchmark_lower"]) == (500, 6, 350)
    assert (newest["value"], newest["comparator_count"], newest["benchmark_lower"]) == (50, 5, 40)
    assert (earlier["cash_lower"], newest["cash_lower"]) == (1500, 100)


def test_trend_has_the_columns_of_opportunities_but_the_rank() -> None:
    assert [field for field in OPPORTUNITIES if field.name != "rank"] == [*TREND][:-1]
    assert TREND.names[-1] == "breaks"


def test_prices_are_those_of_the_method_in_force_whatever_the_year() -> None:
    activity = {"of": "cash", "divide_by": "piece", "unit": "pieces"}
    assert [row["activity_upper"] / row["cash_upper"] for row in points(TWO_YEARS, activity=activity)] == [0.25, 0.25]


def test_plausibility_and_minimum_are_judged_in_each_window() -> None:
    wild = [*TWO_YEARS, *figures("cost", {"T05": 10**6}, days=BEFORE)]
    small = [*TWO_YEARS, *figures("area", {"T05": 3}, days=BEFORE)]
    national = {"plausibility": {"group": "national"}}
    assert [row["status"] for row in points(wild, metric=national)] == ["implausible", "opportunity"]
    statuses = [row["status"] for row in points(small, metric={"minimum_denominator": 5})]
    assert statuses == ["below_minimum", "opportunity"]


def test_fallback_is_taken_in_the_window_that_needs_it() -> None:
    few = [row for row in TWO_YEARS if row.start != BEFORE[0] or row.code in ("T01", "T02", "T03", "T05", "T06", "T07")]
    near = [Pair("near", "T05", peer) for peer in [*CODES[:4], "T06"]]
    earlier, newest = points(few, pairs=near, fallback="national")
    assert (earlier["comparator"], earlier["flags"], earlier["comparator_count"]) == (
        "national", ["fallback_national"], 5,
    )  # fmt: skip
    assert (newest["comparator"], newest["flags"], newest["comparator_count"]) == ("near", [], 5)


def test_types_are_those_of_the_same_period() -> None:
    kinds = texts("kind", dict.fromkeys(CODES, "A")) + texts("kind", dict.fromkeys(CODES[:6], "A"), days=BEFORE)
    pairs = [Pair("kind", one, other, "peer", "2020-21") for one in CODES for other in CODES]
    pairs += [Pair("kind", one, other, "peer", "2019") for one in CODES[:6] for other in CODES[:6]]
    earlier, newest = points(TWO_YEARS + kinds, pairs=pairs, comparator="kind")
    assert (earlier["comparator_count"], newest["comparator_count"]) == (5, 6)


def test_trust_that_is_gone_has_its_rows_in_the_trend_and_none_among_opportunities() -> None:
    gone = [row for row in TWO_YEARS if row.code != "T01" or row.start == BEFORE[0]]
    found = run(gone, everyone_near(CODES), method())
    assert "T01" not in {trust for trust, _ in opportunity_rows(found)}
    assert [row["status"] for row in points(gone, "T01")] == ["at_or_better_than_benchmark", "no_data"]
    assert "T01" in {row["trust_code"] for row in found.trusts.to_pylist()}


def test_metrics_have_a_row_for_every_window() -> None:
    rows = run(TWO_YEARS, [], method()).metrics.to_pylist()
    assert [(row["trust_code"], row["period_end"]) for row in rows] == [
        (code, days[1]) for code in CODES for days in (BEFORE, YEAR)
    ]
    assert [row["value"] for row in rows if row["trust_code"] == "T03"] == [300, 30]


def test_opportunity_without_files_has_no_point() -> None:
    assert points(registered("T05")) == []


# ---- windows -----------------------------------------------------------------------------------------------------

ABSENCE: dict[str, Any] = {"numerator": ["monthly.lost"], "denominator": ["monthly.held"]}
MONTHS = [date(2020 + (month > 12), (month - 1) % 12 + 1, 1) for month in range(1, 25)]


def monthly(*numbers: int, code: str = "T05") -> list[Fact]:
    """1, 2, 3, … days lost of 100 in the months of those numbers, 1 being January 2020."""
    spans = [month_of(MONTHS[number - 1]) for number in numbers]
    return [
        row
        for number, (last, first) in zip(numbers, spans, strict=True)
        for name, cell in (("lost", number), ("held", 100))
        for row in figures(name, {code: cell}, "monthly", (first, last))
    ]


def sums(facts: list[Fact], window: dict[str, Any]) -> list[tuple[float, date, date]]:
    """Days lost, first and last day of each window held."""
    rows = points(facts, comparator="national", metric=ABSENCE | {"window": window})
    return [(row["numerator"], row["period_start"], row["period_end"]) for row in rows]


def test_windows_of_months_end_in_each_month_held() -> None:
    assert sums(monthly(1, 2, 3, 4), {"months": 3, "at_least": 2}) == [
        (1 + 2, date(2020, 1, 1), date(2020, 2, 29)),
        (1 + 2 + 3, date(2020, 1, 1), date(2020, 3, 31)),
        (2 + 3 + 4, date(2020, 2, 1), date(2020, 4, 30)),
    ]


def test_window_with_too_few_months_is_left_out_and_the_newest_whole_one_stands() -> None:
    rule = {"months": 3, "at_least": 3}
    assert sums(monthly(1, 2, 3, 6), rule) == [(6, date(2020, 1, 1), date(2020, 3, 31))]
    found = run(monthly(1, 2, 3, 6), [], method({"cost": ABSENCE | {"window": rule}}, {"cost": {}}))
    assert opportunity_rows(found)["T05", "cost"]["period_end"] == date(2020, 3, 31)


def test_financial_years_are_whole_years_from_april_to_march() -> None:
    year = sum(range(4, 16))
    assert sums(monthly(*range(1, 24)), {"financial_year": True}) == [(year, date(2020, 4, 1), date(2021, 3, 31))]
    assert sums(monthly(*range(4, 15)), {"financial_year": True}) == []
    assert sums(monthly(*(number for number in range(4, 16) if number != 9)), {"financial_year": True}) == []


def test_quarters_make_a_financial_year_too() -> None:
    starts = [date(2020, 4, 1), date(2020, 7, 1), date(2020, 10, 1), date(2021, 1, 1), date(2021, 4, 1)]
    ends = [date(2020, 6, 30), date(2020, 9, 30), date(2020, 12, 31), date(2021, 3, 31), date(2021, 6, 30)]
    facts = [
        row
        for number, days in enumerate(zip(starts, ends, strict=True), 1)
        for row in (*figures("lost", {"T05": number}, "monthly", days), *figures("held", {"T05": 9}, "monthly", days))
    ]
    assert sums(facts, {"financial_year": True}) == [(10, date(2020, 4, 1), date(2021, 3, 31))]


def test_yearly_files_window_of_a_financial_year_is_its_latest_period() -> None:
    assert points(TWO_YEARS, metric={"window": {"financial_year": True}}) == points(TWO_YEARS)


def test_trust_needs_every_month_of_the_year_unless_the_method_asks_for_fewer() -> None:
    facts = monthly(*range(4, 16), code="T01") + monthly(*range(4, 15))
    assert sums(facts, {"financial_year": True})[0][0] is None
    assert sums(facts, {"financial_year": True, "minimum_periods": 11})[0][0] == sum(range(4, 15))


# ---- breaks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "breaks"),
    [
        (date(2020, 3, 31), []),
        (date(2020, 4, 1), ["merged"]),
        (date(2021, 3, 31), ["merged"]),
        (date(2021, 4, 1), []),
    ],
)
def test_taking_in_another_trust_breaks_the_series_in_the_window_it_took_effect(day: date, breaks: list[str]) -> None:
    facts = TWO_YEARS + texts("heir", {"T02": "T05"}, "heirs", (day, day))
    assert [row["breaks"] for row in points(facts)] == [[], breaks]
    assert [row["breaks"] for row in points(facts, "T02")] == [[], []]


def test_succession_to_itself_breaks_nothing() -> None:
    day = date(2020, 10, 1)
    assert [row["breaks"] for row in points(TWO_YEARS + texts("heir", {"T05": "T05"}, "heirs", (day, day)))] == [[], []]


@pytest.mark.parametrize(
    ("before", "after", "breaks"),
    [
        ("A", "B", ["type_changed"]),
        ("A", "A", []),
        ("Acute - Large", "ACUTE -  LARGE ", []),
        (None, "B", []),
        ("A", None, []),
    ],
)
@pytest.mark.parametrize("comparator", ["kind", "near", "national"])
def test_another_type_breaks_the_series(
    before: str | None, after: str | None, breaks: list[str], comparator: str
) -> None:
    kinds = texts("kind", {"T05": before}, days=BEFORE) if before else []
    kinds += texts("kind", {"T05": after}) if after else []
    rows = points(TWO_YEARS + kinds, comparator=comparator)
    assert [row["breaks"] for row in rows] == [[], breaks]


def test_type_that_was_not_stated_for_a_window_is_the_one_before() -> None:
    earlier, later = (date(2018, 4, 1), date(2019, 3, 31)), (date(2021, 4, 1), date(2022, 3, 31))
    facts = TWO_YEARS + [
        row for days in (earlier, later) for row in (*figures("cost", {"T05": 5}, days=days),
                                                     *figures("area", {"T05": 5}, days=days))
    ]  # fmt: skip
    kinds = texts("kind", {"T05": "A"}, days=earlier) + texts("kind", {"T05": "B"}, days=later)
    assert [row["breaks"] for row in points(facts + kinds)] == [[], [], [], ["type_changed"]]


def test_merged_and_of_another_type_is_both() -> None:
    kinds = texts("kind", {"T05": "A"}, days=BEFORE) + texts("kind", {"T05": "B"})
    day = date(2020, 10, 1)
    rows = points(TWO_YEARS + kinds + texts("heir", {"T02": "T05"}, "heirs", (day, day)))
    assert [row["breaks"] for row in rows] == [[], ["merged", "type_changed"]]
