"""The programme a method is for: its currency, and who counts as a trust."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.method.base import Strict
from shared.method.terms import Ref


def _measure(name: str) -> str:
    Ref.parse(name)
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


MeasureName = Annotated[str, AfterValidator(_measure)]
"""A measure by its full name, `<dataset>.<measure>`."""

Pattern = Annotated[str, AfterValidator(_pattern)]


class Where(Strict):
    """Only those whose text `measure` matches `pattern`."""

    measure: str
    pattern: Pattern


class Register(Strict):
    """The dataset that lists the trusts that exist, and its measures."""

    dataset: str
    name: str
    region: str
    icb: str
    opened: str
    closed: str
    trust_where: Where | None = None


class Succession(Strict):
    """A succession that the dataset of successors lacks."""

    predecessor: str
    successor: str
    date: str
    source: str


class Successors(Strict):
    """Which dataset says who took over from whom and when, and what it lacks."""

    dataset: str
    successor: str
    overrides: tuple[Succession, ...] = ()


class Population(Strict):
    """A trust is a code that matches `pattern`, or one that the `trust_register` lists (its `trust_where` holding).

    `excluded` codes are none, whatever they match: {code: why}.
    """

    pattern: Pattern
    trust_register: Register
    successors: Successors
    trust_type: tuple[MeasureName, ...] = ()
    excluded: dict[str, str] = Field(default_factory=dict)


class Programme(Strict):
    """The head of a method. Its financial year begins in month `year_starts`."""

    id: str
    name: str
    description: str
    currency: str
    year_starts: int = Field(default=1, ge=1, le=12)
    population: Population
