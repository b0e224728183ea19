"""Filters of a list: what each lets through, and how many gains each choice would show."""

import pytest

from functions.api.pages.lists import filters
from tests.support.api.rows import gain_line

WORST = gain_line("a", quartile=4, within_chance=False)
LUCKY = gain_line("b", quartile=4, within_chance=True, comparator="target", comparator_title=None)
SPACE = gain_line("c", quartile=3, category="space", category_title="Space")
UNRANKED = gain_line("d", category="space", category_title="Space")
GAINS = [WORST, LUCKY, SPACE, UNRANKED]
AHEAD = gain_line("e", status="at_or_better_than_benchmark", quartile=1, category="beds", category_title="Beds")


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({}, "abcd"), ({"quartile": "4"}, "ab"), ({"quartile": "1"}, ""), ({"chance": "only"}, "b"),
        ({"chance": "hide"}, "acd"), ({"category": "space"}, "cd"), ({"comparator": "target"}, "b"),
        ({"category": "space", "quartile": "3"}, "c"), ({"category": "nothing"}, ""),
    ],
)  # fmt: skip
def test_what_a_filter_lets_through(wanted: dict[str, str], left: str) -> None:
    assert "".join(one.opportunity_id for one in filters.matching(GAINS, wanted)) == left


def test_a_choice_counts_the_gains_that_it_would_show_with_the_other_filters() -> None:
    found = {one.name: one for one in filters.filters(GAINS, [AHEAD], {"quartile": "4"})}
    counts = {name: [(option.title, option.count) for option in one.options] for name, one in found.items()}
    assert counts == {
        "category": [("All", 2), ("Estates", 2), ("Space", 0), ("Beds", 0)],
        "comparator": [("All", 2), ("Same type of estate", 1), ("A target", 1)],
        "quartile": [
            ("All", 4), ("Best quarter", 0), ("Second best quarter", 0), ("Third best quarter", 1),
            ("Worst quarter", 2),
        ],
        "chance": [("All", 2), ("May be chance", 1), ("Without those that may be chance", 1)],
    }  # fmt: skip
    assert [one.title for one in found["quartile"].options if one.current] == ["Worst quarter"]
    assert [name for name, one in found.items() if one.active] == ["quartile"]


def test_a_filter_with_nothing_to_choose_is_not_offered() -> None:
    assert filters.filters([gain_line("a")], [], {}) == []
    assert [one.name for one in filters.filters([WORST], [], {"chance": "only"})] == ["quartile", "chance"]


def test_a_choice_that_does_not_exist_lets_nothing_through_and_none_is_current() -> None:
    found = {one.name: one for one in filters.filters(GAINS, [], {"category": "nothing"})}["category"]
    assert (found.active, found.chosen) == (True, None)


def test_the_same_filters_for_the_api() -> None:
    chosen = filters.chosen({"category": "space", "chance": "hide", "quartile": "", "show": "staff", "as_at": "x"})
    assert filters.api_query(chosen) == {"category": "space", "within_chance": "false"}
    assert filters.api_query({"chance": "only"}) == {"within_chance": "true"}
