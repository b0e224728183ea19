"""Windows, breaks and benchmarks in words."""

from datetime import date

import pytest

from functions.api.pages.figures.wording import break_name, is_year, rule_name, window_name
from shared.method.names import Organisation


@pytest.mark.parametrize(
    ("start", "end", "name", "year"),
    [
        (date(2023, 4, 1), date(2024, 3, 31), "2023–24", True),
        (date(1999, 4, 1), date(2000, 3, 31), "1999–00", True),
        (date(2024, 1, 1), date(2024, 12, 31), "2024", True),
        (date(2024, 4, 1), date(2024, 9, 30), "Apr to Sep 2024", False),
        (date(2024, 10, 1), date(2025, 1, 31), "Oct 2024 to Jan 2025", False),
        (date(2025, 3, 1), date(2025, 3, 31), "Mar 2025", False),
        (date(2022, 4, 1), date(2024, 3, 31), "Apr 2022 to Mar 2024", False),
    ],
)
def test_a_window_has_a_short_name(start: date, end: date, name: str, year: bool) -> None:
    assert (window_name(start, end), is_year(start, end)) == (name, year)


def test_a_figure_without_a_period_is_of_no_year() -> None:
    assert not is_year(None, date(2024, 3, 31))


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("the median of 6 other trusts in “Same type of estate”", "the median"),
        ("the mean of the best 2 of 3 other trusts", "the mean of the best 2"),
        ("the 10th percentile of 1,165 trusts (itself included), interpolated linearly", "the 10th percentile"),
        ("the target", "the target"),
        (None, "the benchmark"),
    ],
)
def test_a_benchmark_without_its_comparators(rule: str | None, name: str) -> None:
    assert rule_name(rule) == name


def test_a_break_in_the_words_of_the_programme() -> None:
    schools = Organisation(one="school", many="schools")
    assert break_name(("merged", "type_changed"), schools) == "took over another school · other type"
    assert break_name((), schools) == ""
