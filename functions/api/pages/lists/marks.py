"""Marks: words that warn next to a figure, each with what it means."""

from typing import NamedTuple

from functions.api.schemas.figures import Line
from shared.method.names import Organisation, capital

_SINGLE = "single_value"
_WARN = "warn"
_VANISHES, _PRICE = "Vanishes without one comparator", "Illustrative price"


class Mark(NamedTuple):
    """A word that warns. `kind`: `warn`, `error`, or empty for one that only explains. `meaning`: a sentence."""

    words: str
    kind: str
    meaning: str


def marks_of(line: Line, expression: str | None, nouns: Organisation) -> list[Mark]:
    """The marks of a gain that is shown in an expression; None if it is shown in its own unit."""
    known = (
        (line.within_chance, chance(nouns)),
        (vanishes(line), Mark(_VANISHES, "", "Without one of the comparators, nothing is left of the lower gain.")),
        (
            expression in line.illustrative_in,
            Mark(_PRICE, _WARN, "The price behind it is not a published one."),
        ),
    )
    made = [mark for applies, mark in known if applies]
    return [*made, *_flags(line, nouns)]


def chance(nouns: Organisation) -> Mark:
    """The mark of a gap, or of the distance of a value that is ahead, that may be due to chance."""
    own = f"the interval of the {nouns.one}'s own value"
    return Mark("May be chance", _WARN, f"The difference from the benchmark may be chance: {own} reaches it.")


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
