"""The difference that supposed figures make, as a sentence."""

from types import SimpleNamespace
from typing import Any

import pytest

from functions.api.pages.figures.supposed import difference_words


@pytest.mark.parametrize(
    ("before", "after", "sentence", "short"),
    [
        (
            300_000.0, 250_000.0, "With these figures the gain is at most £250,000: £50,000 less than published.",
            "£250,000 at most, £50,000 less than published",
        ),
        (
            300_000.0, -20_000.0,
            "With these figures closing the gap would cost £20,000: the gain is £320,000 less than published.",
            "A cost of £20,000, the gain is £320,000 less than published",
        ),
        (
            -30_000.0, -20_000.0,
            "With these figures closing the gap would cost £20,000: the gain is £10,000 more than published.",
            "A cost of £20,000, the gain is £10,000 more than published",
        ),
    ],
)  # fmt: skip
def test_a_gain_below_zero_is_a_cost(before: float, after: float, sentence: str, short: str) -> None:
    facts: Any = SimpleNamespace(
        answer=SimpleNamespace(definition=SimpleNamespace(native="cash")),
        unit="GBP",
        nouns=SimpleNamespace(one="trust"),
    )
    answer: Any = SimpleNamespace(
        supposed=SimpleNamespace(cash_upper=after, status="opportunity"), published=SimpleNamespace(cash_upper=before)
    )
    assert difference_words(facts, answer) == (sentence, short)
