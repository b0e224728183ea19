"""Marks: words that warn next to a figure, each with what it means."""

from typing import NamedTuple

from functions.api.schemas.figures import Line
from shared.method.names import Organisation, capital

_SINGLE = "single_value"
_WARN = "warn"


class Mark(NamedTuple):
    """A word that warns. `kind`: `warn`, `error`, or empty for one that only explains. `meaning`: a sentence."""

    words: str
    kind: str
    meaning: str


def marks_of(line: Line, expression: str | None, nouns: Organisation) -> list[Mark]:
    """The marks of a gain that is shown in an expression; None if it is shown in its own unit."""
    made = []
    if line.within_chance:
        made.append(
            chance(f"The whole gap may be chance: the interval of the {nouns.one}'s own value reaches the benchmark.")
        )
    if vanishes(line):
        made.append(
            Mark(
                "Vanishes without one comparator",
                "",
                "Without one of the comparators, nothing is left of the lower gain.",
            )
        )
    if expression in line.illustrative_in:
        made.append(
            Mark("Illustrative price", _WARN, "The figure shown is made with a price that is not a published one.")
        )
    return [*made, *_flags(line, nouns)]


def chance(meaning: str) -> Mark:
    """The mark of a difference that may be due to chance."""
    return Mark("May be chance", _WARN, meaning)


def vanishes(line: Line) -> bool:
    """Whether the lower gain is nothing if one of the comparators is left out."""
    return line.robust_low is not None and line.robust_low <= 0 < (line.units_lower or 0.0)


def _flags(line: Line, nouns: Organisation) -> list[Mark]:
    """A mark for each flag, with the answer's own sentence, which stands in the order of the sorted flags."""
    words = {
        "check_data": ("Check the data first", "error"),
        "data_warning": ("Data warning", _WARN),
        "fallback_national": (f"Compared with all {nouns.many}", ""),
        "national_price": (f"Price of all {nouns.many}", ""),
        "predecessor_form": ("Before a merger", ""),
    }
    flags = sorted((flag for flag in line.flags if flag != _SINGLE), key=lambda flag: flag != "check_data")
    return [
        Mark(*words.get(flag, (capital(flag.replace("_", " ")), "")), meaning)
        for flag, meaning in zip(flags, line.cautions, strict=False)
    ]
