"""What is kept for the next request: the values used last, within the bound."""

import pytest

from shared.releases.kept import Kept, Sized


def names(kept: Kept) -> str:
    """Those of a to h that are kept, without use of any."""
    return "".join(key for key in "abcdefgh" if key in kept._values)


def test_what_was_used_longest_ago_goes_first() -> None:
    kept = Kept(12)
    for key in "abcd":
        kept.keep(key, key.upper(), 3)
    assert kept.find("a") == "A"
    kept.keep("e", "E", 3)
    assert names(kept) == "acde"
    assert (kept.find("b"), kept.find("a")) == (None, "A")


def test_a_large_value_is_not_kept_and_drives_nothing_out() -> None:
    kept = Kept(16)
    kept.keep("a", "A", 4)
    kept.keep("b", "B", 5)
    assert names(kept) == "a"


def test_as_many_go_as_the_new_one_needs() -> None:
    kept = Kept(16)
    for key in "abcdefgh":
        kept.keep(key, key, 2)
    kept.keep("a", "new", 4)
    assert (names(kept), kept.find("a")) == ("acdefgh", "new")


@pytest.mark.parametrize("size", [1, 4])
def test_the_size_of_a_value_that_was_replaced_no_longer_counts(size: int) -> None:
    kept = Kept(16)
    for _ in range(9):
        kept.keep("a", "A", size)
    kept.keep("b", "B", 4)
    kept.keep("c", "C", 4)
    assert names(kept) == "abc"


def test_a_value_is_made_once_while_it_is_kept() -> None:
    kept, made = Kept(16), []

    def make(value: str, size: int) -> Sized[str]:
        made.append(value)
        return Sized(value, size)

    for _ in range(2):
        assert kept.get("a", lambda: make("A", 4)) == "A"
        assert kept.get("b", lambda: make("B", 5)) == "B"
    assert made == ["A", "B", "B"]
