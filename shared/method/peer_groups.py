"""Peer groups: which trusts a trust is compared with."""

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from shared.method.base import Strict
from shared.method.names import Organisation
from shared.method.programme import MeasureName
from shared.method.terms import Ref

Transform = Literal["none", "log1p", "sqrt"]
Scale = Literal["zscore", "range", "none"]
Distance = Literal["euclidean", "cityblock"]
MissingRule = Literal["available", "zero", "mean", "median"]


class Variable(Strict):
    """One characteristic. It is transformed, capped at `cap` standard deviations from its mean, scaled, then
    weighted."""

    measure: MeasureName
    label: str = Field(min_length=1)
    transform: Transform = "none"
    cap: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    scale: Scale = "zscore"
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)


class SuccessorRule(Strict):
    """What happens to peers that another trust has taken over.

    `dated`: they are replaced by the programme's successors up to the newest day with data; a closed trust is not a
    candidate. `listed`: they are replaced by `pairs` (predecessor: its successors), each applied once, repeats dropped.
    `refill`: further trusts of the ranking are added until there are k peers again; otherwise the k nearest are
    replaced and the list may become shorter.
    """

    rule: Literal["none", "dated", "listed"] = "none"
    refill: bool = True
    pairs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    source: str = ""

    @model_validator(mode="after")
    def _pairs_where_listed(self) -> Self:
        if (self.rule == "listed") != bool(self.pairs):
            raise ValueError("the rule `listed` needs `pairs`, and no other rule has them; correct one of the two")
        if self.pairs and not self.source:
            raise ValueError("`pairs` need a `source`; add it")
        if blank := [code for code, others in self.pairs.items() if not others]:
            raise ValueError(f"`pairs` name no successor of {', '.join(blank)}; name one, or take the code out")
        return self


class Stability(Strict):
    """In how many of `draws` random draws a peer stays a peer, if every raw value is multiplied by 1 + noise·N(0, 1).
    0 draws: stability is not computed."""

    draws: int = Field(default=200, ge=0)
    noise: float = Field(default=0.01, gt=0, allow_inf_nan=False)
    seed: int = Field(default=1, ge=0)


class _Group(Strict):
    title: str
    explanation: str
    source: str


class NearestGroup(_Group):
    """The k nearest trusts, by the distance between characteristics."""

    kind: Literal["nearest"]
    variables: tuple[Variable, ...] = Field(min_length=1)
    distance: Distance = "euclidean"
    missing: MissingRule = "available"
    k: PositiveInt = 10
    runners_up: int = Field(default=5, ge=0)
    within: MeasureName | None = None
    successors: SuccessorRule = SuccessorRule()
    stability: Stability = Stability()

    @model_validator(mode="after")
    def _measures_once(self) -> Self:
        named = Counter(Ref.parse(variable.measure).measure for variable in self.variables)
        if twice := [measure for measure, times in named.items() if times > 1]:
            raise ValueError(f"{', '.join(twice)}: a variable may be used only once; raise its weight instead")
        return self


class SameAttributeGroup(_Group):
    """All trusts with the same text in an attribute, in the metric's own period. `otherwise`: where the attribute is
    read in periods for which the first dataset has none."""

    kind: Literal["same_attribute"]
    attribute: MeasureName
    otherwise: tuple[MeasureName, ...] = ()

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attribute in each dataset that may have it, in the order in which they are preferred."""
        return (self.attribute, *self.otherwise)


class LandedListGroup(_Group):
    """A list that is landed as a file: `list` is the label of its slot's period, `measure` the column of peers."""

    kind: Literal["landed_list"]
    measure: MeasureName
    list: str


class NationalGroup(_Group):
    """All trusts with a value."""

    kind: Literal["national"]


def everyone(organisation: Organisation) -> NationalGroup:
    """The group `national` of a method that does not describe it in its own words."""
    return NationalGroup(
        kind="national",
        title=f"All {organisation.many}",
        explanation=f"Every other {organisation.one} with a value.",
        source="The files of each figure",
    )


PeerGroup = Annotated[NearestGroup | SameAttributeGroup | LandedListGroup | NationalGroup, Field(discriminator="kind")]
