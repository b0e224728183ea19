"""The filters of a list: what each lets through, and how many gains it would show."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from functions.api.schemas.figures import Line
from shared.method.opportunities import TARGET

QUARTERS = {"1": "Best quarter", "2": "Second best quarter", "3": "Third best quarter", "4": "Worst quarter"}
_CHANCE = {"only": "May be chance", "hide": "Without those that may be chance"}
_CHANCE_VALUES = {"only": "true", "hide": "false"}
"""The API's parameter within_chance."""


@dataclass(frozen=True)
class Option:
    """A choice of a filter. `value`: in the address, empty for all. `count`: the gains that it would show, with the
    other filters as they are."""

    value: str
    title: str
    count: int
    current: bool


class Filter(NamedTuple):
    """A filter, with all of its choices; the first is all."""

    name: str
    title: str
    options: tuple[Option, ...]

    @property
    def chosen(self) -> Option | None:
        """The chosen option; None for one that does not exist."""
        return next((one for one in self.options if one.current), None)

    @property
    def active(self) -> bool:
        """Whether it lets only a part through."""
        return not self.options[0].current


_VALUE_OF: Mapping[str, Callable[[Line], str | None]] = {
    "category": lambda line: line.category,
    "comparator": lambda line: line.comparator,
    "quartile": lambda line: str(line.quartile) if line.quartile else None,
    "chance": lambda line: "only" if line.within_chance else "hide",
}
NAMES = tuple(_VALUE_OF)


def chosen(query: Mapping[str, str]) -> dict[str, str]:
    """The filters of an address."""
    return {name: query[name] for name in NAMES if query.get(name)}


def matching(lines: Iterable[Line], wanted: Mapping[str, str]) -> list[Line]:
    """The lines that all filters let through."""
    return [line for line in lines if all(_VALUE_OF[name](line) == value for name, value in wanted.items())]


def filters(gains: Sequence[Line], others: Sequence[Line], wanted: Mapping[str, str]) -> list[Filter]:
    """The filters that have something to choose, or are in use. `others`: lines without a gain that the page shows
    too."""
    both = [*gains, *others]
    titles = {
        "category": ("Category", {one.category: one.category_title for one in both}),
        "comparator": ("Compared with", {one.comparator: _comparator(one) for one in both}),
        "quartile": ("Quarter", QUARTERS if any(one.quartile for one in both) else {}),
        "chance": ("Chance", _CHANCE if any(one.within_chance for one in both) else {}),
    }
    return [
        _filter(name, title, options, gains, wanted)
        for name, (title, options) in titles.items()
        if len(options) > 1 or name in wanted
    ]


def _filter(
    name: str, title: str, titles: Mapping[str, str], gains: Sequence[Line], wanted: Mapping[str, str]
) -> Filter:
    left = matching(gains, {other: value for other, value in wanted.items() if other != name})
    options = [Option("", "All", len(left), name not in wanted)]
    for value, words in titles.items():
        count = len(matching(left, {name: value}))
        options.append(Option(value, words, count, wanted.get(name) == value))
    return Filter(name, title, tuple(options))


def _comparator(line: Line) -> str:
    return "A target" if line.comparator == TARGET else line.comparator_title or line.comparator


def api_query(wanted: Mapping[str, str]) -> dict[str, str]:
    """The same filters as parameters of the API's list."""
    asked = dict(wanted)
    if chance := asked.pop("chance", ""):
        asked["within_chance"] = _CHANCE_VALUES.get(chance, chance)
    return asked
