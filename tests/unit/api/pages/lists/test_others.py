"""Figures that are as good as their benchmark, and the reasons why there is none."""

from datetime import date
from typing import Any

import pytest

from functions.api.pages.lists.others import ahead_rows, reasons
from shared.method.names import Organisation
from tests.support.api.rows import gain_line

NOUNS = Organisation(one="trust", many="trusts")


def ahead_line(**fields: Any) -> Any:
    made = {"value": 50.0, "benchmark_lower": 60.0, "benchmark_upper": 55.0} | fields
    return gain_line(status="at_or_better_than_benchmark", **made)


@pytest.mark.parametrize(
    ("fields", "ahead", "benchmark", "more"),
    [
        (
            {"distance_upper": -5.0, "distance_cash_upper": -50_000.0},
            "£5 per m² ahead", "ambitious benchmark, £55 per m²", "at which it would spend £50,000 more a year",
        ),
        (
            {"distance_upper": -5.0, "distance_cash_upper": -50_000.0,
             "period_start": date(2025, 1, 1), "period_end": date(2025, 3, 31)},
            "£5 per m² ahead", "ambitious benchmark, £55 per m²", "at which it would spend £50,000 more in 3 months",
        ),
        (
            {"distance_upper": -5.0, "distance_cash_upper": -50_000.0, "cash_unit": "GBP per year"},
            "£5 per m² ahead", "ambitious benchmark, £55 per m²", "at which it would spend £50,000 more per year",
        ),
        (
            {"value": 0.9, "value_unit": "share", "distance_upper": -0.05, "benchmark_upper": 0.85,
             "comparator": "target", "flags": ("single_value",)},
            "5 percentage points ahead", "target, 85%", "",
        ),
        (
            {"distance_upper": 0.0, "benchmark_lower": 50.0, "benchmark_upper": 50.0},
            "Equal", "benchmark, £50 per m²", "",
        ),
        ({}, "", "ambitious benchmark, £55 per m²", ""),
    ],
)  # fmt: skip
def test_the_distance_in_words(fields: dict[str, Any], ahead: str, benchmark: str, more: str) -> None:
    (row,) = ahead_rows([ahead_line(**fields)], NOUNS)
    assert (row.ahead, row.benchmark, row.more) == (ahead, benchmark, more)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"quartile": 1, "national_rank": 5, "national_of": 57}, "Best quarter, 5th of 57"),
        ({"national_rank": 1021, "national_of": 1055}, "1,021st of 1,055"),
        ({}, ""),
    ],
)
def test_where_a_value_stands(fields: dict[str, Any], words: str) -> None:
    assert ahead_rows([ahead_line(**fields)], NOUNS)[0].stands == words


def test_a_distance_that_may_be_chance_has_its_mark() -> None:
    rows = ahead_rows([ahead_line(compared=compared, distance_upper=-5.0) for compared in ("similar", "better")], NOUNS)
    assert [[mark.words for mark in row.marks] for row in rows] == [["May be chance"], []]


def test_opportunities_without_a_figure_are_listed_by_their_reason_the_commonest_first() -> None:
    words = {"Pay": "Pay: the trust has no figure: no file.", "Beds": "Beds: the trust has no figure: no file."}
    words["A: B"] = "A: B, 1 April 2024 to 31 March 2025: the trust had £2. It is not used."
    lines = [gain_line(title, title=title, status="no_data", words=text) for title, text in words.items()]
    found = [(one.words, [line.title for line in one.lines]) for one in reasons(lines)]
    assert found == [
        ("The trust has no figure: no file.", ["Beds", "Pay"]), ("The trust had £2. It is not used.", ["A: B"]),
    ]  # fmt: skip
