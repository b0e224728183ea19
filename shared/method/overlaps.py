"""Overlap groups: which opportunities are gains on the same money, beds or hours, and must not be added together."""

from collections.abc import Mapping

from shared.method.base import Strict


class OverlapGroup(Strict):
    """`explanation`: what its opportunities have in common. `also`: other groups that overlap with it; saying so on
    one side is enough."""

    title: str
    explanation: str
    also: tuple[str, ...] = ()


def overlapping(groups: Mapping[str, OverlapGroup], group: str) -> set[str]:
    """The groups whose opportunities overlap with those of `group`, itself included. A group that is not declared
    overlaps with itself alone."""
    own = groups[group].also if group in groups else ()
    return {group, *own, *(name for name, other in groups.items() if group in other.also)}
