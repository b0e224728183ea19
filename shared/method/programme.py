"""The programme that a method is for: its currency, and which organisations are trusts."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.method.base import Strict
from shared.method.terms import Pattern, Ref


def _measure(name: str) -> str:
    Ref.parse(name)
    return name


MeasureName = Annotated[str, AfterValidator(_measure)]
"""A measure by its full name, `<dataset>.<measure>`."""


class Where(Strict):
    """A condition: the text of `measure` matches `pattern`."""

    measure: str
    pattern: Pattern


class Register(Strict):
    """The dataset that lists all trusts, and its measures."""

    dataset: str
    name: str
    region: str
    icb: str
    opened: str
    closed: str
    trust_where: Where | None = None


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


class PopulationRule(Strict):
    """A trust is a code that matches `pattern`, or that the `trust_register` lists and that meets its `trust_where`.

    `excluded` codes are never trusts: {code: why}.
    """

    pattern: Pattern
    trust_register: Register
    successors: SuccessionSource
    trust_type: tuple[MeasureName, ...] = ()
    excluded: dict[str, str] = Field(default_factory=dict)


class Programme(Strict):
    """The programme's name, currency and trusts. Its financial year begins in month `year_starts`. `peer_group`: the
    group whose figures are shown where an opportunity is compared with all trusts or with a target."""

    id: str
    name: str
    description: str
    currency: str
    year_starts: int = Field(default=1, ge=1, le=12)
    peer_group: str | None = None
    population: PopulationRule
