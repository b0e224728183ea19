"""Marks of a figure: each a word, its kind, and what it means."""

from typing import Any

import pytest

from functions.api.pages.lists.marks import marks_of
from shared.method.names import Organisation
from tests.support.api.rows import gain_line, of

NOUNS = Organisation(one="school", many="schools")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"flags": ("single_value",)}, []),
        ({"within_chance": True}, [("May be chance", "warn")]),
        ({"within_chance": False}, []),
        ({"robust_low": 0.0}, [("Vanishes without one comparator", "")]),
        ({"robust_low": 10.0}, []),
        ({"robust_low": 0.0} | of("units", 0, 3e5), []),
        ({"illustrative_in": ("cash",)}, [("Illustrative price", "warn")]),
        ({"illustrative_in": ("staff",)}, []),
        (
            {"flags": ("predecessor_form", "single_value", "check_data"), "cautions": ("Check it.", "It merged.")},
            [("Check the data first", "error"), ("Before a merger", "")],
        ),
        ({"flags": ("fallback_national",), "cautions": ("Too few.",)}, [("Compared with all schools", "")]),
        ({"flags": ("national_price",), "cautions": ("No price.",)}, [("Price of all schools", "")]),
        ({"flags": ("data_warning",), "cautions": ("Warned.",)}, [("Data warning", "warn")]),
        ({"flags": ("new_flag",), "cautions": ("Flag: new_flag.",)}, [("New flag", "")]),
    ],
)
def test_marks(fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert [(one.words, one.kind) for one in marks_of(gain_line(**fields), "cash", NOUNS)] == expected


def test_a_flags_meaning_is_the_answers_own_sentence() -> None:
    line = gain_line(flags=("predecessor_form", "check_data"), cautions=("Check it.", "It merged."), within_chance=True)
    assert [one.meaning for one in marks_of(line, "cash", NOUNS)] == [
        "The difference from the benchmark may be chance: the interval of the school's own value reaches it.",
        "Check it.", "It merged.",
    ]  # fmt: skip
