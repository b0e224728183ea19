"""Products and quotients of units as people write them: `GBP per m2`, `FTE day`, `GBP per £100m of income`.

Words multiply (`bed day`, `WTE and year`), `per` divides, a plural is the same unit, and text after `of` is a note.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from shared.formatting import SIGNS

_PLAIN = {"share": 1.0, "fraction": 1.0, "ratio": 1.0, "percent": 0.01}
_MANY = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_SHORT = {"k": 1e3, "m": 1e6, "bn": 1e9}
_SIGNS = {sign: code for code, sign in SIGNS.items() if len(sign) == 1}
_SYNONYMS = {"FTE": "WTE"}
"""Full-time equivalent and whole-time equivalent are the same unit."""

_NUMBER = re.compile(rf"([{re.escape(''.join(_SIGNS))}]?)([0-9][0-9,]*(?:\.[0-9]+)?)(k|m|bn)?")


@dataclass(frozen=True)
class Unit:
    """`factor` of the units in `top` for each of those in `bottom`. Units are cancelled only in `plain`."""

    factor: float = 1.0
    top: Counter[str] = field(default_factory=Counter)
    bottom: Counter[str] = field(default_factory=Counter)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a unit. Any text is accepted: an unknown word is a unit of its own."""
        first, *others = [_part(part) for part in re.split(r"\bper\b", text.replace("²", "2").replace("³", "3"))]
        factor, bottom = first[0], Counter[str]()
        for many, words in others:
            factor /= many
            bottom += words
        return cls(factor, first[1], bottom)

    @property
    def plain(self) -> tuple[Counter[str], Counter[str]]:
        """Top and bottom without the units that are in both."""
        return self.top - self.bottom, self.bottom - self.top

    @property
    def is_number(self) -> bool:
        """Whether it is a share, a percentage or the like, written without any unit."""
        return not self.top and not self.bottom

    def times(self, other: "Unit") -> "Unit":
        """The unit of a product."""
        return Unit(self.factor * other.factor, self.top + other.top, self.bottom + other.bottom)

    def per(self, other: "Unit") -> "Unit":
        """The unit of a quotient."""
        return Unit(self.factor / other.factor, self.top + other.bottom, self.bottom + other.top)

    def without(self, word: str) -> "Unit":
        """The same unit with one word left out, cancelled."""
        rest = [Counter({name: count for name, count in side.items() if name != word}) for side in self.plain]
        return Unit(self.factor, *rest)

    def measures_like(self, other: "Unit") -> bool:
        """Whether both are the same unit but for the factor."""
        return self.plain == other.plain


def _part(text: str) -> tuple[float, Counter[str]]:
    """A factor, and the units multiplied."""
    factor, words = 1.0, Counter[str]()
    for word in re.split(r"\bof\b", text)[0].split():
        number = _NUMBER.fullmatch(word)
        if number:
            factor *= float(number[2].replace(",", "")) * _SHORT.get(number[3] or "", 1.0)
            words.update([_SIGNS[number[1]]] if number[1] else [])
        elif word in _PLAIN or word in _MANY:
            factor *= _PLAIN.get(word) or _MANY[word]
        elif word != "and":
            words.update([_singular(_SIGNS.get(word, word))])
    return factor, words


def _singular(word: str) -> str:
    one = word[:-1] if re.search("[a-zE]s$", word) and not word.endswith("ss") else word
    return _SYNONYMS.get(one, one)
