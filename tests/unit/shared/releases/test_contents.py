"""What a release holds: values of a metric by window, level and status, and texts by period. Expected ones by hand."""

from datetime import date
from typing import Any

import pytest

from shared.releases.contents import PLAUSIBLE, Contents
from tests.support.api.published import table

START, END = date(2024, 4, 1), date(2025, 3, 31)


def value(
    code: str, number: float | None, status: str = "ok", level: str | None = None, **other: Any
) -> dict[str, Any]:
    window = {"metric_id": "beds", "period_start": START, "period_end": END}
    cells = {"trust_code": code, "value": number, "denominator": 10.0, "status": status, "level": level}
    return window | cells | other


VALUES = [
    value("A", 1.0),
    value("B", 2.0, "below_minimum"),
    value("C", 3.0, "implausible"),
    value("D", None, "no_data"),
    value("N", 4.0, level="network"),
    value("E", 5.0, period_start=date(2023, 4, 1), period_end=date(2024, 3, 31)),
    value("F", 6.0, metric_id="meals"),
]


@pytest.mark.parametrize(
    ("level", "statuses", "expected"),
    [
        (None, PLAUSIBLE, {"A": 1.0, "B": 2.0}),
        (None, ("ok",), {"A": 1.0}),
        ("network", PLAUSIBLE, {"N": 4.0}),
        ("region", PLAUSIBLE, {}),
    ],
)
def test_values_are_of_a_window_a_level_and_some_statuses(
    level: str | None, statuses: Any, expected: dict[str, float]
) -> None:
    read = Contents.of({"metrics": table("metrics", VALUES)}).readings("beds", START, END, level, *statuses)
    assert read.among(None) == {code: (number, 10.0) for code, number in expected.items()}
    assert read.ordered == sorted(expected.values())


def test_a_release_without_values_has_none() -> None:
    for tables in ({}, {"metrics": table("metrics", [])}):
        assert Contents.of(tables).readings("beds", START, END, None, *PLAUSIBLE).among(None) == {}


def test_texts_are_of_each_period_and_those_without_days_come_first() -> None:
    stated = [
        ("2024-25", END, "A", "Large"),
        ("2023-24", date(2024, 3, 31), "A", "Small"),
        ("2024-25", END, "B", "Môn"),
        ("a list", None, "B", "Small"),
    ]
    rows = [
        {"group_id": "size", "trust_code": code, "attribute": text, "period": label, "period_end": end}
        for label, end, code, text in stated
    ]
    other = {"group_id": "other", "trust_code": "A", "attribute": "x", "period": "2024-25", "period_end": END}
    found = Contents.of({"characteristics": table("characteristics", [*rows, other])}).texts("size")
    assert [*found.items()] == [
        ((None, "a list"), {"B": "Small"}),
        ((date(2024, 3, 31), "2023-24"), {"A": "Small"}),
        ((END, "2024-25"), {"A": "Large", "B": "Môn"}),
    ]
    assert Contents.of({}).texts("size") == {}
