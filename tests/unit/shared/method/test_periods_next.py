"""The period that is expected next."""

import pytest

from shared.method.periods import Kind, next_label


@pytest.mark.parametrize(
    ("labels", "kind", "year_starts", "expected"),
    [
        (["2024-11", "2025-01", "2024-12"], "month", 1, "2025-02"),
        (["2024-12"], "month", 4, "2025-01"),
        (["2019-20-Q3"], "quarter", 4, "2019-20-Q4"),
        (["2019-20-Q4", "2018-19-Q4"], "quarter", 4, "2020-21-Q1"),
        (["2019-20-Q4"], "quarter", 9, "2020-21-Q1"),
        (["2015-16", "2014-15"], "financial_year", 4, "2016-17"),
        (["1998-99"], "financial_year", 4, "1999-00"),
        (["2015-16"], "financial_year", 1, "2016-17"),
        (["2024"], "year", 4, "2025"),
        ([], "month", 4, None),
        (["2025-12"], "edition", 4, None),
        (["2022-04_2025"], "span", 4, None),
        (["anything"], "name", 4, None),
    ],
)
def test_the_next_period_follows_the_latest(labels: list[str], kind: Kind, year_starts: int, expected: str) -> None:
    assert next_label(labels, kind, year_starts) == expected
