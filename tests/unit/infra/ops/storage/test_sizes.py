"""Sizes as text."""

import pytest

from infra.ops.storage.sizes import several, size


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (10_499, "10 kB"),
        (999_499, "999 kB"),
        (999_600, "1.0 MB"),
        (1_250_000_000, "1.2 GB"),
        (34_000_000_000_000, "34 TB"),
        (5_000_000_000_000_000_000, "5,000 PB"),
    ],
)
def test_sizes_have_two_or_three_digits(number: int, text: str) -> None:
    assert size(number) == text


def test_one_is_singular() -> None:
    assert [several(number, "object") for number in (0, 1, 1_200)] == ["0 objects", "1 object", "1,200 objects"]
