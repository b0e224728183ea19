"""Texts of charts: never taken for narrower than Arial draws them, broken where they fit, and placed in the frame."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.api.pages.charts.text import NARROWEST, inside, on_lines, place, place_block, width, wrap
from tests.support.api.chart_reading import advance

WORDS = st.text(
    alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,.:()'-£%", min_size=1, max_size=30
)


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "This trust £39.33", "Ambitious £33.54", "Modest 6.54%", "6 comparators", "All 208 trusts", "better ▶",
        "◀ better", "April 2024 to March 2025", "University Hospitals of Morecambe Bay NHS Foundation Trust",
        "−£14.48", "1,234,567", "MMMWWW", "ill-lit fjord", "SEK\N{NO-BREAK SPACE}67.7", "£310,000 to £640,000 · 12 m²",
    ],
)  # fmt: skip
def test_a_text_is_at_least_as_wide_as_in_arial_and_not_much_wider(text: str, bold: bool) -> None:
    real = advance(text, 14, bold)
    assert real <= width(text, 14, bold) <= 1.35 * real


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12), st.floats(60, 288))
def test_lines_keep_every_letter_and_fit(words: list[str], room: float) -> None:
    text = " ".join(words)
    lines = wrap(text, room)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= room for line in lines)
    # No line has room for the first word of the next, unless that is a part of a word wider than a line.
    assert all(
        width(f"{line} {after.split(' ')[0]}") > room or width(max(words, key=width)) > room
        for line, after in pairwise(lines)
    )


def test_a_word_wider_than_a_line_is_divided() -> None:
    assert len(wrap("M" * 60)) > 1


@pytest.mark.parametrize("at", [0, 3, 40, 50, 60, 97, 100])
def test_a_label_stands_on_a_side_with_room(at: float) -> None:
    placed = place("Ambitious £33.54", at)
    assert inside(placed)
    assert placed.at == at


def test_a_label_without_room_at_its_mark_stands_at_the_edge() -> None:
    long = "x" * 38
    assert width(long) > NARROWEST * 0.6
    assert place(long, 40) == (long, 0.0, "start", 0.0)
    assert place(long, 60) == (long, 100.0, "end", 0.0)


def test_a_label_that_touches_another_goes_to_the_next_line() -> None:
    labels = [place("April 2024 to March 2025", 97), place("April 2023 to March 2024", 15), place("2022", 8)]
    assert on_lines(labels) == [0, 1, 0]


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=8), st.floats(3, 97), st.sampled_from([0.0, -8.0]))
def test_a_block_is_in_every_frame(words: list[str], at: float, shift: float) -> None:
    block = place_block(" ".join(words), at, shift=shift)
    assert all(inside(line) for line in block.lines)
    assert {line.at for line in block.lines} == {at}
    assert len({(line.anchor, line.shift) for line in block.lines}) == 1
