"""Sentences on why one trust is, or is not, a peer of another. Pure."""

from collections.abc import Callable

from functions.api.explain.peer_reasons import PeerReason, RankedCandidate, TrustComparison
from functions.api.schemas.figures import NamedTrust
from shared.formatting import number, ordinal, rough_percent
from shared.method.names import Organisation, capital
from shared.method.peer_groups import Alike, NearestGroup, PeerGroup, Preference, SameAttributeGroup

_MOST_NAMED = 2


class PeerSentences:
    """Sentences about the trust `code` in one group; `period` is the period of an attribute."""

    def __init__(
        self,
        name_of: Callable[[str], NamedTrust],
        code: str,
        group: PeerGroup,
        period: str | None,
        organisation: Organisation,
    ) -> None:
        self._name_of = name_of
        self._organisation = organisation
        self._me = self._name(code)
        self._group = group
        self._period = period

    def explain(self, reason: PeerReason) -> str:
        """The reason in one or more sentences, complete without the rest of the answer."""
        other, noun = self._name(reason.other), self._organisation.one
        an_organisation = self._organisation.with_article
        match reason.reason:
            case "peer" | "runner_up" | "one_sided" | "too_far" if reason.candidate and reason.comparison:
                return self._ranked(reason, reason.candidate, reason.comparison)
            case "peer" if reason.attribute is not None:
                return f"{other} is a peer: both have the {self._attribute} “{reason.attribute}”{self._when}."
            case "peer":
                return f"The supplied list names {other} as a peer."
            case "not_listed":
                return f"The supplied list does not name {other} as a peer."
            case "other_attribute":
                return (
                    f"{other} is not a peer, because peers must have the same {self._attribute}: {self._me} has "
                    f"{_quoted(reason.attribute)}, and {other} has {_quoted(reason.other_attribute)}{self._when}."
                )
            case "not_a_candidate" if isinstance(self._group, NearestGroup) and self._group.candidates:
                rule = self._group.candidates
                return (
                    f"{other} is not a peer, because only {self._organisation.many} with the {in_words(rule)} "
                    f"{_any_of(rule)} are: it has {_quoted(reason.other_attribute)}."
                )
            case "too_few_in_common":
                return f"{other} cannot be compared with {self._me}: {_too_few(reason.comparison)}"
            case "no_characteristics":
                return f"{other} is not a peer, because the data that defines this group is missing for it{self._when}."
            case "none_of_its_own":
                return (
                    f"{self._me} has no peers, because the data that defines this group is missing for it{self._when}."
                )
            case "itself":
                return f"{capital(an_organisation)} is never its own peer."
            case "own_successor":
                return f"{other} took over {self._me}. {capital(an_organisation)} is never compared with its successor."
            case "own_predecessor":
                never = f"{capital(an_organisation)} is never compared with its predecessor."
                return f"{other} was taken over by {self._me}. {never}"
            case "same_successor":
                return f"{other} and {self._me} are now one {noun}, so neither is a peer of the other."
            case "closed":
                return f"{other} has closed, and no {noun} is recorded as its successor."
            case "replaced":
                successors = " and ".join(self._name(one.other) for one in reason.successors)
                reasons = " ".join(self.explain(one) for one in reason.successors)
                return f"{other} was taken over, so lists of peers name {successors} instead. {reasons}"
        others = f"all other {self._organisation.many} that have a value: with {other} if it has one"
        return f"Nationally, {an_organisation} is compared with {others}."

    def _ranked(self, reason: PeerReason, candidate: RankedCandidate, comparison: TrustComparison) -> str:
        other = self._name(candidate.code)
        text = {
            "peer": f"{other} is a peer",
            "runner_up": f"{other} is a runner-up, not a peer",
            "one_sided": f"{other} is not a peer, because it does not have {self._me} among its own nearest",
            "too_far": f"{other} is too far away to be a peer",
        }[candidate.role]
        last, prefers = reason.last_peer, isinstance(self._group, NearestGroup) and self._group.prefer is not None
        if prefers and candidate.role == "too_far":
            text = f"{other} comes too late in the list to be a peer"
        order = "in the list" if prefers else "nearest"
        text += (
            f": {ordinal(candidate.rank)} {order} of {reason.out_of}, at a distance of {number(candidate.distance)}."
        )
        if candidate.role in ("runner_up", "too_far") and last:
            text += f" The last peer, {self._name(last.code)}, is {ordinal(last.rank)}, at {number(last.distance)}."
        text += self._preferred(reason, candidate)
        if candidate.compared_as != candidate.code:
            text += (
                f" The characteristics compared are those of {self._name(candidate.compared_as)}, which it took over."
            )
        return f"{text} {self._differences(comparison)}"

    def _preferred(self, reason: PeerReason, candidate: RankedCandidate) -> str:
        """Which attribute put a candidate forward in the list, or did not; empty if the group prefers none."""
        if not isinstance(self._group, NearestGroup) or self._group.prefer is None:
            return ""
        if candidate.preferred is not None:
            named = in_words(self._group.prefer.attributes[candidate.preferred])
            return f" Both have the {named} “{reason.attribute}”, so it comes before those that have another."
        return f" {preference(self._group.prefer)} It is not one of these."

    def _differences(self, comparison: TrustComparison) -> str:
        """The characteristics that contribute most to the distance."""
        known = [part for part in comparison.parts if part.share is not None]
        largest = sorted(known, key=lambda part: -(part.share or 0))[:_MOST_NAMED]
        labels = variable_labels(self._group)
        shares = " and ".join(f"{labels[part.measure]} ({rough_percent(part.share or 0.0)})" for part in largest)
        text = (
            f"Largest shares of the distance: {shares}."
            if comparison.distance
            else "All compared characteristics are equal."
        )
        if len(known) < len(comparison.parts):
            text += f" {len(known)} of {len(comparison.parts)} characteristics are known for both."
        return text

    def _name(self, code: str) -> str:
        name = self._name_of(code).display_name
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


def variable_labels(group: PeerGroup) -> dict[str, str]:
    """The labels of a group's variables by measure name (without its dataset); empty unless the group is nearest."""
    variables = group.variables if isinstance(group, NearestGroup) else ()
    return {one.measure.rpartition(".")[2]: one.label for one in variables}


def in_words(attribute: Alike) -> str:
    """An attribute's name in words: `building type`."""
    return attribute.name.replace("_", " ")


def preference(rule: Preference) -> str:
    """Which candidates come first in a list, as a sentence."""
    first, *then = (_same(attribute) for attribute in rule.attributes)
    turns = "".join(f", then those with {each}" for each in then)
    return f"Of the {rule.among} nearest, those with {first} come first{turns}."


def _same(attribute: Alike) -> str:
    return f"the same {in_words(attribute)}" + (f" ({_any_of(attribute)})" if attribute.only else "")


def _any_of(attribute: Alike) -> str:
    return " or ".join(f"“{text}”" for text in attribute.only)


def _too_few(comparison: TrustComparison | None) -> str:
    if comparison is None:
        return "too few characteristics are known for both."
    return (
        f"only {comparison.variables_used} of {len(comparison.parts)} characteristics are known for both, with less "
        "than half of the total weight."
    )


def _quoted(text: str | None) -> str:
    return f"“{text}”" if text else "none"
