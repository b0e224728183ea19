"""The rows of a table of gains: figure, bar and order alike, in one expression."""

from datetime import date
from typing import Any

import pytest

from functions.api.pages.charts.bar import Gain
from functions.api.pages.lists.rows import GainTable, gain_table, kinds_of, months_of, names_working_time, usual_period
from functions.api.schemas.figures import Line
from shared.method.names import Organisation
from tests.support.api.chart_reading import Chart
from tests.support.api.rows import QUARTER, YEAR, gain_line, of

NOUNS = Organisation(one="trust", many="trusts")
CLEANING = gain_line()
# £40,000 to £60,000 in a quarter are £160,000 to £240,000 a year.
MISSED = gain_line(
    "missed", title="Missed appointments", native="activity", gain="400 to 600 appointments",
    activity_unit="appointments", **QUARTER,
    **of("cash", 4e4, 6e4), **of("cash_per_year", 1.6e5, 2.4e5), **of("activity", 400, 600),
)  # fmt: skip
SICKNESS = gain_line(
    "sickness", title="Sickness", native="staff", gain="4 to 5 WTE", cash_unit="GBP per year", staff_unit="WTE",
    **of("cash", 3e5, 3.5e5), **of("cash_per_year", 3e5, 3.5e5), **of("staff", 4, 5), **of("units", 1400, 1825),
)  # fmt: skip
WAITS = gain_line(
    "waits", title="Waits", native=None, gain="70 waits", cash_unit=None, unit="waits",
    **of("cash", None, None), **of("cash_per_year", None, None), **of("units", 70, 70),
)  # fmt: skip
COSTS = gain_line("generics", title="Generics", **of("cash", -30, -70), **of("cash_per_year", -30, -70))
ALL = [WAITS, COSTS, MISSED, CLEANING, SICKNESS]


def table(lines: list[Line], kind: str = "money", *, over_a_year: bool = True) -> GainTable:
    return gain_table(lines, kind, "GBP", NOUNS, over_a_year=over_a_year)


def shown(made: GainTable) -> list[tuple[str, str, str]]:
    return [(row.line.opportunity_id, row.worth, row.also) for row in made.rows]


def test_money_is_of_a_year_in_figure_bar_and_order() -> None:
    made = table(ALL)
    assert shown(made) == [
        ("sickness", "£300,000 to £350,000", "4 to 5 WTE"),
        ("cleaning_cost", "£200,000 to £300,000", ""),
        ("missed", "£160,000 to £240,000", "400 to 600 appointments in 3 months"),
        ("generics", "costs £30 to £70", ""),
        ("waits", "", "70 waits"),
    ]
    assert [row.gain for row in made.rows] == [
        Gain(3e5, 3.5e5),
        Gain(2e5, 3e5),
        Gain(1.6e5, 2.4e5),
        Gain(-30, -70),
        None,
    ]
    assert [row.costs for row in made.rows] == [False, False, False, True, False]
    assert made.heading == "Closing the gap is worth, over a year"


def test_a_bar_is_as_long_as_its_figure_on_the_axis_of_the_heading() -> None:
    made = table([CLEANING, MISSED])
    assert made.axis
    heading = Chart(made.axis)
    for row, (lower, upper) in zip(made.rows, [(2e5, 3e5), (1.6e5, 2.4e5)], strict=True):
        assert row.bar
        [(_, modest)] = Chart(row.bar).places("c-solid")
        [(_, ambitious)] = Chart(row.bar).places("c-pale")
        ends = heading.value_at(modest, "c-axis"), heading.value_at(ambitious, "c-axis")
        assert ends == pytest.approx((lower, upper), abs=300)


def test_a_release_without_a_years_money_has_that_of_the_period() -> None:
    made = table([MISSED], over_a_year=False)
    assert shown(made) == [("missed", "£40,000 to £60,000", "400 to 600 appointments in 3 months")]
    assert made.heading == "Closing the gap is worth"


def test_staff_is_ordered_by_staff_and_has_bars() -> None:
    more = gain_line("pay", title="Pay", staff_unit="WTE", **of("staff", 6, 9))
    made = table([CLEANING, SICKNESS, more], "staff")
    assert shown(made) == [("pay", "6 to 9 WTE", ""), ("sickness", "4 to 5 WTE", ""), ("cleaning_cost", "", "")]
    assert [row.bar is not None for row in made.rows] == [True, True, False]
    assert names_working_time(made)
    assert not names_working_time(table([CLEANING]))


def test_activity_has_a_unit_for_each_row_and_so_no_bars() -> None:
    beds = gain_line("beds", title="Beds", activity_unit="bed days", **of("activity", 50, 90))
    made = table([WAITS, beds, MISSED], "activity")
    assert shown(made) == [
        ("beds", "50 to 90 bed days", ""),
        ("missed", "400 to 600 appointments", ""),
        ("waits", "", ""),
    ]
    assert (made.axis, made.scale, made.heading) == (None, None, "Closing the gap is worth, in activity")


def test_gains_that_have_no_expression_are_in_their_own_unit() -> None:
    assert kinds_of([WAITS]) == []
    assert shown(table([WAITS], "")) == [("waits", "70 waits", "")]
    assert kinds_of(ALL) == ["money", "staff", "activity"]


def test_a_period_is_said_where_it_differs_from_that_of_most_rows() -> None:
    made = table([MISSED, CLEANING, SICKNESS])
    assert made.period == (YEAR["period_start"], YEAR["period_end"])
    assert {row.line.opportunity_id: row.own_period for row in made.rows} == {
        "sickness": False, "cleaning_cost": False, "missed": True,
    }  # fmt: skip
    assert usual_period([]) == (None, None)


def test_a_price_is_illustrative_only_where_it_made_the_figure_shown() -> None:
    line = gain_line(staff_unit="WTE", illustrative_in=("staff",), **of("staff", 4, 6))
    words = {kind: [mark.words for mark in table([line], kind).rows[0].marks] for kind in ("money", "staff")}
    assert words == {"money": [], "staff": ["Illustrative price"]}


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2024, 4, 1), date(2025, 3, 31), 12), (date(2025, 1, 1), date(2025, 3, 31), 3),
        (date(2024, 2, 1), date(2024, 2, 29), 1), (date(2024, 1, 15), date(2024, 2, 10), None), (None, None, None),
    ],
)  # fmt: skip
def test_months_of_a_period(start: Any, end: Any, months: int | None) -> None:
    assert months_of(start, end) == months
