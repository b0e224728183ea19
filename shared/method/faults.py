"""What is wrong with a method, and where."""

from typing import Any, NamedTuple

Location = tuple[Any, ...]
"""A place in a method: the kind of definition, its id, then keys and list positions within it."""


class MethodFault(NamedTuple):
    """One fault: its place, and a sentence that says what is wrong and how to correct it."""

    location: Location
    message: str


class UnreadableDefinitions(frozenset[tuple[str, str]]):
    """(kind, id) of the definitions that could not be read. A reference to one of them is not a fault."""
