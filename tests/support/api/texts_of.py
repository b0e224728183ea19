"""The texts of an answer."""

from collections.abc import Iterator
from typing import Any


def texts_of(answer: Any) -> Iterator[str]:
    """Every text in a JSON document, at any depth, without the names of fields."""
    if isinstance(answer, dict):
        answer = [*answer.values()]
    if isinstance(answer, list):
        for part in answer:
            yield from texts_of(part)
    elif isinstance(answer, str):
        yield answer
