"""Successions: chains, mergers into a new and a kept code, splits, and circles, by date."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.facts.successors import Successors


def known(text: str) -> Successors:
    return Successors([(a, b, date.fromisoformat(c)) for a, b, c in (line.split() for line in text.splitlines())])


KNOWN = known(
    "REX RW6 2002-04-01\nREX RT2 2002-04-01\nRW6 RM3 2021-10-01\nRW6 R0A 2021-10-01\nRD3 R0D 2020-10-01\n"
    "RDZ R0D 2020-10-01\nRQ8 RAJ 2020-04-01\nRDD RAJ 2020-04-01\nRM2 R0A 2017-10-01"
)


@pytest.mark.parametrize(
    ("code", "at", "present"),
    [
        ("REX", "2002-03-31", ("REX",)),
        ("REX", "2002-04-01", ("RT2", "RW6")),
        ("REX", None, ("R0A", "RM3", "RT2")),
        ("RW6", "2021-10-01", ("R0A", "RM3")),
        ("RD3", None, ("R0D",)),
        ("RDZ", "2020-09-30", ("RDZ",)),
        ("RQ8", None, ("RAJ",)),
        ("RAJ", None, ("RAJ",)),
        ("RXX", None, ("RXX",)),
    ],
)
def test_a_code_leads_to_those_that_stand_for_it_on_the_day(
    code: str, at: str | None, present: tuple[str, ...]
) -> None:
    assert KNOWN.present(code, at and date.fromisoformat(at)) == present


def test_a_code_is_closed_from_the_day_of_its_succession() -> None:
    assert [KNOWN.closed("RDD", date(2020, 3, 31)), KNOWN.closed("RDD", date(2020, 4, 1))] == [False, True]
    assert not KNOWN.closed("RAJ", date(2025, 1, 1))


def test_a_code_that_was_handed_over_and_came_back_stands_for_itself() -> None:
    back = known("RAA RBB 1993-04-01\nRBB RAA 2000-04-01")
    assert back.present("RAA", date(1995, 1, 1)) == ("RBB",)
    assert back.present("RAA") == ("RAA",)
    assert back.present("RBB") == ("RAA",)


def test_a_circle_of_one_day_and_a_code_that_succeeds_itself_end() -> None:
    assert known("RAA RBB 2000-04-01\nRBB RAA 2000-04-01").present("RAA") == ("RAA",)
    assert known("RAA RAA 2000-04-01").present("RAA") == ("RAA",)


CODES = st.sampled_from("ABCDE")
DAYS = st.integers(1, 6).map(lambda day: date(2000, 1, day))


@given(st.lists(st.tuples(CODES, CODES, DAYS)), CODES, st.none() | DAYS)
def test_any_successions_whatever_end_and_their_order_does_not_matter(
    successions: list[tuple[str, str, date]], code: str, at: date | None
) -> None:
    found = Successors(successions).present(code, at)
    assert found
    assert found == Successors(reversed([*successions, *successions])).present(code, at)
    assert list(found) == sorted(set(found))
