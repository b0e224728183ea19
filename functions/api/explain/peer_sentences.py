"""The plain reason why one trust is, or is not, a peer of another. Pure."""

from collections.abc import Callable

from functions.api.explain.peer_reasons import Comparison, Place, Why
from functions.api.schemas.figures import Named
from shared.formatting import SHARE, amount, number
from shared.method.peer_groups import NearestGroup, PeerGroup, SameAttributeGroup

_MOST_NAMED = 2


class Words:
    """The sentences about a trust `code` in one group; `period` is that of an attribute."""

    def __init__(self, named: Callable[[str], Named], code: str, group: PeerGroup, period: str | None) -> None:
        self._named = named
        self._me = self._name(code)
        self._group = group
        self._period = period

    def said(self, found: Why) -> str:
        """The reason, as a reader who has nothing else before them needs it."""
        other = self._name(found.other)
        match found.reason:
            case "peer" | "runner_up" | "too_far" if found.place and found.comparison:
                return self._placed(found, found.place, found.comparison)
            case "peer" if found.attribute is not None:
                return f"{other} is a peer: both are “{found.attribute}” by {self._attribute}{self._when}."
            case "peer":
                return f"The list as it was landed names {other}."
            case "not_listed":
                return f"The list as it was landed does not name {other}."
            case "other_attribute":
                return (
                    f"{other} is no peer, since peers must be of the same {self._attribute}: "
                    f"{self._me} {_stated(found.attribute)}, {other} {_stated(found.other_attribute)}{self._when}."
                )
            case "too_few_in_common":
                return f"{other} cannot be compared with {self._me}: {_too_few(found.comparison)}"
            case "no_characteristics":
                return f"{other} is nobody's peer here: what this group is made from was not landed for it{self._when}."
            case "none_of_its_own":
                return f"{self._me} has no peers here: what this group is made from was not landed for it{self._when}."
            case "itself":
                return "No trust is its own peer."
            case "own_successor":
                return f"{other} took over from {self._me}, and nobody is compared with its own successor."
            case "own_predecessor":
                return f"{other} was taken over by {self._me}, and nobody is compared with its own predecessor."
            case "same_successor":
                return f"{other} and {self._me} have become one trust, so neither is the other's peer."
            case "closed":
                return f"{other} has closed, and no trust is known that took over from it."
            case "replaced":
                heirs = " and ".join(self._name(one.other) for one in found.successors)
                told = " ".join(self.said(one) for one in found.successors)
                return f"{other} was taken over, and lists name {heirs} in its place. {told}"
        return f"Nationally a trust is compared with every other that has a value, so with {other} wherever it has one."

    def _placed(self, found: Why, place: Place, comparison: Comparison) -> str:
        other = self._name(place.code)
        where = f"{_nth(place.rank)} nearest of {found.out_of}, at a distance of {number(place.distance)}"
        said = {
            "peer": f"{other} is a peer: {where}.",
            "runner_up": f"{other} came next after the peers: {where}",
            "too_far": f"{other} is too far away to be a peer: {where}",
        }[place.role]
        if place.role != "peer" and found.last_peer:
            last = found.last_peer
            said += f", where the last peer, {self._name(last.code)}, is {_nth(last.rank)} at {number(last.distance)}."
        elif place.role != "peer":
            said += "."
        if place.near != place.code:
            said += f" Compared were the characteristics of {self._name(place.near)}, which it took over."
        return f"{said} {self._apart(comparison)}"

    def _apart(self, comparison: Comparison) -> str:
        """What the distance is made of."""
        known = [part for part in comparison.parts if part.share is not None]
        largest = sorted(known, key=lambda part: -(part.share or 0))[:_MOST_NAMED]
        named = " and ".join(f"{labels(self._group)[part.measure]} {amount(part.share, SHARE)}" for part in largest)
        said = f"Of the distance, {named}." if comparison.distance else "They are alike in all that was compared."
        if len(known) < len(comparison.parts):
            said += f" {len(known)} of {len(comparison.parts)} characteristics are known of both."
        return said

    def _name(self, code: str) -> str:
        name = self._named(code).trust_name
        return f"{name} ({code})" if name else code

    @property
    def _attribute(self) -> str:
        group, named = self._group, ""
        if isinstance(group, SameAttributeGroup):
            named = group.attribute
        elif isinstance(group, NearestGroup):
            named = group.within or ""
        return named.rpartition(".")[2].replace("_", " ")

    @property
    def _when(self) -> str:
        return f" in {self._period}" if self._period else ""


def labels(group: PeerGroup) -> dict[str, str]:
    """The group's words for its variables, by the name of their measure."""
    variables = group.variables if isinstance(group, NearestGroup) else ()
    return {one.measure.rpartition(".")[2]: one.label for one in variables}


def _too_few(comparison: Comparison | None) -> str:
    if comparison is None:
        return "too little is known of both."
    return (
        f"{comparison.variables_used} of {len(comparison.parts)} characteristics are known of both, which is less than "
        "half of their weight."
    )


def _stated(text: str | None) -> str:
    return f"is “{text}”" if text else "states none"


def _nth(rank: int) -> str:
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"
