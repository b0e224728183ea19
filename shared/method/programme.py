"""The programme that a method is for: its words, its currency, and which organisations it is about."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from shared.method.base import Strict
from shared.method.names import Attribute, Code, Display, Organisation
from shared.method.terms import Pattern, Ref


def _measure(name: str) -> str:
    Ref.parse(name)
    return name


MeasureName = Annotated[str, AfterValidator(_measure)]
"""A measure by its full name, `<dataset>.<measure>`."""

TAKEN = frozenset({"as_at", "cursor", "format", "level", "limit", "order", "q", "sort", "type"})
"""Query parameters with a meaning of their own: an attribute is a parameter too, and so is a level."""


class Where(Strict):
    """A condition: the text of `measure` matches `pattern`."""

    measure: str
    pattern: Pattern


class Register(Strict):
    """The dataset that lists the programme's organisations, and its measures. `attributes` are in the order in which
    readers see them."""

    dataset: str
    name: str
    attributes: tuple[Attribute, ...] = ()
    opened: str | None = None
    closed: str | None = None
    trust_where: Where | None = None

    @model_validator(mode="after")
    def _attributes_have_ids_of_their_own(self) -> Self:
        ids = [one.id for one in self.attributes]
        if taken := sorted(TAKEN & {*ids}):
            raise ValueError(f"{', '.join(taken)}: a parameter of the API has this name; give the attribute another id")
        if repeated := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"{', '.join(repeated)}: two attributes have this id; give one of them another")
        return self

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that the register's settings name."""
        named = (self.name, *(one.measure for one in self.attributes), self.opened, self.closed)
        return (*(name for name in named if name), *([self.trust_where.measure] if self.trust_where else []))


class Succession(Strict):
    """A succession that is missing from the dataset of successors."""

    predecessor: str
    successor: str
    date: str
    source: str


class SuccessionSource(Strict):
    """The dataset with the date and successor of each organisation that was taken over, and successions it lacks."""

    dataset: str
    successor: str
    overrides: tuple[Succession, ...] = ()


class Level(Strict):
    """A level of organisations. The first is that of the programme's own, with nothing but an id. Those of a further
    one are made of them: the register's `measure` has the code of the one to which each belongs, and its `name` what
    that is called. `organisation` are the words for them."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    measure: str | None = None
    name: str | None = None
    organisation: Organisation | None = None


class PopulationRule(Strict):
    """Which codes are the programme's organisations, which the code of this repository calls trusts.

    A trust is a code that matches `pattern`, or that the `trust_register` lists and that meets its `trust_where`. With
    neither, every code with figures is a trust. `excluded` codes are never trusts: {code: why}. `trust_type` are the
    measures that hold a trust's type, `trust_type_names` the types as people say them.

    `levels`: each has figures of its own, and is compared within itself. A further level's figure is made of the sums
    of its members' numerators and denominators.
    """

    pattern: Pattern | None = None
    trust_register: Register | None = None
    successors: SuccessionSource | None = None
    trust_type: tuple[MeasureName, ...] = ()
    trust_type_names: dict[str, str] = Field(default_factory=dict)
    excluded: dict[str, str] = Field(default_factory=dict)
    levels: tuple[Level, ...] = ()

    @model_validator(mode="after")
    def _levels_are_made_of_the_first(self) -> Self:
        if not self.levels:
            return self
        first, *above = self.levels
        if first != Level(id=first.id):
            raise ValueError(
                f"levels: {first.id} is the programme's own level, so it has an id alone; take the rest out"
            )
        if not above:
            raise ValueError("levels: there is no level above the first; add one, or take levels out")
        if self.trust_register is None:
            raise ValueError(
                "levels: only a register says who belongs to which; add trust_register, or take levels out"
            )
        if lacking := [one.id for one in above if one.measure is None or one.organisation is None]:
            raise ValueError(f"levels: {', '.join(lacking)} needs a measure of the register, and organisation")
        ids = [one.id for one in self.levels]
        if taken := sorted(TAKEN & {*ids}):
            raise ValueError(f"levels: a parameter of the API is called {', '.join(taken)}; give the level another id")
        if repeated := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"levels: two have the id {', '.join(repeated)}; give one of them another")
        return self

    @property
    def level(self) -> str | None:
        """The id of the level of the programme's own organisations; None if there are no levels."""
        return self.levels[0].id if self.levels else None

    @property
    def lists(self) -> tuple[str, ...]:
        """The datasets about organisations themselves: the register and the successions."""
        return tuple(source.dataset for source in (self.trust_register, self.successors) if source)


class Programme(Strict):
    """The programme's name, words, currency and trusts. Its financial year begins in month `year_starts`. `peer_group`:
    the group whose figures are shown where an opportunity is compared with all trusts or with a target."""

    id: str
    name: str
    description: str
    currency: str
    organisation: Organisation = Organisation()
    code: Code = Code()
    display: Display | None = None
    year_starts: int = Field(default=1, ge=1, le=12)
    peer_group: str | None = None
    population: PopulationRule = PopulationRule()

    def organisation_of(self, level: str | None) -> Organisation:
        """The words for the organisations of a level."""
        above = {one.id: one.organisation for one in self.population.levels if one.organisation}
        return above.get(level or "", self.organisation)

    def of_level(self, level: str | None) -> Self:
        """The programme in the words for the organisations of a level."""
        return self.model_copy(update={"organisation": self.organisation_of(level)})

    def display_name(self, name: str | None) -> str | None:
        """An organisation's name as people write it, by the programme's rule."""
        return self.display.of(name) if self.display and name else name
