"""Peer groups: how a programme says whom a trust is compared with."""

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from shared.method.base import Strict
from shared.method.programme import MeasureName
from shared.method.terms import Ref

Transform = Literal["none", "log1p", "sqrt"]
Scale = Literal["zscore", "range", "none"]
Distance = Literal["euclidean", "cityblock"]
MissingRule = Literal["available", "zero", "mean", "median"]


class Variable(Strict):
    """One characteristic: transformed, capped at `cap` standard deviations from its mean, scaled, weighted."""

    measure: MeasureName
    label: str = Field(min_length=1)
    transform: Transform = "none"
    cap: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    scale: Scale = "zscore"
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)


class SuccessorRule(Strict):
    """What becomes of peers that another trust took over.

    `dated`: the programme's successors up to the newest day held; a closed trust is no candidate.
    `listed`: the pairs given here (predecessor: its successors), each applied once, repeats dropped.
    `refill`: go down the ranking until k trusts stand in the list again; otherwise the k nearest are replaced.
    """

    rule: Literal["none", "dated", "listed"] = "none"
    refill: bool = True
    pairs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    source: str = ""

    @model_validator(mode="after")
    def _pairs_where_listed(self) -> Self:
        if (self.rule == "listed") != bool(self.pairs):
            raise ValueError("`pairs` belong to the rule `listed`, and that rule needs them")
        if self.pairs and not self.source:
            raise ValueError("`pairs` need a `source`")
        if blank := [code for code, others in self.pairs.items() if not others]:
            raise ValueError(f"`pairs` name no successor of {', '.join(blank)}; take the code out or name one")
        return self


class Stability(Strict):
    """How often a peer stays when every raw value is multiplied by 1 + noise·N(0, 1), in seeded draws (0: none)."""

    draws: int = Field(default=200, ge=0)
    noise: float = Field(default=0.01, gt=0, allow_inf_nan=False)
    seed: int = Field(default=1, ge=0)


class _Group(Strict):
    title: str
    explanation: str
    source: str


class NearestGroup(_Group):
    """The k most similar trusts by distance over characteristics."""

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
            raise ValueError(f"{', '.join(twice)}: a variable may stand once only; give it a weight instead")
        return self


class SameAttributeGroup(_Group):
    """Everyone with the same text in an attribute, in the metric's own period."""

    kind: Literal["same_attribute"]
    attribute: MeasureName


class LandedListGroup(_Group):
    """A list landed as a file: `list` is its slot's period label, `measure` the peer it names."""

    kind: Literal["landed_list"]
    measure: MeasureName
    list: str


class NationalGroup(_Group):
    """Every trust with a value."""

    kind: Literal["national"]


EVERYONE = NationalGroup(
    kind="national", title="All trusts", explanation="Every other trust with a value.",
    source="The files of each figure",
)  # fmt: skip
"""The group `national` of a method that does not describe it in its own words."""

PeerGroup = Annotated[NearestGroup | SameAttributeGroup | LandedListGroup | NationalGroup, Field(discriminator="kind")]
