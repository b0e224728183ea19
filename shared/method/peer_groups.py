"""Peer groups: which trusts a trust is compared with."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, PositiveInt, model_validator

from shared.method.base import Strict
from shared.method.names import Organisation
from shared.method.programme import MeasureName
from shared.method.terms import Ref

Transform = Literal["none", "log1p", "sqrt"]
Scale = Literal["zscore", "range", "none"]
Distance = Literal["euclidean", "sqeuclidean", "cityblock"]
MissingRule = Literal["available", "zero", "mean", "median"]


class Variable(Strict):
    """One characteristic. It is transformed, capped at `cap` standard deviations from its mean, scaled, then
    weighted.

    `cap_when`: `before` caps the values as landed, `after` caps the transformed ones. `cap_side`: `upper` lowers large
    values only. `part`: the part of the distance that the variable belongs to.
    """

    measure: MeasureName
    label: str = Field(min_length=1)
    transform: Transform = "none"
    cap: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    cap_when: Literal["after", "before"] = "after"
    cap_side: Literal["both", "upper"] = "both"
    scale: Scale = "zscore"
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    part: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _cap_to_place(self) -> Self:
        if self.cap is None and (self.cap_when, self.cap_side) != ("after", "both"):
            raise ValueError("`cap_when` and `cap_side` need a `cap`; add it, or take them out")
        return self


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


class Alike(Strict):
    """A text of the register that two trusts may share. `only`: the texts that count; without it, every text does."""

    measure: MeasureName
    only: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The attribute's name without its dataset."""
        return Ref.parse(self.measure).measure


class Preference(Alike):
    """Of the `among` nearest candidates, those with the trust's text come first, then those that share the attributes
    of `then`, each in turn; the others follow. Each part of the list is in order of distance."""

    among: PositiveInt
    then: tuple[Alike, ...] = ()

    @property
    def attributes(self) -> tuple[Alike, ...]:
        """All attributes, the most preferred first."""
        return (self, *self.then)

    @model_validator(mode="after")
    def _attributes_once(self) -> Self:
        named = Counter(one.measure for one in self.attributes)
        if twice := [measure for measure, times in named.items() if times > 1]:
            raise ValueError(f"{', '.join(twice)}: an attribute may be preferred only once; take out the repeat")
        return self


class _Group(Strict):
    title: str
    explanation: str
    source: str


class NeededMeasure(NamedTuple):
    """A measure that a group needs: its place in the group's definition, and whether it is a number, not a text."""

    at: tuple[str | int, ...]
    measure: str
    numeric: bool


class NearestGroup(_Group):
    """The k nearest trusts, by the distance between characteristics.

    `deviation`: standard deviations of a population (divided by n) or of a sample (by n - 1), for caps and z-scores.
    `combine`: weighted differences are divided by the sum of the weights (`mean`) or not (`sum`). Where variables name
    a `part`, the distance is the sum of the parts' distances. `within`: candidates must have the same text;
    `scale_among`: caps and scales are computed over all trusts, or over those with the same text of `within`.
    `candidates`: only trusts with one of the texts `only` are anyone's peers; the others have peers, and count in caps
    and scales. `prefer`: which candidates come first. `mutual`: of the k, only those that have the trust among their
    own k.
    """

    kind: Literal["nearest"]
    variables: tuple[Variable, ...] = Field(min_length=1)
    distance: Distance = "euclidean"
    combine: Literal["mean", "sum"] = "mean"
    deviation: Literal["population", "sample"] = "population"
    missing: MissingRule = "available"
    k: PositiveInt = 10
    runners_up: int = Field(default=5, ge=0)
    within: MeasureName | None = None
    scale_among: Literal["all", "within"] = "all"
    candidates: Alike | None = None
    prefer: Preference | None = None
    mutual: bool = False
    successors: SuccessorRule = SuccessorRule()
    stability: Stability = Stability()

    @property
    def parts(self) -> tuple[tuple[int, ...], ...]:
        """The places of each part's variables; all of them in one part if none is named."""
        places: dict[str | None, list[int]] = {}
        for place, variable in enumerate(self.variables):
            places.setdefault(variable.part, []).append(place)
        return tuple(tuple(part) for part in places.values())

    def measures(self) -> Iterator[NeededMeasure]:
        """Every measure that the group needs, in the order of its definition."""
        for number, variable in enumerate(self.variables):
            yield NeededMeasure(("variables", number, "measure"), variable.measure, numeric=True)
        if self.within is not None:
            yield NeededMeasure(("within",), self.within, numeric=False)
        if self.candidates is not None:
            yield NeededMeasure(("candidates", "measure"), self.candidates.measure, numeric=False)
        if self.prefer is not None:
            yield NeededMeasure(("prefer", "measure"), self.prefer.measure, numeric=False)
            for number, other in enumerate(self.prefer.then):
                yield NeededMeasure(("prefer", "then", number, "measure"), other.measure, numeric=False)

    @model_validator(mode="after")
    def _measures_once(self) -> Self:
        named = Counter(Ref.parse(variable.measure).measure for variable in self.variables)
        if twice := [measure for measure, times in named.items() if times > 1]:
            raise ValueError(f"{', '.join(twice)}: a variable may be used only once; raise its weight instead")
        return self

    @model_validator(mode="after")
    def _settings_that_agree(self) -> Self:
        without = [variable.label for variable in self.variables if variable.part is None]
        if 0 < len(without) < len(self.variables):
            raise ValueError(
                f"{', '.join(without)}: other variables have a `part`; give every variable its part, or none"
            )
        if self.scale_among == "within" and self.within is None:
            raise ValueError("`scale_among: within` needs `within`; add it, or scale among all")
        if self.candidates is not None and not self.candidates.only:
            raise ValueError("`candidates` needs `only`, the texts that candidates have; add it, or take it out")
        if self.candidates is not None and self.mutual:
            # Who is no candidate is in no list, so that it would have no peers at all.
            raise ValueError(
                "`mutual` leaves no peers to those that are not among `candidates`; take out `mutual` to keep the "
                "candidates, or take out `candidates` and use `within` to compare like with like"
            )
        if self.prefer is None:
            return self
        if self.prefer.among <= self.k:
            raise ValueError(
                f"`prefer` chooses {self.k} peers among {self.prefer.among}, which changes nothing but their order; "
                f"raise `among` above `k`"
            )
        if self.within in {one.measure for one in self.prefer.attributes}:
            raise ValueError(f"{self.within}: all candidates share it by `within`; take it out of `prefer`")
        if self.successors.rule != "none" and not self.successors.refill:
            raise ValueError("`prefer` fills the list, so that it needs `refill: true`; set it, or take `prefer` out")
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
