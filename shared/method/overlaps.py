"""Overlap groups: opportunities that would save the same money, beds or hours, so must not be added together."""

from collections.abc import Mapping

from shared.method.base import Strict


class OverlapGroup(Strict):
    """`explanation`: what its opportunities have in common. `also`: other groups that overlap with it; it is enough if
    one of two groups names the other."""

    title: str
    explanation: str
    also: tuple[str, ...] = ()


def overlapping(groups: Mapping[str, OverlapGroup], group: str) -> set[str]:
    """The groups whose opportunities overlap with those of `group`, itself included. A group that is not declared
    overlaps only with itself."""
    own = groups[group].also if group in groups else ()
    return {group, *own, *(name for name, other in groups.items() if group in other.also)}
