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


def test_a_code_names_whom_it_took_over_since() -> None:
    assert KNOWN.took_over_after("RAJ", date(2020, 3, 31)) == ("RDD", "RQ8")
    assert KNOWN.took_over_after("RAJ", date(2020, 4, 1)) == ()
    assert KNOWN.took_over_after("R0A", date(2001, 1, 1)) == ("REX", "RM2", "RW6")
    assert KNOWN.took_over_after("R0A", date(2020, 1, 1)) == ("RW6",)


def test_a_code_that_was_handed_over_and_came_back_stands_for_itself() -> None:
    back = known("RAA RBB 1993-04-01\nRBB RAA 2000-04-01")
    assert back.present("RAA", date(1995, 1, 1)) == ("RBB",)
    assert back.present("RAA") == ("RAA",)
    assert back.present("RBB") == ("RAA",)


def test_what_a_code_took_over_after_it_had_gone_does_not_follow_it() -> None:
    reused = known("RAA RBB 2010-04-01\nRCC RAA 2015-04-01")
    assert reused.took_over_after("RBB", date(2005, 1, 1)) == ("RAA",)
    assert reused.took_over_after("RAA", date(2005, 1, 1)) == ("RCC",)


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


@given(st.lists(st.tuples(CODES, CODES, DAYS)), CODES, DAYS)
def test_a_code_took_over_whoever_leads_to_it_forward_in_time(
    successions: list[tuple[str, str, date]], code: str, day: date
) -> None:
    def leads(old: str, since: date, steps: int) -> bool:
        return old == code or any(
            a == old and a != b and max(since, day) <= c and c > day and leads(b, c, steps - 1)
            for a, b, c in successions
            if steps
        )

    expected = sorted(old for old in "ABCDE" if old != code and leads(old, day, 5))
    assert list(Successors(successions).took_over_after(code, day)) == expected
