"""What a programme calls things: its organisations, their codes and attributes, and names as people write them."""

import re
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.method.base import Strict

Words = Annotated[str, Field(min_length=1, pattern=r"\S")]

_UNSEPARATED = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
"""A word with what follows an apostrophe: `King's` is one, `Stoke-on-Trent` are three."""


class Organisation(Strict):
    """The noun for what is compared, for one and for many: trust and trusts, school and schools.

    `article` is needed only where the noun's first letter is misleading, as in `a university`.
    """

    one: Words = "organisation"
    many: Words = "organisations"
    article: Literal["a", "an"] | None = None

    @property
    def with_article(self) -> str:
        """`a trust`, `an organisation`."""
        return f"{self.article or ('an' if self.one[0].lower() in 'aeiou' else 'a')} {self.one}"

    def count(self, number: int) -> str:
        """`1 trust`, `1,055 trusts`."""
        return f"{number:,} {self.one if number == 1 else self.many}"

    def others(self, number: int) -> str:
        """`1 other trust`, `1,055 other trusts`."""
        return f"{number:,} other {self.one if number == 1 else self.many}"


class Code(Strict):
    """What an organisation's code is called, within a sentence."""

    called: Words = "code"


class Attribute(Strict):
    """An attribute of organisations: the register's `measure` that holds it, its `title`, and the name of each value
    as people say it. A value without a name is its own name."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    measure: str
    title: Words
    names: dict[str, str] = Field(default_factory=dict)


class Display(Strict):
    """How a name in capitals is written for people: every word with one capital, but words of `keep` as they stand
    there and words of `small` without a capital, unless they come first."""

    case: Literal["title"]
    keep: tuple[str, ...] = ()
    small: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _no_word_twice(self) -> Self:
        keep = {word.upper() for word in self.keep}
        if both := sorted(word for word in self.small if word.upper() in keep):
            raise ValueError(f"{', '.join(both)} stands in keep and in small; take it out of one of them")
        return self

    def of(self, name: str) -> str:
        """A name as people write it. One that has small letters is written as its source writes it."""
        return _written(name, self.keep, self.small)


# A list of answers has hundreds of names, and the next list has the same ones.
@lru_cache(maxsize=50_000)
def _written(name: str, keep: tuple[str, ...], small: tuple[str, ...]) -> str:
    if name.upper() != name:
        return name
    fixed = {word.upper(): word for word in keep} | {word.upper(): word.lower() for word in small}
    first = {word.upper() for word in small}

    def written(found: re.Match[str]) -> str:
        word = found[0]
        if word in fixed and not (found.start() == 0 and word in first):
            return fixed[word]
        return word[:1] + word[1:].lower()

    return _UNSEPARATED.sub(written, name)


def capital(text: str) -> str:
    """A text with a capital at its start."""
    return text[:1].upper() + text[1:]
