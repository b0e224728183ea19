"""What is wrong with a method, and where."""

from typing import Any, NamedTuple

Place = tuple[Any, ...]
"""Where in the method: kind, id, and further steps."""


class Fault(NamedTuple):
    """Something wrong: its place, and a sentence that says what to do."""

    place: Place
    says: str


class Broken(frozenset[tuple[str, str]]):
    """(kind, id) of the definitions that could not be read: what names one of them is not at fault itself."""
